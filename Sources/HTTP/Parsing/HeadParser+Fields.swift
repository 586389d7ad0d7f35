extension HeadParser {
  /// Reads one line; false for the empty one at the end.
  @inline(__always)
  mutating func headerLine(
    _ slots: UnsafeMutablePointer<HeaderSlot>, _ head: inout RequestHead
  ) throws(Stop) -> Bool {
    guard at &+ 1 < end else { throw tooLargeOrIncomplete() }
    if bytes[at] == 0x0D {
      guard bytes[at &+ 1] == 0x0A else { throw .refuse(.badRequest, "A line ends in CR without LF.") }
      at &+= 2
      return false
    }
    let name = at
    at = ByteScan.tokenEnd(bytes, from: name, to: end)
    let nameLength = at &- name
    guard at < end else { throw tooLargeOrIncomplete() }
    guard bytes[at] == 0x3A, nameLength > 0 else { throw .refuse(.badRequest, "A header field has no proper name.") }
    at &+= 1
    while at < end, bytes[at] == 0x20 || bytes[at] == 0x09 { at &+= 1 }
    let value = at
    repeat {
      at = ByteScan.control(bytes, from: at, to: end)
      guard at &+ 1 < end else { throw tooLargeOrIncomplete() }
      if bytes[at] != 0x09 { break }
      at &+= 1
    } while true
    guard bytes[at] == 0x0D, bytes[at &+ 1] == 0x0A else {
      throw .refuse(.badRequest, "A header field has control characters.")
    }
    var valueEnd = at
    while valueEnd > value, bytes[valueEnd &- 1] == 0x20 || bytes[valueEnd &- 1] == 0x09 { valueEnd &-= 1 }
    at &+= 2
    guard head.headerCount < bounds.headers else {
      throw .refuse(.headerFieldsTooLarge, "There are too many header fields.")
    }
    slots[head.headerCount] = HeaderSlot(
      nameOffset: UInt16(truncatingIfNeeded: name), nameLength: UInt16(truncatingIfNeeded: nameLength),
      valueOffset: UInt16(truncatingIfNeeded: value), valueLength: UInt16(truncatingIfNeeded: valueEnd &- value))
    try understand(name, nameLength, value, valueEnd, &head)
    head.headerCount &+= 1
    return true
  }

  @inline(__always)
  private func tooLargeOrIncomplete() -> Stop {
    isFull ? .refuse(.headerFieldsTooLarge, "The head is too large.") : .incomplete
  }

  /// Takes from the field what the server itself must know.
  @inline(__always)
  private mutating func understand(
    _ name: Int, _ nameLength: Int, _ value: Int, _ valueEnd: Int, _ head: inout RequestHead
  ) throws(Stop) {
    @inline(__always)
    func named(_ lowerCase: StaticString) -> Bool { ByteScan.equal(bytes + name, nameLength, lowerCase) }
    switch nameLength {
    case 4:
      if named("host") {
        hosts &+= 1
        guard hosts == 1, Self.isHost(bytes + value, valueEnd &- value) else {
          throw .refuse(.badRequest, "The Host field is not one valid host.")
        }
      }
    case 6:
      if named("expect") {
        guard ByteScan.equal(bytes + value, valueEnd &- value, "100-continue") else {
          throw .refuse(.expectationFailed, "Only 100-continue can be expected.")
        }
        head.expectsContinue = true
      } else if named("origin") {
        head.origin = Int16(truncatingIfNeeded: head.headerCount)
      }
    case 10:
      if named("connection") { readConnection(value, valueEnd, &head) }
    case 14:
      if named("content-length") { try readContentLength(value, valueEnd, &head) }
    case 15:
      if named("accept-encoding") { head.acceptEncoding = Int16(truncatingIfNeeded: head.headerCount) }
    case 16:
      if named("content-encoding") {
        if head.contentEncoding >= 0 { throw .refuse(.unsupportedMediaType, "Only one content coding is understood.") }
        head.contentEncoding = Int16(truncatingIfNeeded: head.headerCount)
      }
    case 17:
      if named("transfer-encoding") { try readTransferEncoding(value, valueEnd, &head) }
    default: break
    }
  }

  private mutating func readConnection(_ value: Int, _ end: Int, _ head: inout RequestHead) {
    var start = value
    while start < end {
      let stop = ByteScan.first(0x2C, bytes, from: start, to: end) ?? end
      var first = start
      var last = stop
      while first < last, bytes[first] == 0x20 || bytes[first] == 0x09 { first += 1 }
      while last > first, bytes[last - 1] == 0x20 || bytes[last - 1] == 0x09 { last -= 1 }
      if ByteScan.equal(bytes + first, last - first, "close") {
        closes = true
      }
      if head.minorVersion == 0, ByteScan.equal(bytes + first, last - first, "keep-alive") { head.keepsAlive = true }
      start = stop + 1
    }
  }

  /// Digits alone, once: `+5`, `0x5`, `5, 5` and a second field are refused, alike or not.
  private func readContentLength(_ value: Int, _ end: Int, _ head: inout RequestHead) throws(Stop) {
    guard end > value, head.contentLength == nil else {
      throw .refuse(.badRequest, "The Content-Length field is not one number.")
    }
    var length = 0
    for index in value..<end {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { throw .refuse(.badRequest, "The Content-Length field is not one number.") }
      let (product, overflow) = length.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit))
      if overflow || carry { throw .refuse(.contentTooLarge, "The body is too large.") }
      length = sum
    }
    head.contentLength = length
  }

  private func readTransferEncoding(_ value: Int, _ end: Int, _ head: inout RequestHead) throws(Stop) {
    guard !head.isChunked, head.minorVersion == 1, end > value else {
      throw .refuse(.badRequest, "The Transfer-Encoding field is not proper.")
    }
    guard ByteScan.equal(bytes + value, end - value, "chunked") else {
      throw .refuse(.notImplemented, "The only transfer coding here is chunked.")
    }
    head.isChunked = true
  }

  @inline(__always)
  func conclude(_ head: inout RequestHead) throws(Stop) {
    if hosts == 0, head.minorVersion == 1 { throw .refuse(.badRequest, "HTTP/1.1 requires a Host field.") }
    if head.isChunked, head.contentLength != nil {
      throw .refuse(.badRequest, "Content-Length and Transfer-Encoding contradict each other.")
    }
    if closes { head.keepsAlive = false }
    // An HTTP/1.0 client does not know 100 (RFC 9110, 10.1.1).
    if head.minorVersion == 0 { head.expectsContinue = false }
    head.length = at
  }

  /// Whether the bytes are a host with an optional port (RFC 3986, 3.2.2); empty is allowed (RFC 9112, 3.2).
  static func isHost(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var at = 0
    if count > 0, bytes[0] == 0x5B {  // an IPv6 address in brackets
      at = 1
      while at < count, hexadecimal(bytes[at]) != nil || bytes[at] == 0x3A || bytes[at] == 0x2E { at += 1 }
      guard at > 1, at < count, bytes[at] == 0x5D else { return false }
      at += 1
    } else {
      while at < count, bytes[at] != 0x3A {
        switch bytes[at] {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: at += 1
        case 0x21, 0x24, 0x26...0x2A, 0x2B, 0x3B, 0x3D: at += 1  // sub-delims but the comma, which joins lists
        case 0x25:
          guard at + 2 < count, hexadecimal(bytes[at + 1]) != nil, hexadecimal(bytes[at + 2]) != nil else {
            return false
          }
          at += 3
        default: return false
        }
      }
    }
    guard at < count else { return true }
    guard bytes[at] == 0x3A, count - at <= 6 else { return false }
    for index in at + 1..<count where bytes[index] &- 0x30 > 9 { return false }
    return true
  }
}
