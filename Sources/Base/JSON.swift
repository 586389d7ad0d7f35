/// One value inside a document: a small handle that keeps the document alive.
package struct JSON: Sendable {
  /// The six kinds of value.
  package enum Kind: UInt8, Sendable {
    case object, array, string, number, boolean, null
  }

  let document: JSONDocument
  /// Index of its entry in the document's tape.
  let index: Int

  @inline(__always) var entry: JSONTape.Entry { document.tape[index] }

  /// Which of the six it is.
  package var kind: Kind { entry.kind }

  /// Whether it is `null`.
  package var isNull: Bool { kind == .null }

  /// Where its bytes stand in the document.
  package var range: Range<Int> { entry.range }

  /// Its bytes as they came, copied.
  package var bytes: [UInt8] { Array(document.bytes[range]) }

  /// Lends its bytes as they came.
  package func withBytes<R, E: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E) -> R {
    let range = entry.range
    return try document.withText { (text) throws(E) -> R in try body(text.slice(range)) }
  }

  /// What it says if it is `true` or `false`.
  package var bool: Bool? {
    let entry = entry
    return entry.kind == .boolean ? entry.range.count == 4 : nil
  }

  /// What a string means, its escapes replaced; nil if it is no string.
  package var string: String? { withStringBytes { String(decoding: $0, as: UTF8.self) } }

  /// Lends what a string means as UTF-8, straight from the document if it has no escapes; nil if it is no string.
  package func withStringBytes<R, E: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
  ) throws(E) -> R? {
    let entry = entry
    guard entry.kind == .string else { return nil }
    return try document.withText { (text) throws(E) -> R in
      if !entry.isEscaped { return try body(text.slice(entry.content)) }
      return try text.unescaped(entry.content).withUnsafeBufferPointer(body)
    }
  }

  /// Whether it is a string that means exactly these bytes of UTF-8 (no Unicode normalisation).
  @inline(__always)
  package func isString(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { isString($0) }
  }

  /// The literal of a number as it came; nil if it is no number.
  package var number: String? {
    kind == .number ? withBytes { String(decoding: $0, as: UTF8.self) } : nil
  }

  /// The number as an exact integer; nil if it has a point or an exponent, or does not fit.
  package var integer: Int64? {
    guard kind == .number else { return nil }
    return withBytes { literal in
      let isNegative = literal[0] == JSONByte.minus
      var value: Int64 = 0
      for byte in literal.dropFirst(isNegative ? 1 : 0) {
        guard JSONByte.isDigit(byte) else { return nil }
        // Downwards, because the least Int64 has no positive counterpart.
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, underflow) = product.subtractingReportingOverflow(Int64(byte - JSONByte.zero))
        if overflow || underflow { return nil }
        value = sum
      }
      if isNegative { return value }
      return value == .min ? nil : -value
    }
  }
}
