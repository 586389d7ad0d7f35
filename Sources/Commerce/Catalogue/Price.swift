package import Base
import Customers

/// What one unit of a product costs, on a price list: a document of the kind `price`.
///
/// ```json
/// {"sku": "K-17", "price": {"amount": 129900, "currency": "RUB"}, "list": "retail", "currency": "RUB",
///  "region": "RU-MOW", "segment": "segment:vip", "from": "2026-01-01T00:00:00.000Z", "to": null}
/// ```
package struct Price: Sendable, Equatable {
  package static let documentKind = "price"
  /// A list's name.
  package static let longestList = 64
  package static let longestRegion = 64
  /// The list of a price that names none.
  package static let usualList = "retail"

  package let sku: String
  package let price: Money
  package let list: String
  /// Where it holds; nil for everywhere.
  package let region: String?
  /// For whom it holds; nil for everybody.
  package let segment: FactCondition?
  /// From when on; nil for ever since.
  package let from: Instant?
  /// Up to when, that moment not included; nil without an end.
  package let to: Instant?

  private static let fields: Set = ["sku", "price", "list", "currency", "region", "segment", "from", "to"]

  /// The price that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a price", known: Self.fields)
    sku = fields.text("sku", upTo: Product.longestSKU, isNeeded: true) ?? ""
    let price = fields.money("price", least: 0, isNeeded: true)
    list = fields.text("list", upTo: Self.longestList) ?? Self.usualList
    if let currency = fields.given("currency"), let price {
      fields.check(
        currency.string.flatMap { Currency($0) } == price.currency, "/currency", "is not the currency of the price")
    }
    region = fields.text("region", upTo: Self.longestRegion)
    segment = fields.segment()
    (from, to) = fields.validity()
    try fields.finish()
    guard let price else { preconditionFailure("a price without an amount has a fault") }
    self.price = price
  }

  init(
    sku: String, price: Money, list: String, region: String?, segment: FactCondition?, from: Instant?, to: Instant?
  ) {
    (self.sku, self.price, self.list, self.region, self.segment) = (sku, price, list, region, segment)
    (self.from, self.to) = (from, to)
  }

  /// What tells it from other prices: sku, list, currency, region, segment and beginning, parted by slashes; those that
  /// are missing at the end are left out.
  package var id: String {
    var parts = [sku, list, price.currency.code, region ?? "", segment?.text ?? "", from?.text ?? ""]
    while parts.last == "" { parts.removeLast() }
    return parts.map { JSON.pointerToken($0) }.joined(separator: "/")
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { write(to: &$0) }
    return writer.bytes
  }

  /// Writes it into an open object.
  package func write(to writer: inout JSONWriter) {
    writer.field("sku", sku)
    writer.field("price", orNull: price)
    writer.field("list", list)
    writer.field("currency", price.currency.code)
    writer.field("region", orNull: region)
    writer.field("segment", orNull: segment?.text)
    writer.field("from", orNull: from?.text)
    writer.field("to", orNull: to?.text)
  }

  /// Whether it holds at a moment.
  package func isValid(at now: Instant) -> Bool {
    from.map { $0 <= now } ?? true && to.map { now < $0 } ?? true
  }
}
