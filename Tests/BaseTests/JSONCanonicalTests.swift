import Base
import Testing

private func read(_ text: String) throws -> JSON { try JSONDocument(Array(text.utf8)).root }

private func canonical(_ text: String) throws -> String { String(decoding: try read(text).canonical(), as: UTF8.self) }

@Test(
  arguments: [
    ("0", ["-0", "0.0", "-0e5", "0e99999999999999999999", "0.000e-3"]),
    ("1", ["1.0", "10e-1", "0.1e1", "1E+0", "1e-0", "1e00000000000000000000000"]),
    ("-12", ["-12.000", "-1.2e1", "-0.12E2", "-120e-1"]),
    ("100.1", ["100.10", "1.001e2", "1001e-1", "100100000e-6"]),
    ("0.000001", ["1e-6", "0.1e-5", "1000000e-12"]),
    ("1e-7", ["0.0000001", "10e-8"]),
    ("1.23e-7", ["0.000000123", "123e-9"]),
    ("100000000000000000000", ["1e20", "1E+20", "100000000000000000000.0"]),
    ("1e21", ["1000000000000000000000", "0.1e22", "1.0e+21"]),
    ("1.5e21", ["1500000000000000000000"]),
    ("123456789012345678901", ["123456789012345678901.0"]),
    ("1.23456789012345678901234567890123e32", ["123456789012345678901234567890123"]),
    ("123456789.123456789012345678901234567", ["123456789123456789012345678901234567e-27"]),
    ("1e400", ["10e399", "0.1e401"]),
    ("-1.5e-400", ["-15e-401"]),
    ("1e99999999999999999999", ["10e99999999999999999998", "0.001e100000000000000000002"]),
    ("1e-99999999999999999999", ["10e-100000000000000000000", "0.1e-99999999999999999998"]),
    ("1.2e999999999999999999", ["12e999999999999999998", "0.012e1000000000000000001"]),
    ("1e1000000000000000000", ["1000e999999999999999997", "10e0999999999999999999"]),
    ("1e-1000000000000000000", ["0.01e-999999999999999998", "100e-1000000000000000002"]),
  ])
func `a number has one canonical spelling`(_ spelling: String, _ others: [String]) throws {
  #expect(try canonical(spelling) == spelling)
  for other in others {
    #expect(try canonical(other) == spelling)
    #expect(try read(other).isEqual(to: try read(spelling)))
  }
}

@Test(
  arguments: [
    ("1", "2"), ("1", "-1"), ("1", "1.0000000000000000000000001"), ("1e400", "1e401"), ("1e400", "1e-400"),
    ("9007199254740993", "9007199254740992"), ("0.1", "0.10000000000000001"), ("1", "\"1\""), ("1", "true"),
    ("0", "null"), ("0", "false"), ("true", "false"), ("\"\"", "null"), ("[]", "{}"), ("[1,2]", "[2,1]"),
    ("[1]", "[1,1]"),
    (#"{"a":1}"#, #"{"a":2}"#), (#"{"a":1}"#, #"{"b":1}"#), (#"{"a":1}"#, #"{"a":1,"b":1}"#), (#"{"a":null}"#, "{}"),
    (#""a""#, #""A""#), ("\"e\u{301}\"", "\"\u{E9}\""), (#""\u0000""#, #""""#),
    ("1e99999999999999999999", "1e99999999999999999998"), ("1e99999999999999999999", "1e-99999999999999999999"),
  ])
func `different values differ`(_ a: String, _ b: String) throws {
  #expect(try !read(a).isEqual(to: try read(b)))
  #expect(try read(a).canonical() != read(b).canonical())
}

@Test(
  arguments: [
    (#"{"a":1,"b":[true,null]}"#, #" { "b" : [ true , null ] , "\u0061" : 1.0 } "#),
    (#""Заказ/\n\"""#, #""\u0417\u0430\u043a\u0430\u0437\/\u000a\u0022""#),
    (#""😀\u0001\u001f""#, #""\uD83D\uDE00\u0001\u001F""#),
    (#""\b\t\n\f\r""#, #""\u0008\u0009\u000a\u000C\u000D""#),
    (#"{"":0,"A":1,"a":2,"aa":3,"é":4,"￿":5,"😀":6}"#, #"{"😀":6,"￿":5,"é":4,"aa":3,"a":2,"A":1,"":0}"#),
    (#"[{"x":{"y":{"b":1,"c":2}}}]"#, #"[{"x":{"y":{"c":2,"b":1}}}]"#),
  ])
func `equal values have equal canonical bytes`(_ spelling: String, _ other: String) throws {
  #expect(try canonical(spelling) == spelling)
  #expect(try canonical(other) == spelling)
  #expect(try read(spelling).isEqual(to: try read(other)))
}

@Test func `a value inside a document is compared as well as a root`() throws {
  let root = try read(#"{"a":{"x":1,"y":"2"},"b":{"y":"\u0032","x":1.0},"c":{"x":1,"y":"3"}}"#)
  let (a, b, c) = (try #require(root["a"]), try #require(root["b"]), try #require(root["c"]))
  #expect(a.isEqual(to: a) && a.isEqual(to: b) && !a.isEqual(to: c) && !a.isEqual(to: root))
}

@Test func `an exponent of a million digits is compared in time`() throws {
  let nines = String(repeating: "9", count: 1_000_000)
  #expect(try read("1e\(nines)").isEqual(to: try read("0.1e1\(String(repeating: "0", count: 1_000_000))")))
}
