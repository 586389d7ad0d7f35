import Base

extension Event {
  /// What a sender changes when he sends a message again: it does not make another message of it.
  private static let transportFields: Set = ["sentAt", "receivedAt", "writeKey", "_metadata", "type"]

  /// Whether both say the same, whatever the order of fields, white space and transport say.
  func isSame(as other: Event) -> Bool {
    guard kind == other.kind else { return false }
    if body == other.body, envelope == other.envelope { return true }
    guard let mine = try? JSONDocument(body).root, let theirs = try? JSONDocument(other.body).root else { return false }
    guard Self.contains(mine, theirs), Self.contains(theirs, mine) else { return false }
    return Self.isSame(envelope, other.envelope)
  }

  private static func contains(_ a: JSON, _ b: JSON) -> Bool {
    b.members.allSatisfy { name, value in
      transportFields.contains(name) || a.member(name).map { $0.isEqual(to: value) } ?? false
    }
  }

  private static func isSame(_ a: [UInt8]?, _ b: [UInt8]?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    guard let a = try? JSONDocument(a).root, let b = try? JSONDocument(b).root else { return false }
    return a.isEqual(to: b)
  }
}
