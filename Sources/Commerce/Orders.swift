package import Base
package import Customers
package import SQL

/// Decides about orders: whether a report of one opens it, what a request may do with it, and what it takes of stock,
/// points and carts.
///
/// There is one order per id, whoever reports it first. It calls the other books in one order: the order itself, stock,
/// points, the cart.
package struct Orders: Sendable {
  let books: any OrderBooks
  let tokens: TokenSource

  package init(books: any OrderBooks, tokens: TokenSource) {
    self.books = books
    self.tokens = tokens
  }

  // MARK: Placing

  /// Who wants an order, and what its entry will say of him.
  package struct Placing: Sendable {
    package var id: String
    package var origin: Origin.Number
    package var now: Instant
    package var channel: String

    package init(id: String, at origin: Origin.Number, now: Instant, channel: String) {
      (self.id, self.origin, self.now, self.channel) = (id, origin, now, channel)
    }
  }

  /// Decides a request for an order: it is opened, or it is another report of one that is there.
  ///
  /// - Throws: `conflict` where the id is another order's, or prices have changed, or points are missing;
  ///   `OrderShortfall` where goods are missing.
  package func place(
    _ draft: OrderDraft, _ placing: Placing, into outcome: inout Outcome, in session: any Session
  ) throws {
    let leader = try Lookup.leader(of: placing.origin, in: session)
    if let stored = try OrderStore.find(placing.id, in: session) {
      guard try stored.order.origin.map({ try Lookup.leader(of: $0, in: session) }) == leader else {
        throw Failure(
          .conflict, "an order of another customer has this id", faults: [.init("/id", "is another customer's order's")]
        )
      }
      guard stored.order.isSame(as: draft) else {
        throw Failure(.conflict, "an order with other lines has this id", faults: [.init("/id", "has other lines")])
      }
      OrderVerdict(.report, order: stored.order.number).write(to: &outcome)
      return
    }
    let names = try Lookup.names(ofCustomer: leader, in: session)
    var decided = OrderVerdict.Placing(
      id: OrderID.kept(placing.id, names), channel: draft.channel ?? placing.channel, currency: nil, totals: .init())
    try price(draft, leader, placing.now, &decided, in: session)
    decided.cart = draft.cart
    if draft.lines.contains(where: { $0.fulfilment == .pickup }) {
      decided.until = draft.until ?? placing.now + Order.usualPickup
      decided.code = try PickupCode.next(tokens, in: session)
    }
    var verdict = OrderVerdict(.place)
    try take(draft, placing, &decided, &verdict, into: &outcome, in: session)
    verdict.placing = decided
    try settleEarly(&verdict, placing, into: &outcome, in: session)
    verdict.write(to: &outcome)
    if let until = decided.until { OrderTimer.set(decided.id, until: until, now: placing.now, into: &outcome) }
  }

  /// What the lines cost: by the shop's own prices, and else as the request says.
  private func price(
    _ draft: OrderDraft, _ leader: Origin.Number, _ now: Instant, _ decided: inout OrderVerdict.Placing,
    in session: any Session
  ) throws {
    let goods = draft.lines.map { (sku: $0.sku, quantity: $0.quantity) }
    let context = OrderQuote.Context(
      currency: draft.currency, customer: leader, coupons: draft.coupons, store: draft.store, now: now)
    var faults: [Failure.Fault] = []
    if let quote = try books.quote(goods, context, in: session) {
      for issue in quote.issues { faults.append(.init("/lines/\(issue.line)", issue.reason)) }
      for (index, line) in draft.lines.enumerated() where index < quote.lines.count {
        let price = Money(quote.lines[index].price, quote.currency)
        if let shown = line.price, shown != price {
          faults.append(.init("/lines/\(index)/price", "is \(price.decimal) \(price.currency.code) now"))
        }
      }
      guard faults.isEmpty, quote.lines.count == draft.lines.count else {
        throw Failure(.conflict, "the order cannot be sold so", faults: faults)
      }
      decided.currency = quote.currency
      decided.lines = zip(draft.lines, quote.lines).map { line, told in
        Order.Line(
          sku: line.sku, quantity: line.quantity, price: told.price, goods: told.goods, net: told.net,
          fulfilment: line.fulfilment, store: line.store)
      }
    } else {
      for (index, line) in draft.lines.enumerated() {
        guard let price = line.price, let total = Money.product(line.quantity, price: price.amount) else {
          faults.append(.init("/lines/\(index)/price", "is missing, and the shop keeps no prices; or too much"))
          continue
        }
        decided.lines.append(
          Order.Line(
            sku: line.sku, quantity: line.quantity, price: price.amount, goods: total, net: total,
            fulfilment: line.fulfilment, store: line.store))
      }
      guard faults.isEmpty else { throw Failure(.conflict, "the order cannot be sold so", faults: faults) }
      decided.currency = draft.currency
    }
    let (goodsTotal, net) = decided.lines.reduce((Int64(0), Int64(0))) { ($0.0 + $1.goods, $0.1 + $1.net) }
    guard goodsTotal <= Money.most, net <= Money.most else {
      throw Failure(.invalid, "the order costs too much", faults: [.init("/lines", "cost more than is counted")])
    }
    decided.totals = Order.Totals(goods: goodsTotal, discount: goodsTotal - net, due: net)
  }

  /// Takes what the order needs of the other books.
  private func take(
    _ draft: OrderDraft, _ placing: Placing, _ decided: inout OrderVerdict.Placing, _ verdict: inout OrderVerdict,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    for way in [OrderFulfilment.pickup, .delivery] {
      for (store, goods) in Self.byStore(decided.lines, { $0.fulfilment == way }) {
        let until = way == .pickup ? decided.until : nil
        try books.reserve(goods, at: store, until: until, order: decided.id, into: &outcome, in: session)
      }
    }
    decided.first = decided.lines.map { line in
      line.fulfilment == .counter ? .collected : line.store == nil ? .placed : .reserved
    }
    for (store, goods) in Self.byStore(decided.lines, { $0.fulfilment == .counter }) {
      try books.sell(goods, at: store, time: placing.now, order: decided.id, into: &outcome, in: session)
    }
    if draft.points > 0 {
      let worth = try books.burn(
        points: draft.points, order: decided.id, currency: decided.currency, at: placing.origin, isFact: false,
        time: placing.now, into: &outcome, in: session)
      guard worth <= decided.totals.due else {
        throw Failure(
          .conflict, "the points pay more than is due", faults: [.init("/points", "pay more than is due")])
      }
      decided.points = draft.points
      decided.totals.points = worth
      decided.totals.due -= worth
    }
    let isCounter = decided.lines.allSatisfy { $0.fulfilment == .counter }
    verdict.payments = draft.payments.map { ($0.method, $0.amount.amount) }
    guard verdict.paid <= decided.totals.due else {
      throw Failure(
        .invalid, "the payments are more than is due",
        faults: [.init("/payments", "come to more than \(decided.totals.due)")])
    }
    if isCounter, verdict.paid < decided.totals.due {
      verdict.payments.append((Self.atHandOver, decided.totals.due - verdict.paid))
    }
    try earn(decided, at: placing.origin, placing.now, into: &outcome, in: session)
    try takeFromCart(decided, at: placing.origin, into: &outcome, in: session)
  }

  /// What stands for the means of a payment that nobody told, because goods were handed over.
  static let atHandOver = "store"

  func earn(
    _ decided: OrderVerdict.Placing, at origin: Origin.Number?, _ time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    guard let origin, let currency = decided.currency, decided.totals.due > 0 else { return }
    try books.earn(
      order: decided.id, amount: decided.totals.due, currency: currency,
      lines: decided.lines.map { ($0.sku, $0.net) }, at: origin, time: time, into: &outcome, in: session)
  }

  func takeFromCart(
    _ decided: OrderVerdict.Placing, at origin: Origin.Number?, into outcome: inout Outcome, in session: any Session
  ) throws {
    if let cart = decided.cart {
      try books.checkOut(cart: cart, order: decided.id, into: &outcome, in: session)
    } else if let origin, !decided.lines.isEmpty {
      let goods = decided.lines.map { (sku: $0.sku, quantity: $0.quantity) }
      try books.takeBought(goods, ofCustomer: origin, order: decided.id, into: &outcome, in: session)
    }
  }

  /// The goods of some lines, by the store that has them, in the order of the stores' names.
  static func byStore(
    _ lines: [Order.Line], _ isTaken: (Order.Line) -> Bool
  ) -> [(store: String, goods: [OrderBooks.Goods])] {
    var stores: [String: [OrderBooks.Goods]] = [:]
    for line in lines where isTaken(line) {
      if let store = line.store { stores[store, default: []].append((line.sku, line.quantity)) }
    }
    return stores.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The goods of some moves, by the store of their lines, or by one that is told.
  static func byStore(
    _ moves: [Order.Move], of order: Order, told: String? = nil
  ) -> [(store: String, goods: [OrderBooks.Goods])] {
    var stores: [String: [OrderBooks.Goods]] = [:]
    for move in moves {
      let line = order.lines[move.line]
      if let store = told ?? line.store { stores[store, default: []].append((line.sku, move.quantity)) }
    }
    return stores.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: Acts

  /// Decides what a request does with an order.
  ///
  /// - Throws: `conflict` naming from and to where it is not allowed, or the reason why money does not go back;
  ///   `invalid` where there is no such line.
  package func act(
    _ request: OrderActRequest, on order: Order, now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    var verdict = OrderVerdict(request.act, order: order.number)
    if let code = request.code, code.uppercased() != order.code {
      throw Failure(.conflict, "this is not the order's pickup code", faults: [.init("/code", "is another order's")])
    }
    let payments = request.payments.map { ($0.method, $0.amount.amount) }
    guard
      (request.payments.map { $0.amount.currency } + (request.amount.map { [$0.currency] } ?? [])).allSatisfy({
        $0 == order.currency
      })
    else {
      throw Failure(.invalid, "the order has another currency", faults: [.init("/amount", "is in another currency")])
    }
    switch request.act {
    case .pay: verdict.payments = payments
    case .refund where request.amount != nil: break
    default: verdict.moves = try order.moves(for: request.act, request.lines.map { Self.found($0, in: order) })
    }
    if request.act == .collect || request.act == .deliver {
      verdict.payments = payments
      let rest = order.payment(for: verdict.moves) - verdict.paid
      if rest > 0 { verdict.payments.append((Self.atHandOver, rest)) }
    }
    let open = order.totals.due - order.undone - order.refundable
    guard verdict.paid <= max(open, 0) else {
      throw Failure(
        .conflict, "the payments are more than is still due",
        faults: [.init("/payments", "come to more than \(max(open, 0))")])
    }
    if request.act == .refund { try refund(request, order, &verdict) }
    if [.cancel, .expire].contains(request.act) { verdict.undone = order.undoing(verdict.moves) }
    try settle(
      verdict, order, restock: request.restock ? .at(request.store) : .nowhere, now, into: &outcome, in: session)
    verdict.write(to: &outcome)
    endTimers(of: order.moved(verdict.moves), into: &outcome, in: session)
  }

  /// A line of which nothing was found moves nothing.
  private static func found(_ selections: [Order.Selection], in order: Order) -> [Order.Selection] {
    selections.filter { $0.quantity != .zero }
  }

  private func refund(_ request: OrderActRequest, _ order: Order, _ verdict: inout OrderVerdict) throws {
    let (isWhole, told) = (request.lines == nil && request.amount == nil, request.amount?.amount)
    verdict.refunded = told ?? order.refund(of: verdict.moves, isWhole: isWhole)
    guard verdict.refunded <= order.refundable else {
      let rest = order.currency.map { Money(order.refundable, $0).decimal } ?? "\(order.refundable)"
      throw Failure(
        .conflict, "the refund is larger than what was paid and not given back",
        faults: [.init(told == nil ? "/lines" : "/amount", "is more than \(rest), which was paid and not given back")])
    }
    guard verdict.refunded > 0 else {
      throw Failure(
        .conflict, "nothing was paid that could be given back: cancel it instead",
        faults: [.init("", "nothing was paid")])
    }
    verdict.undone = order.undoing(verdict.moves, further: told ?? 0)
  }

  /// Where goods go that come back.
  enum Restock {
    /// To that store, else to the one they came from.
    case at(String?)
    case nowhere
  }

  /// Does in the other books what an act has done.
  func settle(
    _ verdict: OrderVerdict, _ order: Order, restock: Restock, _ now: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    let gone = verdict.moves.filter { $0.to == .collected || $0.to == .shipped }
    for (store, goods) in Self.byStore(gone, of: order) {
      try books.sell(goods, at: store, time: now, order: order.id, into: &outcome, in: session)
    }
    let released = verdict.moves.filter { $0.from.isKept && $0.to.isUndone && order.lines[$0.line].store != nil }
    if !released.isEmpty {
      let goods = released.map { (sku: order.lines[$0.line].sku, quantity: $0.quantity) }
      try books.release(order: order.id, goods, into: &outcome, in: session)
    }
    if case .at(let told) = restock {
      let back = verdict.moves.filter { move in
        move.to == .returned || move.to == .refunded && [.collected, .delivered].contains(move.from)
      }
      for (store, goods) in Self.byStore(back, of: order, told: told) {
        try books.restock(goods, at: store, time: now, order: order.id, into: &outcome, in: session)
      }
    }
    if verdict.undone > 0 {
      try books.refund(
        order: order.id, part: verdict.undone, of: order.totals.due, time: now, into: &outcome, in: session)
    }
  }

  /// Ends what was timed where nothing waits to be collected any more.
  func endTimers(of order: Order, into outcome: inout Outcome, in session: any Session) {
    guard order.until != nil, !order.awaitsPickup else { return }
    for key in OrderTimer.keys(of: order.id) where !outcome.ended.contains(key) {
      if (try? PendingTimer.find(key, in: session)) ?? nil != nil { outcome.ended.append(key) }
    }
  }
}

extension OrderVerdict {
  /// Puts it into an outcome.
  func write(to outcome: inout Outcome) { outcome.verdicts[Self.name] = json }
}

extension Order {
  /// Whether a request speaks of the same goods, and of the same prices where it tells them.
  func isSame(as draft: OrderDraft) -> Bool {
    guard Self.sums(draft.lines.map { ($0.sku, $0.quantity) }) == Self.sums(lines.map { ($0.sku, $0.quantity) }) else {
      return false
    }
    if let told = draft.currency, let currency, told != currency { return false }
    let prices = Dictionary(lines.map { ($0.sku, $0.price) }) { first, _ in first }
    return draft.lines.allSatisfy { line in
      line.price.map { told in (prices[line.sku] ?? nil).map { $0 == told.amount } ?? true } ?? true
    }
  }

  static func sums(_ goods: [(String, Quantity)]) -> [String: Quantity] {
    goods.reduce(into: [:]) { $0[$1.0] = ($0[$1.0] ?? .zero) + $1.1 }
  }
}
