import Base
package import SQL

enum OriginStatement: Int, StatementSet {
  case last, find, generations, insert, leaderOf, byPublicID, ofCustomer, countTypes, place, share, standing, byNumber,
    ids, erase, name

  var sql: String {
    switch self {
    case .last: "SELECT coalesce(max(number), 0) FROM origin"
    case .find:
      """
      SELECT o.number, o.customer, l.standing, l.type, l.public_id, o.shared, o.generation
      FROM origin o JOIN origin l ON l.number = o.customer
      WHERE o.value = ?1 AND o.type = ?2 AND o.standing = ?3 AND o.source = ?4
      ORDER BY o.generation DESC LIMIT 1
      """
    case .generations:
      "SELECT number, customer FROM origin WHERE value = ?1 AND type = ?2 AND standing = 0 AND source = ''"
    case .insert:
      """
      INSERT INTO origin (number, public_id, type, value, standing, source, customer, sequence, generation, shared)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?1, ?7, ?8, 0)
      """
    case .leaderOf:
      """
      SELECT l.number, l.public_id, l.type, l.value, l.standing, l.source, l.generation, l.shared
      FROM origin o JOIN origin l ON l.number = o.customer WHERE o.number = ?1
      """
    case .byPublicID: "SELECT customer FROM origin WHERE public_id = ?1"
    case .ofCustomer:
      """
      SELECT number, public_id, type, value, standing, source, generation, shared
      FROM origin WHERE customer = ?1 ORDER BY number
      """
    case .countTypes: "SELECT type, count(*) FROM origin WHERE customer = ?1 GROUP BY type ORDER BY type"
    case .place: "UPDATE origin SET customer = ?2 WHERE number = ?1"
    case .byNumber:
      "SELECT number, public_id, type, value, standing, source, generation, shared FROM origin WHERE number = ?1"
    case .standing: "SELECT standing, type FROM origin WHERE number = ?1"
    case .ids: "SELECT number, public_id FROM origin"
    case .erase: "UPDATE origin SET public_id = ?2, value = ?3 WHERE number = ?1"
    case .name: "UPDATE origin SET public_id = ?2, value = ?3, named = ?4 WHERE number = ?1"
    case .share: "UPDATE origin SET shared = ?2 WHERE number = ?1"
    }
  }
}

/// An origin that exists, with the customer that it belongs to now.
struct Place {
  var origin: Origin.Number
  /// The leading origin of the customer.
  var customer: Origin.Number
  /// The id under which that customer is known outside.
  var publicID: String
  /// Whether that customer is known.
  var isKnown: Bool
  /// Whether several people use the identifier.
  var isShared = false
  var generation: Int64 = 0
}

