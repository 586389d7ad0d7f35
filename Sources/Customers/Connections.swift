import Base
import SQL

enum PastStatement: Int, StatementSet {
  case origin, byPublicID, claimOrigin, connected, undos, claims, claimants, events

  var sql: String {
    switch self {
    case .origin: "SELECT sequence, type, value, standing, named FROM origin WHERE number = ?1"
    case .byPublicID: "SELECT number FROM origin WHERE public_id = ?1"
    case .claimOrigin:
      "SELECT number FROM origin WHERE value = ?1 AND type = ?2 AND standing = 1 AND source = ''"
    case .connected:
      """
      SELECT sequence, second FROM tie WHERE first = ?1 UNION ALL SELECT sequence, first FROM tie WHERE second = ?1
      UNION ALL SELECT sequence, second FROM merge WHERE first = ?1
      UNION ALL SELECT sequence, first FROM merge WHERE second = ?1
      UNION ALL SELECT sequence, claimed FROM claim WHERE claimant = ?1 AND tied = 1
      UNION ALL SELECT sequence, claimant FROM claim WHERE claimed = ?1 AND tied = 1
      """
    // An act that makes an identifier shared leaves nothing of its ties but notes of who had it, one that takes an
    // identifier away a separation.
    case .undos:
      """
      SELECT undone FROM merge WHERE first = ?1 AND undone IS NOT NULL
      UNION SELECT undone FROM merge WHERE second = ?1 AND undone IS NOT NULL
      UNION SELECT c.sequence FROM claim c JOIN event e ON e.sequence = c.sequence
      WHERE c.claimed = ?1 AND e.kind IN ('undo', 'identifier')
      UNION SELECT sequence FROM separation WHERE first = ?1 UNION SELECT sequence FROM separation WHERE second = ?1
      """
    case .claims: "SELECT claimed, sequence FROM claim WHERE claimant = ?1 AND sequence <= ?2"
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
/// The tables have the ties that hold now. Those that an undo has cut, or put others in the place of, stand in the
/// entries that made and cut them.
struct Connections {
  private let moment: Int64
  private let most: Int
  private let session: any Session
  /// Those that were ever tied to whom the name leads to, also by claims that tied visitors.
  private var own: Set<Origin.Number> = []
  /// Those too that claim the same, and what they claim.
  private(set) var origins: Set<Origin.Number> = []
  private(set) var entries: Set<Int64> = []
  /// What the entries that were read tie or cut.
  private var neighbours: [Origin.Number: Set<Origin.Number>] = [:]
  private var read: Set<Int64> = []

  /// - Parameter most: more entries than this are too many.
  init(upTo moment: Int64, most: Int = Past.mostEntries, in session: any Session) {
    (self.moment, self.most, self.session) = (moment, most, session)
  }

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
      try session.forEachRow(of: PastStatement.claims, [.integer(origin), .integer(moment)]) { row in
        claimed.insert(row.integer(0))
        entries.insert(row.integer(1))
        return true
      }
    }
    for place in claimed.sorted() where try add(place) { try followClaimants(of: place) }
  }

  /// Adds what happened at his origins.
  mutating func addEvents() throws {
    for origin in own.sorted() {
      let room = Int64(most + 1)
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
    // Erased is erased: whoever was one customer with him then is shown without him, and without what he named first.
    let opened = try session.first(of: PastStatement.origin, .integer(origin)) { row in
      ErasedName.isValue(row.text(2)) ? [.max] : [row.integer(0), row.optionalInteger(4) ?? 0]
    }
    guard let opened, opened.allSatisfy({ $0 <= moment }) else { return false }
    entries.formUnion(opened.filter { $0 > 0 })
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
      try checkSize()
      for other in try look(around: origin) where found.contains(other) {
        open += neighbours[other, default: []].subtracting(found)
      }
      open += neighbours[origin, default: []].subtracting(found)
    }
    return found
  }

  /// Reads the entries that tied an origin to others or cut such a tie.
  ///
  /// - Returns: the origins of which more is known now.
  private mutating func look(around origin: Origin.Number) throws -> Set<Origin.Number> {
    let opened = try session.rows(of: PastStatement.origin, .integer(origin)) { $0.integer(0) }
    let made = try session.rows(of: PastStatement.connected, .integer(origin)) { ($0.integer(0), $0.integer(1)) }
      .filter { $0.0 <= moment }
    let undone = try session.rows(of: PastStatement.undos, .integer(origin)) { $0.integer(0) }
    var changed: Set<Origin.Number> = []
    func connect(_ first: Origin.Number, _ second: Origin.Number) {
      neighbours[first, default: []].insert(second)
      neighbours[second, default: []].insert(first)
      changed.formUnion([first, second])
    }
    for (_, other) in made { connect(origin, other) }
    entries.formUnion(made.map { $0.0 } + undone.filter { $0 <= moment })
    for sequence in Set(opened + made.map { $0.0 } + undone) where read.insert(sequence).inserted {
      guard let outcome = try EventLog.entry(sequence, in: session)?.outcome else { continue }
      for cut in outcome.cuts { connect(cut.first, cut.second) }
      // What was tied later did not hold at the moment.
      guard sequence <= moment else { continue }
      for tie in outcome.ties { connect(tie.first, tie.second) }
    }
    return changed
  }

  private func checkSize() throws {
    guard entries.count > most else { return }
    throw Failure(
      .tooLarge, "more than \(most) entries of the log would have to be read; the timeline needs fewer")
  }
}
