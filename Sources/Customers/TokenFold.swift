import Base
package import SQL

enum TokenStatement: Int, StatementSet {
  case insert, lastOf, lastOfCustomer

  var sql: String {
    switch self {
    case .insert:
      "INSERT INTO token_end (origin, sequence) VALUES (?1, ?2) ON CONFLICT (origin, sequence) DO NOTHING"
    case .lastOf:
      """
      SELECT coalesce(max(sequence), 0) FROM (
        SELECT sequence FROM token_end WHERE origin = ?1 UNION ALL SELECT sequence FROM origin WHERE number = ?1) AS ends
      """
    case .lastOfCustomer:
      """
      SELECT coalesce(max(t.sequence), 0) FROM origin o JOIN token_end t ON t.origin = o.number WHERE o.customer = ?1
      """
    }
  }
}

/// At which places in the log the tokens of customers have ended: those given out before are no longer good.
///
/// A sign-out ends them where it stands, which is with the customer. An undo takes ties away, and each part that is left
/// has an end of one of those ties; so it ends them at both ends of each, and thereby the tokens of both sides.
package struct TokenFold: Fold {
  package let name = "tokens"
  package let tables = [
    FoldTable("token_end", key: ["origin", "sequence"], owner: "origin", entries: ["sequence"], staysErased: true)
  ]
  package var checks: [any Check] { [TokenCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    if entry.event.kind == .signOut, let origin = entry.outcome.origin { try end(origin, at: entry.sequence, session) }
    for cut in entry.outcome.cuts {
      try end(cut.first, at: entry.sequence, session)
      try end(cut.second, at: entry.sequence, session)
    }
  }

  private func end(_ origin: Origin.Number, at sequence: Int64, _ session: any Session) throws {
    try session.execute(TokenStatement.insert, .integer(origin), .integer(sequence))
  }

  /// Removes nothing: that tokens of a place that leads nowhere have ended says of nobody who he was.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}

  /// The newest place in the log at which tokens of that origin have ended, at least where it was opened: a token from
  /// before is another origin's, which had the same anonymous id and was erased.
  static func lastEnd(of origin: Origin.Number, in session: any Session) throws -> Int64 {
    try session.first(of: TokenStatement.lastOf, .integer(origin)) { $0.integer(0) } ?? 0
  }

  /// The newest place in the log at which tokens of any origin of the customer have ended; 0 for none.
  static func lastEnd(ofCustomer leader: Origin.Number, in session: any Session) throws -> Int64 {
    try session.first(of: TokenStatement.lastOfCustomer, .integer(leader)) { $0.integer(0) } ?? 0
  }
}
