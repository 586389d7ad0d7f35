/// Reads a request's head out of bytes, without any input or output of its own.
///
/// It is strict where two readers could disagree about where a message ends (RFC 9112, 11.2): what is doubtful is
/// refused, never repaired. It is monotonic: what is refused or complete for a prefix stays so with more bytes.
package struct HeadParser {
  /// The sizes that a head may have.
  package struct Bounds: Sendable {
    /// At most 65,535, because slots hold 16-bit offsets.
    package var bytes: Int
    package var headers: Int
    package var targetBytes: Int

    package init(bytes: Int, headers: Int, targetBytes: Int) {
      precondition(bytes <= Int(UInt16.max), "a head's offsets have 16 bits")
      self.bytes = bytes
      self.headers = headers
      self.targetBytes = targetBytes
    }
  }

  /// Why reading stopped.
  private enum Stop: Error {
    case incomplete
    case refused(Refusal)

    @inline(never)
    static func refuse(_ status: Status, _ detail: String) -> Stop { .refused(Refusal(status, detail)) }
  }

  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private let bounds: Bounds
  /// Whether there are more bytes than a head may have, so that waiting for more is in vain.
  private let isFull: Bool
  private var at = 0
  private var hosts = 0
  private var closes = false

  /// Parses the head at the start of `input` into `head` and `slots`, which must have room for `bounds.headers`.
  package static func parse(
    _ input: UnsafeBufferPointer<UInt8>, bounds: Bounds, slots: UnsafeMutablePointer<HeaderSlot>,
    into head: inout RequestHead
  ) -> HeadOutcome {
    guard let base = input.baseAddress, !input.isEmpty else { return .incomplete }
    head = RequestHead()
    var parser = HeadParser(base, input.count, bounds)
    do {
      try parser.requestLine(&head)
      while try parser.headerLine(slots, &head) {}
      try parser.conclude(&head)
      return .complete
    } catch {
      switch error {
      case .incomplete: return .incomplete
      case .refused(let refusal): return .refused(refusal)
      }
    }
  }

  private init(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ bounds: Bounds) {
    self.bytes = bytes
    self.bounds = bounds
    end = min(count, bounds.bytes)
    isFull = count >= bounds.bytes
  }

  // MARK: - Request line

  @inline(__always)
  private mutating func requestLine(_ head: inout RequestHead) throws(Stop) {
    let known = try method(&head)
    try target(&head)
    try version(&head)
    guard known else { throw .refuse(.notImplemented, "This method is not known here.") }
  }

  /// False for a method that is well written but unknown: a newer protocol is better told by its version.
  @inline(__always)
  private mutating func method(_ head: inout RequestHead) throws(Stop) -> Bool {
    guard end >= 8 else {
      // Shorter than any request, but what is no token will never become one.
      for index in 0..<end where !isTokenByte(bytes[index]) {
        if index == 0 || bytes[index] != 0x20 { throw .refuse(.badRequest, "The request line is not HTTP.") }
        break
      }
      throw isFull ? .refuse(.headerFieldsTooLarge, "The head is too large.") : .incomplete
    }
    let word = ByteScan.word(bytes)
    if word & 0xFFFF_FFFF == 0x2054_4547 {  // "GET "
      at = 4
    } else if word & 0xFF_FFFF_FFFF == 0x20_5453_4F50 {  // "POST "
      head.method = .post
      at = 5
    } else {
      return try rareMethod(&head)
    }
    return true
  }

  private mutating func rareMethod(_ head: inout RequestHead) throws(Stop) -> Bool {
    /// Longer than any method of the IANA registry.
    let longest = 32
    at = ByteScan.tokenEnd(bytes, from: 0, to: min(end, longest + 1))
    let count = at
    if count == end, count <= longest { throw isFull ? .refuse(.badRequest, "No method is that long.") : .incomplete }
    guard count > 0, count <= longest, bytes[count] == 0x20 else {
      throw .refuse(.badRequest, "The request line is not HTTP.")
    }
    at += 1
    func isMethod(_ name: StaticString) -> Bool {
      guard name.utf8CodeUnitCount == count else { return false }
      for index in 0..<count where name.utf8Start[index] != bytes[index] { return false }
      return true
    }
    if isMethod("PUT") {
      head.method = .put
    } else if isMethod("HEAD") {
      head.method = .head
    } else if isMethod("PATCH") {
      head.method = .patch
    } else if isMethod("DELETE") {
      head.method = .delete
    } else if isMethod("OPTIONS") {
      head.method = .options
    } else if isMethod("TRACE") || isMethod("CONNECT") {
      throw .refuse(.methodNotAllowed, "This server neither traces nor tunnels.")
    } else {
      return false
    }
    return true
  }

  @inline(__always)
  private mutating func target(_ head: inout RequestHead) throws(Stop) {
    let start = at
    at = ByteScan.visibleEnd(bytes, from: start, to: end)
    if at &- start > bounds.targetBytes { throw .refuse(.uriTooLong, "The address is too long.") }
    if at >= end { throw isFull ? .refuse(.uriTooLong, "The address is too long.") : .incomplete }
    guard bytes[at] == 0x20, at > start else { throw .refuse(.badRequest, "The address has bytes it may not have.") }
    if bytes[start] == 0x2F {
      head.path = start..<at
    } else {
      try rareTarget(start, &head)
    }
    var index = head.path.lowerBound
    while index < at {
      let byte = bytes[index]
      if byte == 0x3F, head.query.isEmpty, head.path.upperBound == at {
        head.path = head.path.lowerBound..<index
        head.query = index &+ 1..<at
      } else if byte == 0x23 {
        throw .refuse(.badRequest, "An address in a request has no fragment.")
      }
      index &+= 1
    }
    at &+= 1
  }

  /// `*` for OPTIONS, and the absolute form that every server must take (RFC 9112, 3.2.2).
  private func rareTarget(_ start: Int, _ head: inout RequestHead) throws(Stop) {
    if bytes[start] == 0x2A, at == start + 1, head.method == .options {
      head.form = .asterisk
      head.path = start..<at
      return
    }
    for scheme in ["http://", "https://"] as [StaticString] {
      let count = scheme.utf8CodeUnitCount
      guard at - start > count, ByteScan.equal(bytes + start, count, scheme) else { continue }
      let authority = start + count
      var stop = authority
      while stop < at, bytes[stop] != 0x2F, bytes[stop] != 0x3F, bytes[stop] != 0x23 { stop += 1 }
      guard stop > authority, Self.isHost(bytes + authority, stop - authority) else { break }
      head.form = .absolute
      head.path = stop..<at
      return
    }
    throw .refuse(.badRequest, "The address is neither a path nor a URL.")
  }

  @inline(__always)
  private mutating func version(_ head: inout RequestHead) throws(Stop) {
    guard end &- at >= 10 else { throw isFull ? .refuse(.uriTooLong, "The address is too long.") : .incomplete }
    let word = ByteScan.word(bytes + at)
    if word == 0x312E_312F_5054_5448 {  // "HTTP/1.1"
      head.minorVersion = 1
    } else if word == 0x302E_312F_5054_5448 {
      head.minorVersion = 0
      head.keepsAlive = false
    } else {
      try rareVersion(word)
    }
    guard bytes[at &+ 8] == 0x0D, bytes[at &+ 9] == 0x0A else {
      throw .refuse(.badRequest, "The request line does not end in CR LF.")
    }
    at &+= 10
  }

  /// A newer minor version is served as 1.1 (RFC 9110, 2.5).
  private func rareVersion(_ word: UInt64) throws(Stop) {
    let digit = UInt8(truncatingIfNeeded: word &>> 56)
    let major = UInt8(truncatingIfNeeded: word &>> 40)
    guard word & 0xFF_FFFF_FFFF == 0x2F_5054_5448, word &>> 48 & 0xFF == 0x2E, major &- 0x30 < 10, digit &- 0x30 < 10
    else { throw .refuse(.badRequest, "The request line does not end in an HTTP version.") }
    if major != 0x31 { throw .refuse(.httpVersionNotSupported, "This server speaks HTTP/1.1.") }
  }

  // MARK: - Header fields

  /// Reads one line; false for the empty one at the end.
  @inline(__always)
  private mutating func headerLine(
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
  private func conclude(_ head: inout RequestHead) throws(Stop) {
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
  private static func isHost(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
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
