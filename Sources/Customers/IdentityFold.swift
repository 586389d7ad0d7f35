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
      try OriginStore.insert(origin, at: entry.sequence, in: session)
    }
    var people = People(fresh: entry.outcome.opened, session: session)
    for claim in entry.outcome.claims {
      try session.execute(
        ClaimStatement.insert, .integer(claim.claimant), .integer(claim.claimed), .integer(claim.isTied ? 1 : 0),
        .integer(entry.sequence))
      if claim.isTied { try people.join(people.leader(of: claim.claimant), people.leader(of: claim.claimed)) }
    }
    for tie in entry.outcome.ties {
      try session.execute(
        TieStatement.insert, .integer(tie.first), .integer(tie.second), .text(tie.rule), .integer(entry.sequence))
      try people.join(people.leaveVisitor(tie.first), people.leaveVisitor(tie.second))
    }
  }
}

/// The customers whom one entry ties together.
private struct People {
  /// Origins that the entry opened and nothing is tied to yet: nobody needs to be asked about them.
  private var alone: [Origin]
  private let session: any Session

  init(fresh: [Origin], session: any Session) {
    alone = fresh
    self.session = session
  }

  /// The origin that leads the customer to whom `origin` belongs.
  func leader(of origin: Origin.Number) throws -> Origin {
    try alone.first { $0.number == origin } ?? OriginStore.leader(of: origin, in: session)
  }

  /// Makes one customer of two, given the leader of each.
  ///
  /// The members are placed one by one: an update of all rows of a customer at once takes SQLite ten times as long
  /// for the one row that it mostly is.
  mutating func join(_ a: Origin, _ b: Origin) throws {
    if a.number == b.number { return }
    let (leader, other) = OriginStore.leads(a, over: b) ? (a, b) : (b, a)
    let isAlone = alone.contains { $0.number == other.number }
    let members = try isAlone ? [other] : OriginStore.origins(ofCustomer: other.number, in: session)
    for member in members { try OriginStore.place(member.number, with: leader.number, in: session) }
    alone.removeAll { $0.number == leader.number || $0.number == other.number }
  }

  /// The leader of an origin that a proof is about to tie, after that origin has left the visitor, if any, whom only
  /// claims tie it to.
  ///
  /// What is left of the visitor falls into the parts that claims still hold together.
  func leaveVisitor(_ origin: Origin.Number) throws -> Origin {
    let leader = try leader(of: origin)
    if leader.isKnown || alone.contains(where: { $0.number == origin }) { return leader }
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
