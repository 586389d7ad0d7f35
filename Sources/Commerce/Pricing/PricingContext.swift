package import Base
package import Customers
package import SQL

/// For whom, where and when prices are worked out.
///
/// The door that asks is no part of it: a cart costs the same at each. So facts and purchases are the shop's own but
/// where a test has others.
package struct PricingContext: Sendable {
  /// What a customer has bought so far, by sku: by it his favourites are told.
  package typealias Purchases = @Sendable (_ leader: Origin.Number, any Session) throws -> [String: Quantity]

  package var currency: Currency
  package var region: String?
  /// The leading origin of the customer; nil for somebody of whom nothing is known.
  package var customer: Origin.Number?
  /// Codes as they were typed.
  package var coupons: [String]
  package var now: Instant
  /// The store that sells, which is shown with the quote.
  package var store: String?
  package var facts: Facts
  package var purchases: Purchases

  package init(
    currency: Currency, region: String? = nil, customer: Origin.Number? = nil, coupons: [String] = [], now: Instant,
    store: String? = nil, facts: Facts = Commerce.allFacts, purchases: @escaping Purchases = ShopPrices.purchases
  ) {
    (self.currency, self.region, self.customer, self.coupons) = (currency, region, customer, coupons)
    (self.now, self.store, self.facts, self.purchases) = (now, store, facts, purchases)
  }
}
