/// What one scalar of a text, its case folded and its compatibility forms taken apart, is to a word.
enum FoldedLetter {
  /// A letter or digit in its one spelling.
  case plain(Unicode.Scalar)
  /// A letter that people also spell with several.
  case several(String)
  /// A sign that stands upon a letter and changes it: it is kept inside a word and begins none.
  case mark
  /// What does not count: accents, apostrophes, what is not seen.
  case nothing
  /// What stands between words.
  case separator

  init(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x61...0x7A, 0x30...0x39: self = .plain(scalar)
    case 0x41...0x5A: self = Self.moved(scalar, by: 0x20)
    case 0x27, 0x60, 0xB4, 0x2018, 0x2019, 0x201B, 0x2BB, 0x2BC: self = .nothing
    case 0..<0x80: self = .separator
    case 0x439: self = .plain("\u{438}")
    case 0x451: self = .plain("\u{435}")
    case 0x430...0x44F: self = .plain(scalar)
    case 0x410...0x42F: self = scalar == "\u{419}" ? .plain("\u{438}") : Self.moved(scalar, by: 0x20)
    case 0x401: self = .plain("\u{435}")
    default: self = Self.spellings[scalar] ?? Self.byProperties(scalar)
    }
  }

  /// Whether it needs no folding by tables: ASCII, and the letters of Russian.
  static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80 || (0x410...0x44F).contains(scalar.value) || scalar == "\u{401}" || scalar == "\u{451}"
  }

  private static func moved(_ scalar: Unicode.Scalar, by distance: UInt32) -> FoldedLetter {
    Unicode.Scalar(scalar.value + distance).map { .plain($0) } ?? .separator
  }

  /// Letters that no normal form takes apart, as they are spelled without them; Ukrainian's beside Russian's.
  private static let spellings: [Unicode.Scalar: FoldedLetter] = [
    "ø": .plain("o"), "ł": .plain("l"), "đ": .plain("d"), "ð": .plain("d"), "ħ": .plain("h"), "ı": .plain("i"),
    "æ": .several("ae"), "œ": .several("oe"), "þ": .several("th"), "ß": .several("ss"),
    "і": .plain("и"), "є": .plain("е"), "ґ": .plain("г"),
  ]

  private static func byProperties(_ scalar: Unicode.Scalar) -> FoldedLetter {
    // Arabic's stretching stroke is a letter by its category; variation selectors are marks.
    if scalar.value == 0x640 || (0xFE00...0xFE0F).contains(scalar.value) { return .nothing }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .decimalNumber:
      let digit = properties.numericValue.flatMap { Unicode.Scalar(UInt32($0) + 0x30) }
      return digit.map { .plain($0) } ?? .separator
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber,
      .otherNumber:
      return .plain(scalar)
    case .nonspacingMark: return properties.canonicalCombiningClass == .notReordered ? .mark : .nothing
    case .spacingMark: return .mark
    case .enclosingMark, .format: return .nothing
    default: return .separator
    }
  }
}
