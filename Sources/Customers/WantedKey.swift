package import Base

/// A key that somebody wants made, checked.
package struct WantedKey: Sendable {
  /// A key's name is shown in the log of changes: 1 to 64 characters.
  package static let longestName = 64

  package let role: Role
  /// The source whose write key it is.
  package let source: String?
  package let name: String
  /// Whether a program holds it, though people have keys of that role.
  package let isMachine: Bool
  /// Until when it holds; nil for ever.
  package let end: Instant?

  /// - Parameters:
  ///   - name: what it is called; its source or role where none is given.
  ///   - holder: `person` or `machine`; without it, what keys of that role are.
  /// - Throws: `invalid` with the field at fault: where role and source, or role and holder, do not go together, or where
  ///   it has ended before it begins.
  package init(role: String, source: String?, name: String?, holder: String?, end: Instant? = nil, now: Instant) throws
  {
    guard let role = Role(rawValue: role) else {
      let roles = Role.allCases.map { $0.rawValue }.joined(separator: ", ")
      throw Self.wrong("role", "a role is one of \(roles)", "is none of \(roles)")
    }
    guard (role == .source) == (source != nil) else {
      throw Self.wrong(
        "source", "a key of the role source, and no other, names its source",
        source == nil ? "is missing" : "is not for a key of the role \(role.rawValue)")
    }
    guard [nil, "machine", "person"].contains(holder), !(role.isMachines && holder == "person") else {
      throw Self.wrong(
        "holder", "a key's holder is person or machine; storefronts and sources are machines",
        "is not for a key of the role \(role.rawValue)")
    }
    let name = name ?? source ?? role.rawValue
    guard (1...Self.longestName).contains(name.count) else {
      throw Self.wrong(
        "name", "a key's name has 1 to \(Self.longestName) characters", "has not 1 to \(Self.longestName) characters")
    }
    if let end, end <= now { throw Self.wrong("expiresAt", "the key would have ended already", "is over") }
    self.role = role
    self.source = source
    self.name = name
    isMachine = holder == "machine"
    self.end = end
  }

  private static func wrong(_ field: String, _ message: String, _ reason: String) -> Failure {
    Failure(.invalid, message, faults: [.init("/\(field)", reason)])
  }

  /// The key with its secret, to be stored.
  package func draft(tokens: TokenSource, now: Instant) -> Keyring.Draft {
    Keyring.draft(
      role: role, source: source, name: name, isMachine: isMachine, until: end, tokens: tokens, now: now)
  }
}
