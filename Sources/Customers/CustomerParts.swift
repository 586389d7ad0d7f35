package import SQL

/// The origins of customers, for the floors above: as they are, and as an entry leaves them that is about to be appended.
package enum CustomerParts {
  /// The origins of the customer to whom `origin` belongs, the oldest first; none where no entry has opened it yet.
  package static func origins(with origin: Origin.Number, in session: any Session) throws -> [Origin.Number] {
    if let known = OriginStore.known(origin, in: session) { return known.map { $0.number } }
    let customer = try session.first(of: PartStatement.customer, .integer(origin)) { $0.integer(0) }
    guard let customer else { return [] }
    return try session.rows(of: PartStatement.origins, .integer(customer)) { $0.integer(0) }
  }

  /// The origins of the customer to whom `origin` will belong when an entry is appended: what its ties bring together is
  /// one already, and itself is there though it is only just opened.
  package static func origins(
    with origin: Origin.Number, after outcome: Outcome, in session: any Session
  ) throws -> Set<Origin.Number> {
    var found: Set<Origin.Number> = [origin]
    var open = [origin]
    while let next = open.popLast() {
      let tied = outcome.ties.compactMap { tie in
        tie.first == next ? tie.second : tie.second == next ? tie.first : nil
      }
      for other in try origins(with: next, in: session) + tied where found.insert(other).inserted {
        open.append(other)
      }
    }
    return found
  }

  /// What the customers of its cuts fall into by an entry that is about to be appended: each origin under the least of
  /// its part.
  package static func parts(
    after outcome: Outcome, in session: any Session
  ) throws -> [Origin.Number: Origin.Number] {
    let cuts = Set(outcome.cuts)
    var members: Set<Origin.Number> = []
    for cut in outcome.cuts { members.formUnion(try origins(with: cut.first, in: session)) }
    var neighbours: [Origin.Number: [Origin.Number]] = [:]
    func join(_ first: Origin.Number, _ second: Origin.Number) {
      neighbours[first, default: []].append(second)
      neighbours[second, default: []].append(first)
    }
    for member in members {
      for other in try session.rows(of: TieStatement.of, .integer(member), map: { $0.integer(0) })
      where !cuts.contains(Outcome.Pair(first: member, second: other))
        && !cuts.contains(Outcome.Pair(first: other, second: member))
      {
        join(member, other)
      }
    }
    for tie in outcome.ties { join(tie.first, tie.second) }
    var parts = groups(of: members, neighbours)
    // Claims hold together those whom nothing makes known.
    let known = Set(try members.filter { try OriginStore.isKnown($0, in: session) }.compactMap { parts[$0] })
    for member in members where !known.contains(parts[member] ?? member) {
      for other in try session.rows(of: ClaimStatement.tiedOf, .integer(member), map: { $0.integer(0) })
      where parts[other].map({ !known.contains($0) }) ?? false { join(member, other) }
    }
    parts = groups(of: members, neighbours)
    return parts
  }

  private static func groups(
    of members: Set<Origin.Number>, _ neighbours: [Origin.Number: [Origin.Number]]
  ) -> [Origin.Number: Origin.Number] {
    var parts: [Origin.Number: Origin.Number] = [:]
    for member in members.sorted() where parts[member] == nil {
      parts[member] = member
      var open = [member]
      while let next = open.popLast() {
        for other in neighbours[next] ?? [] where parts[other] == nil {
          parts[other] = member
          open.append(other)
        }
      }
    }
    return parts
  }
}

enum PartStatement: Int, StatementSet {
  case customer, origins

  var sql: String {
    switch self {
    case .customer: "SELECT customer FROM origin WHERE number = ?1"
    case .origins: "SELECT number FROM origin WHERE customer = ?1 ORDER BY number"
    }
  }
}
