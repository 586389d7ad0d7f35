/// What the client takes (RFC 9110, 12.5.3).
enum AcceptEncoding {
  /// Whether the field's value lets gzip be sent: named, or by `*`, with a weight above zero.
  static func takesGzip(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var named: Bool?
    var anything = false
    var start = 0
    while start < count {
      let end = ByteScan.first(0x2C, bytes, from: start, to: count) ?? count
      let nameEnd = ByteScan.first(0x3B, bytes, from: start, to: end) ?? end
      let name = trimmed(bytes, start, nameEnd)
      let isTaken = hasWeight(bytes, nameEnd, end)
      if ByteScan.equal(bytes + name.lowerBound, name.count, "gzip")
        || ByteScan.equal(bytes + name.lowerBound, name.count, "x-gzip")
      {
        named = isTaken
      } else if name.count == 1, bytes[name.lowerBound] == 0x2A {
        anything = isTaken
      }
      start = end + 1
    }
    return named ?? anything
  }

  /// Whether the parameters leave the weight above zero: only `q=0`, `q=0.0` and so on do not.
  private static func hasWeight(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    var at = start
    while at < end, bytes[at] == 0x3B || bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    guard at + 1 < end, lowered(bytes[at]) == 0x71, bytes[at + 1] == 0x3D else { return true }
    for index in at + 2..<end where bytes[index] &- 0x31 < 9 { return true }
    return false
  }

  private static func trimmed(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Range<Int> {
    var first = start
    var last = end
    while first < last, bytes[first] == 0x20 || bytes[first] == 0x09 { first += 1 }
    while last > first, bytes[last - 1] == 0x20 || bytes[last - 1] == 0x09 { last -= 1 }
    return first..<last
  }
}
