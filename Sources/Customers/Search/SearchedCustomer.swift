import Base
import SQL

enum SearchedCustomerStatement: Int, StatementSet {
  case leader, activity, traits, identifiers, claimed, orders

  var sql: String {
    switch self {
    case .leader: "SELECT public_id, standing, type FROM origin WHERE number = ?1"
    case .activity:
      """
      SELECT max((SELECT e.at FROM event e WHERE e.origin = o.number ORDER BY e.at DESC LIMIT 1))
      FROM origin o WHERE o.customer = ?1
      """
    case .traits:
      """
      SELECT t.name, t.value, t.source FROM origin o JOIN trait t ON t.origin = o.number
      WHERE o.customer = ?1 AND t.name IN (\(Self.searched)) ORDER BY t.at DESC, t.source DESC LIMIT ?2
      """
    case .identifiers: "SELECT type, value, standing FROM origin WHERE customer = ?1 ORDER BY number LIMIT ?2"
    case .claimed:
      """
      SELECT o.type, o.value
      FROM origin s JOIN claim c ON c.claimant = s.number JOIN origin o ON o.number = c.claimed
      WHERE s.customer = ?1 AND o.customer <> ?1 ORDER BY c.sequence LIMIT ?2
      """
    case .orders:
      """
      SELECT n.number FROM origin o JOIN search_order n ON n.origin = o.number
      WHERE o.customer = ?1 ORDER BY n.number LIMIT ?2
      """
    }
  }

  private static let searched = SearchedFields.traitNames.map { "'\($0)'" }.joined(separator: ", ")
}

/// All of one customer that can be searched, as it came, so that an answer can say why he was found.
struct SearchedCustomer {
  /// One reason why a customer was found.
  struct Match: Hashable {
    var field: String
    var value: String
    /// Whether the value is an identifier that he has proved; nil for what is no identifier.
    var isVerified: Bool?
  }

  /// How much of each kind is looked at: nobody has more, and whoever does is found by the rest.
  private static let mostRows: Int64 = 2_000

  private var texts: [(field: String, text: String, words: [SearchWord])] = []
  /// His newest texts, by field, less those that a person has removed since.
  private var newest: [String: String] = [:]
  private var identifiers: [(identifier: Identifier, isVerified: Bool)] = []
  private var orders: [String] = []

  init(ledBy leader: Origin.Number, in session: any Session) throws {
    let values: [SQLValue] = [.integer(leader), .integer(Self.mostRows)]
    var removed: Set<String> = []
    try session.forEachRow(of: SearchedCustomerStatement.traits, values) { row in
      let trait = row.text(0)
      if TraitSet.isRemoval(row.bytes(1), by: row.text(2)) { removed.insert(trait) }
      for (field, text) in SearchedFields.texts(of: trait, row.bytes(1)) {
        texts.append((field, text, SearchedFields.words(of: trait, text).map { SearchWord($0) }))
        if newest[field] == nil, !text.isEmpty, !removed.contains(trait) { newest[field] = text }
      }
      return true
    }
    try session.forEachRow(of: SearchedCustomerStatement.identifiers, values) { row in
      guard let type = IdentifierType(row.text(0)) else { return true }
      let isOwn = row.integer(2) == Origin.Standing.own.rawValue
      identifiers.append((Identifier(recorded: type, row.text(1)), isOwn && type != .anonymousID))
      return true
    }
    try session.forEachRow(of: SearchedCustomerStatement.claimed, values) { row in
      guard let type = IdentifierType(row.text(0)) else { return true }
      identifiers.append((Identifier(recorded: type, row.text(1)), false))
      return true
    }
    orders = try session.rows(of: SearchedCustomerStatement.orders, .integer(leader), .integer(Self.mostRows)) {
      $0.text(0)
    }
  }

  /// His newest full name, else his newest first and last names; nil where he told none.
  var name: String? {
    if let name = newest["name"] { return name }
    let parts = ["firstName", "lastName"].compactMap { newest[$0] }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// How near he is to a term and why; nil where he is not what it asks for.
  func answer(to term: SearchQuery.Term) -> (nearness: Nearness, matches: [Match])? {
    var found: [(nearness: Nearness, match: Match)] = []
    for (identifier, isVerified) in identifiers {
      guard let nearness = term.nearness(of: identifier) else { continue }
      found.append(
        (nearness, Match(field: identifier.type.name, value: identifier.value, isVerified: isVerified)))
    }
    for order in orders {
      if let nearness = term.nearness(ofOrder: order) {
        found.append((nearness, Match(field: "order", value: order, isVerified: nil)))
      }
    }
    if let text = words(of: term) { found += text }
    guard let nearest = found.map({ $0.nearness }).min() else { return nil }
    return (nearest, found.filter { $0.nearness == nearest }.map { $0.match })
  }

  /// The texts in which the words of a term stand; nil where one of them stands nowhere.
  private func words(of term: SearchQuery.Term) -> [(nearness: Nearness, match: Match)]? {
    var found: [(nearness: Nearness, match: Match)] = []
    var worst = Nearness.exact
    for word in term.words {
      let here = texts.compactMap { text -> (nearness: Nearness, match: Match)? in
        guard let nearness = text.words.compactMap({ word.nearness(of: $0) }).min() else { return nil }
        return (nearness, Match(field: text.field, value: text.text, isVerified: nil))
      }
      guard let nearest = here.map({ $0.nearness }).min() else { return nil }
      worst = max(worst, nearest)
      found += here.filter { $0.nearness == nearest }
    }
    return found.map { (worst, $0.match) }
  }
}
