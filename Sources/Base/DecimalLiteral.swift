/// Decimal literals such as `-12.50`, read and written as whole numbers of their smallest decimal, never through
/// `Double`.
package enum DecimalLiteral {
  /// The longest that is read: more digits than any amount has, with the zeros that some senders fill up with.
  static let longest = 40

  /// `value` hundredths, for two decimals, as a literal: `text(123450, decimals: 2)` is `1234.50`.
  package static func text(_ value: Int64, decimals: Int) -> String {
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 ? "-" : ""
    return decimals == 0 ? sign + padded : "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }

  /// The whole number of that decimal that a literal is exactly; nil where it is none, or beyond `most` either way.
  package static func exact(_ text: String, decimals: Int, most: Int64) -> Int64? {
    guard let (value, rest) = read(text, decimals: decimals), rest.allSatisfy({ $0 == 0 }) else { return nil }
    return value.magnitude <= UInt128(most) ? Int64(value) : nil
  }

  /// As `exact`, but what stands behind that decimal is rounded half away from zero.
  package static func scaled(_ text: String, decimals: Int, most: Int64) -> Int64? {
    guard let (value, rest) = read(text, decimals: decimals) else { return nil }
    let step: Int128 = text.utf8.first == UInt8(ascii: "-") ? -1 : 1
    let rounded = (rest.first ?? 0) >= 5 ? value + step : value
    return rounded.magnitude <= UInt128(most) ? Int64(rounded) : nil
  }

  /// The number up to that decimal, and the digits behind it.
  private static func read(_ text: String, decimals: Int) -> (Int128, [UInt8])? {
    var bytes = Array(text.utf8)[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes = bytes.dropFirst() }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard bytes.count <= longest, parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) })
    else { return nil }
    let fraction = (parts.count == 2 ? Array(parts[1]) : []).map { $0 - 0x30 }
    let kept = fraction.prefix(decimals) + repeatElement(0, count: max(0, decimals - fraction.count))
    guard parts[0].count + decimals < 38 else { return nil }
    let value = (parts[0].map { $0 - 0x30 } + kept).reduce(Int128(0)) { $0 * 10 + Int128($1) }
    return (isNegative ? -value : value, Array(fraction.dropFirst(decimals)))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
