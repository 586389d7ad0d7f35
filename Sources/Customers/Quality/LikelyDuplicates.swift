import Base
import SQL

enum TwinStatement: Int, StatementSet {
  case sharing, having, claiming, doubted

  var sql: String {
    switch self {
    case .sharing:
      Self.examined("t.origin", "FROM quality_twin t JOIN origin o ON o.number = t.origin WHERE t.key = ?1")
    case .having: Self.examined("o.number", "FROM origin o WHERE o.value = ?1 AND o.type = ?6")
    case .claiming:
      Self.examined(
        "c.claimant",
        """
        FROM origin v JOIN claim c ON c.claimed = v.number JOIN origin o ON o.number = c.claimant
        WHERE v.value = ?1 AND v.type = ?6
        """)
    case .doubted:
      """
      SELECT b.customer FROM origin a JOIN review r ON r.first = a.number JOIN origin b ON b.number = r.second
      WHERE a.customer = ?1 AND r.state = 'open' AND b.customer <> ?1
      UNION
      SELECT b.customer FROM origin a JOIN review r ON r.second = a.number JOIN origin b ON b.number = r.first
      WHERE a.customer = ?1 AND r.state = 'open' AND b.customer <> ?1
      ORDER BY 1 LIMIT ?2
      """
    }
  }

  /// The first ?5 customers but ?2 of the first ?4 rows; where ?3 is 1, the known ones alone.
  ///
  /// - Parameters:
  ///   - place: what the rows are ordered by.
  ///   - rows: an origin `o` each, with a condition.
  private static func examined(_ place: String, _ rows: String) -> String {
    """
    SELECT f.customer
    FROM (SELECT o.customer, \(place) AS place \(rows) AND o.customer <> ?2 ORDER BY place LIMIT ?4) f
    JOIN origin l ON l.number = f.customer
    WHERE ?3 = 0 OR (l.standing = 0 AND l.type <> 'anonymous_id')
    GROUP BY f.customer ORDER BY min(f.place) LIMIT ?5
    """
  }
}

/// Other customers who may be the same person: they have the same name of two words or more, and one of these agrees
/// too: the birthday, the postal code, a telephone number or an address of mail that both have or claim, or a review of
/// the two is open.
///
/// Birthday and postal code count where they were told of the same identifier as the name. Whom a person told apart is
/// no duplicate. Of a known customer only other known ones are: a web page may say what it likes and changes nothing of
/// his. Nothing is merged by it.
struct LikelyDuplicates {
  struct Duplicate: Equatable {
    var customer: Origin.Number
    var publicID: String
    /// What agrees beside the name.
    var sign: String
  }

  /// How many are told: more are a heap for somebody to look through by search, not a pair.
  static let mostTold = 5
  /// How many who agree in one sign are looked at for their name.
  static let mostExamined: Int64 = 20
  /// How many who agree in one sign are asked whether they are known: a web page can claim a number or a name for as
  /// many visitors as it likes, and they must neither hide whom it belongs to nor make a page slow.
  static let mostAsked: Int64 = 1000
  /// How many numbers and addresses of one customer are asked for.
  static let mostValues = 10

  private let customer: Origin.Number
  private let name: String
  private let keys: [TwinKey]
  private let isKnown: Bool
  private let session: any Session
  private var seen: Set<Origin.Number> = []
  private(set) var found: [Duplicate] = []

  /// - Parameter traits: with a name.
  init(
    of customer: Origin.Number, _ traits: TraitSet, _ names: IdentifierSet, in session: any Session
  ) throws {
    (self.customer, self.session) = (customer, session)
    isKnown = try OriginStore.leader(of: customer, in: session).isKnown
    name = TwinKey.name(of: traits) ?? ""
    keys = TwinKey.keys(of: traits)
    for key in keys {
      let others = try session.rows(
        of: TwinStatement.sharing, .integer(key.number), .integer(customer), .integer(isKnown ? 1 : 0),
        .integer(Self.mostAsked), .integer(Self.mostExamined)
      ) { $0.integer(0) }
      try take(others, key.sign.rawValue) { TwinKey.keys(of: $0).contains(key) }
    }
    for identifier in Self.values(names).prefix(Self.mostValues) {
      let asked: [SQLValue] = [
        .text(identifier.value), .integer(customer), .integer(isKnown ? 1 : 0), .integer(Self.mostAsked),
        .integer(Self.mostExamined), .text(identifier.type.name),
      ]
      var others: [Origin.Number] = []
      for statement in [TwinStatement.having, .claiming] {
        try session.forEachRow(of: statement, asked) { row in
          others.append(row.integer(0))
          return true
        }
      }
      try take(others, identifier.type.name)
    }
    let doubted = try session.rows(of: TwinStatement.doubted, .integer(customer), .integer(Self.mostExamined)) {
      $0.integer(0)
    }
    try take(doubted, "an open review")
  }

  /// The numbers and addresses that he has or claims.
  private static func values(_ names: IdentifierSet) -> [Identifier] {
    let claimed = names.claims.compactMap { claim in
      IdentifierType(claim.type).map { Identifier(recorded: $0, claim.value) }
    }
    var told: Set<Identifier> = []
    return (names.places.map { $0.origin.identifier } + claimed).filter { identifier in
      [.phone, .email].contains(identifier.type) && told.insert(identifier).inserted
    }
  }

  private mutating func take(
    _ others: [Origin.Number], _ sign: String, agrees: (TraitSet) -> Bool = { _ in true }
  ) throws {
    for other in others where found.count < Self.mostTold && !seen.contains(other) {
      guard try !isKnown || OriginStore.leader(of: other, in: session).isKnown else { continue }
      let origins = try OriginStore.origins(ofCustomer: other, in: session).map { $0.number }
      let traits = try TraitSet(of: origins, in: session)
      guard TwinKey.name(of: traits) == name, agrees(traits) else { continue }
      seen.insert(other)
      let apart = try session.first(of: SeparationStatement.between, .integer(customer), .integer(other)) { _ in true }
      if apart == true { continue }
      found.append(
        Duplicate(customer: other, publicID: try Profile.publicID(of: other, in: session), sign: sign))
    }
  }
}
