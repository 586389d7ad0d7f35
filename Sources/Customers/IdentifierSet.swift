import Base
import SQL

enum IdentifierStatement: Int, StatementSet {
  case place, claims, ties

  var sql: String {
    switch self {
    case .place:
      """
      SELECT o.number, o.public_id, o.type, o.value, o.standing, o.source, o.generation, o.shared, e.source,
        e.received_at
      FROM origin o JOIN event e ON e.sequence = o.sequence WHERE o.number = ?1
      """
    case .claims:
      """
      SELECT o.number, o.type, o.value, c.tied, o.shared, e.source, e.received_at
      FROM claim c JOIN origin o ON o.number = c.claimed JOIN event e ON e.sequence = c.sequence
      WHERE c.claimant = ?1 ORDER BY c.sequence
      """
    case .ties:
      """
      SELECT t.second, t.rule, e.source, e.received_at
      FROM tie t JOIN event e ON e.sequence = t.sequence WHERE t.first = ?1
      """
    }
  }
}

/// The names of a customer, as all of his origins have them.
struct IdentifierSet: Sendable {
  /// A name that has its own place.
  struct Place: Sendable {
    var origin: Origin
    /// Which source told it first.
    var source: String
    /// When that came, in milliseconds.
    var since: Int64

    var isVerified: Bool { origin.isKnown }
  }

  /// A name that he says is his, and that has its place elsewhere.
  struct Claim: Sendable {
    var claimant: Origin.Number
    var type: String
    var value: String
    /// Whether it makes one visitor of two.
    var isTied: Bool
    /// Whether several people use it.
    var isShared: Bool
    var source: String
    var since: Int64
  }

  /// By the origins' numbers.
  let places: [Place]
  /// In the order of the places and of their arrival.
  let claims: [Claim]

  /// The names of the customer whose origins these are.
  init(of origins: [Origin.Number], in session: any Session) throws {
    let numbers = Set(origins)
    var places: [Place] = []
    var claims: [Claim] = []
    for number in numbers.sorted() {
      places += try session.rows(of: IdentifierStatement.place, .integer(number)) { row in
        guard let type = IdentifierType(row.text(2)), let standing = Origin.Standing(rawValue: row.integer(4)) else {
          throw Failure(.internal, "the table of origins is damaged", hint: "throughline verify")
        }
        let origin = Origin(
          number: row.integer(0), publicID: row.text(1), identifier: Identifier(recorded: type, row.text(3)),
          standing: standing, source: row.text(5), generation: row.integer(6), isShared: row.integer(7) == 1)
        return Place(origin: origin, source: row.text(8), since: row.integer(9))
      }
      try session.forEachRow(of: IdentifierStatement.claims, [.integer(number)]) { row in
        if numbers.contains(row.integer(0)) { return true }
        claims.append(
          Claim(
            claimant: number, type: row.text(1), value: row.text(2), isTied: row.integer(3) == 1,
            isShared: row.integer(4) == 1, source: row.text(5), since: row.integer(6)))
        return true
      }
    }
    (self.places, self.claims) = (places, claims)
  }

  /// Whether the person behind them is known.
  var isKnown: Bool { places.contains { $0.isVerified } }

  /// The origin whose id he has now; nil where there is none at all.
  var leader: Origin? {
    places.first.map { first in
      places.dropFirst().reduce(first.origin) { OriginStore.leads($0, over: $1.origin) ? $0 : $1.origin }
    }
  }
}
