import Testing

@testable import Base

private func json(_ text: String) throws -> String {
  String(decoding: try JSON5.json(Array(text.utf8)), as: UTF8.self)
}

@Test(arguments: [
  (#"{"a": [1, -2.50, 1e400, true, null, "x\n\u00e9"]}"#, #"{"a": [1, -2.50, 1e400, true, null, "x\n\u00e9"]}"#),
  ("{a: 1, $b_1: 2, ü: 3, 'c d': 4, null: 5}", #"{"a": 1, "$b_1": 2, "ü": 3, "c d": 4, "null": 5}"#),
  ("[1, 2,]", "[1, 2 ]"), ("{a: [1,], }", #"{"a": [1 ]  }"#), ("[1, /* , */ ]", "[1    ]"),
  (#"['it\'s "so"', "it's", '\v\0\x41\q\/']"#, #"["it's \"so\"", "it's", "\u000b\u0000\u0041q\/"]"#),
  ("['a\\\nb', 'c\\\r\nd']", "[\"ab\"\n, \"cd\"\n]"),
  ("[+1, .5, 5., -.5, 0x1F, -0XfF, 5.e3, +.25]", "[1, 0.5, 5, -0.5, 31, -255, 5e3, 0.25]"),
  ("// one\n{a /* two */ : /* three\n*/ 1} // four", " \n{\"a\"   : \n  1}  "),
  ("\u{0B}[1]\u{0C}\u{A0}", " [1]  "), ("", ""),
])
func `JSON5 becomes JSON, digit by digit`(text: String, expected: String) throws {
  #expect(try json(text) == expected)
}

@Test(arguments: [
  "[NaN]", "[Infinity]", "[-Infinity]", "[+]", "[0x]", "[0xG]", "[.]", "[1_0]", "{1: 2}", "[1,,2]", "[1,,]", "[,]",
  "{,}", "[1] /* open", "['open", #"["\1"]"#, #"["\x4"]"#, "[1 2]", "{a 1}", "[a]", "/", "{a: 1, a: 2}", "[01]", "#",
])
func `what is neither is refused, here or by the reader of JSON`(text: String) {
  #expect(throws: JSONFailure.self) { _ = try JSONDocument(try JSON5.json(Array(text.utf8))) }
}

@Test func `a fault is on the line where it was written`() throws {
  let text = Array("{\n  // a comment\n  a: /* over\n two lines */ 1,\n  b: 'x\\\ny', c: 01}".utf8)
  let made = try JSON5.json(text)
  let failure = #expect(throws: JSONFailure.self) { _ = try JSONDocument(made) }
  #expect(failure.map { JSON5.line(of: $0.offset, in: made) } == 6)
}

@Test(arguments: [
  (#"{"a":1,"b":{"c":2}}"#, #"{"b":{"c":2.0},"a":1}"#, ""),
  (#"{"a":1}"#, #"{"a":2}"#, "/a 1 2"), (#"{"a":1}"#, #"{"b":1}"#, "/b nothing 1, /a 1 nothing"),
  (#"{"a":{"b/~":[1,2]}}"#, #"{"a":{"b/~":[2,1]}}"#, "/a/b~1~0 [1,2] [2,1]"), ("[1]", "{}", " [1] {}"),
  (#"{"a":null}"#, "{}", "/a null nothing"),
])
func `differences are told by their places`(old: String, new: String, expected: String) throws {
  let (old, new) = (try JSONDocument(Array(old.utf8)).root, try JSONDocument(Array(new.utf8)).root)
  func shown(_ json: JSON?) -> String { json.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "nothing" }
  let told = new.differences(from: old).map { "\($0.pointer) \(shown($0.old)) \(shown($0.new))" }
  #expect(told.joined(separator: ", ") == expected)
}

@Test func `the system's libraries suit the program that was built with them`() {
  #expect(SystemLibrary.openSSL.suits)
  #expect(SystemLibrary.openSSL.version.hasPrefix("3."))
}
