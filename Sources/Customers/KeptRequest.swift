package import Base
package import SQL

enum KeptRequestStatement: Int, StatementSet {
  case find, insert, forget

  var sql: String {
    switch self {
    case .find:
      """
      SELECT body, made, sequence FROM kept_request WHERE caller = ?1 AND idempotency_key = ?2 AND target = ?3 AND at > ?4
      """
    case .insert:
      """
      INSERT INTO kept_request (caller, idempotency_key, target, body, made, sequence, at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (caller, idempotency_key, target) DO UPDATE SET made = excluded.made, sequence = excluded.sequence
      """
    case .forget: "DELETE FROM kept_request WHERE at <= ?1"
    }
  }
}

/// A request about the shop's own things (documents, webhooks, keys) that came under an Idempotency-Key.
///
/// Requests about customers are in the log under that key and need no note: they count once for ever.
package struct KeptRequest: Sendable {
  /// So long a request is known again: nobody tries a call again after that.
  package static let life = Duration.seconds(30 * 86_400)

  /// The id of the key that the caller has.
  private let caller: String
  private let idempotencyKey: String
  /// Method and path.
  private let target: String
  private let digest: [UInt8]
  private let at: Instant

  package init(by caller: String, _ idempotencyKey: String, _ target: String, body: [UInt8], at: Instant) {
    self.caller = caller
    self.idempotencyKey = idempotencyKey
    self.target = target
    digest = Digest.sha256(body)
    self.at = at
  }

  /// What is known of a request that came before.
  package enum Known: Sendable {
    /// The same; what it made, and the place in the log that held it.
    case same(made: String, sequence: Int64)
    /// Another body came under its key.
    case other
  }

  /// What came under this key to this target in the last 30 days, or nil.
  package func known(in session: any Session) throws -> Known? {
    try session.first(
      of: KeptRequestStatement.find, .text(caller), .text(idempotencyKey), .text(target),
      .integer((at - Self.life).milliseconds)
    ) { row in
      row.bytes(0) == digest ? .same(made: row.text(1), sequence: row.integer(2)) : .other
    }
  }

  /// Notes what the request made, more than before where it goes on, and forgets the requests whose time is over.
  package func keep(made: String, sequence: Int64, in session: any Session) throws {
    try session.execute(KeptRequestStatement.forget, .integer((at - Self.life).milliseconds))
    try session.execute(
      KeptRequestStatement.insert, .text(caller), .text(idempotencyKey), .text(target), .bytes(digest), .text(made),
      .integer(sequence), .integer(at.milliseconds))
  }
}
