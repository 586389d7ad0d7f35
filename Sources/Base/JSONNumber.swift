/// The decimal value of a number's literal, exact whatever its length, in time proportional to it.
///
/// Zero (of either sign) has no digits. Any other value is ± 0.d₁d₂…dₖ × 10ⁿ with d₁ and dₖ not zero, which is unique.
struct JSONNumber {
  private var isNegative = false
  /// d₁ … dₖ as ASCII.
  private var digits: [UInt8] = []
  private var exponent = JSONExponent()

  /// Takes a literal that the scanner has accepted.
  init(_ literal: UnsafeBufferPointer<UInt8>) {
    var i = 0
    var integerDigits: Int?
    isNegative = literal[0] == JSONByte.minus
    if isNegative { i = 1 }
    while i < literal.count, literal[i] | 0x20 != UInt8(ascii: "e") {
      if literal[i] == JSONByte.point { integerDigits = digits.count } else { digits.append(literal[i]) }
      i += 1
    }
    if i < literal.count { exponent = JSONExponent(literal[(i + 1)...]) }
    let point = integerDigits ?? digits.count
    let zeros = digits.prefix { $0 == JSONByte.zero }.count
    digits.removeFirst(zeros)
    while digits.last == JSONByte.zero { digits.removeLast() }
    exponent.add(point - zeros)
  }

  /// The number as ECMAScript lays out its own (and RFC 8785 with it), but without a plus in the exponent: plain
  /// from 0.000001 to below 1e21, otherwise one digit, the rest behind a point, and an exponent.
  var canonical: [UInt8] {
    guard let first = digits.first else { return [JSONByte.zero] }
    var result: [UInt8] = isNegative ? [JSONByte.minus] : []
    switch exponent.small {
    case .some(let n) where digits.count <= n && n <= 21:
      result += digits
      result += [UInt8](repeating: JSONByte.zero, count: n - digits.count)
    case .some(let n) where 0 < n && n <= 21:
      result += digits[..<n] + [JSONByte.point] + digits[n...]
    case .some(let n) where -6 < n && n <= 0:
      result += [JSONByte.zero, JSONByte.point]
      result += [UInt8](repeating: JSONByte.zero, count: -n)
      result += digits
    default:
      result.append(first)
      if digits.count > 1 { result += [JSONByte.point] + digits[1...] }
      var scientific = exponent
      scientific.add(-1)
      result += [UInt8(ascii: "e")] + scientific.literal
    }
    return result
  }
}
