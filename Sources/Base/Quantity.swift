/// How much of something: whole thousandths of its unit (piece, kilogram, metre), so that it is exact.
package struct Quantity: Hashable, Comparable, Sendable {
  /// No line, order or shelf has more: a million units.
  package static let most: Int64 = 1_000_000_000
  package static let zero = Quantity(thousandths: 0)
  /// One piece.
  package static let one = Quantity(thousandths: 1000)
  private static let decimals = 3

  package var thousandths: Int64

  package init(thousandths: Int64) { self.thousandths = thousandths }

  /// The quantity that a decimal literal such as `1.5` or `-0.250` says; nil where it is none, has more than three
  /// decimals that are not 0, or is more than `most`.
  package init?(decimal text: String) {
    guard let value = DecimalLiteral.exact(text, decimals: Self.decimals, most: Self.most) else { return nil }
    thousandths = value
  }

  /// The quantity that a number, or a text that holds one, says.
  package init?(_ json: JSON) {
    guard let text = json.number ?? json.string else { return nil }
    self.init(decimal: text)
  }

  /// The shortest decimal literal of it.
  package var decimal: String {
    var (value, digits) = (thousandths, Self.decimals)
    while digits > 0, value % 10 == 0 { (value, digits) = (value / 10, digits - 1) }
    return DecimalLiteral.text(value, decimals: digits)
  }

  package static func < (one: Quantity, other: Quantity) -> Bool { one.thousandths < other.thousandths }
  package static func + (one: Quantity, other: Quantity) -> Quantity {
    Quantity(thousandths: one.thousandths + other.thousandths)
  }
  package static func - (one: Quantity, other: Quantity) -> Quantity {
    Quantity(thousandths: one.thousandths - other.thousandths)
  }
  package static prefix func - (one: Quantity) -> Quantity { Quantity(thousandths: -one.thousandths) }
}

extension JSONWriter {
  /// A field that is a quantity, as a number of units.
  package mutating func field(_ name: String, _ quantity: Quantity) {
    key(name)
    raw(Array(quantity.decimal.utf8))
  }
}
