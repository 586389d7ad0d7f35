package import Base
import Customers

/// What somebody wants to know the price of.
///
/// ```json
/// {"currency": "RUB", "region": "RU-MOW", "store": "s-1", "coupons": ["SPRING"],
///  "lines": [{"sku": "K-17", "quantity": 2}]}
/// ```
package struct QuoteRequest: Sendable {
  package let lines: [(sku: String, quantity: Quantity)]
  /// As it came, checked.
  package let body: [UInt8]
  private let currency: Currency
  private let region: String?
  private let store: String?
  private let coupons: [String]

  private static let fields: Set = ["lines", "currency", "region", "store", "coupons"]
  private static let lineFields: Set = ["sku", "quantity"]

  /// - Throws: `invalid` with every field at fault.
  package init(_ root: JSON) throws {
    var fields = try FieldReader(root, "a quote", known: Self.fields)
    let currency = fields.given("currency")?.string.flatMap { Currency($0) }
    fields.check(currency != nil, "/currency", "is no code of ISO 4217")
    region = fields.text("region", upTo: Price.longestRegion)
    store = fields.text("store", upTo: Product.longestSKU)
    coupons = fields.texts("coupons", most: Quote.mostCoupons, upTo: Promotion.longestCode)
    lines = Self.lines(&fields)
    try fields.finish()
    guard let currency else { preconditionFailure("a quote without a currency has a fault") }
    self.currency = currency
    body = root.bytes
  }

  private static func lines(_ fields: inout FieldReader) -> [(sku: String, quantity: Quantity)] {
    guard let list = fields.given("lines"), list.kind == .array else {
      fields.check(false, "/lines", "is no list")
      return []
    }
    guard list.count <= Quote.mostLines else {
      fields.check(false, "/lines", "has more than \(Quote.mostLines) lines")
      return []
    }
    var lines: [(sku: String, quantity: Quantity)] = []
    for (index, line) in list.elements.enumerated() {
      let place = "/lines/\(index)"
      fields.knows(lineFields, in: line, at: place)
      let sku = line["sku"]?.string
      fields.check(
        sku?.isPlainText(upTo: Product.longestSKU) == true, "\(place)/sku",
        "has not 1 to \(Product.longestSKU) characters, or control characters")
      let quantity = line["quantity"].map { Quantity($0) } ?? .one
      fields.check(
        quantity.map { $0 > .zero } ?? false, "\(place)/quantity",
        "is no quantity above 0, up to \(Quantity.most / 1000) and of at most three decimals")
      if let sku, let quantity { lines.append((sku: sku, quantity: quantity)) }
    }
    return lines
  }

  /// For whom and when it is.
  ///
  /// - Parameter customer: the leading origin; nil for nobody.
  package func context(of customer: Int64?, now: Instant) -> PricingContext {
    PricingContext(
      currency: currency, region: region, customer: customer, coupons: coupons, now: now, store: store)
  }
}
