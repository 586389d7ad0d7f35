import Base
import SQL

enum SeparationStatement: Int, StatementSet {
  case insert, between, newest, erase

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO separation (first, second, sequence) VALUES (?1, ?2, ?3)
      ON CONFLICT (first, second) DO NOTHING
      """
    case .newest:
      "SELECT first, second FROM separation WHERE first = ?1 OR second = ?1 ORDER BY sequence DESC, first, second LIMIT 1"
    case .erase: "DELETE FROM separation WHERE first = ?1 OR second = ?1"
    case .between:
      """
      SELECT s.sequence FROM origin a JOIN separation s ON s.first = a.number JOIN origin b ON b.number = s.second
      WHERE a.customer = ?1 AND b.customer = ?2
      UNION ALL
      SELECT s.sequence FROM origin a JOIN separation s ON s.second = a.number JOIN origin b ON b.number = s.first
      WHERE a.customer = ?1 AND b.customer = ?2
      """
    }
  }
}

/// The customers whom one event brings together, and what they have together: whether more may join them.
struct Party {
  /// Why a customer may not join.
  enum Obstacle: Equatable {
    /// Together they would have more of this type than one person.
    case limit(IdentifierType)
    /// A person told them apart.
    case separation

    var reason: String {
      switch self {
      case .limit(let type): "limit \(type.name)"
      case .separation: "separation"
      }
    }
  }

  private let session: any Session
  private let limits: IdentifierLimits
  private(set) var customers: [Origin.Number]
  /// What this event has added.
  private var opened: [IdentifierType: Int]
  /// What they had before, counted when it is asked for.
  private var counted: [String: Int]?

  /// A party of one who was there already.
  init(_ customer: Origin.Number, _ limits: IdentifierLimits, in session: any Session) {
    self.session = session
    self.limits = limits
    customers = [customer]
    opened = [:]
  }

  /// A party of one whom the event has opened.
  init(opened origin: Origin, _ limits: IdentifierLimits, in session: any Session) {
    self.session = session
    self.limits = limits
    customers = [origin.number]
    opened = [origin.identifier.type: 1]
    counted = [:]
  }

  /// Whether nobody in it was there before the event.
  var isFresh: Bool { counted?.isEmpty == true && customers.count == 1 }

  func has(_ customer: Origin.Number) -> Bool { customers.contains(customer) }

  /// Whether one more of that type keeps within the limit.
  mutating func fits(_ type: IdentifierType) throws -> Bool {
    try counts()[type.name, default: 0] + opened[type, default: 0] < limits[type]
  }

  /// One more of that type has joined.
  mutating func add(_ type: IdentifierType) { opened[type, default: 0] += 1 }

  /// What keeps another customer from joining, or nil.
  mutating func obstacle(to customer: Origin.Number) throws -> Obstacle? {
    if try isApart(from: customer) { return .separation }
    let (ours, theirs) = (try counts(), try OriginStore.counts(ofCustomer: customer, in: session))
    if !Protection.holds("identity.limits") { return nil }
    let type = IdentifierType.all.first { type in
      theirs[type.name, default: 0] > 0
        && ours[type.name, default: 0] + opened[type, default: 0] + theirs[type.name, default: 0] > limits[type]
    }
    return type.map { .limit($0) }
  }

  /// Whether a person told another customer apart from one of them.
  func isApart(from customer: Origin.Number) throws -> Bool {
    try customers.contains { member in
      try session.first(of: SeparationStatement.between, .integer(member), .integer(customer)) { _ in true } == true
    }
  }

  /// Another customer has joined.
  mutating func join(_ customer: Origin.Number) throws {
    let theirs = try OriginStore.counts(ofCustomer: customer, in: session)
    counted = try counts().merging(theirs, uniquingKeysWith: +)
    customers.append(customer)
  }

  private mutating func counts() throws -> [String: Int] {
    if let counted { return counted }
    let counts = try OriginStore.counts(ofCustomer: customers[0], in: session)
    counted = counts
    return counts
  }
}