/// The table of origins.
package enum OriginStore {
  private enum Cache: TransactionKey { typealias Value = OriginCache }

  /// The place of an identifier, or nil where it has none.
  static func find(
    _ identifier: Identifier, _ standing: Origin.Standing, source: String = "", in session: any Session
  ) throws -> Place? {
    guard let cache = cache(of: session) else { return try look(identifier, standing, source, in: session) }
    let key = OriginCache.Key(identifier, standing, source: source)
    if let place = cache[key] { return place }
    let place = try look(identifier, standing, source, in: session)
    if let place { cache.keep(place, key) }
    return place
  }

  /// None where another connection may write before the next transaction: a few looks are not worth its memory.
  private static func cache(of session: any Session) -> OriginCache? {
    guard session.memory.isKept else { return nil }
    if let cache = session.memory[kept: Cache.self] { return cache }
    let cache = OriginCache()
    session.memory[kept: Cache.self] = cache
    return cache
  }

  /// Opens a place, which is alone at first.
  static func insert(_ origin: Origin, at sequence: Int64, in session: any Session) throws {
    try session.execute(
      OriginStatement.insert, .integer(origin.number), .text(origin.publicID), .text(origin.identifier.type.name),
      .text(origin.identifier.value), .integer(origin.standing.rawValue), .text(origin.source), .integer(sequence),
      .integer(origin.generation))
    // What is only claimed is seldom named again; it would take the room of what each next event names.
    guard origin.standing == .own else { return }
    cache(of: session)?.keep(origin.place, key(of: origin))
  }

  private static func key(of origin: Origin) -> OriginCache.Key {
    OriginCache.Key(origin.identifier, origin.standing, source: origin.source)
  }

  private static func look(
    _ identifier: Identifier, _ standing: Origin.Standing, _ source: String, in session: any Session
  ) throws -> Place? {
    try session.first(
      of: OriginStatement.find, .text(identifier.value), .text(identifier.type.name), .integer(standing.rawValue),
      .text(source)
    ) { row in
      let leader = Origin.Standing(rawValue: row.integer(2)) ?? .claim
      return Place(
        origin: row.integer(0), customer: row.integer(1), publicID: row.text(4),
        isKnown: Origin.isKnown(leader, row.text(3)), isShared: row.integer(5) == 1, generation: row.integer(6))
    }
  }

  /// The origin that leads the customer to whom `origin` belongs.
  package static func leader(of origin: Origin.Number, in session: any Session) throws -> Origin {
    if let known = known(origin, in: session)?.first(where: { $0.number == origin }) { return known }
    guard let leader = try session.first(of: OriginStatement.leaderOf, .integer(origin), map: { try self.origin($0) })
    else { throw Failure(.internal, "the log is damaged", cause: "no origin \(origin)", hint: "throughline verify") }
    return leader
  }

  /// The origin of that number.
  static func origin(_ number: Origin.Number, in session: any Session) throws -> Origin {
    guard let origin = try session.first(of: OriginStatement.byNumber, .integer(number), map: { try origin($0) })
    else { throw Failure(.internal, "the log is damaged", cause: "no origin \(number)", hint: "throughline verify") }
    return origin
  }

  /// Gives an origin to the customer that `leader` leads; who signs in is at hand for what he does next.
  static func place(_ origin: Origin, with leader: Origin, in session: any Session) throws {
    try session.execute(OriginStatement.place, .integer(origin.number), .integer(leader.number))
    guard let cache = session.memory[kept: Cache.self] else { return }
    let key = key(of: origin)
    // Another one has the name by now where a browser was given a new place.
    guard cache[key]?.origin == origin.number else { return cache.forget(key) }
    cache.keep(
      Place(
        origin: origin.number, customer: leader.number, publicID: leader.publicID, isKnown: leader.isKnown,
        isShared: origin.isShared, generation: origin.generation), key)
  }

  /// Gives an origin to the customer that `leader` leads.
  static func place(_ origin: Origin.Number, with leader: Origin.Number, in session: any Session) throws {
    try session.execute(OriginStatement.place, .integer(origin), .integer(leader))
    if let cache = session.memory[kept: Cache.self] { cache.forget(key(of: try self.origin(origin, in: session))) }
  }

  /// Whether the origin by itself makes its customer known.
  static func isKnown(_ origin: Origin.Number, in session: any Session) throws -> Bool {
    try session.first(of: OriginStatement.standing, .integer(origin)) { row in
      Origin.isKnown(Origin.Standing(rawValue: row.integer(0)) ?? .claim, row.text(1))
    } ?? false
  }

  /// Says whether several people use the identifier of that origin.
  static func share(_ origin: Origin.Number, _ isShared: Bool, in session: any Session) throws {
    try session.execute(OriginStatement.share, .integer(origin), .integer(isShared ? 1 : 0))
    session.memory[kept: Cache.self] = nil
  }

  /// Takes an origin's names away: it leads nowhere from now on.
  static func erase(_ origin: Origin.Number, in session: any Session) throws {
    try session.execute(
      OriginStatement.erase, .integer(origin), .text(ErasedName.id(of: origin)), .text(ErasedName.value(of: origin)))
    session.memory[kept: Cache.self] = nil
  }

  /// Gives an origin its names, which stand in the entry at `sequence` from now on.
  static func name(_ origin: Origin, at sequence: Int64, in session: any Session) throws {
    try session.execute(
      OriginStatement.name, .integer(origin.number), .text(origin.publicID), .text(origin.identifier.value),
      .integer(sequence))
    session.memory[kept: Cache.self] = nil
  }

  /// The places that an identifier of its own has had, with the customer of each.
  static func generations(
    of identifier: Identifier, in session: any Session
  ) throws -> [(origin: Origin.Number, customer: Origin.Number)] {
    try session.rows(of: OriginStatement.generations, .text(identifier.value), .text(identifier.type.name)) {
      ($0.integer(0), $0.integer(1))
    }
  }

  /// The origins of the customer that `leader` leads, the oldest first.
  package static func origins(ofCustomer leader: Origin.Number, in session: any Session) throws -> [Origin] {
    if let known = known(leader, in: session) { return known }
    let origins = try session.rows(of: OriginStatement.ofCustomer, .integer(leader)) { try origin($0) }
    if session.memory.isSnapshot { session.memory[Customer.self] = (leader, origins) }
    return origins
  }

  /// Whom a snapshot was asked for last.
  private enum Customer: TransactionKey { typealias Value = (leader: Origin.Number, origins: [Origin]) }

  /// The origins of a customer, where the snapshot was asked for them a moment ago.
  static func known(_ leader: Origin.Number, in session: any Session) -> [Origin]? {
    guard let known = session.memory[Customer.self], known.leader == leader, !known.origins.isEmpty else { return nil }
    return known.origins
  }

  private static func origin(_ row: any Row) throws -> Origin {
    guard let type = IdentifierType(row.text(2)), let standing = Origin.Standing(rawValue: row.integer(4)) else {
      throw Failure(.internal, "the table of origins is damaged", hint: "throughline verify")
    }
    return Origin(
      number: row.integer(0), publicID: row.text(1), identifier: Identifier(recorded: type, row.text(3)),
      standing: standing, source: row.text(5), generation: row.integer(6), isShared: row.integer(7) == 1)
  }

  /// How many origins of each type the customer that `leader` leads has, by the type's name.
  static func counts(ofCustomer leader: Origin.Number, in session: any Session) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    try session.forEachRow(of: OriginStatement.countTypes, [.integer(leader)]) { row in
      counts[row.text(0)] = Int(row.integer(1))
      return true
    }
    return counts
  }

  /// Which of two leads when their customers become one: the known one, then the older one.
  static func leads(_ a: Origin, over b: Origin) -> Bool {
    a.isKnown == b.isKnown || !Protection.holds("identity.known") ? a.number < b.number : a.isKnown
  }
}
