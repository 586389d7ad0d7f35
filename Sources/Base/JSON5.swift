/// JSON5 (json5.org, version 1.0.0) as people write it in files, made into JSON.
///
/// Comments, commas at the end, names without quotes, quotes of both kinds, and the other spellings of numbers. Every
/// line stays a line, and numbers keep all their digits. What is JSON already stays as it is.
package enum JSON5 {
  /// The JSON that `bytes` mean, not checked any further than its words: `JSONDocument` does that.
  ///
  /// - Throws: `badNumber` for `NaN` and `Infinity`, which JSON has not, and what is wrong with words and comments.
  package static func json(_ bytes: [UInt8]) throws(JSONFailure) -> [UInt8] {
    var reader = JSON5Reader(bytes)
    return try reader.read()
  }

  /// The line, from 1, that a place in a text is on.
  package static func line(of offset: Int, in bytes: [UInt8]) -> Int {
    1 + bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") }
  }
}

private struct JSON5Reader {
  private let text: [UInt8]
  private var i = 0
  private var json: [UInt8] = []
  /// Where in `json` a comma stands that only counts if something follows it.
  private var comma: Int?
  /// Lines that go on in the next one within the string that is being read.
  private var continuedLines = 0

  init(_ text: [UInt8]) {
    self.text = text
    json.reserveCapacity(text.count)
  }

  mutating func read() throws(JSONFailure) -> [UInt8] {
    while i < text.count {
      let byte = text[i]
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t"): copy()
      // Vertical tab and form feed; the no-break space is two bytes (JSON5, section 8).
      case 0x0B, 0x0C: blank(1)
      case 0xC2 where i + 1 < text.count && text[i + 1] == 0xA0: blank(2)
      case UInt8(ascii: "/"): try comment()
      case UInt8(ascii: "\""), UInt8(ascii: "'"): try string(byte)
      case UInt8(ascii: ","):
        let last = json.last { !" \n\r\t".utf8.contains($0) }
        comma = last.map { "[{,:".utf8.contains($0) } ?? true ? nil : json.count
        copy()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let comma { json[comma] = UInt8(ascii: " ") }
        copy()
        comma = nil
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"):
        copy()
        comma = nil
      default: try word()
      }
    }
    return json
  }

  private mutating func copy() {
    json.append(text[i])
    i += 1
  }

  private mutating func blank(_ count: Int) {
    json.append(UInt8(ascii: " "))
    i += count
  }

  private mutating func comment() throws(JSONFailure) {
    let start = i
    guard i + 1 < text.count else { throw JSONFailure(.valueExpected, at: start) }
    switch text[i + 1] {
    case UInt8(ascii: "/"): while i < text.count, text[i] != UInt8(ascii: "\n") { i += 1 }
    case UInt8(ascii: "*"):
      i += 2
      while i + 1 < text.count, text[i] != UInt8(ascii: "*") || text[i + 1] != UInt8(ascii: "/") {
        if text[i] == UInt8(ascii: "\n") { json.append(text[i]) }
        i += 1
      }
      guard i + 1 < text.count else { throw JSONFailure(.cutShort, at: start) }
      i += 2
    default: throw JSONFailure(.valueExpected, at: start)
    }
    json.append(UInt8(ascii: " "))
  }

  private mutating func string(_ quote: UInt8) throws(JSONFailure) {
    comma = nil
    let start = i
    i += 1
    json.append(UInt8(ascii: "\""))
    while i < text.count, text[i] != quote {
      switch text[i] {
      case UInt8(ascii: "\\"): try escape()
      case UInt8(ascii: "\""):
        json.append(UInt8(ascii: "\\"))
        copy()
      default: copy()
      }
    }
    guard i < text.count else { throw JSONFailure(.cutShort, at: start) }
    i += 1
    json.append(UInt8(ascii: "\""))
    json += Array(repeating: UInt8(ascii: "\n"), count: continuedLines)
    continuedLines = 0
  }

  private mutating func escape() throws(JSONFailure) {
    guard i + 1 < text.count else { throw JSONFailure(.cutShort, at: i) }
    let escaped = text[i + 1]
    i += 2
    switch escaped {
    // A line goes on in the next one; JSON has no such thing, so the line ends after the string.
    case UInt8(ascii: "\n"): continuedLines += 1
    case UInt8(ascii: "\r"):
      if i < text.count, text[i] == UInt8(ascii: "\n") { i += 1 }
      continuedLines += 1
    case UInt8(ascii: "v"): json += "\\u000b".utf8
    case UInt8(ascii: "0"): json += "\\u0000".utf8
    case UInt8(ascii: "x"): json += "\\u00".utf8
    case UInt8(ascii: "'"): json.append(escaped)
    case UInt8(ascii: "1")...UInt8(ascii: "9"): throw JSONFailure(.badEscape, at: i - 2)
    default:
      // Those of JSON stay; any other character stands for itself (JSON5, section 5.1).
      if "\"\\/bfnrtu".utf8.contains(escaped) { json.append(UInt8(ascii: "\\")) }
      json.append(escaped)
    }
  }

  /// A number, a name without quotes, or one of the words that JSON has.
  private mutating func word() throws(JSONFailure) {
    comma = nil
    let start = i
    while i < text.count, isPart(text[i]) { i += 1 }
    guard i > start else { throw JSONFailure(.valueExpected, at: start) }
    let word = text[start..<i]
    if isNameNext() {
      let first = word.first ?? 0
      guard !isDigit(first), !"+-.".utf8.contains(first) else { throw JSONFailure(.nameExpected, at: start) }
      json.append(UInt8(ascii: "\""))
      json += word
      json.append(UInt8(ascii: "\""))
    } else if let first = word.first, isDigit(first) || "+-.".utf8.contains(first) {
      try number(word, at: start)
    } else if word.elementsEqual("NaN".utf8) || word.elementsEqual("Infinity".utf8) {
      throw JSONFailure(.badNumber, at: start)
    } else {
      json += word
    }
  }

  private mutating func number(_ word: ArraySlice<UInt8>, at start: Int) throws(JSONFailure) {
    var digits = word
    if digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    if digits.first == UInt8(ascii: "-") {
      json.append(UInt8(ascii: "-"))
      digits = digits.dropFirst()
    }
    if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) {
      guard let value = UInt64(String(decoding: digits.dropFirst(2), as: UTF8.self), radix: 16) else {
        throw JSONFailure(.badNumber, at: start)
      }
      json += "\(value)".utf8
      return
    }
    guard let first = digits.first, isDigit(first) || first == UInt8(ascii: ".") else {
      throw JSONFailure(.badNumber, at: start)
    }
    if first == UInt8(ascii: ".") { json.append(UInt8(ascii: "0")) }
    guard let point = digits.firstIndex(of: UInt8(ascii: ".")) else {
      json += digits
      return
    }
    let fraction = digits[(point + 1)...]
    if let first = fraction.first, isDigit(first) {
      json += digits
    } else if point > digits.startIndex {
      // A point with no digit after it says nothing.
      json += digits[..<point] + fraction
    } else {
      throw JSONFailure(.badNumber, at: start)
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: true
    case UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: isDigit(byte)
    }
  }

  /// Whether a colon comes next, comments and blanks left out.
  private func isNameNext() -> Bool {
    var ahead = self
    ahead.json = []
    while ahead.i < text.count {
      switch text[ahead.i] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): ahead.i += 1
      case UInt8(ascii: "/"): do { try ahead.comment() } catch { return false }
      case let byte: return byte == UInt8(ascii: ":")
      }
    }
    return false
  }
}
