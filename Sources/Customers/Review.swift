package import Base
package import SQL

enum ReviewStatement: Int, StatementSet {
  case insert, find, decide, byID, openBetween, mergedOf, list, forget

  private static let columns = """
    r.id, r.first, r.second, r.reason, r.score, r.state, r.sequence, a.customer, b.customer, p.public_id, q.public_id,
    e.received_at
    """
  private static let joins = """
    FROM review r JOIN origin a ON a.number = r.first JOIN origin b ON b.number = r.second
    JOIN origin p ON p.number = a.customer JOIN origin q ON q.number = b.customer
    JOIN event e ON e.sequence = r.sequence
    """

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO review (id, first, second, reason, score, state, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6)
      """
    case .find: "SELECT id FROM review WHERE first = ?1 AND second = ?2"
    case .forget: "DELETE FROM review WHERE id = ?1"
    case .decide: "UPDATE review SET state = ?2, decided = ?3 WHERE id = ?1"
    case .byID: "SELECT \(Self.columns) \(Self.joins) WHERE r.id = ?1"
    case .openBetween:
      """
      SELECT r.id FROM origin a JOIN review r ON r.first = a.number JOIN origin b ON b.number = r.second
      WHERE a.customer = ?1 AND b.customer = ?2 AND r.state = 'open'
      UNION
      SELECT r.id FROM origin a JOIN review r ON r.second = a.number JOIN origin b ON b.number = r.first
      WHERE a.customer = ?1 AND b.customer = ?2 AND r.state = 'open'
      ORDER BY 1
      """
    case .mergedOf:
      """
      SELECT r.id, r.first, r.second FROM origin a JOIN review r ON r.first = a.number
      WHERE a.customer = ?1 AND r.state = 'merged' ORDER BY r.id
      """
    case .list:
      """
      SELECT \(Self.columns) \(Self.joins)
      WHERE r.state = ?1 AND r.sequence < ?2 ORDER BY r.sequence DESC, r.id LIMIT ?3
      """
    }
  }
}

/// A pair of customers whom an event proved to be one and a rule kept apart: a doubt for a person to decide.
///
/// A pair of one place with itself is a doubt about that place alone: whether its telephone number is still one.
package struct Review: Sendable {
  package var id: String
  package var pair: Outcome.Pair
  /// The rule: `limit user_id`, where together they would have too many of a type, `separation`, or `numbering`.
  package var reason: String
  /// How likely they are one person, 0 to 100.
  package var score: Int64
  package var state: ReviewState
  package var sequence: Int64
  /// The customers as they are now: leading origins and ids.
  package var customers: [(leader: Origin.Number, id: String)]
  package var since: Instant

  /// Whether it is about one place alone.
  package var isOfOne: Bool { pair.first == pair.second }

  /// How likely the two are one person, 0 to 100: as strong as what ties them, and much less where a person told them
  /// apart before.
  static func score(_ type: IdentifierType, _ obstacle: Party.Obstacle) -> Int64 {
    let strength: Int64 =
      switch type {
      case .userID: 90
      case .card: 80
      case .email: 70
      case .telegram, .whatsApp, .viber: 60
      case .phone: 50
      default: 30
      }
    return obstacle == .separation ? max(0, strength - 40) : strength
  }

  /// The open doubts about two customers, decided as the two are.
  static func settle(
    _ state: ReviewState, between first: Origin.Number, _ second: Origin.Number, in session: any Session
  ) throws -> [Outcome.Decision] {
    try session.rows(of: ReviewStatement.openBetween, .integer(first), .integer(second)) {
      Outcome.Decision(review: $0.text(0), state: state)
    }
  }

  /// The doubts about one customer's places that were decided as one and that a forest no longer holds together.
  static func part(
    of customer: Origin.Number, by forest: Forest, in session: any Session
  ) throws -> [Outcome.Decision] {
    try session.rows(of: ReviewStatement.mergedOf, .integer(customer)) { row in
      let isParted = !forest.side(of: row.integer(1)).contains(row.integer(2))
      return isParted ? Outcome.Decision(review: row.text(0), state: .apart) : nil
    }.compactMap { $0 }
  }

  /// The review of that id, or nil.
  package static func find(_ id: String, in session: any Session) throws -> Review? {
    try session.first(of: ReviewStatement.byID, .text(id)) { Review($0) }
  }

  /// Reviews of one state, the newest first, from below a place in the log.
  package static func list(
    _ state: ReviewState, below sequence: Int64, limit: Int, in session: any Session
  ) throws -> [Review] {
    try session.rows(of: ReviewStatement.list, .text(state.rawValue), .integer(sequence), .integer(Int64(limit))) {
      Review($0)
    }
  }

  private init(_ row: any Row) {
    id = row.text(0)
    pair = Outcome.Pair(first: row.integer(1), second: row.integer(2))
    reason = row.text(3)
    score = row.integer(4)
    state = ReviewState(rawValue: row.text(5)) ?? .open
    sequence = row.integer(6)
    customers = [(row.integer(7), row.text(9)), (row.integer(8), row.text(10))]
    since = Instant(milliseconds: row.integer(11))
  }

  /// Writes it as the API shows it, into an open object.
  package func write(to writer: inout JSONWriter) {
    writer.field("id", id)
    writer.key("customers")
    writer.array { for customer in customers.prefix(isOfOne ? 1 : 2) { $0.value(customer.id) } }
    writer.key("reasons")
    writer.array { $0.value(reason) }
    writer.field("score", score)
    writer.field("state", state.rawValue)
    writer.field("since", since.text)
    writer.field("sequence", sequence)
  }
}
