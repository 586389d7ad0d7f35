/// Looks at bytes eight at a time.
///
/// Measured: these word tricks make a browser's head cost 350 ns; byte by byte it is twice that, and `SIMD16<UInt8>`
/// compiles to thirteen times more. Each trick marks the high bit of every byte that is wanted; where a subtraction
/// borrows, only bytes above a marked one can be marked wrongly, and the lowest mark is the one that is used.
enum ByteScan {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes at `bytes`, the first of them lowest.
  @inline(__always)
  static func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
  }

  /// The index of the first control byte (below 0x20, or 0x7f) in `start..<end`, or `end`.
  @inline(__always)
  static func control(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let word = word(bytes + at)
      let deleted = word ^ (ones &* 0x7f)
      let marks = (((word &- ones &* 0x20) & ~word) | ((deleted &- ones) & ~deleted)) & highs
      if marks != 0 { return at &+ (marks.trailingZeroBitCount &>> 3) }
      at &+= 8
    }
    while at < end, bytes[at] >= 0x20, bytes[at] != 0x7f { at &+= 1 }
    return at
  }

  /// The end of the run of token bytes that begins at `start`; letters and dashes go by eights.
  @inline(__always)
  static func tokenEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var at = start
    while true {
      while at &+ 8 <= end {
        let word = word(bytes + at)
        let low = (word | ones &* 0x20) & ~highs
        let letters = (low &+ ones &* 0x1f) & ~(low &+ ones &* 0x05)
        let notDash = ((word & ~highs) ^ (ones &* 0x2d)) &+ ones &* 0x7f
        let marks = (~(letters | ~notDash) | word) & highs
        if marks != 0 {
          at &+= marks.trailingZeroBitCount &>> 3
          break
        }
        at &+= 8
      }
      if at >= end || !isTokenByte(bytes[at]) { return at }
      at &+= 1
    }
  }

  /// The end of the run of visible ASCII bytes (0x21 to 0x7e) that begins at `start`.
  @inline(__always)
  static func visibleEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let word = word(bytes + at)
      let marks = ((word &- ones &* 0x21) | word | (word &+ ones)) & highs
      if marks != 0 {
        at &+= marks.trailingZeroBitCount &>> 3
        break
      }
      at &+= 8
    }
    while at < end, bytes[at] > 0x20, bytes[at] < 0x7f { at &+= 1 }
    return at
  }

  /// The index of the first `wanted` in `start..<end`, or nil.
  @inline(__always)
  static func first(_ wanted: UInt8, _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
    var at = start
    while at < end {
      if bytes[at] == wanted { return at }
      at &+= 1
    }
    return nil
  }

  /// Whether the bytes are `lowerCase`, in any spelling of letters.
  @inline(__always)
  static func equal(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ lowerCase: StaticString) -> Bool {
    guard count == lowerCase.utf8CodeUnitCount else { return false }
    let wanted = lowerCase.utf8Start
    for at in 0..<count where lowered(bytes[at]) != wanted[at] { return false }
    return true
  }
}

/// The byte with an ASCII capital made small.
@inline(__always)
func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

/// Whether `byte` may stand in a token (RFC 9110, 5.6.2).
@inline(__always)
func isTokenByte(_ byte: UInt8) -> Bool {
  // One bit for each of `!#$%&'*+-.0-9` and `A-Z^_`a-z|~`.
  let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
  return byte < 128 && bits &>> UInt64(byte & 63) & 1 != 0
}

/// The value of a hexadecimal digit, or nil.
@inline(__always)
func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte &- 0x30
  case 0x41...0x46: byte &- 0x37
  case 0x61...0x66: byte &- 0x57
  default: nil
  }
}
