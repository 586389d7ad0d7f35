/// A decimal exponent of any length: `1e99999999999999999999` is a number like any other.
struct JSONExponent {
  private var isNegative = false
  /// Its magnitude, a decimal digit a byte, the highest first; a zero may lead, none at all are zero.
  private var magnitude: [UInt8] = []

  /// Zero.
  init() {}

  /// Takes what follows the `e` of a literal that the scanner has accepted.
  init(_ literal: Slice<UnsafeBufferPointer<UInt8>>) {
    isNegative = literal.first == JSONByte.minus
    magnitude = literal.drop { !JSONByte.isDigit($0) }.map { $0 - JSONByte.zero }
  }

  /// The exponent, if it is of at most eighteen digits.
  var small: Int? {
    let significant = magnitude.drop { $0 == 0 }
    guard significant.count <= 18 else { return nil }
    let value = significant.reduce(0) { $0 * 10 + Int($1) }
    return isNegative ? -value : value
  }

  /// The exponent as it is written: a minus if it needs one, no needless zero.
  var literal: [UInt8] {
    let significant = magnitude.drop { $0 == 0 }
    guard !significant.isEmpty else { return [JSONByte.zero] }
    return (isNegative ? [JSONByte.minus] : []) + significant.map { $0 + JSONByte.zero }
  }

  /// Adds a difference of places, which is never more than the length of a text.
  mutating func add(_ places: Int) {
    if let small {
      self = JSONExponent(small + places)
      return
    }
    // Nineteen digits or more: a difference of places cannot change the sign, and a carry runs up at most once.
    var carry = isNegative ? -places : places
    for i in magnitude.indices.reversed() where carry != 0 {
      let sum = Int(magnitude[i]) + carry
      let digit = ((sum % 10) + 10) % 10
      magnitude[i] = UInt8(digit)
      carry = (sum - digit) / 10
    }
    if carry > 0 { magnitude.insert(UInt8(carry), at: 0) }
  }

  private init(_ value: Int) {
    isNegative = value < 0
    magnitude = String(value.magnitude).utf8.map { $0 - JSONByte.zero }
  }
}
