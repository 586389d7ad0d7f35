/// Writes JSON into bytes; commas are its own business.
///
///     var writer = JSONWriter()
///     writer.object {
///       $0.field("id", "c_1")
///       $0.field("name", orNull: name)
///       $0.key("tags")
///       $0.array { for tag in tags { $0.value(tag) } }
///     }
///
/// It trusts its caller to name each member once and to write one root.
package struct JSONWriter: Sendable {
  /// What has been written.
  package private(set) var bytes: [UInt8] = []
  /// Whether something stands before the next value or name that a comma must part it from.
  private var needsComma = false

  /// A writer with room for that many bytes: most answers of the API are shorter than a kilobyte.
  package init(capacity: Int = 1024) { bytes.reserveCapacity(capacity) }

  /// Hands over what has been written since the last time and goes on behind it, so that a long document is never in
  /// memory as a whole.
  package mutating func drain() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Writes an object whose members `body` writes.
  package mutating func object<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
    open(UInt8(ascii: "{"))
    try body(&self)
    close(UInt8(ascii: "}"))
  }

  /// Writes an array whose elements `body` writes.
  package mutating func array<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
    open(UInt8(ascii: "["))
    try body(&self)
    close(UInt8(ascii: "]"))
  }

  /// Writes the name of a member; its value comes next.
  package mutating func key(_ name: String) {
    value(name)
    colon()
  }

  /// Writes the name of a member that is given as valid UTF-8.
  package mutating func key(_ utf8: UnsafeBufferPointer<UInt8>) {
    string(utf8)
    colon()
  }

  /// Writes a string.
  package mutating func value(_ string: String) {
    if string.utf8.withContiguousStorageIfAvailable({ self.string($0) }) == nil {
      var copy = string
      copy.withUTF8 { self.string($0) }
    }
  }

  /// Writes a string that is given as valid UTF-8.
  package mutating func string(_ utf8: UnsafeBufferPointer<UInt8>) {
    separate()
    bytes.append(JSONByte.quote)
    JSONEscaping.append(utf8, to: &bytes)
    bytes.append(JSONByte.quote)
  }

  /// Writes an integer.
  package mutating func value(_ integer: Int64) {
    // The least has a minus and nineteen digits; they are found from the last on.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { text in
      var start = text.count
      var rest = integer.magnitude
      repeat {
        start -= 1
        text[start] = JSONByte.zero + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      if integer < 0 {
        start -= 1
        text[start] = JSONByte.minus
      }
      raw(UnsafeBufferPointer(rebasing: text[start...]))
    }
  }

  /// Writes `true` or `false`.
  package mutating func value(_ bool: Bool) { word(bool ? "true" : "false") }

  /// Writes `null`.
  package mutating func null() { word("null") }

  /// Writes a value of a document as it came.
  package mutating func raw(_ json: JSON) { json.withBytes { raw($0) } }

  /// Writes bytes that the caller knows to be one JSON value.
  package mutating func raw(_ value: [UInt8]) { value.withUnsafeBufferPointer { raw($0) } }

  /// Writes bytes that the caller knows to be one JSON value.
  package mutating func raw(_ value: UnsafeBufferPointer<UInt8>) {
    separate()
    bytes.append(contentsOf: value)
  }

  /// Writes bytes that the caller knows to be one JSON value with `word`, which needs no escaping, put in at `place`.
  package mutating func raw(_ value: [UInt8], with word: String, at place: Int) {
    value.withUnsafeBufferPointer { value in
      raw(UnsafeBufferPointer(rebasing: value[..<place]))
      bytes.append(contentsOf: word.utf8)
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: value[place...]))
    }
  }

  @inline(__always)
  private mutating func colon() {
    bytes.append(JSONByte.colon)
    needsComma = false
  }

  private mutating func word(_ word: StaticString) {
    word.withUTF8Buffer { raw($0) }
  }

  @inline(__always)
  private mutating func separate() {
    if needsComma { bytes.append(JSONByte.comma) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }
}
