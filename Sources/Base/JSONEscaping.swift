/// How a string is written: the shortest escape of each byte that must be escaped, and nothing else.
///
/// Quote, backslash and the five controls that have a letter take two bytes, the other controls `\u00` and two
/// lower-case digits. Slashes and everything beyond ASCII are written as they are.
enum JSONEscaping {
  private static let digits: StaticString = "0123456789abcdef"

  /// Appends the content of a string that means `utf8`.
  @inline(__always)
  static func append(_ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    guard let base = utf8.baseAddress else { return }
    var start = 0
    while true {
      let end = plainEnd(base, from: start, to: utf8.count)
      bytes.append(contentsOf: UnsafeBufferPointer(start: base + start, count: end - start))
      guard end < utf8.count else { return }
      appendEscape(of: base[end], to: &bytes)
      start = end + 1
    }
  }

  @inline(__always)
  private static func plainEnd(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var i = start
    while end &- i >= JSONWord.size {
      let marks = JSONWord.escapeMarks(JSONWord.load(base + i))
      if marks != 0 { return i &+ JSONWord.bytesBefore(marks) }
      i &+= JSONWord.size
    }
    while i < end, base[i] >= JSONByte.space, base[i] != JSONByte.quote, base[i] != JSONByte.backslash { i &+= 1 }
    return i
  }

  private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
    bytes.append(JSONByte.backslash)
    switch byte {
    case JSONByte.quote, JSONByte.backslash: bytes.append(byte)
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    default:
      bytes.append(contentsOf: [UInt8(ascii: "u"), JSONByte.zero, JSONByte.zero])
      bytes.append(digits.utf8Start[Int(byte >> 4)])
      bytes.append(digits.utf8Start[Int(byte & 15)])
    }
  }
}
