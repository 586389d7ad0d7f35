import Base
import Testing

@Test(
  arguments: [
    (#""""#, ""), (#""plain""#, "plain"), (#""\"\\\/""#, #""\/"#), (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"),
    (#""\u0041\u00e9\u00E9\u20ac""#, "A\u{E9}\u{E9}€"), (#""\u0000""#, "\u{0}"), (#""\uD83D\uDE00""#, "😀"),
    (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"), (#""\uFFFF\uFEFF""#, "\u{FFFF}\u{FEFF}"),
    (#""Заказ оформлен 😀""#, "Заказ оформлен 😀"), (#""12345678\n12345678""#, "12345678\n12345678"),
    (#""\\u0041""#, #"\u0041"#), (#""a\u0062c""#, "abc"),
  ])
func `a string means what its escapes say`(_ text: String, _ meaning: String) throws {
  let string = try JSONDocument(Array(text.utf8)).root
  // By bytes: Swift's own comparison takes composed and decomposed letters for equal.
  #expect(string.string.map { Array($0.utf8) } == Array(meaning.utf8))
  #expect(string.withStringBytes { Array($0) } == Array(meaning.utf8))
  #expect(string.bytes == Array(text.utf8))
}

/// Sequences of Unicode's table 3-7 at their edges, and those just beyond.
private let sequences: [(isValid: Bool, [UInt8])] = [
  (true, [0x7F]), (false, [0x80]), (false, [0xBF]), (false, [0xC0, 0x80]), (false, [0xC1, 0xBF]),
  (true, [0xC2, 0x80]), (true, [0xDF, 0xBF]), (false, [0xC2, 0x7F]), (false, [0xC2, 0xC0]), (false, [0xC2]),
  (false, [0xE0, 0x9F, 0xBF]), (true, [0xE0, 0xA0, 0x80]), (true, [0xEC, 0xBF, 0xBF]), (false, [0xE1, 0x80]),
  (false, [0xE1, 0x80, 0xC0]), (true, [0xED, 0x9F, 0xBF]), (false, [0xED, 0xA0, 0x80]), (false, [0xED, 0xBF, 0xBF]),
  (true, [0xEE, 0x80, 0x80]), (true, [0xEF, 0xBF, 0xBF]), (false, [0xF0, 0x8F, 0xBF, 0xBF]),
  (true, [0xF0, 0x90, 0x80, 0x80]), (true, [0xF3, 0xBF, 0xBF, 0xBF]), (true, [0xF4, 0x8F, 0xBF, 0xBF]),
  (false, [0xF4, 0x90, 0x80, 0x80]), (false, [0xF5, 0x80, 0x80, 0x80]), (false, [0xF0, 0x90, 0x80]),
  (false, [0xF0, 0x90, 0x80, 0x7F]), (false, [0xF0, 0x90, 0xC0, 0x80]), (false, [0xFF]), (false, [0xFE]),
  (false, [0xF8, 0x88, 0x80, 0x80, 0x80]),
]

@Test(arguments: sequences)
func `only well-formed UTF-8 is taken, wherever it stands`(_ isValid: Bool, _ sequence: [UInt8]) {
  // A word of eight bytes is looked at together: every place in it, with and without a word behind it.
  for before in 0...9 {
    for after in [0, 1, 8] {
      for other in [UInt8(ascii: "a"), 0xC3] {
        let filling = other == 0xC3 ? [0xC3, 0xA9] : [other]
        let content =
          Array(repeatElement(filling, count: before).joined()) + sequence + [UInt8](repeating: 0x62, count: after)
        let text = [0x22] + content + [0x22]
        let read = (try? JSONDocument(text))?.root.withStringBytes { Array($0) }
        #expect(read == (isValid ? content : nil), "\(before) before, \(after) after")
        if !isValid {
          #expect(throws: JSONFailure(.badUTF8, at: 1 + before * filling.count)) { try JSONDocument(text) }
        }
      }
    }
  }
}

@Test(arguments: Array(UInt8(0)..<0x20))
func `every control character must be escaped, wherever it stands`(_ control: UInt8) {
  for before in 0...17 {
    let text = [0x22] + [UInt8](repeating: 0x61, count: before) + [control, 0x61, 0x22]
    #expect(throws: JSONFailure(.controlCharacter, at: 1 + before)) { try JSONDocument(text) }
  }
}

@Test(arguments: Array(UInt8(0x20)...0x7E))
func `an escape is one of nine`(_ letter: UInt8) throws {
  let meanings: [UInt8: UInt8] = [
    0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
  ]
  guard letter != UInt8(ascii: "u") else { return }
  let text: [UInt8] = [0x22, 0x5C, letter, 0x22]
  if let meaning = meanings[letter] {
    #expect(try JSONDocument(text).root.withStringBytes { Array($0) } == [meaning])
  } else {
    #expect(throws: JSONFailure(.badEscape, at: 1)) { try JSONDocument(text) }
  }
}

@Test(arguments: ["ab", "a\\u0062", "\\u0061b"])
func `a string is compared with a name by what it means`(_ spelling: String) throws {
  let string = try JSONDocument(Array("\"\(spelling)\"".utf8)).root
  #expect(string.isString("ab"))
  #expect(!string.isString("a") && !string.isString("abc") && !string.isString("aB") && !string.isString(""))
  #expect(try !JSONDocument(Array("12".utf8)).root.isString("12"))
}
