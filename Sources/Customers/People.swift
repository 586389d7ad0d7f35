import SQL

/// The customers whom one entry ties together or tells apart: which origins belong to whom after it.
///
/// Proofs join origins. Where no one in such a group is known, claims join it with others of that kind: a visitor. The
/// oldest known origin leads, else the oldest; so an undo finds the old leaders again without remembering them.
struct People {
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
    for member in members { try OriginStore.place(member, with: leader, in: session) }
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
    let proved = try group(of: origin) { try neighbours($0, TieStatement.of) }
    try place(proved)
    var left = Set(members.map { $0.number }).subtracting(proved)
    while let oldest = left.min() {
      let part = try group(of: oldest) { next in try bonds(of: next).filter { left.contains($0) } }
      try place(part)
      left.subtract(part)
    }
    return try OriginStore.leader(of: origin, in: session)
  }

  /// Takes ties away and gives every origin of the customers concerned to the one whom the remaining ties make of it.
  func part(at cuts: [Outcome.Pair]) throws {
    var open: Set<Origin.Number> = []
    for cut in cuts {
      let leader = try OriginStore.leader(of: cut.first, in: session).number
      open.formUnion(try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number })
      try session.execute(TieStatement.cut, .integer(cut.first), .integer(cut.second))
    }
    try regroup(open)
  }

  /// Gives every one of these origins, which are all of some customers', to the one whom the ties and claims that are
  /// there make of it.
  func regroup(_ origins: Set<Origin.Number>) throws {
    var open = origins
    while let origin = open.min() {
      var part = try group(of: origin) { try neighbours($0, TieStatement.of) }
      // A visitor again: claims tie him to other visitors, as they did before.
      if try !isKnown(part) { part = try group(of: origin) { try bonds(of: $0) } }
      try place(part)
      open.subtract(part)
    }
  }

  private func isKnown(_ group: Set<Origin.Number>) throws -> Bool {
    try group.contains { try OriginStore.isKnown($0, in: session) }
  }

  /// What proofs and claims tie an unknown origin to: by claims only what no proof gives to somebody known.
  private func bonds(of origin: Origin.Number) throws -> [Origin.Number] {
    let claimed = try neighbours(origin, ClaimStatement.tiedOf).filter { other in
      try !isKnown(group(of: other) { try neighbours($0, TieStatement.of) })
    }
    return try neighbours(origin, TieStatement.of) + claimed
  }

  private func neighbours(_ origin: Origin.Number, _ statement: some StatementSet) throws -> [Origin.Number] {
    try session.rows(of: statement, .integer(origin)) { $0.integer(0) }
  }

  private func group(
    of origin: Origin.Number, _ neighbours: (Origin.Number) throws -> [Origin.Number]
  ) throws -> Set<Origin.Number> {
    var group: Set<Origin.Number> = [origin]
    var open = [origin]
    while let next = open.popLast() {
      for neighbour in try neighbours(next) where group.insert(neighbour).inserted { open.append(neighbour) }
    }
    return group
  }

  /// Makes one customer of a group.
  private func place(_ group: Set<Origin.Number>) throws {
    let known = try group.filter { try OriginStore.isKnown($0, in: session) }
    guard let leader = known.min() ?? group.min() else { return }
    for member in group { try OriginStore.place(member, with: leader, in: session) }
  }
}
