package import Base
import Customers

/// An order as a request asks for it: `POST /v1/orders`.
///
/// ```json
/// {"id": "A-17", "customer": "user_id:17", "channel": "web", "cart": "crt_…",
///  "fulfilment": {"type": "pickup", "store": "riga", "until": "2026-01-05T18:00:00Z", "collector": "Bob"},
///  "currency": "EUR", "region": "LV",
///  "lines": [{"sku": "mug", "quantity": 2, "price": {"amount": 2500, "currency": "EUR"}}],
///  "points": 100, "coupons": ["SPRING"], "payments": [{"method": "card", "amount": {"amount": 5000, "currency": "EUR"}}]}
/// ```
package struct OrderDraft: Sendable {
  package struct Line: Sendable {
    package var sku: String
    package var quantity: Quantity
    /// What the door showed for one unit.
    package var price: Money?
    package var fulfilment: OrderFulfilment
    package var store: String?
  }

  /// A store's, a cart's or a carrier's code.
  static let longestCode = 64
  /// A coupon is typed by hand.
  static let mostCoupons = 20
  /// A bill is divided among a few cards and vouchers.
  static let mostPayments = 20
  /// Somebody may write a letter to the courier.
  static let longestText = 1000
  /// What is in the path of the work list.
  static let reserved: Set = ["conflicts"]

  package var id: String?
  package var channel: String?
  package var fulfilment: OrderFulfilment
  package var store: String?
  package var until: Instant?
  package var lines: [Line]
  package var points: Int64
  package var coupons: [String]
  package var cart: String?
  package var payments: [(method: String, amount: Money)]
  /// Whose prices they are.
  package var region: String?
  /// The currency that the request speaks of, if it speaks of any.
  package private(set) var currency: Currency?

  private static let fields: Set = [
    "id", "customer", "channel", "cart", "fulfilment", "lines", "points", "coupons", "payments", "note",
    "currency", "region",
  ]
  private static let lineFields: Set = [
    "sku", "quantity", "price", "fulfilment", "name", "serials", "warrantyEnd", "attachments",
  ]
  private static let fulfilmentFields: Set = ["type", "store", "until", "collector", "address"]

  /// - Throws: `invalid` with every field at fault, `tooLarge` with too many lines.
  package init(_ body: JSON, now: Instant) throws {
    var reader = try FieldReader(body, "an order", known: Self.fields)
    id = reader.text("id", upTo: Sale.longestID)
    if id.map(Self.reserved.contains) ?? false { reader.fault("/id", "is a word of the service's own") }
    if body["customer"]?.string == nil { reader.fault("/customer", "is missing, or no text") }
    channel = reader.text("channel", upTo: Self.longestCode)
    if let channel, !Source.channels.contains(channel) {
      reader.fault("/channel", "is none of \(Source.channels.joined(separator: ", "))")
    }
    cart = reader.text("cart", upTo: Self.longestCode)
    _ = reader.text("note", upTo: Self.longestText)
    region = reader.text("region", upTo: Self.longestCode)
    let named = reader.given("currency")
    currency = named?.string.flatMap { Currency($0) }
    if named != nil, currency == nil { reader.fault("/currency", "is no currency of ISO 4217") }
    (fulfilment, store, until) = Self.fulfilment(body["fulfilment"], "/fulfilment", now, &reader)
    points = 0
    if let given = reader.given("points") {
      if let value = given.integer, (0...Quantity.most).contains(value) {
        points = value
      } else {
        reader.fault("/points", "is no whole number from 0 to \(Quantity.most)")
      }
    }
    coupons = reader.texts("coupons", most: Self.mostCoupons, upTo: Self.longestCode)
    (lines, payments) = ([], [])
    try readLines(body, now, &reader)
    payments = Self.payments(body, &reader)
    let currencies = Set(lines.compactMap { $0.price?.currency } + payments.map { $0.amount.currency })
    if currencies.count > 1 { reader.fault("/lines", "have prices of several currencies") }
    if let currency, currencies.contains(where: { $0 != currency }) {
      reader.fault("/currency", "is not that of the prices and payments")
    }
    currency = currency ?? currencies.first
    try reader.finish()
  }

  private mutating func readLines(_ body: JSON, _ now: Instant, _ reader: inout FieldReader) throws {
    guard let given = body["lines"], given.kind == .array, given.count > 0 else {
      return reader.fault("/lines", "is no list of at least one line")
    }
    guard given.count <= Order.mostLines else {
      throw Failure(
        .tooLarge, "an order has at most \(Order.mostLines) lines",
        faults: [.init("/lines", "has more than \(Order.mostLines) lines")])
    }
    for (index, line) in given.elements.enumerated() {
      let place = "/lines/\(index)"
      reader.knows(Self.lineFields, in: line, at: place)
      guard let sku = line["sku"]?.string, sku.isPlainText(upTo: Sale.longestSKU) else {
        reader.fault("\(place)/sku", "has not 1 to \(Sale.longestSKU) characters, or control characters")
        continue
      }
      guard let quantity = line["quantity"].flatMap({ Quantity($0) }), quantity > .zero else {
        reader.fault("\(place)/quantity", "is no number above 0 with at most three decimals")
        continue
      }
      let price = line["price"].flatMap { $0.isNull ? nil : $0 }
      let money = price.flatMap { Money($0) }
      if price != nil, money.map({ $0.amount < 0 }) ?? true { reader.fault("\(place)/price", "is no amount of money") }
      var (type, store) = (fulfilment, self.store)
      if let own = line["fulfilment"], !own.isNull {
        (type, store, _) = Self.fulfilment(own, "\(place)/fulfilment", now, &reader)
      }
      lines.append(Line(sku: sku, quantity: quantity, price: money, fulfilment: type, store: store))
    }
  }

  private static func fulfilment(
    _ json: JSON?, _ place: String, _ now: Instant, _ reader: inout FieldReader
  ) -> (OrderFulfilment, String?, Instant?) {
    guard let json, json.kind == .object else {
      reader.fault(place, "is no object with a type")
      return (.delivery, nil, nil)
    }
    reader.knows(fulfilmentFields, in: json, at: place)
    let type = json["type"]?.string.flatMap(OrderFulfilment.init)
    if type == nil { reader.fault("\(place)/type", "is none of pickup, delivery, counter") }
    let store = json["store"].flatMap { $0.isNull ? nil : $0 }
    if let store, store.string?.isPlainText(upTo: longestCode) != true {
      reader.fault("\(place)/store", "has not 1 to \(longestCode) characters, or control characters")
    }
    if type == .pickup || type == .counter, store == nil {
      reader.fault("\(place)/store", "is missing")
    }
    let until = json["until"].flatMap { $0.isNull ? nil : $0 }
    let end = until?.string.flatMap { Instant($0) }
    if until != nil, end.map({ $0 <= now || $0 > now + Order.longestPickup }) ?? true {
      let days = Order.longestPickup.components.seconds / 86_400
      reader.fault("\(place)/until", "is no time from now to \(days) days on")
    }
    return (type ?? .delivery, store?.string, end)
  }

  /// What was paid: a means in small letters, and how much.
  static func payments(_ body: JSON, _ reader: inout FieldReader) -> [(method: String, amount: Money)] {
    guard let given = body["payments"], !given.isNull else { return [] }
    guard given.kind == .array, given.count <= mostPayments else {
      reader.fault("/payments", "is no list of at most \(mostPayments)")
      return []
    }
    return given.elements.enumerated().compactMap { index, payment in
      guard let method = payment["method"]?.string, isMethod(method) else {
        reader.fault("/payments/\(index)/method", "is no word of small letters")
        return nil
      }
      guard let amount = payment["amount"].flatMap({ Money($0) }), amount.amount > 0 else {
        reader.fault("/payments/\(index)/amount", "is no amount of money above 0")
        return nil
      }
      return (method, amount)
    }
  }

  /// Such as `card`, `cash`, `gift_card`: it stays in the log for ever, so it is no free text.
  static func isMethod(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_") }
  }
}
