package import Base
package import Customers

/// What an event of a source says was sold, given back or called off: Segment's `Order Completed`, `Order Updated`,
/// `Order Refunded` and `Order Cancelled`, which is also what a till's receipts become.
///
/// Senders are read leniently, as tag managers write: numbers may stand as texts, a quantity that is missing is one
/// piece. What cannot be read is left out and noted in `faults`; nothing of it refuses the event.
///
/// Source: Segment's specification of commerce, version 2.
package struct Sale: Sendable {
  package enum Kind: String, Sendable {
    case completed = "Order Completed"
    case updated = "Order Updated"
    case refunded = "Order Refunded"
    case cancelled = "Order Cancelled"
  }

  /// So much of something.
  package struct Line: Sendable {
    package var sku: String
    package var quantity: Quantity
    /// For one unit, in minor units of the sale's currency.
    package var price: Int64?
    /// What was paid for all of the line, where it is told.
    package var total: Int64?
    package var serials: [String] = []
    /// Which of the event's products it is, from 0.
    package var product = 0
  }

  /// An order's id has at most so many characters: a till's names four things, each of up to 64.
  package static let longestID = 300
  /// A shop's article numbers have up to about 40 characters.
  package static let longestSKU = 64
  /// A sale has at most so many lines: what a till prints on the longest receipt.
  package static let mostLines = 1000

  package let kind: Kind
  /// As the shop calls it; none for a sale that names no order, which counts by its message.
  package let order: String?
  /// The order that was placed before and that this receipt hands over, by the member `placed_order_id`.
  package let placed: String?
  package let lines: [Line]
  package let currency: Currency?
  /// What was paid, or is given back, for all of it, in minor units.
  package let total: Int64?
  /// Where: the till's store, or the affiliation that the site names.
  package let store: String?
  /// Our id of the cart that it checks out.
  package let cart: String?
  package let coupon: String?
  /// Points that were paid with, by the member `points_redeemed` or a tender of the kind `loyalty` in points.
  package let points: Int64?
  /// Whether the till that reports it had no connection when it was made.
  package let isOffline: Bool
  package let faults: [Failure.Fault]

  /// The sale that an event tells of; nil for any other event.
  package init?(_ event: Event) {
    guard event.kind == .track, let kind = event.name.flatMap(Kind.init(rawValue:)),
      let root = try? JSONDocument(event.body).root, let properties = root["properties"], properties.kind == .object
    else { return nil }
    self.kind = kind
    isOffline = root["_metadata"]?["offline"]?.bool ?? false
    order = Self.text(properties["order_id"], upTo: Self.longestID)
    placed = Self.text(properties["placed_order_id"], upTo: Self.longestID)
    store = Self.text(properties["store_id"] ?? properties["affiliation"], upTo: Self.longestSKU)
    cart = Self.text(properties["cart_id"], upTo: Self.longestSKU)
    coupon = Self.text(properties["coupon"], upTo: Self.longestSKU)
    points = properties["points_redeemed"].flatMap { Quantity($0) }.flatMap { quantity in
      quantity.thousandths >= 0 && quantity.thousandths % 1000 == 0 ? quantity.thousandths / 1000 : nil
    }
    let currency = properties["currency"]?.string.flatMap { Currency($0) }
    self.currency = currency
    total = Self.amount(properties["total"] ?? properties["revenue"] ?? properties["value"], currency)
    var faults: [Failure.Fault] = []
    if currency == nil, properties["total"] != nil { faults.append(.init("/properties/currency", "is no currency")) }
    var lines: [Line] = []
    for (index, product) in (properties["products"]?.elements.map { $0 } ?? []).enumerated() {
      let place = "/properties/products/\(index)"
      guard lines.count < Self.mostLines else {
        faults.append(.init("/properties/products", "has more than \(Self.mostLines) lines"))
        break
      }
      guard let sku = Self.text(product["sku"] ?? product["product_id"], upTo: Self.longestSKU) else {
        faults.append(.init("\(place)/sku", "is missing"))
        continue
      }
      let quantity = product["quantity"].map { Quantity($0) } ?? .one
      guard let quantity, quantity > .zero else {
        faults.append(.init("\(place)/quantity", "is no quantity above 0"))
        continue
      }
      lines.append(
        Line(
          sku: sku, quantity: quantity, price: Self.amount(product["price"], currency),
          total: Self.amount(product["total"], currency),
          serials: product["serials"]?.elements.compactMap { $0.string } ?? [], product: index))
    }
    self.lines = lines
    self.faults = faults
  }

  /// The order's id alone, of an event that is a sale.
  static func order(in event: Event) -> String? {
    text((try? JSONDocument(event.body).root)?["properties"]?["order_id"], upTo: longestID)
  }

  private static func text(_ json: JSON?, upTo longest: Int) -> String? {
    guard let json, let text = (json.string ?? json.number).map({ String($0.trimmed) }) else { return nil }
    return text.isPlainText(upTo: longest) ? text : nil
  }

  private static func amount(_ json: JSON?, _ currency: Currency?) -> Int64? {
    guard let json, let currency else { return nil }
    return (json.number ?? json.string).flatMap { Money(decimal: $0, currency)?.amount }
  }
}
