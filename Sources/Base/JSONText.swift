/// The bytes of a text and the grammar of its smallest parts: white space, words, numbers and strings.
///
/// Each function takes the offset where a part begins and gives the offset behind it. It is a pair passed by value, so
/// that the optimiser keeps it in registers; the pointer is valid only inside the closure that lent it.
struct JSONText {
  let base: UnsafePointer<UInt8>
  let count: Int

  @inline(__always)
  subscript(offset: Int) -> UInt8 { base[offset] }

  /// The first offset from `start` on that is not white space.
  @inline(__always)
  func skipSpace(_ start: Int) -> Int {
    var i = start
    while i < count, JSONByte.isSpace(base[i]) { i &+= 1 }
    return i
  }

  /// Whether the bytes at `start` are exactly `word`.
  @inline(__always)
  func has(_ word: StaticString, at start: Int) -> Bool {
    guard count - start >= word.utf8CodeUnitCount else { return false }
    for k in 0..<word.utf8CodeUnitCount where base[start &+ k] != word.utf8Start[k] { return false }
    return true
  }

  /// Checks a number, as strict as RFC 8259, section 6.
  @inline(__always)
  func number(from start: Int) throws(JSONFailure) -> Int {
    var i = start
    if base[i] == JSONByte.minus { i &+= 1 }
    if i < count, base[i] == JSONByte.zero {
      i &+= 1
      if i < count, JSONByte.isDigit(base[i]) { throw JSONFailure(.leadingZero, at: i - 1) }
    } else {
      i = try digits(from: i)
    }
    if i < count, base[i] == JSONByte.point { i = try digits(from: i &+ 1) }
    if i < count, base[i] | 0x20 == UInt8(ascii: "e") {
      i &+= 1
      if i < count, base[i] == JSONByte.plus || base[i] == JSONByte.minus { i &+= 1 }
      i = try digits(from: i)
    }
    return i
  }

  @inline(__always)
  private func digits(from start: Int) throws(JSONFailure) -> Int {
    var i = start
    while i < count, JSONByte.isDigit(base[i]) { i &+= 1 }
    guard i > start else { throw JSONFailure(i < count ? .badNumber : .cutShort, at: i) }
    return i
  }

  /// Checks a string whose content begins at `start`; `end` is the offset of its closing quote.
  @inline(__always)
  func string(from start: Int) throws(JSONFailure) -> (end: Int, escaped: Bool) {
    var i = start
    var escaped = false
    while true {
      i = plainASCII(from: i)
      guard i < count else { throw JSONFailure(.cutShort, at: i) }
      switch base[i] {
      case JSONByte.quote: return (i, escaped)
      case JSONByte.backslash:
        escaped = true
        i = try escape(from: i)
      case JSONByte.firstNonASCII...: i = try scalars(from: i)
      default: throw JSONFailure(.controlCharacter, at: i)
      }
    }
  }

  @inline(__always)
  private func plainASCII(from start: Int) -> Int {
    var i = start
    while count &- i >= JSONWord.size {
      let marks = JSONWord.stringMarks(JSONWord.load(base + i))
      if marks != 0 { return i &+ JSONWord.bytesBefore(marks) }
      i &+= JSONWord.size
    }
    while i < count, base[i] >= JSONByte.space, base[i] < JSONByte.firstNonASCII,
      base[i] != JSONByte.quote, base[i] != JSONByte.backslash
    { i &+= 1 }
    return i
  }

  private func escape(from start: Int) throws(JSONFailure) -> Int {
    guard start + 1 < count else { throw JSONFailure(.cutShort, at: count) }
    switch base[start + 1] {
    case JSONByte.quote, JSONByte.backslash, JSONByte.slash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"): break
    default: throw JSONFailure(.badEscape, at: start)
    }
    switch try codeUnit(from: start) {
    case 0xD800..<0xDC00:
      guard has("\\u", at: start + 6) else {
        throw JSONFailure(start + 6 < count ? .loneSurrogate : .cutShort, at: start)
      }
      guard 0xDC00..<0xE000 ~= (try codeUnit(from: start + 6)) else { throw JSONFailure(.loneSurrogate, at: start) }
      return start + 12
    case 0xDC00..<0xE000: throw JSONFailure(.loneSurrogate, at: start)
    default: return start + 6
    }
  }

  /// The four digits of the `\u` escape at `start`.
  private func codeUnit(from start: Int) throws(JSONFailure) -> UInt32 {
    var unit: UInt32 = 0
    for i in start + 2..<start + 6 {
      guard i < count else { throw JSONFailure(.cutShort, at: count) }
      guard let digit = JSONText.hexDigit(base[i]) else { throw JSONFailure(.badEscape, at: start) }
      unit = unit << 4 | digit
    }
    return unit
  }

  static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
