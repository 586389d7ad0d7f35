package import Base
package import Customers
package import SQL

/// Prices carts as orders are priced, and says of each line what there is too little of.
package struct ShopPrices: CartPricing {
  package init() {}

  package func price(
    _ lines: [CartShare.Line], _ context: CartContext, in session: any Session
  ) throws -> CartPrices {
    guard let currency = try context.currency ?? Self.usualCurrency(in: session) else {
      // A cart is shown whatever is missing; what is bought is refused.
      let isUnnamed = try Catalogue.hasPrices(in: session)
      return try UnknownPrices(isUnnamed ? "the shop has prices in several currencies: name one" : nil)
        .price(lines, context, in: session)
    }
    let asked = PricingContext(
      currency: currency, region: context.region, customer: context.customer, coupons: context.coupons,
      now: context.now, store: context.store)
    let quote = try Pricing.quote(
      lines: lines.map { ($0.sku, $0.quantity) }, context: asked, in: session)
    var prices = CartPrices()
    prices.lines = try zip(quote.lines, lines).map { told, line in
      var priced = CartPrices.Line()
      priced.name = try Catalogue.product(line.sku, in: session)?.name
      priced.unitPrice = told.unitPrice.map { Money($0, currency) }
      priced.total = told.total.map { Money($0, currency) }
      priced.discounts = Self.json { told.writeDiscounts(currency, to: &$0) }
      priced.issues = told.issues.map { CartIssue(Self.code(of: $0.code), $0.detail) }
      if let store = context.store, let issue = try Self.shortage(line, at: store, context.now, in: session) {
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

  private static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    write(&writer)
    return writer.bytes
  }

  /// The currency in which prices are told where nobody says another: the one that the shop has declared, else the only
  /// one that its prices have; nil where it has several.
  static func usualCurrency(in session: any Session) throws -> Currency? {
    try PricingRules(in: session).currency ?? Catalogue.onlyCurrency(in: session)
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
    _ line: CartShare.Line, at store: String, _ now: Instant, in session: any Session
  ) throws -> CartIssue? {
    guard let place = try StoreTable.find(store, in: session) else { return nil }
    var book = try StockBook(Outcome(.matched, origin: nil), in: session)
    let level = try book.level(StockPlace(store: store, sku: line.sku))
    let available = Quantity(
      thousandths: level.available(in: place, by: try StockPolicy(in: session), now: now))
    guard available < line.quantity else { return nil }
    return CartIssue(.unavailable, "the store has too little of it", available: available)
  }
}
