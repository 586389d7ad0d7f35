import Base
import SQL
import TestKit
import Testing

@testable import Commerce
@testable import Customers

/// A shop with doors that tell of carts: `backend` proves the user id that it sends and ties the browser, `till` proves
/// user id and card, `page` and `leaflet` prove nothing.
struct CartTown {
  let store: TestStore

  init(chance: UInt64 = 1, policy: CartPolicy? = nil) throws {
    store = try TestStore(chance: chance, hasCommerce: true)
    for source in [
      try Source(name: "backend", channel: "web", trust: .verified),
      try Source(name: "till", channel: "store", trust: .verified),
      try Source(name: "page", channel: "web", trust: .anonymous),
      try Source(name: "leaflet", channel: "web", trust: .anonymous),
    ] { try store.add(source) }
    if let policy {
      let now = store.clock.now
      _ = try store.database.write { [intake = store.intake] session in
        try DocumentStore.put(
          CartPolicy.kind.draft(JSONDocument(policy.document).root), author: "test", at: now, through: intake,
          in: session)
      }
    }
  }

  // MARK: Events

  static func event(
    _ messageID: String, _ who: String, _ name: String?, _ properties: String = "{}", at: Instant, receivedAt: Instant
  ) -> Event {
    let mentions = who.split(separator: " ").compactMap { word -> Event.Mention? in
      let parts = word.split(separator: ":", maxSplits: 1)
      guard let type = IdentifierType(String(parts[0])) else { return nil }
      return Identifier(type, String(parts[1])).map { Event.Mention($0, isProved: false) }
    }
    return Event(
      kind: name == nil ? .identify : .track, name: name, messageID: messageID, at: min(at, receivedAt),
      originalAt: at, sentAt: nil, receivedAt: receivedAt,
      body: Array(#"{"messageId":"\#(messageID)","who":"\#(who)","properties":\#(properties)}"#.utf8), envelope: nil,
      mentions: mentions, traits: [])
  }

  /// Sends one event that names `who`, for example `user_id:u1 anonymous_id:a1`; an identify where it has no name.
  @discardableResult
  func send(
    _ who: String, from source: String, _ name: String? = nil, _ properties: String = "{}", at: Instant? = nil,
    id: String? = nil
  ) throws -> Intake.Answer {
    let now = store.clock.now
    let event = Self.event(
      id ?? store.tokens.next("msg_"), who, name, properties, at: at ?? now, receivedAt: now)
    return try store.send([event], from: source).answers[0]
  }

  @discardableResult
  func added(
    _ who: String, _ sku: String, _ quantity: String = "1", from source: String = "backend", cart: String? = nil,
    at: Instant? = nil, id: String? = nil
  ) throws -> Intake.Answer {
    try send(who, from: source, "Product Added", Self.product(sku, quantity, cart), at: at, id: id)
  }

  @discardableResult
  func removed(
    _ who: String, _ sku: String, _ quantity: String = "1", from source: String = "backend", at: Instant? = nil
  ) throws -> Intake.Answer {
    try send(who, from: source, "Product Removed", Self.product(sku, quantity, nil), at: at)
  }

  private static func product(_ sku: String, _ quantity: String, _ cart: String?) -> String {
    let name = cart.map { #","cart_id":"\#($0)""# } ?? ""
    return #"{"sku":"\#(sku)","quantity":\#(quantity)\#(name)}"#
  }

  // MARK: Requests

  func leader(_ name: String) throws -> Origin.Number {
    let name = try #require(CustomerName(name))
    return try store.database.read { session in
      guard case .customer(let leader) = try Lookup.find(name, in: session) else { throw Failure(.notFound, "nobody") }
      return leader
    }
  }

  func origin(_ name: String) throws -> Origin.Number {
    guard case .identifier(let identifier) = try #require(CustomerName(name)) else { throw Failure(.invalid, name) }
    return try #require(try store.database.read { try OriginStore.find(identifier, .own, in: $0) }).origin
  }

  /// Whoever `name` is to a key, or `visitor:a1` with a visitor's token.
  func person(_ name: String, _ session: any Session) throws -> Person {
    if name.hasPrefix("visitor:"), let id = Identifier(.anonymousID, String(name.dropFirst(8))),
      let place = try OriginStore.find(id, .own, in: session)
    {
      return Person(leader: place.customer, stand: place.origin, reach: .stand)
    }
    guard let customer = CustomerName(name), case .customer(let leader) = try Lookup.find(customer, in: session) else {
      throw Failure(.notFound, "nobody")
    }
    // As a customer's token has it: where his name stands, not where he leads.
    let own = try Lookup.id(of: customer, in: session).flatMap { try Lookup.origin(ofID: $0, in: session) }
    return Person(leader: leader, stand: own ?? leader, reach: .customer)
  }

  /// Records a request as the API does.
  @discardableResult
  func ask(
    _ name: String, _ act: String = "changed", _ body: String = "{}", id: String? = nil,
    pricing: any CartPricing = UnknownPrices(),
    _ decide: @escaping @Sendable (CartRequest, inout Outcome, any Session) throws -> Void
  ) throws -> Intake.Answer {
    let (now, id, tokens) = (store.clock.now, id ?? store.tokens.next("req_"), store.tokens)
    return try store.database.write { [intake = store.intake] session in
      let person = try person(name, session)
      let event = Event.request(.cart, name: act, body: Array(body.utf8), messageID: id, at: now)
      return try intake.record(event, at: person.stand, author: "api:shop", in: session) { outcome in
        try decide(
          CartRequest(by: person, CartContext(now: now), pricing: pricing, tokens: tokens), &outcome, session)
      }
    }
  }

  @discardableResult
  func change(
    _ name: String, _ body: String, id: String? = nil, pricing: any CartPricing = UnknownPrices()
  ) throws -> Intake.Answer {
    let change = try CartChange(JSONDocument(Array(body.utf8)).root)
    return try ask(name, "changed", body, id: id, pricing: pricing) { try $0.change(change, into: &$1, in: $2) }
  }

  /// Puts so much of an article into a cart.
  @discardableResult
  func put(_ name: String, _ sku: String, _ quantity: String, id: String? = nil) throws -> Intake.Answer {
    try change(name, #"{"lines":[{"sku":"\#(sku)","quantity":\#(quantity)}]}"#, id: id)
  }

  func empty(_ name: String) throws { try ask(name, "emptied") { try $0.empty(into: &$1, in: $2) } }

  /// Records a receipt's decision: `decide` is what orders call.
  func sale(
    _ name: String, at origin: Origin.Number? = nil,
    _ decide: @escaping @Sendable (inout Outcome, any Session) throws -> Void
  ) throws {
    let (now, id) = (store.clock.now, store.tokens.next("req_"))
    let stand = try origin ?? leader(name)
    try store.database.write { [intake = store.intake] session in
      let event = Event.request(.order, name: "test", body: Array("{}".utf8), messageID: id, at: now)
      _ = try intake.record(event, at: stand, author: "api:till", in: session) { try decide(&$0, session) }
    }
  }

  func bought(_ name: String, _ lines: [(String, Quantity)], order: String = "N-1", time: Instant? = nil) throws {
    let stand = try leader(name)
    try sale(name, at: stand) { outcome, session in
      try Carts.takeBought(
        lines.map { (sku: $0.0, quantity: $0.1) }, ofCustomer: stand, order: order, time: time, into: &outcome,
        in: session)
    }
  }

  func checkOut(_ cart: String, by name: String, order: String = "N-1", time: Instant? = nil) throws {
    try sale(name) { try Carts.checkOut(cart: cart, order: order, time: time, into: &$0, in: $1) }
  }

  // MARK: Who is who

  func login(_ user: String, _ anonymous: String) throws {
    try send("user_id:\(user) anonymous_id:\(anonymous)", from: "backend")
  }

  func act(
    _ kind: Event.Kind, at origin: Origin.Number,
    _ decide: @escaping @Sendable (Merging, inout Outcome) throws -> Void
  ) throws {
    let (tokens, now) = (store.tokens, store.clock.now)
    let event = Event.request(
      kind, name: nil, body: Array(#"{"reason":"test"}"#.utf8), messageID: tokens.next("req_"), at: now)
    try store.database.write { [intake = store.intake] session in
      let merging = Merging(tokens: tokens, in: session)
      _ = try intake.record(event, at: origin, author: "api:ann", in: session) { try decide(merging, &$0) }
    }
  }

  func merge(_ first: String, _ second: String) throws {
    let (one, other) = (try leader(first), try leader(second))
    try act(.merge, at: one) { _ = try $0.merge(one, other, into: &$1) }
  }

  func openMerges() throws -> [String] {
    try store.database.read { session in
      var ids: [String] = []
      try session.forEachRow(ofText: "SELECT id FROM merge WHERE undone IS NULL ORDER BY id", []) { row in
        ids.append(row.text(0))
        return true
      }
      return ids
    }
  }

  func undo(_ id: String) throws {
    let merge = try #require(try store.database.read { try Merge.find(id, in: $0) })
    try act(.undo, at: merge.pair.first) { try $0.undo(merge, keep: [], into: &$1) }
  }

  func erase(_ name: String) throws {
    let leader = try leader(name)
    let act = Erasure.Act(
      reason: "asked", author: "api:root", messageID: store.tokens.next("job_"), at: store.clock.now)
    _ = try store.database.write { [erasure = store.erasure] session in
      try erasure.erase(try Erasure.person(ofCustomer: leader, in: session), by: act, in: session)
    }
  }

  func fireTimers() throws {
    try TimerRunner(
      database: store.database, intake: store.intake, acts: [CartAbandonment()], clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1)
    ).fire()
  }

  // MARK: What there is

  func cart(_ name: String) throws -> Cart { try store.database.read { try Cart(of: person(name, $0), in: $0) } }

  /// `A 2, B 0.5; saved C 1`.
  func lines(_ name: String) throws -> String {
    let cart = try cart(name)
    let goods = cart.goods.map { "\($0.sku) \($0.quantity.decimal)" }.joined(separator: ", ")
    let saved = cart.savedLines.map { "\($0.sku) \($0.saved.decimal)" }.joined(separator: ", ")
    return goods + (saved.isEmpty ? "" : "; saved \(saved)")
  }

  func log() throws -> [LogEntry] {
    try store.database.read { session in
      var entries: [LogEntry] = []
      try EventLog.forEach(in: session) { if $0.event.kind != .document { entries.append($0) } }
      return entries
    }
  }

  /// What the newest entry decided about carts.
  func verdict() throws -> CartVerdict { try CartVerdict(of: try #require(try log().last).outcome) }

  /// Whether everything holds.
  func findings() throws -> [Finding] { try store.verify() + store.replay() }
}
