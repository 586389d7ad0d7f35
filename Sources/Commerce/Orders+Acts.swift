package import Base
package import Customers
package import SQL

/// What requests do with an order, and what that does in the other books.
extension Orders {
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
    case .move: try move(request, order, now, &verdict, into: &outcome, in: session)
    default: verdict.moves = try order.moves(for: request.act, request.lines.map { Self.found($0, in: order) })
    }
    if request.act == .collect || request.act == .deliver {
      verdict.payments = payments
      let rest = order.payment(for: verdict.moves) - verdict.paid
      if rest > 0 { verdict.payments.append((Self.atHandOver, rest)) }
    }
    guard verdict.paid <= order.owed else {
      throw Failure(
        .conflict, "the payments are more than is still due",
        faults: [.init("/payments", "come to more than \(order.owed)")])
    }
    if request.act == .refund { try refund(request, order, &verdict) }
    if [.cancel, .expire].contains(request.act) { verdict.undone = order.undoing(verdict.moves) }
    try settle(
      verdict, order, restock: request.restock ? .at(request.store) : .nowhere, now, into: &outcome, in: session)
    verdict.write(to: &outcome)
    try endTimers(of: order.moved(verdict.moves), into: &outcome, in: session)
  }

  /// Lets another store hand over what one has not: what was kept there is kept here, in one transaction.
  ///
  /// - Throws: `OrderShortfall` where it cannot be promised there; then nothing is changed.
  private func move(
    _ request: OrderActRequest, _ order: Order, _ now: Instant, _ verdict: inout OrderVerdict,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    guard let store = request.store else { return }
    verdict.added = try order.divisions(to: store, request.lines)
    let kept = verdict.added.compactMap { addition in
      addition.part.flatMap { line, from in
        from.isKept ? Order.Move(line: line, from: from, to: from, quantity: addition.line.quantity) : nil
      }
    }
    for (old, goods) in Self.byStore(kept, of: order) {
      try books.release(order: order.id, goods, at: old, into: &outcome, in: session)
    }
    try reserve(verdict.added.map { $0.line }, of: order.id, until: order.until, now, into: &outcome, in: session)
  }

  /// Keeps goods at the stores of their lines: what is collected until it must be, what is sent until it goes.
  func reserve(
    _ lines: [Order.Line], of order: String, until: Instant?, _ now: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    for way in [OrderFulfilment.pickup, .delivery] {
      for (store, goods) in Self.byStore(lines, { $0.fulfilment == way }) {
        try books.reserve(
          goods, at: store, until: way == .pickup ? until : nil, order: order, now: now, into: &outcome, in: session)
      }
    }
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
    verdict.undone = order.undoing(verdict.moves, refunding: verdict.refunded)
    // Points were paid too.
    guard verdict.refunded > 0 || order.points > 0 && verdict.undone > 0 else {
      throw Failure(
        .conflict, "nothing was paid that could be given back: cancel it instead",
        faults: [.init("", "nothing was paid")])
    }
  }

  /// Where goods go that come back.
  enum Restock {
    /// To that store, else to the one they came from.
    case at(String?)
    case nowhere
  }

  /// Does in the other books what an act has done.
  ///
  /// - Parameters:
  ///   - seller: the store that handed it over, where that is told; else those of the lines.
  ///   - isOffline: whether the till that did had no connection.
  func settle(
    _ verdict: OrderVerdict, _ order: Order, restock: Restock, at seller: String? = nil, isOffline: Bool = false,
    _ now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    let gone = verdict.moves.filter { $0.to == .collected || $0.to == .shipped }
    for (store, goods) in Self.byStore(gone, of: order, told: seller) {
      try books.sell(
        goods, at: store, time: now, order: order.id, isOffline: isOffline, into: &outcome, in: session)
    }
    let released = verdict.moves.filter { $0.from.isKept && $0.to.isUndone && order.lines[$0.line].store != nil }
    for (store, goods) in Self.byStore(released, of: order) {
      try books.release(order: order.id, goods, at: store, into: &outcome, in: session)
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
        order: order.id, part: verdict.undone, of: order.worth, time: now, into: &outcome, in: session)
    }
    var after = order
    after.apply(verdict, sequence: order.version)
    if [.cancel, .expire, .refund].contains(verdict.act), after.isUndone {
      try books.giveBackCoupons(order: order.id, into: &outcome, in: session)
    }
    try handOver(after, now, into: &outcome, in: session)
  }

  /// Lets an order earn what is paid and handed over of it.
  func handOver(
    _ order: Order, _ now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    guard order.totals.due > 0 else { return }
    let part = order.handedOver
    try books.handOver(
      order: order.id, part: part, of: order.worth, paid: Money.share(order.totals.due, part, of: order.worth) ?? 0,
      time: now, into: &outcome, in: session)
  }

  /// Ends what was timed where nothing waits to be collected any more.
  func endTimers(of order: Order, into outcome: inout Outcome, in session: any Session) throws {
    guard order.until != nil, !order.awaitsPickup else { return }
    for key in OrderTimer.keys(of: order.id) where !outcome.ended.contains(key) {
      if try PendingTimer.find(key, in: session) != nil { outcome.ended.append(key) }
    }
  }
}
