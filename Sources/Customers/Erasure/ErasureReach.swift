import Base
import SQL

enum ErasureStatement: Int, StatementSet {
  case claimOrigins, claimants, hasEvents, ties, merges, reviews, separations, claims, opened, consents
  case count, events, outcomes, rewrite, plain, forgetLetters, letters, forgetLetter, audit

  var sql: String {
    switch self {
    case .claimOrigins: "SELECT number, customer FROM origin WHERE value = ?1 AND type = ?2 AND standing = 1"
    case .claimants: "SELECT claimant FROM claim WHERE claimed = ?1"
    case .hasEvents: "SELECT sequence FROM event WHERE origin = ?1 LIMIT 1"
    case .ties:
      """
      SELECT sequence, first, second FROM tie WHERE first = ?1
      UNION ALL SELECT sequence, first, second FROM tie WHERE second = ?1
      """
    case .merges:
      """
      SELECT id, sequence, undone, first, second, kept, taken FROM merge WHERE first = ?1
      UNION SELECT id, sequence, undone, first, second, kept, taken FROM merge WHERE second = ?1
      """
    case .reviews:
      """
      SELECT id, sequence, decided, first, second FROM review WHERE first = ?1
      UNION SELECT id, sequence, decided, first, second FROM review WHERE second = ?1
      """
    case .separations:
      """
      SELECT sequence, first, second FROM separation WHERE first = ?1
      UNION ALL SELECT sequence, first, second FROM separation WHERE second = ?1
      """
    case .claims:
      """
      SELECT sequence, claimant, claimed, tied FROM claim WHERE claimant = ?1
      UNION ALL SELECT sequence, claimant, claimed, tied FROM claim WHERE claimed = ?1
      """
    case .opened: "SELECT sequence, named FROM origin WHERE number = ?1"
    case .consents:
      """
      SELECT sequence, origin, stand FROM consent WHERE origin = ?1 AND stand <> ?1
      UNION SELECT sequence, origin, stand FROM consent WHERE stand = ?1 AND origin <> ?1
      """
    case .count: "SELECT count(*) FROM event WHERE origin = ?1"
    // Those that were shortened before have nothing more to lose.
    case .events:
      """
      SELECT sequence, at FROM event WHERE origin = ?1 AND (at, sequence) > (?2, ?3)
        AND outcome NOT LIKE '{"result":"erased"%' ORDER BY at, sequence LIMIT ?4
      """
    case .outcomes: "SELECT sequence, outcome FROM event WHERE origin = ?1"
    case .rewrite:
      """
      UPDATE event SET name = ?2, message_id = ?3, original_at = ?4, sent_at = ?5, body = ?6, envelope = ?7,
        outcome = ?8, source = ?9 WHERE sequence = ?1
      """
    // Nothing but their bodies: no fold has anything of them.
    case .plain:
      """
      SELECT sequence, at FROM event WHERE origin = ?1 AND (at, sequence) > (?2, ?3)
        AND kind IN ('track', 'page', 'screen', 'group', 'alias')
        AND coalesce(name, '') NOT IN ('Order Completed', '\(MailEvent.bounced)')
        AND outcome NOT LIKE '{"result":"erased"%' AND outcome NOT LIKE '%"opened":%' AND outcome NOT LIKE '%"ties":%'
        AND outcome NOT LIKE '%"claims":%' AND outcome NOT LIKE '%"reviews":%' AND outcome NOT LIKE '%"consent":%'
        AND outcome NOT LIKE '%"timers":%' AND outcome NOT LIKE '%"ended":%' AND outcome NOT LIKE '%"verdicts":%'
      ORDER BY at, sequence LIMIT ?4
      """
    case .forgetLetters:
      """
      DELETE FROM dead_letter WHERE conflicts_with IN (
        SELECT sequence FROM event WHERE origin = ?1 UNION ALL SELECT sequence FROM summed_event WHERE origin = ?1)
      """
    case .letters: "SELECT number, message_id, reason, body FROM dead_letter"
    case .forgetLetter: "DELETE FROM dead_letter WHERE number = ?1"
    case .audit: "UPDATE audit SET customer = ?2, reason = NULL WHERE origin = ?1"
    }
  }
}

/// What an erasure touches: the places that are a person's, and what others have to do with them.
struct ErasureReach {
  /// His places.
  let origins: Set<Origin.Number>
  /// The places of others who have, or had, to do with him.
  private(set) var others: Set<Origin.Number> = []
  /// Merges that brought him to others, or were between his own places.
  private(set) var merges: Set<String> = []
  /// Doubts whether he is another one.
  private(set) var reviews: Set<String> = []
  /// What ties him to others as it stands: proofs, which are cut.
  private(set) var cuts: [Outcome.Pair] = []
  /// The places in the log that speak of him and stand with others or with nobody.
  private(set) var entries: Set<Int64> = []

