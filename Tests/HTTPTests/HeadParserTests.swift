import HTTP
import Testing

@Suite struct HeadParserTests {
  private static let bounds = HeadParser.Bounds(bytes: 1000, headers: 10, targetBytes: 100)

  private static func parse(_ bytes: some Collection<UInt8>) -> (HeadOutcome, RequestHead) {
    var head = RequestHead()
    let slots = UnsafeMutablePointer<HeaderSlot>.allocate(capacity: bounds.headers)
    defer { slots.deallocate() }
    let outcome = Array(bytes).withUnsafeBufferPointer {
      HeadParser.parse($0, bounds: bounds, slots: slots, into: &head)
    }
    return (outcome, head)
  }

  static let good: [String] = [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /a/b?c=d&e HTTP/1.1\r\nhost:x:80\r\n\r\n",
    "GET /? HTTP/1.1\r\nHost:\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: [::1]:8080\r\nContent-Length: 0\r\n\r\n",
    "PUT /x HTTP/1.1\r\nHost: a_b.example\r\nContent-Length:  007 \t\r\n\r\n",
    "HEAD / HTTP/1.0\r\n\r\n",
    "PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n",
    "DELETE / HTTP/1.9\r\nHost: x\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "OPTIONS /x HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\n\r\n",
    "GET http://example.org HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET HTTPS://example.org:443/p?q HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nX-Tab: a\tb\r\nX-Utf8: \u{e9}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nA-long-name-of-a-field-1: v\r\nAccept-Encoding: gzip\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n\r\n",
  ]

  static let bad: [(String, Int)] = [
    ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400), (" GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: x\n\n", 400), ("GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
    ("GET / HTTP/1.1\rHost: x\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400), ("GET / http/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/11\r\nHost: x\r\n\r\n\r\n", 400), ("GET /\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /?a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET http:///x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET http://a@b/x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /\u{0} HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405), ("CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501), ("get / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    ("G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x:y\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x:123456\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: %zz\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400), ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: \u{0}\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nA: \u{7f}\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\n\u{e9}: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n", 400),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n", 417),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n", 415),
    ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}", 400),
  ]

  @Test(arguments: good)
  func `a good head is read to its end, and not beyond`(text: String) {
    let bytes = Array(text.utf8)
    let (outcome, head) = Self.parse(bytes + Array("GET /next".utf8))
    #expect(outcome == .complete)
    #expect(head.length == bytes.count)
  }

  @Test(arguments: bad)
  func `a doubtful head is refused`(text: String, status: Int) {
    guard case .refused(let refusal) = Self.parse(text.utf8).0 else {
      Issue.record("it was taken")
      return
    }
    #expect(refusal.status.rawValue == status)
  }

  @Test(arguments: good + bad.map(\.0))
  func `every prefix is incomplete or tells the same as the whole`(text: String) {
    let bytes = Array(text.utf8)
    let (whole, head) = Self.parse(bytes)
    var failures: [Int] = []
    for count in 0..<bytes.count {
      let (outcome, prefixHead) = Self.parse(bytes[0..<count])
      let isSame = outcome == whole && (whole != .complete || prefixHead == head)
      if outcome != .incomplete && !isSame { failures.append(count) }
    }
    #expect(failures == [])
  }

  @Test func `the head says what the request line says`() {
    let text = "PUT /a/b%20c?d=e HTTP/1.0\r\nConnection: x, Keep-Alive\r\nContent-Length: 12\r\nOrigin: o\r\n\r\n"
    let (outcome, head) = Self.parse(text.utf8)
    #expect(outcome == .complete)
    #expect(head.method == .put && head.minorVersion == 0 && head.keepsAlive && head.contentLength == 12)
    #expect(head.path == 4..<12 && head.query == 13..<16 && head.headerCount == 3 && head.origin == 2)
  }

  @Test(arguments: [
    ("HTTP/1.1\r\nHost: x\r\n", true), ("HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", false),
    ("HTTP/1.1\r\nHost: x\r\nConnection: a , CLOSE, b\r\n", false), ("HTTP/1.0\r\n", false),
    ("HTTP/1.0\r\nConnection: keep-alive\r\n", true),
    ("HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n", false),
  ])
  func `a connection is kept where both sides mean to`(rest: String, isKept: Bool) {
    #expect(Self.parse("GET / \(rest)\r\n".utf8).1.keepsAlive == isKept)
  }

  private static func head(bytes: Int) -> String {
    let start = "GET / HTTP/1.1\r\nHost: x\r\nA: "
    return start + String(repeating: "a", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
  }

  @Test func `a head may be as large as the bound and no larger`() {
    #expect(Self.parse(Self.head(bytes: 1000).utf8).0 == .complete)
    #expect(Self.status(Self.head(bytes: 1001)) == 431)
  }

  @Test func `a head may have as many fields as the bound and no more`() {
    let fields = String(repeating: "A: b\r\n", count: 9)
    #expect(Self.parse("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n".utf8).0 == .complete)
    #expect(Self.status("GET / HTTP/1.1\r\nHost: x\r\n\(fields)A: b\r\n\r\n") == 431)
  }

  @Test func `an address may be as long as the bound and no longer`() {
    let path = "/" + String(repeating: "a", count: 99)
    #expect(Self.parse("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8).0 == .complete)
    #expect(Self.status("GET \(path)a HTTP/1.1\r\nHost: x\r\n\r\n") == 414)
  }

  private static func status(_ text: String) -> Int? {
    guard case .refused(let refusal) = parse(text.utf8).0 else { return nil }
    return refusal.status.rawValue
  }

  @Test func `random damage never makes two readings`() {
    var random = SystemRandomNumberGenerator()
    var failures: [[UInt8]] = []
    for _ in 0..<4000 {
      var bytes = Array((Self.good.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let (whole, head) = Self.parse(bytes)
      let (outcome, prefixHead) = Self.parse(bytes[0..<Int.random(in: 0...bytes.count, using: &random)])
      if outcome == .incomplete { continue }
      if outcome != whole || whole == .complete && prefixHead != head { failures.append(bytes) }
    }
    #expect(failures == [])
  }
}
