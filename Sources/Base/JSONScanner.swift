/// The one pass over a text that checks everything and writes the tape.
///
/// It is a loop, not a recursion: a hundred thousand opening brackets are refused, they do not overflow the stack.
struct JSONScanner: ~Copyable {
  private let text: JSONText
  private let maximumDepth: Int
  private var tape: JSONTape
  private var depth = 0
  /// Index of the innermost open container; means nothing at depth 0.
  private var container = 0
  private var isObject = false

  init(_ text: JSONText, maximumDepth: Int) {
    self.text = text
    self.maximumDepth = maximumDepth
    tape = JSONTape(forBytes: text.count, maximumDepth: maximumDepth)
  }

  /// Checks the whole text.
  consuming func scan() throws(JSONFailure) -> JSONTape {
    if text.has("\u{FEFF}", at: 0) { throw JSONFailure(.byteOrderMark, at: 0) }
    var i = text.skipSpace(0)
    if i == text.count { throw JSONFailure(i == 0 ? .empty : .blank, at: i) }
    repeat {
      i = try value(at: i)
    } while depth > 0
    guard i == text.count else { throw JSONFailure(.trailingText, at: i) }
    return tape
  }

  /// Takes the value at `start`; gives the offset of the next one, or of what follows the text's only value.
  @inline(__always)
  private mutating func value(at start: Int) throws(JSONFailure) -> Int {
    guard start < text.count else { throw JSONFailure(.cutShort, at: start) }
    switch text[start] {
    case JSONByte.quote:
      let (quote, escaped) = try text.string(from: start &+ 1)
      append(.string, start, quote &+ 1, escaped: escaped)
      return try next(after: quote &+ 1)
    case JSONByte.openBrace: return try open(.object, at: start, closing: JSONByte.closeBrace)
    case JSONByte.openBracket: return try open(.array, at: start, closing: JSONByte.closeBracket)
    case JSONByte.minus, JSONByte.zero...JSONByte.nine:
      let end = try text.number(from: start)
      append(.number, start, end)
      return try next(after: end)
    case UInt8(ascii: "t"): return try word("true", .boolean, at: start)
    case UInt8(ascii: "f"): return try word("false", .boolean, at: start)
    case UInt8(ascii: "n"): return try word("null", .null, at: start)
    default: throw text.noValue(at: start)
    }
  }

  @inline(__always)
  private mutating func word(_ word: StaticString, _ kind: JSON.Kind, at start: Int) throws(JSONFailure) -> Int {
    guard text.has(word, at: start) else { throw text.noValue(at: start) }
    append(kind, start, start &+ word.utf8CodeUnitCount)
    return try next(after: start &+ word.utf8CodeUnitCount)
  }

  @inline(__always)
  private mutating func append(_ kind: JSON.Kind, _ start: Int, _ end: Int, escaped: Bool = false) {
    tape.append(JSONTape.Entry(kind, start: start, end: end, next: tape.count &+ 1, escaped: escaped))
  }

  /// Opens a container; gives the offset of its first value, or closes it at once if it has none.
  @inline(__always)
  private mutating func open(_ kind: JSON.Kind, at start: Int, closing: UInt8) throws(JSONFailure) -> Int {
    guard depth < maximumDepth else { throw JSONFailure(.tooDeep, at: start) }
    let index = tape.count
    tape.append(JSONTape.Entry(kind, start: start, end: start, next: container))
    depth &+= 1
    container = index
    isObject = kind == .object
    let i = text.skipSpace(start &+ 1)
    if i < text.count, text[i] == closing { return try next(after: i) }
    tape[index].countOne()
    return isObject ? try name(at: i) : i
  }

  /// Takes the name at `start` and its colon; gives the offset of its value.
  @inline(__always)
  private mutating func name(at start: Int) throws(JSONFailure) -> Int {
    guard start < text.count else { throw JSONFailure(.cutShort, at: start) }
    guard text[start] == JSONByte.quote else {
      throw JSONFailure(text[start] == JSONByte.closeBrace ? .trailingComma : .nameExpected, at: start)
    }
    let (quote, escaped) = try text.string(from: start &+ 1)
    append(.string, start, quote &+ 1, escaped: escaped)
    let colon = text.skipSpace(quote &+ 1)
    guard colon < text.count else { throw JSONFailure(.cutShort, at: colon) }
    guard text[colon] == JSONByte.colon else { throw JSONFailure(.colonExpected, at: colon) }
    return text.skipSpace(colon &+ 1)
  }

  /// Closes all containers that end at `end`; gives the offset of the next value, or the first byte behind the root.
  private mutating func next(after end: Int) throws(JSONFailure) -> Int {
    var i = text.skipSpace(end)
    while depth > 0 {
      guard i < text.count else { throw JSONFailure(.cutShort, at: i) }
      if text[i] == JSONByte.comma {
        tape[container].countOne()
        i = text.skipSpace(i &+ 1)
        if isObject { return try name(at: i) }
        if i < text.count, text[i] == JSONByte.closeBracket { throw JSONFailure(.trailingComma, at: i) }
        return i
      }
      guard text[i] == (isObject ? JSONByte.closeBrace : JSONByte.closeBracket) else {
        throw JSONFailure(.commaExpected, at: i)
      }
      try close(at: i)
      i = text.skipSpace(i &+ 1)
    }
    return i
  }

  @inline(__always)
  private mutating func close(at bracket: Int) throws(JSONFailure) {
    let index = container
    container = Int(tape[index].next)
    tape[index].end = UInt32(truncatingIfNeeded: bracket &+ 1)
    tape[index].next = UInt32(truncatingIfNeeded: tape.count)
    if isObject { try tape.refuseDuplicateNames(ofObject: index, in: text) }
    depth &-= 1
    isObject = depth > 0 && tape[container].kind == .object
  }
}
