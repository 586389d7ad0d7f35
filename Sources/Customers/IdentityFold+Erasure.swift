package import SQL

extension IdentityFold {
  /// Takes the names of these origins away, with merges and doubts that are about them and with what ties them to others
  /// by claims; their numbers and the ties among them stay.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    let erased = Set(origins)
    var touched = erased
    for origin in origins {
      let claims = try session.rows(of: ErasureStatement.claims, .integer(origin)) {
        Outcome.Pair(first: $0.integer(1), second: $0.integer(2))
      }
      for claim in claims where !erased.contains(claim.first) || !erased.contains(claim.second) {
        try session.execute(ClaimStatement.erase, .integer(claim.first), .integer(claim.second))
        touched.formUnion([claim.first, claim.second])
      }
      try session.execute(SeparationStatement.erase, .integer(origin))
      for statement in [ErasureStatement.merges, .reviews] {
        for id in try session.rows(of: statement, .integer(origin), map: { $0.text(0) }) {
          if statement == .merges {
            try session.execute(MergeStatement.forget, .text(id))
          } else {
            try session.execute(ReviewStatement.forget, .text(id))
          }
        }
      }
      try OriginStore.erase(origin, in: session)
    }
    // Claims alone may have held a visitor together.
    var members: Set<Origin.Number> = []
    for origin in touched {
      let leader = try OriginStore.leader(of: origin, in: session).number
      members.formUnion(try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number })
    }
    try People(fresh: [], session: session).regroup(members)
  }

  /// Removes merges that somebody erased had a part in.
  static func forget(_ merges: Set<String>, in session: any Session) throws {
    for id in merges.sorted() { try session.execute(MergeStatement.forget, .text(id)) }
  }
}
