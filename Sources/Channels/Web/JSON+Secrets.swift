package import Base

/// What came to show who sends is no part of what is said, and is kept nowhere.
extension JSON {
  /// An event as it came, but for its write key and what its context has to prove whose it is.
  func withoutSecrets() -> [UInt8] {
    let context = self["context"].flatMap { $0.hasEvidence ? $0 : nil }
    guard self["writeKey"] != nil || context != nil else { return bytes }
    return without(["writeKey"]) { name in name.isString("context") ? context?.withoutEvidence() : nil }
  }

  /// A call as it came, but for its write key and what its contexts have to prove whose its events are.
  package func callWithoutSecrets() -> [UInt8] {
    guard kind == .object else { return bytes }
    return without(["writeKey"]) { name in
      if name.isString("context") { return self["context"]?.withoutEvidence() }
      guard name.isString("batch"), let batch = self["batch"], batch.kind == .array else { return nil }
      var writer = JSONWriter(capacity: batch.range.count)
      writer.array { writer in for event in batch.elements { writer.raw(event.withoutSecrets()) } }
      return writer.bytes
    }
  }

  /// A context as it came, but for what proves whose an event is.
  func withoutEvidence() -> [UInt8] { hasEvidence ? without(["userHash", "token"]) : bytes }

  private var hasEvidence: Bool { self["userHash"] != nil || self["token"] != nil }

  /// The object without these members; `replacement` may answer another value for the name of one that stays.
  private func without(_ names: [StaticString], _ replacement: (JSON) -> [UInt8]? = { _ in nil }) -> [UInt8] {
    var writer = JSONWriter(capacity: range.count)
    writer.object { writer in
      for (key, value) in rawMembers where !names.contains(where: { key.isString($0) }) {
        key.withStringBytes { writer.key($0) }
        if let other = replacement(key) { writer.raw(other) } else { writer.raw(value) }
      }
    }
    return writer.bytes
  }
}

extension [UInt8] {
  /// A word is no longer in what people write; an id of 36 characters (RFC 9562) stays, a key of 70 or a token does not.
  private static let longestWord = 40

  /// A call that is no JSON, but for every word as long as a key or a token: it may stand anywhere.
  package func callWithoutLongWords() -> [UInt8] {
    let runs = split(omittingEmptySubsequences: false) { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: false
      default: !"-_.+/=".utf8.contains(byte)
      }
    }
    var kept = self
    for run in runs where run.count > Self.longestWord {
      for index in run.indices { kept[index] = UInt8(ascii: "*") }
    }
    return kept
  }
}
