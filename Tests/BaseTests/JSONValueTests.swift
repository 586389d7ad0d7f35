import Base
import Testing

private func read(_ text: String) throws -> JSON { try JSONDocument(Array(text.utf8)).root }

@Test func `members are found by name, whatever stands between them`() throws {
  let root = try read(#" { "a" : {"b":1,"c":[{"b":2}]} , "c":3, "\u0064\n":4, "":5, "жук":6 } "#)
  #expect(root["a"]?["b"]?.integer == 1)
  #expect(root["c"]?.integer == 3)
  #expect(root["d\n"]?.integer == 4)
  #expect(root.member("d\n")?.integer == 4)
  #expect(root[""]?.integer == 5)
  #expect(root["жук"]?.integer == 6)
  #expect(root.member("a long name that nobody has given to any member")?.integer == nil)
  for absent: StaticString in ["b", "d", "A", "aa", "\u{0}"] { #expect(root[absent] == nil) }
  #expect(root.count == 5)
}

@Test func `a name is its bytes, not what they look like`() throws {
  let root = try read("{\"e\u{301}\":1,\"\u{E9}\":2}")
  #expect(root["e\u{301}"]?.integer == 1)
  #expect(root["\u{E9}"]?.integer == 2)
  #expect(root.member("\u{E9}")?.integer == 2)
}

@Test func `members and elements come in their order`() throws {
  let root = try read(#"{"z":[1,[2,3],{"x":4}],"\u0061":{},"m":null}"#)
  #expect(root.members.map(\.key) == ["z", "a", "m"])
  #expect(root.members.map(\.value.kind) == [.array, .object, .null])
  #expect(root.rawMembers.map(\.name.bytes) == [Array(#""z""#.utf8), Array(#""\u0061""#.utf8), Array(#""m""#.utf8)])
  let array = try #require(root["z"])
  #expect(array.count == 3)
  #expect(array.elements.map { String(decoding: $0.bytes, as: UTF8.self) } == ["1", "[2,3]", #"{"x":4}"#])
  let (emptyArray, emptyObject) = (try read("[]"), try read("{}"))
  #expect(Array(emptyArray.elements).isEmpty)
  #expect(Array(emptyObject.members).isEmpty)
}

@Test func `a value knows its slice`() throws {
  let text = #" {"a": [1, 2 ] ,"b":"x\n"} "#
  let root = try read(text)
  #expect(root.range == 1..<text.utf8.count - 1)
  #expect(root["a"]?.bytes == Array("[1, 2 ]".utf8))
  #expect(root["a"]?.range == 7..<14)
  #expect(root["b"]?.withBytes { Array($0) } == Array(#""x\n""#.utf8))
}

@Test(arguments: [#"{"a":1}"#, #"["a"]"#, #""a""#, "1", "true", "null"])
func `what a value is not, it does not pretend to be`(_ text: String) throws {
  let json = try read(text)
  #expect((json.string != nil) == (json.kind == .string))
  #expect((json.withStringBytes { $0.count } != nil) == (json.kind == .string))
  #expect((json.number != nil) == (json.kind == .number))
  #expect((json.integer != nil) == (json.kind == .number))
  #expect((json.bool != nil) == (json.kind == .boolean))
  #expect(json.isNull == (json.kind == .null))
  #expect((json["a"] != nil) == (json.kind == .object))
  #expect((json.member("a") != nil) == (json.kind == .object))
  #expect(Array(json.elements).isEmpty == (json.kind != .array))
  #expect(Array(json.members).isEmpty == (json.kind != .object))
  #expect((json.count == 0) == (json.kind != .array && json.kind != .object))
}

@Test func `a handle keeps its document alive`() throws {
  var document: JSONDocument? = try JSONDocument(Array(#"{"a":["b"]}"#.utf8))
  let element = try #require(document?.root["a"]?.elements.first { _ in true })
  document = nil
  #expect(element.string == "b")
}

@Test(
  arguments: [
    ("0", 0), ("-0", 0), ("12", 12), ("-3", -3), ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil),
    ("123456789012345678901234567890", nil), ("1.0", nil), ("1e2", nil), ("1E0", nil), ("0.5", nil), ("-0.0", nil),
  ] as [(String, Int64?)])
func `only an exact integer that fits is an integer`(_ literal: String, _ value: Int64?) throws {
  #expect(try read(literal).integer == value)
  #expect(try read("[\(literal)]").elements.map(\.number) == [literal])
}
