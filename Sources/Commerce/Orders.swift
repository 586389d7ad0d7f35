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
    /// Whether a visitor buys, who reaches his own place alone: nothing that claims tie to it counts for him.
    package var isGuest = false

    package init(id: String, at origin: Origin.Number, now: Instant, channel: String, isGuest: Bool = false) {
      (self.id, self.origin, self.now, self.channel, self.isGuest) = (id, origin, now, channel, isGuest)
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
    if let order = try OrderStore.find(placing.id, in: session) {
      guard try order.origin.map({ try Lookup.leader(of: $0, in: session) }) == leader else {
        throw Failure(
          .conflict, "an order of another customer has this id", faults: [.init("/id", "is another customer's order's")]
        )
      }
      guard order.isSame(as: draft) else {
        throw Failure(.conflict, "an order with other lines has this id", faults: [.init("/id", "has other lines")])
      }
      let faults = try unmet(draft, by: order, in: session)
      guard faults.isEmpty else {
        throw Failure(.conflict, "the order was told of before, without what this request asks for", faults: faults)
      }
      OrderVerdict(.report, order: order.number).write(to: &outcome)
      return
    }
    if let cart = draft.cart, try !books.isCart(cart, of: leader, in: session) {
      throw Failure(.conflict, "the cart is another customer's", faults: [.init("/cart", "is another customer's")])
    }
    var decided = OrderVerdict.Placing(
      id: OrderID.key(of: placing.id), channel: draft.channel ?? placing.channel, currency: nil, totals: .init())
    let customer = placing.isGuest ? nil : leader
    try price(draft, customer, placing.now, &decided, in: session)
    try books.redeem(draft.coupons, order: decided.id, customer: customer, isFact: false, into: &outcome, in: session)
    decided.cart = draft.cart
    if draft.lines.contains(where: { $0.fulfilment == .pickup }) {
      decided.until = draft.until ?? placing.now + Order.usualPickup
      decided.code = try PickupCode.next(tokens, in: session)
    }
    var verdict = OrderVerdict(.place)
    try take(draft, placing, &decided, &verdict, into: &outcome, in: session)
    decided.forgetForeignCart()
    verdict.placing = decided
    let opened = Order(decided, number: 0, at: placing.now)
    try settleEarly(&verdict, of: decided.id, on: opened, placing.now, into: &outcome, in: session)
    verdict.write(to: &outcome)
    if decided.first.contains(.collected) {
      var order = Order(decided, number: 0, at: placing.now)
      order.apply(verdict, sequence: 0)
      try handOver(order, placing.now, into: &outcome, in: session)
    }
    if let until = decided.until { OrderTimer.set(decided.id, until: until, now: placing.now, into: &outcome) }
  }

  /// What a request asks for that an order has not which an event has told of: such an order was sold elsewhere, so that
  /// nothing is set aside or taken for it any more.
  private func unmet(_ draft: OrderDraft, by order: Order, in session: any Session) throws -> [Failure.Fault] {
    guard try EventLog.entry(order.number, in: session)?.event.kind == .track else { return [] }
    var faults: [Failure.Fault] = []
    if draft.points > 0, draft.points != order.points { faults.append(.init("/points", "were not taken for it")) }
    if !draft.coupons.isEmpty { faults.append(.init("/coupons", "were not counted for it")) }
    for (index, line) in draft.lines.enumerated() {
      let told = order.lines.filter { $0.sku == line.sku }
      let isMet = told.contains { $0.fulfilment == line.fulfilment && (line.store == nil || $0.store == line.store) }
      if !isMet { faults.append(.init("/lines/\(index)/fulfilment", "is not set aside for it")) }
    }
    return faults
  }

  /// What the lines cost: by the shop's own prices, and else as the request says.
  private func price(
    _ draft: OrderDraft, _ customer: Origin.Number?, _ now: Instant, _ decided: inout OrderVerdict.Placing,
    in session: any Session
  ) throws {
    let goods = draft.lines.map { (sku: $0.sku, quantity: $0.quantity) }
    let context = OrderQuote.Context(
      currency: draft.currency, region: draft.region, customer: customer, coupons: draft.coupons, store: draft.store,
      now: now)
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
    let senders = try senders(of: decided, placing.now, in: session)
    for (index, shares) in senders { decided.lines[index].store = shares.first?.store }
    decided.first = decided.lines.map { line in
      line.fulfilment == .counter ? .collected : line.store == nil ? .placed : .reserved
    }
    var order = Order(decided, number: 0, at: placing.now)
    for (index, shares) in senders {
      // What further stores send are lines of their own.
      for share in shares.dropFirst() {
        let part = Order.Move(line: index, from: .reserved, to: .reserved, quantity: share.quantity)
        verdict.added.append(order.division(of: part, to: share.store, first: .reserved))
        order.add(verdict.added[verdict.added.count - 1])
      }
    }
    try reserve(order.lines, of: decided.id, until: decided.until, placing.now, into: &outcome, in: session)
    // Who says that goods went over the counter has seen them go: that is a fact, though it comes as a request, and so it is
    // not refused. Where the shelf had fewer by the books, stock notes a shortage, as for a till's receipt.
    for (store, goods) in Self.byStore(decided.lines, { $0.fulfilment == .counter }) {
      try books.sell(
        goods, at: store, time: placing.now, order: decided.id, isOffline: false, into: &outcome, in: session)
    }
    if draft.points > 0 {
      let worth = try books.burn(
        points: draft.points, order: decided.id, currency: decided.currency, due: decided.totals.due,
        at: placing.origin,
        isFact: false, time: placing.now, into: &outcome, in: session)
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
    try earn(decided, at: placing.origin, isFact: false, placing.now, into: &outcome, in: session)
    // A visitor's cart is ended by his checkout, which reaches no other part of it.
    if placing.isGuest { return }
    try takeFromCart(decided, at: placing.origin, placing.now, into: &outcome, in: session)
  }

  /// Who sends the lines of which nobody has said it.
  private func senders(
    of decided: OrderVerdict.Placing, _ now: Instant, in session: any Session
  ) throws -> [(line: Int, shares: [OrderBooks.Share])] {
    let unsent = decided.lines.indices.filter {
      decided.lines[$0].fulfilment == .delivery && decided.lines[$0].store == nil
    }
    if unsent.isEmpty { return [] }
    let goods = unsent.map { (sku: decided.lines[$0].sku, quantity: decided.lines[$0].quantity) }
    guard let stores = try books.senders(of: goods, now: now, in: session) else { return [] }
    return Array(zip(unsent, stores))
  }

  /// What stands for the means of a payment that nobody told, because goods were handed over.
  static let atHandOver = "store"

  func earn(
    _ decided: OrderVerdict.Placing, at origin: Origin.Number?, isFact: Bool, _ time: Instant,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    guard let origin, let currency = decided.currency, decided.totals.due > 0 else { return }
    try books.earn(
      order: decided.id, amount: decided.totals.due, currency: currency,
      lines: decided.lines.map { ($0.sku, $0.net) }, at: origin, isFact: isFact, time: time, into: &outcome,
      in: session)
  }

  func takeFromCart(
    _ decided: OrderVerdict.Placing, at origin: Origin.Number?, _ time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    if let cart = decided.cart {
      try books.checkOut(cart: cart, order: decided.id, time: time, into: &outcome, in: session)
    } else if let origin, !decided.lines.isEmpty {
      let goods = decided.lines.map { (sku: $0.sku, quantity: $0.quantity) }
      try books.takeBought(
        goods, ofCustomer: origin, order: decided.id, time: time, into: &outcome, in: session)
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
}

extension OrderVerdict {
  /// Puts it into an outcome.
  func write(to outcome: inout Outcome) { outcome.verdicts[Self.name] = json }
}

extension Order {
  /// Whether a request speaks of the same goods, and of the same prices where it tells them.
  func isSame(as draft: OrderDraft) -> Bool {
    guard Self.sums(draft.lines.map { ($0.sku, $0.quantity) }) == ordered.goods else { return false }
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
