import Base
package import SQL

enum TieStatement: Int, StatementSet {
  case insert

  var sql: String {
    switch self {
    case .insert: "INSERT INTO tie (first, second, rule, sequence) VALUES (?1, ?2, ?3, ?4)"
    }
  }
}

enum ClaimStatement: Int, StatementSet {
  case insert, find, tiedOf, onClaimed

  var sql: String {
    switch self {
    case .insert: "INSERT INTO claim (claimant, claimed, tied, sequence) VALUES (?1, ?2, ?3, ?4)"
    case .find: "SELECT tied FROM claim WHERE claimant = ?1 AND claimed = ?2"
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

/// Who is who: origins, the ties among them, and for each origin the customer whom it belongs to now.
package struct IdentityFold: Fold {
  package let name = "identity"
  package let tables = [
    FoldTable("origin", key: ["number"]), FoldTable("tie", key: ["first", "second"]),
    FoldTable("claim", key: ["claimant", "claimed"]),
  ]

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    for origin in entry.outcome.opened {
      try session.execute(
        OriginStatement.insert, .integer(origin.number), .text(origin.publicID), .text(origin.identifier.type.name),
        .text(origin.identifier.value), .integer(origin.standing.rawValue), .text(origin.source),
        .integer(entry.sequence))
    }
    for claim in entry.outcome.claims {
      try session.execute(
        ClaimStatement.insert, .integer(claim.claimant), .integer(claim.claimed), .integer(claim.isTied ? 1 : 0),
        .integer(entry.sequence))
      if claim.isTied {
        let claimant = try OriginStore.leader(of: claim.claimant, in: session)
        try join(claimant, try OriginStore.leader(of: claim.claimed, in: session), in: session)
      }
    }
    for tie in entry.outcome.ties {
      try session.execute(
        TieStatement.insert, .integer(tie.first), .integer(tie.second), .text(tie.rule), .integer(entry.sequence))
      let first = try leaveVisitor(tie.first, in: session)
      try join(first, try leaveVisitor(tie.second, in: session), in: session)
    }
  }

  /// Makes one customer of two, given the customer of each.
  ///
  /// The members are placed one by one: an update of all rows of a customer at once takes SQLite ten times as long
  /// for the one row that it mostly is.
  private func join(_ a: Origin, _ b: Origin, in session: any Session) throws {
    if a.number == b.number { return }
    let (leader, other) = OriginStore.leads(a, over: b) ? (a, b) : (b, a)
    for member in try OriginStore.origins(ofCustomer: other.number, in: session) {
      try OriginStore.place(member.number, with: leader.number, in: session)
    }
  }

  /// The customer of an origin that a proof is about to tie, after that origin has left the visitor, if any, whom
  /// only claims tie it to.
  ///
  /// What is left of the visitor falls into the parts that claims still hold together.
  private func leaveVisitor(_ origin: Origin.Number, in session: any Session) throws -> Origin {
    let leader = try OriginStore.leader(of: origin, in: session)
    if leader.isKnown { return leader }
    let members = try OriginStore.origins(ofCustomer: leader.number, in: session)
    if members.count == 1 { return leader }
    try OriginStore.place(origin, with: origin, in: session)
    var left = Set(members.map { $0.number }).subtracting([origin])
    while let oldest = left.min() {
      var part: Set<Origin.Number> = [oldest]
      var open = [oldest]
      while let next = open.popLast() {
        let neighbours = try session.rows(of: ClaimStatement.tiedOf, .integer(next)) { $0.integer(0) }
        for neighbour in neighbours where left.contains(neighbour) && part.insert(neighbour).inserted {
          open.append(neighbour)
        }
      }
      for member in part { try OriginStore.place(member, with: oldest, in: session) }
      left.subtract(part)
    }
    return try OriginStore.leader(of: origin, in: session)
  }
}
