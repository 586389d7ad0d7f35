import Base
import Testing

private typealias Fault = JSONFailure.Fault

/// What is thrown for a text; nil if it is taken.
private func failure(_ bytes: [UInt8]) -> JSONFailure? {
  do throws(JSONFailure) {
    _ = try JSONDocument(bytes)
    return nil
  } catch {
    return error
  }
}

/// Texts to refuse: why, at which byte, and the text.
private let refused: [(Fault, Int, String)] = [
  (.empty, 0, ""),
  (.blank, 4, " \t\r\n"),
  (.byteOrderMark, 0, "\u{FEFF}{}"),
  (.byteOrderMark, 0, "\u{FEFF}"),
  (.cutShort, 1, "["),
  (.cutShort, 2, "[1"),
  (.cutShort, 3, "[1,"),
  (.cutShort, 1, "{"),
  (.cutShort, 4, #"{"a""#),
  (.cutShort, 5, #"{"a":"#),
  (.cutShort, 6, #"{"a":1"#),
  (.cutShort, 7, #"{"a":1,"#),
  (.cutShort, 2, #""a"#),
  (.cutShort, 2, #""\"#),
  (.cutShort, 5, #""\u12"#),
  (.cutShort, 1, #""\ud83d"#),
  (.cutShort, 10, #""\ud83d\ud"#),
  (.cutShort, 1, "-"),
  (.cutShort, 2, "1."),
  (.cutShort, 2, "1e"),
  (.cutShort, 3, "1e+"),
  (.valueExpected, 0, ","),
  (.valueExpected, 1, "[,1]"),
  (.valueExpected, 3, "[1,,2]"),
  (.valueExpected, 5, #"{"a":}"#),
  (.valueExpected, 0, "+1"),
  (.valueExpected, 0, ".5"),
  (.valueExpected, 0, "'a'"),
  (.valueExpected, 0, "\u{A0}1"),
  (.valueExpected, 0, "// a comment\n1"),
  (.valueExpected, 0, "\u{0}"),
  (.unknownWord, 0, "NaN"),
  (.unknownWord, 0, "Infinity"),
  (.unknownWord, 0, "True"),
  (.unknownWord, 0, "nul"),
  (.unknownWord, 0, "tru"),
  (.unknownWord, 0, "undefined"),
  (.badNumber, 1, "-Infinity"),
  (.badNumber, 1, "-.5"),
  (.badNumber, 3, "[1.]"),
  (.badNumber, 2, "1.e5"),
  (.badNumber, 3, "[1e]"),
  (.badNumber, 4, "[1e-]"),
  (.badNumber, 1, "--1"),
  (.leadingZero, 0, "01"),
  (.leadingZero, 1, "-012"),
  (.leadingZero, 0, "00"),
  (.nameExpected, 1, "{a:1}"),
  (.nameExpected, 1, "{1:1}"),
  (.nameExpected, 1, "{,}"),
  (.nameExpected, 1, "{[]:1}"),
  (.colonExpected, 4, #"{"a"}"#),
  (.colonExpected, 5, #"{"a" 1}"#),
  (.commaExpected, 3, "[1 2]"),
  (.valueExpected, 1, "[}"),
  (.commaExpected, 2, "[1}"),
  (.commaExpected, 6, #"{"a":1]"#),
  (.commaExpected, 2, "[1:2]"),
  (.commaExpected, 2, "[0x1]"),
  (.trailingComma, 3, "[1,]"),
  (.trailingComma, 9, #"{"a":1 , }"#),
  (.trailingText, 3, "{} x"),
  (.trailingText, 2, "[],"),
  (.trailingText, 1, "1]"),
  (.trailingText, 2, "{}{}"),
  (.trailingText, 4, "null\u{0}"),
  (.trailingText, 1, "1\u{FEFF}"),
  (.duplicateName, 7, #"{"a":1,"a":2}"#),
  (.duplicateName, 7, #"{"a":1,"\u0061":2}"#),
  (.duplicateName, 6, #"{"":1,"":1}"#),
  (.duplicateName, 8, #"[{"a":1,"a":1}]"#),
  (.controlCharacter, 1, "\"\u{0}\""),
  (.controlCharacter, 2, "\"a\nb\""),
  (.controlCharacter, 9, "\"12345678\u{1F}\""),
  (.badEscape, 1, #""\x41""#),
  (.badEscape, 1, #""\'""#),
  (.badEscape, 1, #""\u12g4""#),
  (.badEscape, 1, #""\U0041""#),
  (.loneSurrogate, 1, #""\ud83d""#),
  (.loneSurrogate, 1, #""\ude00""#),
  (.loneSurrogate, 1, #""\ude00\ud83d""#),
  (.loneSurrogate, 1, #""\ud83d\u0041""#),
  (.loneSurrogate, 1, #""\ud83d\ud83d""#),
  (.loneSurrogate, 1, #""\uD83D😀""#),
]

@Test(arguments: refused)
private func `a text that is not strict JSON is refused with its reason`(_ fault: Fault, _ offset: Int, _ text: String)
{
  #expect(failure(Array(text.utf8)) == JSONFailure(fault, at: offset))
}

@Test func `every reason is tried, and each is one line of its own`() {
  let tried = Set(refused.map(\.0)).union([.tooLong, .tooDeep, .badUTF8])
  #expect(tried == Set(Fault.allCases))
  #expect(Set(Fault.allCases.map(\.rawValue)).count == Fault.allCases.count)
  #expect(Fault.allCases.allSatisfy { !$0.rawValue.contains("\n") && $0.rawValue.utf8.count < 80 })
}

@Test(
  arguments: [
    ("{}", .object), (" [ ] ", .array), ("\t\"\"\n", .string), ("0", .number), ("-0", .number), ("1e400", .number),
    ("-0.0E-05", .number), ("123456789012345678901234567890", .number), ("true", .boolean), ("false\r", .boolean),
    ("null", .null), (#"{"a":1,"A":2,"":3,"é":4,"e\#u{301}":5}"#, .object), ("\"\u{FEFF}\"", .string),
    ("\"\u{7F}\u{2028}\"", .string), (#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#, .object),
  ] as [(String, JSON.Kind)])
func `a strict text is taken`(_ text: String, _ kind: JSON.Kind) throws {
  let root = try JSONDocument(Array(text.utf8)).root
  #expect(root.kind == kind)
}

@Test func `sixty-four containers may be nested, not one more`() throws {
  func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
    Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
  }
  #expect(JSONDocument.maximumDepth == 64)
  #expect(failure(nested(64, "[", "]")) == nil)
  #expect(failure(nested(65, "[", "]")) == JSONFailure(.tooDeep, at: 64))
  #expect(failure(nested(64, #"{"a":"#, "}")) == nil)
  #expect(failure(nested(65, #"{"a":"#, "}")) == JSONFailure(.tooDeep, at: 64 * 5))
  #expect(failure(nested(100_000, "[", "]")) == JSONFailure(.tooDeep, at: 64))
  // Nothing but opening brackets: the most entries for the fewest bytes.
  for depth in 1...64 {
    #expect(failure([UInt8](repeating: 0x5B, count: depth)) == JSONFailure(.cutShort, at: depth))
  }
  #expect(failure([UInt8](repeating: 0x5B, count: 100_000)) == JSONFailure(.tooDeep, at: 64))

  #expect(throws: JSONFailure(.tooDeep, at: 3)) { try JSONDocument(nested(4, "[", "]"), maximumDepth: 3) }
  #expect(throws: JSONFailure(.tooDeep, at: 0)) { try JSONDocument(nested(1, "[", "]"), maximumDepth: 0) }
  let deepest = try JSONDocument(
    nested(JSONDocument.greatestMaximumDepth, "[", "]"), maximumDepth: JSONDocument.greatestMaximumDepth)
  #expect(deepest.root.canonical() == deepest.bytes)
}

@Test func `a deeper nesting than canonical forms can recurse through is a defect of the caller`() async {
  await #expect(processExitsWith: .failure) {
    _ = try JSONDocument([0x30], maximumDepth: JSONDocument.greatestMaximumDepth + 1)
  }
}

@Test func `a text may have 64 MiB, not one byte more`() throws {
  var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: JSONDocument.maximumBytes)
  bytes[0] = UInt8(ascii: "\"")
  bytes[bytes.count - 1] = UInt8(ascii: "\"")
  #expect(failure(bytes) == nil)
  bytes.append(UInt8(ascii: " "))
  #expect(failure(bytes) == JSONFailure(.tooLong, at: JSONDocument.maximumBytes))
}

@Test(arguments: ["0", "[]", "{}", "\"\"", "[0,0]", #"{"":0}"#, "[[0,0],[0]]"])
func `a tape takes no more than eight bytes for a byte of text and 1,040 more`(_ element: String) throws {
  for count in [0, 1, 10, 100, 10_000] {
    let text = "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
    let document = try JSONDocument(Array(text.utf8))
    #expect(document.memory <= text.utf8.count * 9 + 1040)
  }
}

@Test(arguments: [2, 3, 15, 16, 17, 18, 63, 64, 65, 1000])
func `a second member of a name is found among few and many`(_ count: Int) {
  func object(_ names: [String]) -> [UInt8] {
    Array(("{" + names.map { #""\#($0)":{"name":[1]}"# }.joined(separator: ",") + "}").utf8)
  }
  let names = (0..<count - 1).map { "name\($0)" }
  let other = "name\(count)"
  #expect(failure(object(names + [other])) == nil)
  #expect(failure(object(names + [#"\u006eame\#(count)"#])) == nil)
  for twice in [names[0], names[names.count / 2], names[names.count - 1], #"\u006eame0"#, #"n\u0061me0"#] {
    #expect(failure(object(names + [twice]))?.fault == .duplicateName, "\(twice)")
    #expect(failure(object([twice] + names))?.fault == .duplicateName, "\(twice)")
  }
}

@Test(.timeLimit(.minutes(10)), arguments: ["", #"\u0061"#])
func `a hundred thousand names are compared in time that does not grow with their square`(_ prefix: String) throws {
  let members = (0..<100_000).map { #""\#(prefix)\#($0)":0"# }
  let object = try JSONDocument(Array("{\(members.joined(separator: ","))}".utf8)).root
  #expect(object.count == 100_000)
}
