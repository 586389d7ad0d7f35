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
      SELECT l.public_id, min(c.sequence) FROM origin o JOIN claim c ON c.claimed = o.number
      JOIN origin s ON s.number = c.claimant JOIN origin l ON l.number = s.customer
      WHERE o.value = ?1 AND o.type = ?2 AND o.standing = 1 AND o.source = '' AND s.customer <> ?3
      GROUP BY l.public_id ORDER BY 2
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
      if claim.isTied { try join(claim.claimant, claim.claimed, in: session) }
    }
    for tie in entry.outcome.ties {
      try session.execute(
        TieStatement.insert, .integer(tie.first), .integer(tie.second), .text(tie.rule), .integer(entry.sequence))
      try leaveVisitor(tie.first, in: session)
      try leaveVisitor(tie.second, in: session)
      try join(tie.first, tie.second, in: session)
    }
  }

  /// Makes one customer of two.
  private func join(_ a: Origin.Number, _ b: Origin.Number, in session: any Session) throws {
    let customerA = try OriginStore.customer(of: a, in: session)
    let customerB = try OriginStore.customer(of: b, in: session)
    if customerA == customerB { return }
    guard let leaderA = try OriginStore.origin(customerA, in: session),
      let leaderB = try OriginStore.origin(customerB, in: session)
    else { return }
    let aLeads = OriginStore.leads(leaderA, over: leaderB)
    try session.execute(
      OriginStatement.move, .integer(aLeads ? customerB : customerA), .integer(aLeads ? customerA : customerB))
  }

  /// Takes a visitor's place out of what only claims tie it to, before a proof ties it to somebody known: what is
  /// left of the visitor falls into the parts that claims still hold together.
  private func leaveVisitor(_ origin: Origin.Number, in session: any Session) throws {
    let customer = try OriginStore.customer(of: origin, in: session)
    guard let leader = try OriginStore.origin(customer, in: session), !leader.isKnown else { return }
    let members = try OriginStore.origins(ofCustomer: customer, in: session)
    try session.execute(OriginStatement.place, .integer(origin), .integer(origin))
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
      for member in part { try session.execute(OriginStatement.place, .integer(member), .integer(oldest)) }
      left.subtract(part)
    }
  }
}
