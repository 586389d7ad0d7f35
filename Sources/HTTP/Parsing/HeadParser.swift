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
  enum Stop: Error {
    case incomplete
    case refused(Refusal)

    @inline(never)
    static func refuse(_ status: Status, _ detail: String) -> Stop { .refused(Refusal(status, detail)) }
  }

  let bytes: UnsafePointer<UInt8>
  let end: Int
  let bounds: Bounds
  /// Whether there are more bytes than a head may have, so that waiting for more is in vain.
  let isFull: Bool
  var at = 0
  var hosts = 0
  var closes = false

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
}
