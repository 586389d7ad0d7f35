import HTTP
import Testing

@Suite struct ChunkedDecoderTests {
  /// What a decoder made of a body.
  struct Reading: Equatable {
    var body = ""
    var used = 0
    var end: ChunkedDecoder.Step = .needsMore
  }

  /// Reads the text in slices of the given lengths, the last of which is repeated.
  private static func read(_ text: String, slices: [Int] = [.max]) -> Reading {
    var decoder = ChunkedDecoder(extensionBytes: 20, trailerBytes: 40)
    let bytes = Array(text.utf8)
    var reading = Reading()
    var body: [UInt8] = []
    var start = 0
    var slices = slices
    while start < bytes.count, reading.end == .needsMore {
      let length = slices.count > 1 ? slices.removeFirst() : slices[0]
      let slice = Array(bytes[start..<min(bytes.count, length == .max ? bytes.count : start + length)])
      slice.withUnsafeBufferPointer { input in
        var at = 0
        step: while true {
          switch decoder.next(input, at: &at) {
          case .data(let range): body += input[range]
          case let other:
            reading.end = other
            break step
          }
        }
        start += at
      }
    }
    reading.body = String(decoding: body, as: UTF8.self)
    reading.used = start
    return reading
  }

  static let good: [(text: String, body: String)] = [
    ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
    ("A\r\n0123456789\r\n00000000\r\n\r\n", "0123456789"), ("a;x=\"y\"\r\n0123456789\r\n0;z\r\n\r\n", "0123456789"),
    ("2 \t;q\r\nab\r\n0\r\n\r\n", "ab"), ("1\r\na\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n", "a"),
    ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
  ]

  static let bad: [(String, Int)] = [
    ("\r\n", 400), ("g\r\n", 400), ("-1\r\n", 400), ("+1\r\n", 400), ("0x1\r\n", 400), (" 1\r\n", 400),
    ("1 \r\na\r\n", 400), ("1\na\n0\n\n", 400), ("1\r\na\n0\r\n\r\n", 400), ("1\r\nab\r\n0\r\n\r\n", 400),
    ("1\rXa", 400), ("123456789\r\n", 400), ("1;\u{0}\r\n", 400), ("1;a\nb\r\n", 400), ("0\r\n\n", 400),
    ("0\r\n\rX", 400), ("0\r\n: x\r\n\r\n", 400), ("0\r\nA b: c\r\n\r\n", 400), ("0\r\n A: c\r\n\r\n", 400),
    ("0\r\nA\r\n\r\n", 400), ("0\r\nA: b\n\r\n", 400), ("1;" + String(repeating: "a", count: 20) + "\r\n", 400),
    ("0\r\nA:" + String(repeating: "a", count: 39) + "\r\n\r\n", 431),
  ]

  @Test(arguments: good)
  func `a good body is read to its end, and not beyond`(text: String, body: String) {
    #expect(Self.read(text + "GET /") == Reading(body: body, used: text.utf8.count, end: .end))
  }

  @Test(arguments: bad)
  func `a doubtful body is refused`(text: String, status: Int) {
    guard case .refused(let refusal) = Self.read(text).end else {
      Issue.record("it was taken")
      return
    }
    #expect(refusal.status.rawValue == status)
  }

  @Test(arguments: good.map(\.text) + bad.map(\.0))
  func `every split gives the same result`(text: String) {
    let whole = Self.read(text)
    var failures: [[Int]] = []
    for first in 0...text.utf8.count where Self.read(text, slices: [first, .max]) != whole { failures.append([first]) }
    for length in 1...4 where Self.read(text, slices: [length]) != whole { failures.append([length]) }
    #expect(failures == [])
  }

  @Test func `extensions and trailers may be as large as their bounds`() {
    let extensions = "1;" + String(repeating: "a", count: 19) + "\r\na\r\n0\r\n\r\n"
    #expect(Self.read(extensions).end == .end)
    #expect(Self.read("0\r\nA:" + String(repeating: "a", count: 38) + "\r\n\r\n").end == .end)
  }
}
