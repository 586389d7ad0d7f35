import Glibc

extension JSONText {
  /// Why no value begins at `offset`.
  func noValue(at offset: Int) -> JSONFailure {
    switch base[offset] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
      JSONFailure(.unknownWord, at: offset)
    default: JSONFailure(.valueExpected, at: offset)
    }
  }

  /// The bytes of that range, where they are.
  @inline(__always)
  func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// What a string means whose checked content is that range: the escapes are replaced by what they stand for.
  func unescaped(_ content: Range<Int>) -> [UInt8] {
    // No escape is shorter than what it stands for.
    [UInt8](unsafeUninitializedCapacity: content.count) { buffer, written in
      var i = content.lowerBound
      while i < content.upperBound {
        if base[i] != JSONByte.backslash {
          buffer[written] = base[i]
          written += 1
          i += 1
          continue
        }
        var scalar = UInt32(base[i + 1])
        i += 2
        switch UInt8(truncatingIfNeeded: scalar) {
        case UInt8(ascii: "b"): scalar = 0x08
        case UInt8(ascii: "f"): scalar = 0x0C
        case UInt8(ascii: "n"): scalar = 0x0A
        case UInt8(ascii: "r"): scalar = 0x0D
        case UInt8(ascii: "t"): scalar = 0x09
        case UInt8(ascii: "u"):
          scalar = hexUnit(at: i)
          i += 4
          if 0xD800..<0xDC00 ~= scalar {
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (hexUnit(at: i + 2) - 0xDC00)
            i += 6
          }
        default: break
        }
        for unit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? .init() {
          buffer[written] = unit
          written += 1
        }
      }
    }
  }

  private func hexUnit(at start: Int) -> UInt32 {
    (start..<start + 4).reduce(0) { $0 << 4 | (JSONText.hexDigit(base[$1]) ?? 0) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are the same.
  @inline(__always)
  func isSame(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
    return memcmp(base, otherBase, count) == 0
  }
}
