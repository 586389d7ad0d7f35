extension JSONText {
  /// Checks the run of characters beyond ASCII that begins at `start`: the well-formed sequences of Unicode's table 3-7,
  /// so nothing overlong, no surrogate, nothing above U+10FFFF.
  @inline(__always)
  func scalars(from start: Int) throws(JSONFailure) -> Int {
    var i = start
    while i < count, base[i] >= JSONByte.firstNonASCII {
      let length: Int
      var second: ClosedRange<UInt8> = 0x80...0xBF
      switch base[i] {
      case 0xC2...0xDF: length = 2
      case 0xE0...0xEF:
        length = 3
        if base[i] == 0xE0 { second = 0xA0...0xBF }
        if base[i] == 0xED { second = 0x80...0x9F }
      case 0xF0...0xF4:
        length = 4
        if base[i] == 0xF0 { second = 0x90...0xBF }
        if base[i] == 0xF4 { second = 0x80...0x8F }
      default: throw JSONFailure(.badUTF8, at: i)
      }
      guard count - i >= length, second ~= base[i &+ 1] else { throw JSONFailure(.badUTF8, at: i) }
      for k in 2..<max(length, 2) where base[i &+ k] & 0xC0 != 0x80 { throw JSONFailure(.badUTF8, at: i) }
      i &+= length
    }
    return i
  }
}
