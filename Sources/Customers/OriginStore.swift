import Base
import SQL

enum OriginStatement: Int, StatementSet {
  case last, find, insert, leaderOf, byPublicID, ofCustomer, countTypes, place

  var sql: String {
    switch self {
    case .last: "SELECT coalesce(max(number), 0) FROM origin"
    case .find:
      """
      SELECT o.number, o.customer, l.standing, l.type, l.public_id
      FROM origin o JOIN origin l ON l.number = o.customer
      WHERE o.value = ?1 AND o.type = ?2 AND o.standing = ?3 AND o.source = ?4
      """
    case .insert:
      """
      INSERT INTO origin (number, public_id, type, value, standing, source, customer, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?1, ?7)
      """
    case .leaderOf:
      """
      SELECT l.number, l.public_id, l.type, l.value, l.standing, l.source
      FROM origin o JOIN origin l ON l.number = o.customer WHERE o.number = ?1
      """
    case .byPublicID: "SELECT customer FROM origin WHERE public_id = ?1"
    case .ofCustomer:
      "SELECT number, public_id, type, value, standing, source FROM origin WHERE customer = ?1 ORDER BY number"
    case .countTypes: "SELECT type, count(*) FROM origin WHERE customer = ?1 GROUP BY type ORDER BY type"
    case .place: "UPDATE origin SET customer = ?2 WHERE number = ?1"
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
}

/// The table of origins.
enum OriginStore {
  private enum Cache: TransactionKey { typealias Value = OriginCache }

  /// The place of an identifier, or nil where it has none.
  static func find(
    _ identifier: Identifier, _ standing: Origin.Standing, source: String = "", in session: any Session
  ) throws -> Place? {
    let key = OriginCache.Key(identifier, standing, source: source)
    let cache = cache(of: session)
    if let place = cache[key] { return place }
    let place = try look(identifier, standing, source, in: session)
    if let place { cache.keep(place, key) }
    return place
  }

  private static func cache(of session: any Session) -> OriginCache {
    if let cache = session.memory[kept: Cache.self] { return cache }
    let cache = OriginCache()
    session.memory[kept: Cache.self] = cache
    return cache
  }

  /// Opens a place, which is alone at first.
  static func insert(_ origin: Origin, at sequence: Int64, in session: any Session) throws {
    try session.execute(
      OriginStatement.insert, .integer(origin.number), .text(origin.publicID), .text(origin.identifier.type.name),
      .text(origin.identifier.value), .integer(origin.standing.rawValue), .text(origin.source), .integer(sequence))
    cache(of: session).keep(
      origin.place, OriginCache.Key(origin.identifier, origin.standing, source: origin.source))
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
        isKnown: Origin.isKnown(leader, row.text(3)))
    }
  }

  /// The origin that leads the customer to whom `origin` belongs.
  static func leader(of origin: Origin.Number, in session: any Session) throws -> Origin {
    guard let leader = try session.first(of: OriginStatement.leaderOf, .integer(origin), map: { try self.origin($0) })
    else { throw Failure(.internal, "the log is damaged", cause: "no origin \(origin)", hint: "throughline verify") }
    return leader
  }

  /// Gives an origin to the customer that `leader` leads.
  static func place(_ origin: Origin.Number, with leader: Origin.Number, in session: any Session) throws {
    try session.execute(OriginStatement.place, .integer(origin), .integer(leader))
    session.memory[kept: Cache.self]?.move(origin, to: leader)
  }

  /// The origins of the customer that `leader` leads, the oldest first.
  static func origins(ofCustomer leader: Origin.Number, in session: any Session) throws -> [Origin] {
    try session.rows(of: OriginStatement.ofCustomer, .integer(leader)) { try origin($0) }
  }

  private static func origin(_ row: any Row) throws -> Origin {
    guard let type = IdentifierType(row.text(2)), let standing = Origin.Standing(rawValue: row.integer(4)) else {
      throw Failure(.internal, "the table of origins is damaged", hint: "throughline verify")
    }
    return Origin(
      number: row.integer(0), publicID: row.text(1), identifier: Identifier(recorded: type, row.text(3)),
      standing: standing, source: row.text(5))
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
    a.isKnown == b.isKnown ? a.number < b.number : a.isKnown
  }
}
