/// How a telephone number is written: its digits, and whether a `+` stands before them.
///
/// The rules are libphonenumber's: a number begins with its first digit or `+`, whatever stands before; it may have
/// punctuation, an extension, and letters after three digits, as in `1-800-FLOWERS`.
struct PhoneSpelling {
  private(set) var digits = DigitString()
  private(set) var hasPlus = false

  /// Longer texts are searched for no number, as in libphonenumber: it counts characters, we count bytes.
  static let longest = 250

  /// Reads `raw`, or answers nil where no number is written there.
  init?(_ raw: String) {
    guard raw.utf8.count <= Self.longest else { return nil }
    if let plain = Self(plain: raw) {
      self = plain
    } else if let text = PhoneText(raw), let spelling = Self(text) {
      self = spelling
    } else {
      return nil
    }
  }

  /// Nearly all numbers are written so: ASCII's digits, with blanks, dashes and brackets that no extension begins with.
  private init?(plain raw: String) {
    var canHavePlus = true
    var bytes = raw.utf8.makeIterator()
    while let byte = bytes.next() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard digits.append(byte - UInt8(ascii: "0")) else { return nil }
        canHavePlus = false
      case UInt8(ascii: "+"):
        guard canHavePlus else { return nil }
        hasPlus = true
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("),
        UInt8(ascii: ")"):
        if hasPlus { canHavePlus = false }
      // U+00A0, and U+2010 to U+2015: what text programs make of blanks and dashes.
      case 0xC2:
        guard bytes.next() == 0xA0 else { return nil }
        if hasPlus { canHavePlus = false }
      case 0xE2:
        guard bytes.next() == 0x80, let last = bytes.next(), (0x90...0x95).contains(last) else { return nil }
        if hasPlus { canHavePlus = false }
      default: return nil
      }
    }
    guard digits.count > 2 else { return nil }
  }

  private init?(_ text: PhoneText) {
    let scalars = text.number
    hasPlus = scalars.first.map(PhoneText.isPlus) ?? false
    let isInLetters = scalars.count { PhoneText.isLetter($0) } >= 3
    for scalar in scalars {
      let digit = isInLetters ? PhoneText.key(scalar) : PhoneText.digit(scalar)
      if let digit { guard digits.append(digit) else { return nil } }
    }
  }
}
