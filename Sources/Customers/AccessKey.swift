package import Base
package import SQL
import Synchronization

/// What the holder of a key may do.
package enum Role: String, Sendable, CaseIterable {
  case owner, admin, marketer, agent, store, storefront, readonly
  /// Posts events and reads nothing.
  case source

  /// Whether its keys are programs'.
  ///
  /// A storefront and a source serve many people and know none of them. Every other role is a person's, whose reads are
  /// audited one by one, unless the key itself says that a program has it.
  package var isMachines: Bool {
    switch self {
    case .storefront, .source: true
    case .owner, .admin, .marketer, .agent, .store, .readonly: false
    }
  }
}

/// A key of a source, a service or a person, without its secret.
package struct AccessKey: Sendable {
  package var id: String
  package var role: Role
  /// The source whose write key it is.
  package var source: String?
  package var name: String
  package var expiresAt: Instant?
  /// Whether a program holds it, such as a till.
  package var isMachine: Bool
}

enum AccessKeyStatement: Int, StatementSet {
  case insert, all, end

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO access_key (id, hash, role, source, name, created_at, expires_at, is_machine)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """
    case .all: "SELECT id, hash, role, source, name, expires_at, is_machine FROM access_key"
    case .end: "UPDATE access_key SET expires_at = ?2 WHERE id = ?1"
    }
  }
}

/// The keys, hashed, as the table has them; looked up by id and compared in constant time.
///
/// A key is `tk_` or, for a source, `wk_`, then the id, `_`, and 256 random bits: so much chance needs no slow hash.
package final class Keyring: Sendable {
  fileprivate struct Entry: Sendable {
    var key: AccessKey
    var hash: [UInt8]
  }

  private let entries: Mutex<[String: Entry]>

  /// The keys that the database has.
  package init(in session: any Session) throws {
    let rows = try session.rows(of: AccessKeyStatement.all) { row in
      let role = Role(rawValue: row.text(2)) ?? .readonly
      return Entry(
        key: AccessKey(
          id: row.text(0), role: role, source: row.optionalText(3), name: row.text(4),
          expiresAt: row.optionalInteger(5).map { Instant(milliseconds: $0) },
          isMachine: role.isMachines || row.integer(6) == 1),
        hash: row.bytes(1))
    }
    entries = Mutex(Dictionary(rows.map { ($0.key.id, $0) }, uniquingKeysWith: { $1 }))
  }

  /// The key that `bytes` spell, or nil when they spell none or it has ended.
  package func find(_ bytes: [UInt8], now: Instant) -> AccessKey? {
    guard bytes.starts(with: "wk_".utf8) || bytes.starts(with: "tk_".utf8),
      let end = bytes.dropFirst(3).firstIndex(of: UInt8(ascii: "_"))
    else { return nil }
    let id = String(decoding: bytes[3..<end], as: UTF8.self)
    guard let entry = entries.withLock({ $0[id] }), (entry.key.role == .source) == (bytes[0] == UInt8(ascii: "w")),
      Digest.isEqual(Digest.sha256(bytes), entry.hash)
    else { return nil }
    if let end = entry.key.expiresAt, end <= now { return nil }
    return entry.key
  }

  /// The key of that id, without its secret; nil where there is none or it has ended.
  package func find(id: String, now: Instant) -> AccessKey? {
    guard let key = entries.withLock({ $0[id]?.key }), key.expiresAt.map({ now < $0 }) ?? true else { return nil }
    return key
  }

  /// The key of that id, without its secret, also where it has ended; nil where there is none.
  package func any(id: String) -> AccessKey? { entries.withLock { $0[id]?.key } }

  /// Every key, those that have ended too, in the order in which they were made.
  package var all: [AccessKey] { entries.withLock { $0.values.map { $0.key } }.sorted { $0.id < $1.id } }

  /// Writes that a key has ended.
  package static func end(_ id: String, at time: Instant, in session: any Session) throws {
    try session.execute(AccessKeyStatement.end, .text(id), .integer(time.milliseconds))
  }

  /// Lets nobody in by a key from now on.
  package func end(_ id: String, at time: Instant) { entries.withLock { $0[id]?.key.expiresAt = time } }

  /// A new key: stored hashed when `store` has run, valid when `activate` has, and shown by `text` only.
  package struct Draft: Sendable {
    package let text: String
    /// The key without its secret.
    package var key: AccessKey { entry.key }
    fileprivate let entry: Entry
    fileprivate let createdAt: Instant
  }

  /// Makes a key.
  ///
  /// - Parameters:
  ///   - isMachine: whether a program holds it, though people have keys of that role.
  ///   - end: until when it holds; nil for ever.
  package static func draft(
    role: Role, source: String?, name: String, isMachine: Bool = false, until end: Instant? = nil, tokens: TokenSource,
    now: Instant
  ) -> Draft {
    let id = tokens.next("")
    let text = "\(role == .source ? "wk" : "tk")_\(id)_\(tokens.secret())"
    let key = AccessKey(
      id: id, role: role, source: source, name: name, expiresAt: end, isMachine: isMachine || role.isMachines)
    return Draft(text: text, entry: Entry(key: key, hash: Digest.sha256(Array(text.utf8))), createdAt: now)
  }

  /// Writes a new key's hash.
  package static func store(_ draft: Draft, in session: any Session) throws {
    let key = draft.entry.key
    try session.execute(
      AccessKeyStatement.insert, .text(key.id), .bytes(draft.entry.hash), .text(key.role.rawValue), .text(key.source),
      .text(key.name), .integer(draft.createdAt.milliseconds), .integer(key.expiresAt?.milliseconds),
      .integer(key.isMachine ? 1 : 0))
  }

  /// Lets a stored key in from now on.
  package func activate(_ draft: Draft) { entries.withLock { $0[draft.entry.key.id] = draft.entry } }
}
