/// The header and data of one of the two blocks of a file in TZif (RFC 8536, section 3).
struct TimeZoneBlock {
  /// Of the format: 1 has one block, from 2 on there are two.
  let version: Int
  /// In seconds since 1970, ascending.
  let transitions: [Int64]
  /// From each transition on, in seconds east of Greenwich.
  let offsets: [Int64]
  /// Before the first transition: that of the first type.
  let first: Int64
  /// Where the next thing in the file begins.
  let end: Int

  private static let headerSize = 44

  /// The block that begins at `start`; nil where it is not whole, or says what cannot be.
  ///
  /// - Parameter isLong: whether its times have 64 bits, as those of the second block have.
  init?(_ bytes: [UInt8], at start: Int, isLong: Bool) {
    guard bytes.count >= start + Self.headerSize, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
      return nil
    }
    let mark = bytes[start + 4]
    version = mark == 0 ? 1 : Int(mark) - 0x30
    func number(_ place: Int, _ size: Int) -> Int64 {
      var value: Int64 = place < bytes.count && bytes[place] & 0x80 != 0 ? -1 : 0
      for byte in bytes[place..<place + size] { value = value << 8 | Int64(byte) }
      return value
    }
    let counts = (0..<6).map { Int(number(start + 20 + 4 * $0, 4)) }
    let (marks, walls, leaps, times, types, letters) =
      (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5])
    guard counts.allSatisfy({ (0...bytes.count).contains($0) }), types > 0 else { return nil }
    let size = isLong ? 8 : 4
    let body = start + Self.headerSize
    let typesOfTimes = body + times * size
    let records = typesOfTimes + times
    end = records + types * 6 + letters + leaps * (size + 4) + walls + marks
    guard bytes.count >= end, version >= 1 else { return nil }
    let transitions = (0..<times).map { number(body + $0 * size, size) }
    let offsetsOfTypes = (0..<types).map { number(records + $0 * 6, 4) }
    guard zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }),
      bytes[typesOfTimes..<records].allSatisfy({ $0 < types }),
      offsetsOfTypes.allSatisfy({ $0.magnitude <= 26 * 3600 })
    else { return nil }
    self.transitions = transitions
    offsets = bytes[typesOfTimes..<records].map { offsetsOfTypes[Int($0)] }
    first = offsetsOfTypes[0]
  }
}
