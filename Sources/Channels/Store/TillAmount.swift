/// Amounts as a till writes them: money in minor units, quantities as decimal text; neither is ever a `Double`.
enum TillAmount {
  /// No receipt of a shop comes to more: 10¹⁵ minor units, which are exact in every reader of JSON.
  static let mostMoney: Int64 = 1_000_000_000_000_000
  /// No line has more: a million units.
  static let mostThousandths: Int64 = 1_000_000_000
  private static let decimals = 3

  /// The thousandths that a decimal text such as `1.5` or `-0.250` stands for; nil where it is none, has more than three
  /// decimals that are not 0, or is too large.
  static func thousandths(_ text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes = bytes.dropFirst() }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, whole.count <= 10, parts.count <= 2 else { return nil }
    var fraction = parts.count == 2 ? Array(parts[1]) : []
    guard parts.count == 1 || !fraction.isEmpty else { return nil }
    while fraction.count > decimals, fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    guard fraction.count <= decimals else { return nil }
    fraction += [UInt8](repeating: UInt8(ascii: "0"), count: decimals - fraction.count)
    guard whole.allSatisfy(isDigit), fraction.allSatisfy(isDigit),
      let value = Int64(String(decoding: Array(whole) + fraction, as: UTF8.self)), value <= mostThousandths
    else { return nil }
    return isNegative ? -value : value
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// What so many thousandths of a unit cost, rounded half away from zero.
  static func product(thousandths: Int64, price: Int64) -> Int128 {
    let product = Int128(thousandths) * Int128(price)
    let half: Int128 = product < 0 ? -500 : 500
    return (product + half) / 1000
  }

  /// The decimal literal of a whole number of units of 10⁻ⁿ: `decimal(123450, 2)` is `1234.50`.
  static func decimal(_ value: Int64, _ digits: Int) -> String {
    let text = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    let sign = value < 0 ? "-" : ""
    return digits == 0 ? sign + padded : "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }

  /// The shortest decimal literal of so many thousandths.
  static func quantity(_ thousandths: Int64) -> String {
    var (value, digits) = (thousandths, decimals)
    while digits > 0, value % 10 == 0 { (value, digits) = (value / 10, digits - 1) }
    return decimal(value, digits)
  }

  /// How many decimals a currency's minor unit stands for (ISO 4217, list one); two where it says nothing else.
  static func decimals(ofCurrency code: String) -> Int {
    if withoutMinorUnit.contains(code) { return 0 }
    if ofThousandths.contains(code) { return 3 }
    return ["CLF", "UYW"].contains(code) ? 4 : 2
  }

  private static let withoutMinorUnit: Set = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
  ]
  private static let ofThousandths: Set = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
}
