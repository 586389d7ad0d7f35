package import Base
package import Customers
package import SQL

/// The books of a shop: its prices, stock, points and carts, as orders ask for them.
///
/// Stock is kept where the shop has told of a store. Without any store everything is promised; with stores, none is
/// promised at one that is not there. What a till sells at a store of which nobody has told moves no stock.
package struct ShopBooks: OrderBooks {
  package init() {}

  // MARK: Prices

  package func quote(_ goods: [Goods], _ context: OrderQuote.Context, in session: any Session) throws -> OrderQuote? {
    guard try ShopMemory.hasPrices(in: session) else { return nil }
    guard let currency = try context.currency ?? ShopMemory.usualCurrency(in: session) else {
      throw Failure(
        .conflict, "the shop has prices in several currencies",
        faults: [.init("/currency", "is missing, and the shop has prices in several and has declared none")])
    }
    let asked = PricingContext(
      currency: currency, region: context.region, customer: context.customer, coupons: context.coupons,
      now: context.now, store: context.store)
    let quote = try Pricing.quote(lines: goods, context: asked, in: session)
    var issues: [(line: Int, reason: String)] = []
    for (index, line) in quote.lines.enumerated() { issues += line.issues.map { (index, $0.detail) } }
    return OrderQuote(
      currency: currency,
      lines: quote.lines.map { .init(price: $0.unitPrice ?? 0, goods: $0.goods, net: $0.total ?? 0) }, issues: issues)
  }

  package func redeem(
    _ coupons: [String], order: String, customer: Origin.Number?, isFact: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    for coupon in coupons {
      try Promotions.redeem(code: coupon, order: order, leader: customer, isFact: isFact, into: &outcome, in: session)
    }
  }

  package func giveBackCoupons(order: String, into outcome: inout Outcome, in session: any Session) throws {
    try Promotions.release(order: order, into: &outcome, in: session)
  }

  // MARK: Stock

  package func senders(of goods: [Goods], now: Instant, in session: any Session) throws -> [[Share]]? {
    if try StoreTable.page(after: "", limit: 1, in: session).isEmpty { return nil }
    guard goods.count <= Sourcing.mostLines else {
      let reason = "name the store that sends more than \(Sourcing.mostLines) lines"
      throw Failure(.conflict, reason, faults: [.init("/fulfilment/store", reason)])
    }
    let found = try Sourcing(of: goods, near: nil, isPickup: false, now: now, in: session)
    if let store = found.stores.first?.store.id { return goods.map { [(store, $0.quantity)] } }
    guard found.short.isEmpty else {
      throw OrderShortfall(
        found.short.map { .init(sku: $0.sku, asked: $0.asked, available: $0.available, stores: []) })
    }
    // An article is sent whole where one store has all of it; only what none has is divided.
    let divided = goods.filter { found.senders[$0.sku] == nil }
    var shares: [String: [Share]] = [:]
    if !divided.isEmpty {
      let sources = try Sourcing(of: divided, near: nil, isPickup: false, now: now, in: session)
      for share in sources.split {
        for line in share.lines { shares[line.sku, default: []].append((share.store.id, line.quantity)) }
      }
    }
    return goods.map { line in
      if let store = found.senders[line.sku] { return [(store, line.quantity)] }
      return Self.take(line.quantity, from: &shares[line.sku, default: []])
    }
  }

  /// So much of what stores give: several lines may be of one article.
  private static func take(_ quantity: Quantity, from shares: inout [Share]) -> [Share] {
    var (left, taken) = (quantity, [Share]())
    for index in shares.indices where left > .zero && shares[index].quantity > .zero {
      let part = min(left, shares[index].quantity)
      taken.append((shares[index].store, part))
      shares[index].quantity = shares[index].quantity - part
      left = left - part
    }
    return taken
  }

  package func reserve(
    _ goods: [Goods], at store: String, until: Instant?, order: String, now: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    if try StoreTable.page(after: "", limit: 1, in: session).isEmpty { return }
    do {
      try Stock.reserve(goods, at: store, until: until, order: order, now: now, into: &outcome, in: session)
    } catch let short as Shortfall {
      throw OrderShortfall(
        short.lines.map { line in
          .init(
            sku: line.sku, asked: line.asked, available: line.available, stores: line.stores.map { $0.store })
        })
    }
  }

  package func sell(
    _ goods: [Goods], at store: String, time: Instant, order: String, isOffline: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    guard try StoreTable.find(store, in: session) != nil else { return }
    try Stock.sell(
      goods, at: store, time: time, order: order, isOffline: isOffline, into: &outcome, in: session)
  }

  package func offlineExcess(
    _ goods: [Goods], points: Int64, of origin: Origin.Number?, at store: String, time: Instant, after outcome: Outcome,
    in session: any Session
  ) throws -> [OfflineExcess] {
    guard let store = try StoreTable.find(store, in: session) else { return [] }
    var excess = try OfflineExcess.goods(goods, at: store, time: time, in: session)
    if let origin {
      let origins = try CustomerParts.origins(with: origin, after: outcome, in: session)
      if let points = try OfflineExcess.points(points, of: origins, at: store, time: time, in: session) {
        excess.append(points)
      }
    }
    return excess
  }

  package func release(
    order: String, _ goods: [Goods], at store: String, into outcome: inout Outcome, in session: any Session
  ) throws {
    try Stock.release(order: order, lines: goods, at: store, into: &outcome, in: session)
  }

  package func restock(
    _ goods: [Goods], at store: String, time: Instant, order: String, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    guard try StoreTable.find(store, in: session) != nil else { return }
    try Stock.restock(goods, at: store, time: time, order: order, into: &outcome, in: session)
  }

  /// How many stores and substitutes are offered: as many as somebody reads out on the telephone.
  private static let mostOffers = 5

  package func alternatives(
    for goods: Goods, near store: String, now: Instant, in session: any Session
  ) throws -> (stores: [String], substitutes: [String]) {
    let place = try StoreTable.find(store, in: session)
    let policy = try StockPolicy(in: session)
    func stores(_ sku: String) throws -> [String] {
      try Availability(of: sku, near: place?.location, now: now, policy: policy, in: session).stores
        .filter { $0.available >= goods.quantity }.map { $0.store.id }
    }
    let elsewhere = try stores(goods.sku).filter { $0 != store }.prefix(Self.mostOffers)
    guard let category = try Catalogue.product(goods.sku, in: session)?.category else { return (Array(elsewhere), []) }
    let similar = try Catalogue.page(nil, category: category, after: "", limit: 100, in: session)
      .filter { $0.product.sku != goods.sku && $0.product.isActive }
      .filter { try stores($0.product.sku).contains(store) }
    return (Array(elsewhere), similar.prefix(Self.mostOffers).map { $0.product.sku })
  }

  // MARK: Points

  package func earn(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    isFact: Bool, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    try Loyalty.earn(
      order: order, amount: amount, currency: currency, lines: Self.named(lines, in: session), at: origin,
      isPromise: !isFact, time: time, into: &outcome, in: session)
  }

  package func earnMore(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    try Loyalty.promiseMore(
      order: order, amount: amount, currency: currency, lines: Self.named(lines, in: session), at: origin, time: time,
      into: &outcome, in: session)
  }

  private static func named(
    _ lines: [(sku: String, total: Int64)], in session: any Session
  ) throws -> [(sku: String, category: String?, total: Int64)] {
    try lines.map { (sku: $0.sku, category: try category(of: $0.sku, in: session), total: $0.total) }
  }

  package func handOver(
    order: String, part: Int64, of whole: Int64, paid: Int64, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    try Loyalty.handOver(
      order: order, part: part, of: whole, paid: paid, time: time, into: &outcome, in: session)
  }

  private static func category(of sku: String, in session: any Session) throws -> String? {
    try Catalogue.product(sku, in: session)?.category
  }

  package func burn(
    points: Int64, order: String, currency: Currency?, due: Int64?, at origin: Origin.Number, isFact: Bool,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws -> Int64 {
    let programme = try LoyaltyProgramme.current(in: session)
    if !isFact {
      guard let programme else {
        throw Failure(.conflict, "nobody has points here", faults: [.init("/points", "are taken by no programme")])
      }
      guard programme.currency == currency else {
        throw Failure(
          .conflict, "points pay in \(programme.currency.code) alone",
          faults: [.init("/points", "pay in \(programme.currency.code) alone")])
      }
    }
    let receipt = due.flatMap { amount in currency.map { Money(amount, $0) } }
    try Loyalty.burn(
      points: points, order: order, at: origin, isFact: isFact, time: time, receipt: isFact ? nil : receipt,
      into: &outcome, in: session)
    guard let programme, programme.currency == currency else { return 0 }
    return Money.share(points, programme.pointValue, of: 1) ?? 0
  }

  package func refund(
    order: String, part: Int64, of whole: Int64, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    try Loyalty.refund(order: order, part: part, of: whole, time: time, into: &outcome, in: session)
  }

  // MARK: Carts

  package func isCart(_ cart: String, of customer: Origin.Number, in session: any Session) throws -> Bool {
    try Carts.owner(of: cart, in: session).map { $0 == customer } ?? true
  }

  package func checkOut(
    cart: String, order: String, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    try Carts.checkOut(cart: cart, order: order, time: time, into: &outcome, in: session)
  }

  package func takeBought(
    _ goods: [Goods], ofCustomer origin: Origin.Number, order: String, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    try Carts.takeBought(goods, ofCustomer: origin, order: order, time: time, into: &outcome, in: session)
  }
}
