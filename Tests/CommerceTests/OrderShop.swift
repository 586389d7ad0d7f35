import Base
import Customers
import SQL
import Synchronization
import TestKit
import Testing

@testable import Commerce

/// Books that promise what a test put on the shelves and note what they are asked: `reserve riga mug:2`.
final class RecordingBooks: OrderBooks {
  private struct State {
    var calls: [String] = []
    var shelves: [String: [String: Int64]] = [:]
  }

  private let state = Mutex(State())

  /// What they were asked since the last time.
  func calls() -> [String] {
    state.withLock { state in
      defer { state.calls = [] }
      return state.calls
    }
  }

  func put(_ sku: String, _ quantity: Int64, at store: String) {
    state.withLock { $0.shelves[store, default: [:]][sku] = quantity * 1000 }
  }

  private func note(_ call: String) { state.withLock { $0.calls.append(call) } }

  private static func text(_ goods: [Goods]) -> String {
    goods.map { "\($0.sku):\($0.quantity.decimal)" }.joined(separator: " ")
  }

  func quote(_ goods: [Goods], _ context: OrderQuote.Context, in session: any Session) throws -> OrderQuote? { nil }

  func senders(of goods: [Goods], now: Instant, in session: any Session) throws -> [[Share]]? { nil }

  func isCart(_ cart: String, of customer: Origin.Number, in session: any Session) throws -> Bool { true }

