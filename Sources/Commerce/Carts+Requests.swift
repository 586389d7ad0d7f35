package import Base
package import Customers
package import SQL

/// A request about somebody's cart, decided on the cart as it is in the transaction that records it.
package struct CartRequest: Sendable {
  package var person: Person
  package var context: CartContext
  package var pricing: any CartPricing
  package var tokens: TokenSource

  package init(by person: Person, _ context: CartContext, pricing: any CartPricing, tokens: TokenSource) {
    self.person = person
    self.context = context
    self.pricing = pricing
    self.tokens = tokens
    if person.reach == .customer { self.context.customer = person.leader }
  }

  private var stand: Origin.Number { person.stand }
  private var now: Instant { context.now }

  private func decision(_ outcome: Outcome, in session: any Session) throws -> CartDecision {
    try CartDecision(of: Cart.reach(of: person), outcome, tokens: tokens, in: session)
  }

  // MARK: Changes

  /// Changes lines and codes, all of it or nothing.
  ///
  /// - Throws: `invalid` where a line would have too much, `conflict` where the cart would have too many lines or codes.
  package func change(_ change: CartChange, into outcome: inout Outcome, in session: any Session) throws {
    var decision = try decision(outcome, in: session)
    try apply(change, to: &decision)
    try enter(change, &decision)
    try show(change.acknowledges ? nil : change.lines.map { $0.sku }, &decision, in: session)
    try decision.write(to: &outcome, changedAt: now)
  }

  private func apply(_ change: CartChange, to decision: inout CartDecision) throws {
    let before = decision.cart.lines.count
    for (index, line) in change.lines.enumerated() {
      let was = decision.cart.quantity(of: line.sku)
      switch line.act {
      case .set(let quantity): try decision.add(quantity - was, of: line.sku, at: stand, time: now)
      case .add(let delta): try decision.add(delta, of: line.sku, at: stand, time: now)
      case .save(let saved): try decision.move(line.sku, toSaved: saved, first: stand, time: now)
      case .setSaved(let quantity): try decision.setSaved(quantity, of: line.sku, at: stand, time: now)
      }
      let (quantity, saved) = (decision.cart.quantity(of: line.sku), decision.cart.saved(of: line.sku))
      guard quantity <= max(Cart.mostOfLine, was), saved <= Cart.mostOfLine else {
        throw Failure(
          .invalid, "a line has at most \(Cart.mostOfLine.decimal)",
          faults: [.init("/lines/\(index)", "would have more than \(Cart.mostOfLine.decimal)")])
      }
      decision.leaveCredit(quantity - was, of: line.sku, at: stand, time: now)
    }
    // A merge may have made a longer cart, which can still be made shorter.
    guard decision.cart.lines.count <= max(Cart.mostLines, before) else {
      throw Failure(
        .conflict, "a cart has at most \(Cart.mostLines) lines",
        faults: [.init("/lines", "would be more than \(Cart.mostLines) with those that are there")])
    }
  }

  private func enter(_ change: CartChange, _ decision: inout CartDecision) throws {
    let old = Set(decision.cart.coupons)
    let new = old.union(change.added).subtracting(change.removed)
    guard new != old else { return }
    guard new.count <= Cart.mostCoupons else {
      throw Failure(
        .conflict, "a cart has at most \(Cart.mostCoupons) codes",
        faults: [.init("/coupons/add", "would be more than \(Cart.mostCoupons) with those that are there")])
    }
    try decision.takeCoupons(at: stand)
  }

  /// Remembers what these articles, or all, cost as the answer shows it.
  private func show(_ skus: [String]?, _ decision: inout CartDecision, in session: any Session) throws {
    if let skus, skus.isEmpty { return }
    let goods = decision.cart.goods.map { CartShare.Line(sku: $0.sku, quantity: $0.quantity) }
    if goods.isEmpty { return }
    var context = context
    context.coupons = decision.cart.coupons
    let meant = skus.map { Set($0) }
    let prices = try pricing.unitPrices(of: goods, context, in: session) { meant?.contains($0) ?? true }
    for line in goods {
      if let price = prices[line.sku] { decision.show(price, of: line.sku) }
    }
  }

  /// Empties the cart: its life ends, and what is saved for later stays.
  package func empty(into outcome: inout Outcome, in session: any Session) throws {
    var decision = try decision(outcome, in: session)
    for line in decision.cart.goods { decision.leaveCredit(-line.quantity, of: line.sku, at: stand, time: now) }
    decision.end(.emptied, at: max(now, decision.cart.goods.map { $0.since }.max() ?? now))
    try decision.write(to: &outcome, changedAt: now)
  }

  // MARK: Checkout

  /// Makes an order of the cart, or freezes it as one that is being checked out where nobody takes orders.
  ///
  /// - Parameters:
  ///   - request: what the request says beside the cart.
  ///   - orders: who makes the order.
  /// - Throws: `conflict` where there is nothing in the cart; what stands in the way of the order.
  package func checkOut(
    _ request: JSON, by orders: (any OrderPlacing)?, into outcome: inout Outcome, in session: any Session
  ) throws {
    let cart = try decision(outcome, in: session).cart
    guard let id = cart.id, !cart.goods.isEmpty else { throw Failure(.conflict, "there is nothing in the cart") }
    guard let orders else {
      var decision = try decision(outcome, in: session)
      decision.mark(.checkingOut)
      return try decision.write(to: &outcome, changedAt: now)
    }
    var context = context
    try context.read(request)
    let view = try CartView(cart, context, by: pricing, in: session)
    context.coupons = cart.coupons
    let order = try orders.place(
      CartCheckout(
        cart: id, person: person, lines: cart.goods.map { .init(sku: $0.sku, quantity: $0.quantity) },
        prices: view.prices, context: context, request: request), into: &outcome, in: session)
    // The order may have ended the cart itself.
    var decision = try decision(outcome, in: session)
    decision.end(.checkedOut, order: order, at: max(now, cart.goods.map { $0.since }.max() ?? now))
    decision.placed(order)
    try decision.write(to: &outcome, changedAt: now)
  }

  // MARK: Sharing

  /// Gives the lines of the cart a link.
  ///
  /// - Throws: `conflict` where there is nothing in the cart.
  package func share(into outcome: inout Outcome, in session: any Session) throws {
    var decision = try decision(outcome, in: session)
    let lines = decision.cart.goods.map { CartShare.Line(sku: $0.sku, quantity: $0.quantity) }
    guard !lines.isEmpty else { throw Failure(.conflict, "there is nothing in the cart") }
    decision.share(.init(id: tokens.next("crs_"), end: now + CartShare.life, lines: lines))
    try decision.write(to: &outcome, changedAt: nil)
  }

  /// Brings each line of a link up to what it has there: done twice, it changes nothing the second time.
  ///
  /// - Throws: `notFound` where there is no such link, or it has ended; `conflict` where the cart would be too long.
  package func restore(_ token: String, into outcome: inout Outcome, in session: any Session) throws {
    let share = try CartShare.find(token, now: now, in: session)
    let cart = try decision(outcome, in: session).cart
    var change = CartChange()
    change.lines = share.lines.filter { $0.quantity > cart.quantity(of: $0.sku) }.map {
      CartChange.Line(sku: $0.sku, act: .set($0.quantity))
    }
    try self.change(change, into: &outcome, in: session)
  }
}
