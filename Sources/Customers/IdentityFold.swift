import Base
package import SQL

enum TieStatement: Int, StatementSet {
  case insert, cut, of, pairs

  var sql: String {
    switch self {
    case .insert: "INSERT INTO tie (first, second, rule, sequence) VALUES (?1, ?2, ?3, ?4)"
    case .cut: "DELETE FROM tie WHERE first = ?1 AND second = ?2"
    case .pairs:
      "SELECT first, second FROM tie WHERE first = ?1 UNION ALL SELECT first, second FROM tie WHERE second = ?1"
    case .of: "SELECT second FROM tie WHERE first = ?1 UNION ALL SELECT first FROM tie WHERE second = ?1"
    }
  }
}

enum ClaimStatement: Int, StatementSet {
  case insert, find, tiedOf, onClaimed, erase

  var sql: String {
    switch self {
    case .insert: "INSERT INTO claim (claimant, claimed, tied, sequence) VALUES (?1, ?2, ?3, ?4)"
    case .find: "SELECT tied FROM claim WHERE claimant = ?1 AND claimed = ?2"
    case .erase: "DELETE FROM claim WHERE claimant = ?1 AND claimed = ?2"
    case .tiedOf:
      """
      SELECT claimed FROM claim WHERE claimant = ?1 AND tied = 1
      UNION ALL SELECT claimant FROM claim WHERE claimed = ?1 AND tied = 1
      """
    case .onClaimed:
      """
      SELECT l.public_id, e.received_at
      FROM origin o JOIN claim c ON c.claimed = o.number JOIN event e ON e.sequence = c.sequence
      JOIN origin s ON s.number = c.claimant JOIN origin l ON l.number = s.customer
      WHERE o.value = ?1 AND o.type = ?2 AND o.standing = 1 AND o.source = '' AND s.customer <> ?3
      ORDER BY c.claimant LIMIT ?4
      """
    }
  }
}

extension ClaimStatement {
  /// Whether it is noted that one place claims another.
  static func isNoted(
    _ claimed: Origin.Number, by claimant: Origin.Number, in session: any Session
  ) throws -> Bool {
    try session.first(of: find, .integer(claimant), .integer(claimed)) { _ in true } == true
  }
}

/// Who is who: origins, the ties among them, and for each origin the customer whom it belongs to now.
package struct IdentityFold: Fold {
  package let name = "identity"
  package let tables = [
    FoldTable(
      "origin", key: ["number"], owner: "number", origins: ["customer"], entries: ["sequence", "named"],
      staysErased: true),
    FoldTable(
      "tie", key: ["first", "second"], owner: "first", origins: ["second"], entries: ["sequence"], staysErased: true),
    FoldTable(
      "claim", key: ["claimant", "claimed"], owner: "claimant", origins: ["claimed"], entries: ["sequence"],
      staysErased: true),
    FoldTable("merge", key: ["id"], origins: ["first", "second", "kept", "taken"], entries: ["sequence", "undone"]),
    FoldTable("separation", key: ["first", "second"], origins: ["first", "second"], entries: ["sequence"]),
    FoldTable(
      "review", key: ["id"], origins: ["first", "second"], entries: ["sequence", "decided"],
      before: ("decided", ["decided": nil, "state": ReviewState.open.rawValue])),
  ]
  package var checks: [any Check] { [OriginCheck(), TieCheck(), ActCheck(), CustomerCheck(), PublicCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    let outcome = entry.outcome
    for origin in outcome.opened { try OriginStore.insert(origin, at: entry.sequence, in: session) }
    for origin in outcome.named { try OriginStore.name(origin, at: entry.sequence, in: session) }
    var people = People(fresh: outcome.opened, session: session)
    if !outcome.cuts.isEmpty || !outcome.sharings.isEmpty { try people.part(at: outcome.cuts) }
    for claim in outcome.claims {
      try session.execute(
        ClaimStatement.insert, .integer(claim.claimant), .integer(claim.claimed), .integer(claim.isTied ? 1 : 0),
        .integer(entry.sequence))
      if claim.isTied { try people.join(people.leader(of: claim.claimant), people.leader(of: claim.claimed)) }
    }
    for tie in outcome.ties { try apply(tie, of: entry, &people, session) }
    try applyActs(of: entry, session)
  }

  private func apply(_ tie: Outcome.Tie, of entry: LogEntry, _ people: inout People, _ session: any Session) throws {
    var (first, second) = (try people.leader(of: tie.first), try people.leader(of: tie.second))
    if second.isKnown { first = try people.leaveVisitor(tie.first) }
    if first.isKnown { second = try people.leaveVisitor(tie.second) }
    try session.execute(
      TieStatement.insert, .integer(tie.first), .integer(tie.second), .text(tie.rule), .integer(entry.sequence))
    try people.join(first, second)
    guard let merge = tie.merge else { return }
    let (kept, taken) = OriginStore.leads(first, over: second) ? (first, second) : (second, first)
    try session.execute(
      MergeStatement.insert, .text(merge), .integer(tie.first), .integer(tie.second), .integer(kept.number),
      .integer(taken.number), .text(tie.rule), .integer(entry.sequence))
  }

  /// What is left to persons, and doubts.
  private func applyActs(of entry: LogEntry, _ session: any Session) throws {
    let outcome = entry.outcome
    for merge in outcome.undone { try session.execute(MergeStatement.undo, .text(merge), .integer(entry.sequence)) }
    for pair in outcome.separations {
      try session.execute(
        SeparationStatement.insert, .integer(pair.first), .integer(pair.second), .integer(entry.sequence))
    }
    for sharing in outcome.sharings { try OriginStore.share(sharing.origin, sharing.isShared, in: session) }
    for review in outcome.reviews {
      try session.execute(
        ReviewStatement.insert, .text(review.id), .integer(review.pair.first), .integer(review.pair.second),
        .text(review.reason), .integer(review.score), .integer(entry.sequence))
    }
    for decision in outcome.decisions {
      try session.execute(
        ReviewStatement.decide, .text(decision.review), .text(decision.state.rawValue), .integer(entry.sequence))
    }
  }
}
