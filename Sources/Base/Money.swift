/// An amount of money in whole minor units of its currency, such as 129900 of `RUB`; it is never a `Double`.
package struct Money: Hashable, Sendable {
  /// No price and no receipt of a shop comes to more, either way: 10¹⁵ minor units, which are exact in every reader of
  /// JSON.
  package static let most: Int64 = 1_000_000_000_000_000

  package var amount: Int64
  package var currency: Currency

  package init(_ amount: Int64, _ currency: Currency) {
    self.amount = amount
    self.currency = currency
  }

  /// The money that `{"amount": 129900, "currency": "RUB"}` says; nil where it is none, or more than `most`.
  package init?(_ json: JSON) {
    guard let amount = json["amount"]?.integer, amount.magnitude <= UInt64(Self.most),
      let currency = json["currency"]?.string.flatMap({ Currency($0) })
    else { return nil }
    self.init(amount, currency)
  }

  /// The money that a decimal literal such as `1299.90` says in a currency, rounded half away from zero to its minor
  /// unit; nil where it is no literal, or more than `most`.
  package init?(decimal text: String, _ currency: Currency) {
    guard let amount = DecimalLiteral.scaled(text, decimals: currency.decimals, most: Self.most) else { return nil }
    self.init(amount, currency)
  }

  /// The decimal literal of it in units of the currency: `1299.00`.
  package var decimal: String { DecimalLiteral.text(amount, decimals: currency.decimals) }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("amount", amount)
      writer.field("currency", currency.code)
    }
  }

  /// What so much of something costs at a price for one unit, rounded half away from zero, once; nil beyond `most`.
  package static func product(_ quantity: Quantity, price: Int64) -> Int64? {
    bounded(rounded(Int128(quantity.thousandths) * Int128(price), by: 1000))
  }

  /// A share of an amount, as `numerator` of `denominator`, rounded half away from zero.
  package static func share(_ amount: Int64, _ numerator: Int64, of denominator: Int64) -> Int64? {
    bounded(rounded(Int128(amount) * Int128(numerator), by: Int128(denominator)))
  }

  /// An amount split by weights: cumulative, so that the parts sum to the whole; all to the last where all weigh nothing.
  ///
  /// - Parameter weights: none is negative.
  package static func split(_ amount: Int64, by weights: [Int64]) -> [Int64] {
    let whole = weights.reduce(Int128(0)) { $0 + Int128($1) }
    guard whole > 0 else { return weights.indices.map { $0 == weights.count - 1 ? amount : 0 } }
    var (sum, given) = (Int128(0), Int128(0))
    return weights.map { weight in
      sum += Int128(weight)
      let upTo = rounded(Int128(amount) * sum, by: whole)
      defer { given = upTo }
      return Int64(upTo - given)
    }
  }

  /// Half away from zero.
  private static func rounded(_ value: Int128, by divisor: Int128) -> Int128 {
    let half = value < 0 ? -divisor / 2 : divisor / 2
    return (value + half) / divisor
  }

  private static func bounded(_ value: Int128) -> Int64? {
    value.magnitude <= UInt128(most) ? Int64(value) : nil
  }
}