  /// The places of the customer that `leader` leads, with what is only his in other places: what anybody claims to be
  /// him, unless a known customer does, and what he claims and nobody else.
  ///
  /// What others claim too is theirs and stays, unless a person has said that it is his.
  static func person(ofCustomer leader: Origin.Number, in session: any Session) throws -> Set<Origin.Number> {
    let own = try OriginStore.origins(ofCustomer: leader, in: session)
    var all = Set(own.map { $0.number })
    let isKnown = own.contains { $0.isKnown }
    let proved = Set(own.filter { $0.standing == .own || isKnown && $0.source.isEmpty }.map { $0.identifier })
    for origin in own where origin.standing == .claim && !proved.contains(origin.identifier) {
      let claimants = try session.rows(of: ErasureStatement.claimants, .integer(origin.number)) { $0.integer(0) }
      if origin.number != leader, claimants.contains(where: { !all.contains($0) }) { all.remove(origin.number) }
    }
    for identifier in proved {
      let claims = try session.rows(
        of: ErasureStatement.claimOrigins, .text(identifier.value), .text(identifier.type.name)
      ) { (number: $0.integer(0), customer: $0.integer(1)) }
      for claim in claims where try !OriginStore.leader(of: claim.number, in: session).isKnown {
        all.insert(claim.number)
      }
    }
    for origin in all {
      let claimed = try session.rows(of: ErasureStatement.claims, .integer(origin)) { $0.integer(2) }
      for place in claimed where !all.contains(place) {
        if try isOnlyClaimed(place, by: all, session) { all.insert(place) }
      }
    }
    return all
  }

  private static func isOnlyClaimed(
    _ place: Origin.Number, by origins: Set<Origin.Number>, _ session: any Session
  ) throws -> Bool {
    guard try OriginStore.origin(place, in: session).standing == .claim,
      try OriginStore.leader(of: place, in: session).number == place,
      try OriginStore.origins(ofCustomer: place, in: session).count == 1,
      try session.first(of: ErasureStatement.hasEvents, .integer(place), map: { _ in true }) == nil
    else { return false }
    return try session.rows(of: ErasureStatement.claimants, .integer(place)) { $0.integer(0) }
      .allSatisfy { origins.contains($0) }
  }

  init(of origins: Set<Origin.Number>, in session: any Session) throws {
    self.origins = origins
    for origin in origins { try look(around: origin, session) }
    // Whoever had to do with one of a customer's places may be named in the events of another.
    for other in others {
      let leader = try OriginStore.leader(of: other, in: session).number
      others.formUnion(try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number })
    }
    others.subtract(origins)
    for other in others { try lookAt(other: other, session) }
  }

  private mutating func look(around origin: Origin.Number, _ session: any Session) throws {
    func meet(_ statement: ErasureStatement) throws -> [(sequence: Int64, pair: Outcome.Pair)] {
      try session.rows(of: statement, .integer(origin)) {
        ($0.integer(0), Outcome.Pair(first: $0.integer(1), second: $0.integer(2)))
      }
    }
    for tie in try meet(.ties) {
      add(tie.pair, tie.sequence)
      if !origins.contains(tie.pair.first) || !origins.contains(tie.pair.second) { cuts.append(tie.pair) }
    }
    for (sequence, pair) in try meet(.separations) + meet(.claims) + meet(.consents) { add(pair, sequence) }
    for merge in try Self.merges(of: origin, session) {
      merges.insert(merge.id)
      entries.formUnion(merge.entries)
      others.formUnion(merge.origins)
    }
    try session.forEachRow(of: ErasureStatement.reviews, [.integer(origin)]) { row in
      reviews.insert(row.text(0))
      entries.formUnion([row.integer(1)] + [row.optionalInteger(2)].compactMap { $0 })
      others.formUnion([row.integer(3), row.integer(4)])
      return true
    }
    entries.formUnion(try Self.entries(naming: origin, in: session))
  }

  /// The entry that opened a place, and the one in which its names stand where they do not stand there.
  static func entries(naming origin: Origin.Number, in session: any Session) throws -> [Int64] {
    try session.rows(of: ErasureStatement.opened, .integer(origin)) { row in
      [row.integer(0), row.optionalInteger(1)].compactMap { $0 }
    }.flatMap { $0 }
  }

  private mutating func add(_ pair: Outcome.Pair, _ sequence: Int64) {
    entries.insert(sequence)
    others.formUnion([pair.first, pair.second])
  }

  private typealias MergeRow = (id: String, entries: [Int64], origins: [Origin.Number])

  private static func merges(of origin: Origin.Number, _ session: any Session) throws -> [MergeRow] {
    try session.rows(of: ErasureStatement.merges, .integer(origin)) { row in
      (
        row.text(0), [row.integer(1)] + [row.optionalInteger(2)].compactMap { $0 },
        (3...6).map { row.integer($0) }
      )
    }
  }

  /// What of another's history names one of his places.
  private mutating func lookAt(other: Origin.Number, _ session: any Session) throws {
    for merge in try Self.merges(of: other, session) {
      if merge.origins.contains(where: { origins.contains($0) }) { merges.insert(merge.id) }
      entries.formUnion(merge.entries)
    }
    try session.forEachRow(of: ErasureStatement.outcomes, [.integer(other)]) { row in
      let outcome = try Outcome(json: row.bytes(1))
      if outcome.rulings.contains(where: { $0.origin.map { origins.contains($0) } ?? false }) {
        entries.insert(row.integer(0))
      }
      return true
    }
  }
}
