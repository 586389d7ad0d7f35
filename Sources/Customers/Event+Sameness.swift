import Base

extension Event {
  /// What a sender changes when he sends a message again: it does not make another message of it.
  private static let transportFields: Set = ["sentAt", "receivedAt", "writeKey", "_metadata", "type"]

  /// Whether both say the same, whatever the order of fields, white space and transport say.
  func isSame(as other: Event) -> Bool {
    guard kind == other.kind else { return false }
    if body == other.body, envelope == other.envelope { return true }
    guard let mine = try? JSONDocument(body).root, let theirs = try? JSONDocument(other.body).root else { return false }
    let (said, known) = (Self.said(mine), Self.said(theirs))
    guard said.count == known.count, said.allSatisfy({ name, value in known[name]?.isEqual(to: value) ?? false })
    else { return false }
    return Self.isSame(envelope, other.envelope)
  }

  /// The one spelling of what it says: equal for two events that say the same, and only for them.
  var canonical: [UInt8] {
    guard let root = try? JSONDocument(body).root else { return Array(kind.rawValue.utf8) + [0] + body }
    var writer = JSONWriter(capacity: body.count)
    writer.array { writer in
      writer.value(kind.rawValue)
      writer.object { writer in
        for (name, value) in Self.said(root).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
          name.withUnsafeBufferPointer { writer.key($0) }
          writer.raw(value.canonical())
        }
      }
      if let envelope { writer.raw((try? JSONDocument(envelope).root.canonical()) ?? envelope) }
    }
    return writer.bytes
  }

  /// The members that count, under the bytes of their names: an event may have thousands, and the writer waits.
  private static func said(_ body: JSON) -> [[UInt8]: JSON] {
    var members: [[UInt8]: JSON] = [:]
    for (name, value) in body.members where !transportFields.contains(name) { members[Array(name.utf8)] = value }
    return members
  }

  private static func isSame(_ a: [UInt8]?, _ b: [UInt8]?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    guard let a = try? JSONDocument(a).root, let b = try? JSONDocument(b).root else { return false }
    return a.isEqual(to: b)
  }
}
