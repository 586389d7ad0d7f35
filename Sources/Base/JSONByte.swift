/// The bytes that JSON gives a meaning, by name.
enum JSONByte {
  static let quote: UInt8 = 0x22
  static let plus: UInt8 = 0x2B
  static let comma: UInt8 = 0x2C
  static let minus: UInt8 = 0x2D
  static let point: UInt8 = 0x2E
  static let slash: UInt8 = 0x2F
  static let zero: UInt8 = 0x30
  static let nine: UInt8 = 0x39
  static let colon: UInt8 = 0x3A
  static let openBracket: UInt8 = 0x5B
  static let backslash: UInt8 = 0x5C
  static let closeBracket: UInt8 = 0x5D
  static let openBrace: UInt8 = 0x7B
  static let closeBrace: UInt8 = 0x7D
  static let space: UInt8 = 0x20
  /// The first byte that is not ASCII.
  static let firstNonASCII: UInt8 = 0x80

  /// Whether it is one of `0` … `9`.
  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// Whether it is one of the four that may stand between values.
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool { byte == space || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}

/// Eight bytes looked at together: most of a text are long plain stretches inside strings.
enum JSONWord {
  static let size = 8

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes at `pointer`, the first of them lowest.
  @inline(__always)
  static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
  }

  /// The high bit of the first byte that a string may not hold unescaped (quote, backslash, control), if there is one.
  ///
  /// Bits above the lowest set one mean nothing: a subtraction may have borrowed from the byte above.
  @inline(__always)
  static func escapeMarks(_ word: UInt64) -> UInt64 {
    let quotes = word ^ (ones &* UInt64(JSONByte.quote))
    let backslashes = word ^ (ones &* UInt64(JSONByte.backslash))
    let controls = (word &- (ones &* UInt64(JSONByte.space))) & ~word
    return (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | controls) & highBits
  }

  /// The same, or the first byte that is not ASCII.
  @inline(__always)
  static func stringMarks(_ word: UInt64) -> UInt64 { escapeMarks(word) | (word & highBits) }

  /// How many bytes stand before the one that is marked.
  @inline(__always)
  static func bytesBefore(_ marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }
}
