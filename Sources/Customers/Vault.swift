package import Base
package import SQL
import Synchronization

/// Where the master key is kept, which is never in the database.
package protocol MasterKeyHolder: Sendable {
  /// The key, or nil where none has been made yet.
  ///
  /// - Throws: `unavailable` where it cannot be read.
  func read() throws -> [UInt8]?
  /// The key, which is made durably where there is none.
  ///
  /// - Throws: `unavailable` where it cannot be kept.
  func make() throws -> [UInt8]
}

enum SecretStatement: Int, StatementSet {
  case all, upsert, delete, deleteAll

  var sql: String {
    switch self {
    case .all: "SELECT name, sealed FROM secret ORDER BY name"
    case .upsert:
      """
      INSERT INTO secret (name, sealed, created_at) VALUES (?1, ?2, ?3)
      ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at
      """
    case .delete: "DELETE FROM secret WHERE name = ?1"
    case .deleteAll: "DELETE FROM secret"
    }
  }
}

/// The secrets that are computed with, open in memory and sealed in the database.
///
/// Unlike keys, which are compared, they must be read again; so whoever has the database alone, a backup or an export,
/// has none of them.
package final class Vault: Sendable {
  private struct Contents: Sendable {
    var sealed: [String: [UInt8]]
    var open: [String: [UInt8]]
  }

  private let contents: Mutex<Contents>
  private let holder: any MasterKeyHolder
  private let tokens: TokenSource

  /// Under which the key stands that signs customers' and visitors' tokens.
  private static let signingKey = "tokens"
  private static func name(ofSource source: String) -> String { "source:\(source)" }

  /// The secrets that the database has; the master key is read when one of them is wanted.
  package init(_ holder: any MasterKeyHolder, tokens: TokenSource, in session: any Session) throws {
    let rows = try session.rows(of: SecretStatement.all) { ($0.text(0), $0.bytes(1)) }
    contents = Mutex(Contents(sealed: Dictionary(rows, uniquingKeysWith: { $1 }), open: [:]))
    self.holder = holder
    self.tokens = tokens
  }

  /// The HMAC secret of a source, as its text was shown; nil where it has none.
  ///
  /// - Throws: `unavailable` where the master key is not the one that sealed it.
  package func secret(ofSource source: String) throws -> [UInt8]? { try secret(Self.name(ofSource: source)) }

  /// The key that signs tokens; nil before `prepare`.
  ///
  /// - Throws: `unavailable` where the master key is not the one that sealed it.
  package func signingKey() throws -> [UInt8]? { try secret(Self.signingKey) }

  func secret(_ name: String) throws -> [UInt8]? {
    try contents.withLock { contents -> [UInt8]? in
      if let open = contents.open[name] { return open }
      guard let sealed = contents.sealed[name] else { return nil }
      guard let key = try holder.read(), let open = Sealing.open(sealed, for: name, key: key) else { throw Self.lost }
      contents.open[name] = open
      return open
    }
  }

  private static let lost = Failure(
    .unavailable, "secrets cannot be read now",
    cause: "the secrets in the database were sealed under another master key, or it is missing",
    hint: "put back master.key or the setting masterKey; where it is lost, throughline secret forget")

  /// Whether the master key opens everything; true where there is nothing to open.
  package var isWhole: Bool {
    contents.withLock { contents in
      guard !contents.sealed.isEmpty else { return true }
      guard let key = try? holder.read() else { return false }
      return contents.sealed.allSatisfy { Sealing.open($1, for: $0, key: key) != nil }
    }
  }

  /// What was made: stored sealed when `store` has run, in use when `activate` has.
  package struct Draft: Sendable {
    /// The secret's text, which is shown once.
    package let text: String
    fileprivate let name: String
    fileprivate let sealed: [UInt8]
    fileprivate let createdAt: Instant
  }

  /// Makes a secret for a source, in the place of the one that it has.
  ///
  /// - Throws: `unavailable` where there are secrets that the master key does not open, so that it cannot be the right
  ///   one.
  package func draft(forSource source: String, now: Instant) throws -> Draft {
    try draft(Self.name(ofSource: source), now)
  }

  /// Seals a text under a name, a new one where none is given.
  func draft(_ name: String, text: String? = nil, _ now: Instant) throws -> Draft {
    guard isWhole else { throw Self.lost }
    let text = text ?? tokens.secret()
    let sealed = Sealing.seal(
      Array(text.utf8), for: name, key: try holder.make(), randomness: SystemRandomness())
    return Draft(text: text, name: name, sealed: sealed, createdAt: now)
  }

  /// Writes a sealed secret.
  package static func store(_ draft: Draft, in session: any Session) throws {
    try session.execute(
      SecretStatement.upsert, .text(draft.name), .bytes(draft.sealed), .integer(draft.createdAt.milliseconds))
  }

  /// Uses a stored secret from now on.
  package func activate(_ draft: Draft) {
    contents.withLock { contents in
      contents.sealed[draft.name] = draft.sealed
      contents.open[draft.name] = Array(draft.text.utf8)
    }
  }

  /// Forgets secrets, whose rows have been deleted.
  func forget(_ names: [String]) {
    contents.withLock { contents in
      for name in names { (contents.sealed[name], contents.open[name]) = (nil, nil) }
    }
  }

  /// Random bytes of a new secret.
  func seed(_ count: Int) -> [UInt8] { tokens.seed(count) }

  /// Makes the key that signs tokens where there is none yet.
  ///
  /// - Throws: `unavailable` where the master key cannot be kept.
  package func prepare(_ database: Database, now: Instant) throws {
    guard contents.withLock({ $0.sealed[Self.signingKey] == nil }) else { return }
    let draft = try draft(Self.signingKey, now)
    try database.write { try Self.store(draft, in: $0) }
    activate(draft)
  }

  /// Ends every token, whoever it was given to: the next start makes another key.
  package static func endTokens(in session: any Session) throws {
    try session.execute(SecretStatement.delete, .text(signingKey))
  }

  /// Throws every secret away, for the one who has lost the master key.
  package static func forget(in session: any Session) throws { try session.execute(SecretStatement.deleteAll) }

  /// Forgets what is open, when `forget` has run.
  package func empty() { contents.withLock { $0 = Contents(sealed: [:], open: [:]) } }
}
