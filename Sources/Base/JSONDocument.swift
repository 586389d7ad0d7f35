/// A strictly validated JSON text (RFC 8259) that keeps the bytes that came; values are slices of them.
///
/// What is stored and sent on is what came: `100.10` stays `100.10`, `1e400` and integers of any length stay as
/// written, names keep their order. More than the RFC demands is refused: invalid or overlong UTF-8, a lone surrogate,
/// two members of one name, a byte order mark, too deep a nesting. One pass checks it all and writes a tape of at most
/// 8 bytes for a byte of text and about a kilobyte more (see `JSONTape`).
package final class JSONDocument: Sendable {
  /// How deep containers may be nested unless the caller says otherwise: no event is deeper than about ten, and every
  /// recursion over a document stays small.
  package static let maximumDepth = 64

  /// The most that a caller may ask for as `maximumDepth`: `canonical()` recurses, and a thread's stack may have no
  /// more than 512 KiB.
  package static let greatestMaximumDepth = 256

  /// How long a text may be: no body or row comes near it, and offsets and counts fit the tape's 32 and 28 bits.
  package static let maximumBytes = 64 << 20

  /// The text as it came.
  package let bytes: [UInt8]
  let tape: JSONTape

  /// Checks `bytes` and keeps them.
  /// - Throws: the first fault found; a duplicate name is found where its object ends.
  package init(_ bytes: [UInt8], maximumDepth: Int = JSONDocument.maximumDepth) throws(JSONFailure) {
    precondition(maximumDepth <= JSONDocument.greatestMaximumDepth)
    guard bytes.count <= JSONDocument.maximumBytes else {
      throw JSONFailure(.tooLong, at: JSONDocument.maximumBytes)
    }
    self.bytes = bytes
    tape = try bytes.span.withUnsafeBufferPointer { (buffer) throws(JSONFailure) -> JSONTape in
      guard let base = buffer.baseAddress, buffer.count > 0 else { throw JSONFailure(.empty, at: 0) }
      return try JSONScanner(JSONText(base: base, count: buffer.count), maximumDepth: maximumDepth).scan()
    }
  }

  /// How many bytes of memory its text and tape take, for queues that are bounded in bytes.
  package var memory: Int { bytes.count + tape.memory }

  /// The text's only value.
  package var root: JSON { JSON(document: self, index: 0) }

  /// Lends the text to `body`.
  @inline(__always)
  func withText<R, E: Error>(_ body: (JSONText) throws(E) -> R) throws(E) -> R {
    try bytes.withUnsafeBufferPointer { (buffer) throws(E) -> R in
      guard let base = buffer.baseAddress else { preconditionFailure("a document is never empty") }
      return try body(JSONText(base: base, count: buffer.count))
    }
  }
}
