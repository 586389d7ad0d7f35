/// The digits of a telephone number, kept where no memory has to be asked for.
struct DigitString {
  /// No valid number is longer: 17 digits of its own, 3 of its country, and the prefixes that are dialled before it.
  static let capacity = 40

  private var digits: InlineArray<40, UInt8> = .init(repeating: 0)
  private var start = 0
  private var end = 0

  var count: Int { end - start }

  subscript(index: Int) -> UInt8 { digits[start + index] }

  /// Puts a digit, 0 to 9, at the end.
  ///
  /// - Returns: false where there is no room.
  mutating func append(_ digit: UInt8) -> Bool {
    guard end < Self.capacity else { return false }
    digits[end] = digit
    end += 1
    return true
  }

  /// Without so many digits in front.
  func dropping(_ count: Int) -> DigitString {
    var rest = self
    rest.start += min(count, self.count)
    return rest
  }

  /// Those of `range`.
  subscript(range: Range<Int>) -> DigitString {
    var part = self
    part.end = start + range.upperBound
    part.start = start + range.lowerBound
    return part
  }
}
