extension JSON {
  /// Whether it is the same value as `other`, whatever the order of members, white space, spelling of strings and
  /// numbers.
  ///
  /// Numbers are equal when they are the same decimal value (`100.10`, `100.1` and `1.001e2` are; no `Double` is
  /// involved), strings when they are the same code points (no Unicode normalisation).
  package func isEqual(to other: JSON) -> Bool {
    guard kind == other.kind, count == other.count else { return false }
    if withBytes({ mine in other.withBytes { mine.isSame(as: $0) } }) { return true }
    return canonical() == other.canonical()
  }

  /// The one spelling of its value: equal values have equal bytes, and only they.
  ///
  /// No white space; members sorted by the UTF-8 bytes of their names; strings with the shortest escapes and only where
  /// they must be (`JSONEscaping`); numbers as `JSONNumber` lays them out. It is a valid text again and its own
  /// canonical form. It is RFC 8785 (JCS) but for two things: names sort by code point, not by UTF-16 unit, and numbers
  /// keep all their digits.
  ///
  /// - Parameter keepsNumbers: whether numbers stay as they were written, so that `100.10` and `100.1` are told apart.
  package func canonical(keepsNumbers: Bool = false) -> [UInt8] {
    var writer = JSONWriter(capacity: range.count)
    writeCanonical(to: &writer, keepsNumbers: keepsNumbers)
    return writer.bytes
  }

  private func writeCanonical(to writer: inout JSONWriter, keepsNumbers: Bool) {
    switch kind {
    case .boolean, .null: writer.raw(self)
    case .number where keepsNumbers: writer.raw(self)
    case .number: writer.raw(withBytes { JSONNumber($0).canonical })
    case .string: withStringBytes { writer.string($0) }
    case .array:
      writer.array { writer in
        for element in elements { element.writeCanonical(to: &writer, keepsNumbers: keepsNumbers) }
      }
    case .object:
      let members = rawMembers.map { (name: $0.name.withStringBytes { Array($0) } ?? [], value: $0.value) }
      writer.object { writer in
        for (name, value) in members.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
          name.withUnsafeBufferPointer { writer.key($0) }
          value.writeCanonical(to: &writer, keepsNumbers: keepsNumbers)
        }
      }
    }
  }
}