  func redeem(
    _ coupons: [String], order: String, customer: Origin.Number?, isFact: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws { if !coupons.isEmpty { note("redeem \(coupons.joined(separator: " "))") } }

  func giveBackCoupons(order: String, into outcome: inout Outcome, in session: any Session) throws {}

  func reserve(
    _ goods: [Goods], at store: String, until: Instant?, order: String, now: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    note("reserve \(store) \(Self.text(goods))")
    let short = state.withLock { state in
      goods.compactMap { goods -> OrderShortfall.Line? in
        guard let there = state.shelves[store]?[goods.sku], there < goods.quantity.thousandths else { return nil }
        let others = state.shelves.filter { ($0.value[goods.sku] ?? 0) >= goods.quantity.thousandths }.keys.sorted()
        return OrderShortfall.Line(
          sku: goods.sku, asked: goods.quantity, available: Quantity(thousandths: there), stores: others)
      }
    }
    if !short.isEmpty { throw OrderShortfall(short) }
    state.withLock { state in
      for one in goods { state.shelves[store]?[one.sku]? -= one.quantity.thousandths }
    }
  }

  func offlineExcess(
    _ goods: [Goods], points: Int64, of origin: Origin.Number?, at store: String, time: Instant, after outcome: Outcome,
    in session: any Session
  ) throws -> [OfflineExcess] { [] }

  func sell(
    _ goods: [Goods], at store: String, time: Instant, order: String, isOffline: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws { note("sell \(store) \(Self.text(goods))") }

  func release(
    order: String, _ goods: [Goods], at store: String, into outcome: inout Outcome, in session: any Session
  ) throws { note("release \(store) \(Self.text(goods))") }

  func restock(
    _ goods: [Goods], at store: String, time: Instant, order: String, into outcome: inout Outcome,
    in session: any Session
  ) throws { note("restock \(store) \(Self.text(goods))") }

  func alternatives(
    for goods: Goods, near store: String, now: Instant, in session: any Session
  ) throws -> (stores: [String], substitutes: [String]) {
    let stores = state.withLock { state in
      state.shelves.filter { $0.key != store && ($0.value[goods.sku] ?? 0) >= goods.quantity.thousandths }.keys.sorted()
    }
    return (stores, ["\(goods.sku)-2"])
  }

  func earn(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    isFact: Bool, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws { note("earn \(amount)") }

  func earnMore(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws { note("more \(amount)") }

  func handOver(
    order: String, part: Int64, of whole: Int64, paid: Int64, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {}

  func burn(
    points: Int64, order: String, currency: Currency?, due: Int64?, at origin: Origin.Number, isFact: Bool,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws -> Int64 {
    note("burn \(points)")
    return points
  }

  func refund(
    order: String, part: Int64, of whole: Int64, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws { note("points \(part)/\(whole)") }

  func checkOut(
    cart: String, order: String, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    note("cart \(cart)")
  }

  func takeBought(
    _ goods: [Goods], ofCustomer origin: Origin.Number, order: String, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws { note("take \(Self.text(goods))") }
}

/// A shop with a site, an app, two tills and a page whose key is public, and its orders.
struct OrderShop {
  let store: TestStore
  let books = RecordingBooks()

  init(chance: UInt64 = 1) throws {
    store = try TestStore(chance: chance, hasCommerce: true, orderBooks: books)
    for (name, channel, trust) in [
      ("site", "web", Source.Trust.verified), ("app", "app", .verified), ("till", "store", .verified),
      ("till-2", "store", .verified), ("page", "web", .anonymous),
    ] { try store.add(Source(name: name, channel: channel, trust: trust)) }
  }

  var now: Instant { store.clock.now }
  var commerce: Commerce {
    guard let commerce = store.features.first as? Commerce else { preconditionFailure("a shop that sells nothing") }
    return commerce
  }

  // MARK: Facts

  /// What a source reports, for example `mug:2@25.00` for two mugs at 25 each.
  static func event(
    _ name: String, _ id: String?, _ goods: String, who: String, message: String, at: Instant, now: Instant,
    more: String = ""
  ) -> Event {
    let products = goods.split(separator: " ").map { word -> String in
      let parts = word.split(whereSeparator: { ":@".contains($0) })
      let price = parts.count > 2 ? #","price":"\#(parts[2])""# : ""
      return #"{"sku":"\#(parts[0])","quantity":\#(parts[1])\#(price)}"#
    }
    let order = id.map { #""order_id":"\#($0)","# } ?? ""
    let body =
      #"{"properties":{\#(order)"currency":"EUR","products":[\#(products.joined(separator: ","))]\#(more)}}"#
    let mentions = who.split(separator: " ").compactMap { word -> Event.Mention? in
      let parts = word.split(separator: ":", maxSplits: 1)
      guard let type = IdentifierType(String(parts[0])), let identifier = Identifier(type, String(parts[1])) else {
        return nil
      }
      return Event.Mention(identifier, isProved: false)
    }
    return Event(
      kind: .track, name: name, messageID: message, at: min(at, now), originalAt: at, sentAt: nil, receivedAt: now,
      body: Array(body.utf8), envelope: nil, mentions: mentions, traits: [])
  }

  /// Reports that an order was completed.
  func report(
    _ id: String?, _ goods: String, who: String = "user_id:u1", from source: String = "site", message: String? = nil,
    at: Instant? = nil, more: String = ""
  ) throws {
    try report("Order Completed", id, goods, who: who, from: source, message: message, at: at, more: more)
  }

  @discardableResult
  func report(
    _ name: String, _ id: String?, _ goods: String, who: String = "user_id:u1",
    from source: String = "site", message: String? = nil, at: Instant? = nil, more: String = ""
  ) throws -> Intake.Answer {
    let event = Self.event(
      name, id, goods, who: who, message: message ?? store.tokens.next("msg_"), at: at ?? now, now: now, more: more)
    return try store.send([event], from: source).answers[0]
  }

  // MARK: Requests

  func stand(_ who: String) throws -> Origin.Number {
    try store.database.read { session in
      guard let name = CustomerName(who), case .customer(let leader) = try Lookup.find(name, in: session) else {
        throw Failure(.notFound, who)
      }
      return leader
    }
  }

  /// Makes somebody known.
  func identify(_ who: String, from source: String = "site") throws {
    var event = Self.event("x", nil, "", who: who, message: store.tokens.next("msg_"), at: now, now: now)
    event.kind = .identify
    try store.send([event], from: source)
  }

  /// Places an order as the route does, and answers its id.
  @discardableResult
  func place(
    _ body: String, who: String = "user_id:u1", message: String? = nil
  ) throws -> String {
    let (stand, now, message) = (try stand(who), now, message ?? store.tokens.next("req_"))
    let root = try JSONDocument(Array(body.utf8)).root
    let draft = try OrderDraft(root, now: now)
    let id = draft.id ?? OrderID.made(by: "api:test", message)
    let event = Event.request(.order, name: "place", body: Array(body.utf8), messageID: message, at: now)
    _ = try store.database.write { [intake = store.intake, orders = commerce.orders] session in
      try intake.record(event, at: stand, author: "api:test", in: session) { outcome in
        try orders.place(draft, .init(id: id, at: stand, now: now, channel: "web"), into: &outcome, in: session)
      }
    }
    return id
  }

  /// An order that waits to be collected: two mugs at 25 and a plate at 10.
  @discardableResult
  func pickup(_ id: String, who: String = "user_id:u1", more: String = "") throws -> String {
    try place(
      """
      {"id": "\(id)", "customer": "\(who)", "fulfilment": {"type": "pickup", "store": "riga"}, "lines": [
        {"sku": "mug", "quantity": 2, "price": {"amount": 2500, "currency": "EUR"}},
        {"sku": "plate", "quantity": 1, "price": {"amount": 1000, "currency": "EUR"}}]\(more)}
      """, who: who)
  }

  func act(_ act: OrderAct, _ id: String, _ body: String = "{}", by author: String = "api:test") throws {
    let (now, message) = (now, store.tokens.next("req_"))
    let request = try OrderActRequest(act, JSONDocument(Array(body.utf8)).root)
    _ = try store.database.write { [intake = store.intake, orders = commerce.orders] session in
      guard let order = try OrderStore.find(id, in: session) else { throw Failure(.notFound, id) }
      let event = Event.request(.order, name: act.rawValue, body: Array(body.utf8), messageID: message, at: now)
      let stand = try OrderStore.stand(of: order, in: session)
      return try intake.record(event, at: stand, author: author, in: session) { outcome in
        try orders.act(request, on: order, now: now, into: &outcome, in: session)
      }
    }
  }

  // MARK: What there is

  func order(_ id: String) throws -> Order? { try store.database.read { try OrderStore.find(id, in: $0) } }

  /// An order in one line: `collected: mug 1 reserved, mug 1 cancelled; paid 50, refunded 25`.
  func text(_ id: String) throws -> String {
    guard let order = try order(id) else { return "none" }
    let parts = order.lines.flatMap { line in
      OrderState.allCases.compactMap { state -> String? in
        guard let quantity = line.parts[state], quantity > .zero else { return nil }
        return "\(line.sku) \(quantity.decimal) \(state.rawValue)"
      }
    }
    return "\(order.status.rawValue): \(parts.joined(separator: ", ")); paid \(order.paid), refunded \(order.refunded)"
  }

  func view(_ id: String) throws -> JSON {
    let bytes = try store.database.read { session -> [UInt8] in
      guard let number = try OrderStore.number(of: id, in: session) else { throw Failure(.notFound, id) }
      let stored = try OrderStore.stored(number, in: session)
      var writer = JSONWriter()
      try OrderView(stored, in: session).write(to: &writer)
      return writer.bytes
    }
    return try JSONDocument(bytes).root
  }

  /// The work list: order, reason.
  func conflicts() throws -> [String] {
    try store.database.read { session in
      try OrderConflict.list(below: .max, limit: 100, in: session).map { conflict in
        "\(conflict.order.map { String($0) } ?? "-") \(conflict.reason)"
      }
    }
  }

  func fire() throws {
    try TimerRunner(
      database: store.database, intake: store.intake, acts: commerce.acts + [ConsentEnd()], clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1)
    ).fire()
  }

  func merge(_ first: String, _ second: String) throws {
    let (one, other) = (try stand(first), try stand(second))
    if one == other { return }
    try decide(.merge, at: one) { _ = try $0.merge(one, other, into: &$1) }
  }

  /// Takes back the customer's newest merge that stands.
  func undo(_ who: String) throws {
    let leader = try stand(who)
    let merges = try store.database.read { try Merge.all(ofCustomer: leader, in: $0) }
    guard let merge = merges.first(where: { $0.undone == nil }) else { return }
    try decide(.undo, at: leader) { try $0.undo(merge, keep: [], into: &$1) }
  }

  private func decide(
    _ kind: Event.Kind, at origin: Origin.Number,
    _ decide: @escaping @Sendable (Merging, inout Outcome) throws -> Void
  ) throws {
    let event = Event.request(
      kind, name: nil, body: Array(#"{"reason":"test"}"#.utf8), messageID: store.tokens.next("req_"), at: now)
    _ = try store.database.write { [intake = store.intake, tokens = store.tokens] session in
      try intake.record(event, at: origin, author: "api:ann", in: session) {
        try decide(Merging(tokens: tokens, in: session), &$0)
      }
    }
  }

  func erase(_ who: String) throws {
    let leader = try stand(who)
    let act = Erasure.Act(
      reason: "he asked for it", author: "api:root", messageID: store.tokens.next("job_"), at: now)
    _ = try store.database.write { [erasure = store.erasure] session in
      try erasure.erase(try Erasure.person(ofCustomer: leader, in: session), by: act, in: session)
    }
  }

  func findings() throws -> [Finding] { try store.verify() + store.replay() }
}

/// What a refusal says: its code and the reasons.
func refusal(_ work: () throws -> Void) -> String {
  do {
    try work()
    return "none"
  } catch let failure as Failure {
    return "\(failure.code.rawValue) \(failure.faults.map { "\($0.pointer) \($0.reason)" }.joined(separator: "; "))"
  } catch { return "\(error)" }
}
