import Base
import Testing

private func text(_ body: (inout JSONWriter) throws -> Void) rethrows -> String {
  var writer = JSONWriter()
  try body(&writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}

@Test func `commas stand where they must and nowhere else`() {
  #expect(text { $0.object { _ in } } == "{}")
  #expect(text { $0.array { _ in } } == "[]")
  #expect(
    text {
      $0.array {
        $0.array { _ in }; $0.object { _ in }; $0.null()
      }
    } == "[[],{},null]")
  let nested = text {
    $0.object {
      $0.key("a")
      $0.object {
        $0.field("b", 1); $0.field("c", "x")
      }
      $0.key("d")
      $0.array { for i in 0..<3 { $0.value(i) } }
      $0.field("e", true)
    }
  }
  #expect(nested == #"{"a":{"b":1,"c":"x"},"d":[0,1,2],"e":true}"#)
}

@Test func `an absent value is null or nothing, as the caller says`() {
  let (some, none) = (Optional("x"), String?.none)
  #expect(
    text {
      $0.object {
        $0.field("a", orNull: some); $0.field("b", orNull: none)
      }
    } == #"{"a":"x","b":null}"#)
  #expect(
    text {
      $0.object {
        $0.field("a", ifPresent: none); $0.field("b", ifPresent: some)
      }
    } == #"{"b":"x"}"#)
}

@Test func `a slice is written as it came`() throws {
  let root = try JSONDocument(Array(#"{"properties": {"price": 100.10, "z":1e400}}"#.utf8)).root
  let properties = try #require(root["properties"])
  let expected = #"{"p":{"price": 100.10, "z":1e400},"q":[1 ],"r":[{"price": 100.10, "z":1e400},2]}"#
  let written = text {
    $0.object {
      $0.field("p", properties)
      $0.key("q")
      $0.raw(Array("[1 ]".utf8))
      $0.key("r")
      $0.array {
        $0.raw(properties); $0.value(2)
      }
    }
  }
  #expect(written == expected)
}

@Test(arguments: [0, 1, -1, 9, 10, -10, 1_234_567_890, .max, .min] as [Int64])
func `an integer is written in full`(_ value: Int64) {
  #expect(text { $0.value(value) } == "\(value)")
  #expect(text { $0.value(Int(value)) } == "\(value)")
}

@Test func `true, false and null are words`() {
  #expect(
    text {
      $0.array {
        $0.value(true); $0.value(false); $0.null()
      }
    } == "[true,false,null]")
}

@Test(
  arguments: [
    ("", #""""#), ("plain", #""plain""#), (#"a"b\c/d"#, #""a\"b\\c/d""#),
    ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
    ("\u{0}\u{1}\u{B}\u{1F}\u{7F}", #""\u0000\u0001\u000b\u001f"# + "\u{7F}\""),
    ("Заказ 😀\u{2028}", "\"Заказ 😀\u{2028}\""),
    ("12345678\"12345678\n1", #""12345678\"12345678\n1""#),
  ])
func `a string has the shortest escapes and no others`(_ string: String, _ expected: String) {
  #expect(text { $0.value(string) } == expected)
  #expect(text { $0.object { $0.field(string, 1) } } == "{\(expected):1}")
}

@Test func `every scalar that may need care is read as it was written, wherever it stands`() throws {
  for scalar in [0...0x130, 0x7F0...0x810, 0xD7F0...0xD7FF, 0xE000...0xE010, 0xFFF0...0x10010].joined() + [0x10FFFF] {
    let character = String(try #require(Unicode.Scalar(UInt32(scalar))))
    for before in [0, 3, 7, 8] {
      let string = String(repeating: "a", count: before) + character + "12345678" + character
      var writer = JSONWriter()
      writer.value(string)
      let read = try JSONDocument(writer.bytes).root.withStringBytes { Array($0) }
      try #require(read == Array(string.utf8), "U+\(String(scalar, radix: 16)) after \(before)")
    }
  }
}

@Test func `an error thrown while writing reaches the caller`() {
  struct Stop: Error {}
  var writer = JSONWriter()
  #expect(throws: Stop.self) { try writer.object { _ in throw Stop() } }
}
