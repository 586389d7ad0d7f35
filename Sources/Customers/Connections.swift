import Base
import SQL

enum PastStatement: Int, StatementSet {
  case origin, byPublicID, claimOrigin, ties, merges, tiedClaims, claims, claimants, events

  var sql: String {
    switch self {
    case .origin: "SELECT sequence, type, value, standing FROM origin WHERE number = ?1"
    case .byPublicID: "SELECT number FROM origin WHERE public_id = ?1"
    case .claimOrigin:
      "SELECT number FROM origin WHERE value = ?1 AND type = ?2 AND standing = 1 AND source = ''"
    case .ties:
      """
      SELECT second, sequence FROM tie WHERE first = ?1 UNION ALL SELECT first, sequence FROM tie WHERE second = ?1
      """
    case .merges:
      """
      SELECT second, sequence, undone FROM merge WHERE first = ?1
      UNION ALL SELECT first, sequence, undone FROM merge WHERE second = ?1
      """
    case .tiedClaims:
      """
      SELECT claimed, sequence FROM claim WHERE claimant = ?1 AND tied = 1
      UNION ALL SELECT claimant, sequence FROM claim WHERE claimed = ?1 AND tied = 1
      """
    case .claims: "SELECT claimed, sequence FROM claim WHERE claimant = ?1"
    case .claimants:
      """
      SELECT claimant, sequence FROM claim WHERE claimed = ?1 AND sequence <= ?2 ORDER BY claimant LIMIT ?3
      """
    case .events: "SELECT sequence FROM event WHERE origin = ?1 AND sequence <= ?2 LIMIT ?3"
    }
  }
}

/// The origins that were ever connected with a customer until a moment, and the entries that say so.
///
/// Ties that an undo has cut stand in the table of merges, and in the entry that cut them.
struct Connections {
  private let moment: Int64
  private let session: any Session
  /// Those that were ever tied to whom the name leads to, also by claims that tied visitors.
  private var own: Set<Origin.Number> = []
  /// Those too that claim the same, and what they claim.
  private(set) var origins: Set<Origin.Number> = []
  private(set) var entries: Set<Int64> = []

  init(upTo moment: Int64, in session: any Session) { (self.moment, self.session) = (moment, session) }

  /// Finds everything that decides who he was.
  mutating func follow(_ name: CustomerName) throws {
    own = try connected(with: seeds(of: name))
    origins.formUnion(own)
    // A name that nobody has proved leads to those who claim it.
    var claimed = Set<Origin.Number>()
    if case .identifier(let identifier) = name { claimed.formUnion(try claimOrigin(of: identifier)) }
    for origin in own {
      let identifier = try session.first(of: PastStatement.origin, .integer(origin)) { row -> Identifier? in
        guard row.integer(3) == Origin.Standing.own.rawValue, let type = IdentifierType(row.text(1)),
          type != .anonymousID
        else { return nil }
        return Identifier(recorded: type, row.text(2))
      }
      if let identifier = identifier ?? nil { claimed.formUnion(try claimOrigin(of: identifier)) }
      try connections(PastStatement.claims, of: origin) { claimed.insert($0) }
    }
    for place in claimed.sorted() where try add(place) { try followClaimants(of: place) }
  }

  /// Adds what happened at his origins.
  mutating func addEvents() throws {
    for origin in own.sorted() {
      let room = Int64(Past.mostEntries + 1)
      let events = try session.rows(of: PastStatement.events, .integer(origin), .integer(moment), .integer(room)) {
        $0.integer(0)
      }
      entries.formUnion(events)
      try checkSize()
    }
  }

  private func seeds(of name: CustomerName) throws -> [Origin.Number] {
    switch name {
    case .id(let id): try session.rows(of: PastStatement.byPublicID, .text(id)) { $0.integer(0) }
    case .identifier(let identifier):
      try OriginStore.generations(of: identifier, in: session).map { $0.origin } + claimOrigin(of: identifier)
    }
  }

  private func claimOrigin(of identifier: Identifier) throws -> [Origin.Number] {
    try session.rows(of: PastStatement.claimOrigin, .text(identifier.value), .text(identifier.type.name)) {
      $0.integer(0)
    }
  }

  /// Who else says that what stands there is his: as many as a profile tells, each with all that decides who he was.
  private mutating func followClaimants(of place: Origin.Number) throws {
    let most = Profile.mostClaims + Int64(own.count)
    let claims = try session.rows(of: PastStatement.claimants, .integer(place), .integer(moment), .integer(most)) {
      (claimant: $0.integer(0), sequence: $0.integer(1))
    }
    for claim in claims {
      entries.insert(claim.sequence)
      if !origins.contains(claim.claimant) { origins.formUnion(try connected(with: [claim.claimant])) }
    }
  }

  /// Takes an origin in.
  ///
  /// - Returns: false where it was not there at that moment.
  private mutating func add(_ origin: Origin.Number) throws -> Bool {
    if origins.contains(origin) { return true }
    let opened = try session.first(of: PastStatement.origin, .integer(origin)) { $0.integer(0) }
    guard let opened, opened <= moment else { return false }
    entries.insert(opened)
    origins.insert(origin)
    return true
  }

  /// The origins to which any chain of ties ever led from these; each is taken in.
  private mutating func connected(with seeds: [Origin.Number]) throws -> Set<Origin.Number> {
    var found: Set<Origin.Number> = []
    var open = seeds
    while let origin = open.popLast() {
      guard !found.contains(origin), try add(origin) else { continue }
      found.insert(origin)
      var undone: Set<Int64> = []
      try connections(PastStatement.ties, of: origin) { open.append($0) }
      try connections(PastStatement.tiedClaims, of: origin) { open.append($0) }
      try connections(PastStatement.merges, of: origin) { row in
        open.append(row.integer(0))
        if let undo = row.optionalInteger(2) { undone.insert(undo) }
      }
      for undo in undone {
        if undo <= moment { entries.insert(undo) }
        let cuts = try EventLog.entry(undo, in: session)?.outcome.cuts ?? []
        for cut in cuts where cut.first == origin || cut.second == origin { open += [cut.first, cut.second] }
      }
      try checkSize()
    }
    return found
  }

  /// Hands over what was connected with an origin at that moment, and keeps the entries that made it so.
  private mutating func connections(
    _ statement: PastStatement, of origin: Origin.Number, _ body: (Origin.Number) -> Void
  ) throws {
    try connections(statement, of: origin) { (row: any Row) in body(row.integer(0)) }
  }

  private mutating func connections(
    _ statement: PastStatement, of origin: Origin.Number, _ body: (any Row) -> Void
  ) throws {
    try session.forEachRow(of: statement, [.integer(origin)]) { row in
      guard row.integer(1) <= moment else { return true }
      entries.insert(row.integer(1))
      body(row)
      return true
    }
  }

  private func checkSize() throws {
    guard entries.count > Past.mostEntries else { return }
    throw Failure(
      .tooLarge, "more than \(Past.mostEntries) entries of the log would have to be read; the timeline needs fewer")
  }
}
