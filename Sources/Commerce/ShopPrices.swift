package import Base
package import Customers
package import SQL

/// Prices carts as orders are priced, and says of each line what there is too little of.
package struct ShopPrices: CartPricing {
  package init() {}

  package func price(
    _ lines: [CartShare.Line], _ context: CartContext, in session: any Session
  ) throws -> CartPrices {
    guard let currency = try context.currency ?? ShopMemory.usualCurrency(in: session) else {
      // A cart is shown whatever is missing; what is bought is refused.
      let isUnnamed = try ShopMemory.hasPrices(in: session)
      return try UnknownPrices(isUnnamed ? "the shop has prices in several currencies: name one" : nil)
        .price(lines, context, in: session)
    }
    let quote = try Pricing.quote(
      lines: lines.map { ($0.sku, $0.quantity) }, context: asked(context, currency), in: session)
    let store = try context.store.flatMap { try ShopMemory.store($0, in: session) }
    var prices = CartPrices()
    prices.lines = try zip(quote.lines, lines).map { told, line in
      var priced = CartPrices.Line()
      priced.name = try ShopMemory.goods(line.sku, in: session).product?.name
      priced.unitPrice = told.unitPrice.map { Money($0, currency) }
      priced.total = told.total.map { Money($0, currency) }
      priced.discounts = Self.json { told.writeDiscounts(currency, to: &$0) }
      priced.issues = told.issues.map { CartIssue(Self.code(of: $0.code), $0.detail) }
      if let store, let issue = try Self.shortage(line, at: store, context.now, in: session) {
        priced.issues.append(issue)
      }
      return priced
    }
    prices.goods = Money(quote.goods, currency)
    prices.discount = Money(quote.discount, currency)
    prices.due = Money(quote.total, currency)
    prices.trace = Self.json { quote.writeTrace(to: &$0) }
    return prices
  }

  package func unitPrices(
    of lines: [CartShare.Line], _ context: CartContext, in session: any Session, isMeant: (String) -> Bool
  ) throws -> [String: Money] {
    guard let currency = try context.currency ?? ShopMemory.usualCurrency(in: session) else {
      return [:]
    }
    let meant = lines.filter { isMeant($0.sku) }.map { ($0.sku, $0.quantity) }
    let prices = try Pricing.unitPrices(of: meant, context: asked(context, currency), in: session)
    let known = zip(meant, prices).compactMap { line, price in price.map { (line.0, Money($0, currency)) } }
    return Dictionary(known) { first, _ in first }
  }

  private func asked(_ context: CartContext, _ currency: Currency) -> PricingContext {
    PricingContext(
      currency: currency, region: context.region, customer: context.customer, coupons: context.coupons,
      now: context.now, store: context.store)
  }

  private static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    write(&writer)
    return writer.bytes
  }

  /// What a customer has bought so far, by article.
  @Sendable package static func purchases(
    of leader: Origin.Number, _ session: any Session
  ) throws -> [String: Quantity] {
    let bought = try OrderStore.purchases(ofCustomer: leader, in: session)
    return Dictionary(bought.map { ($0.sku, $0.quantity) }) { $0 + $1 }
  }

  private static func code(of fault: Quote.Fault) -> CartIssue.Code {
    switch fault {
    case .quantity, .step, .amount: .offStep
    case .unknown, .inactive: .unknownSku
    case .price: .priceUnknown
    case .currency: .foreignCurrency
    }
  }

  private static func shortage(
    _ line: CartShare.Line, at store: Store, _ now: Instant, in session: any Session
  ) throws -> CartIssue? {
    let level = try StockBook.Level(of: StockPlace(store: store.id, sku: line.sku), in: session)
    let available = Quantity(
      thousandths: level.available(in: store, by: try ShopMemory.stockPolicy(in: session), now: now))
    guard available < line.quantity else { return nil }
    return CartIssue(.unavailable, "the store has too little of it", available: available)
  }
}
