import Base
package import SQL

/// Customers by what is known of them: names, addresses, numbers, cards, orders.
///
/// The tables of `SearchFold` propose customers; what is shown of each, and where the tables alone cannot tell whether
/// every term is his, is read from his own traits and identifiers.
package enum CustomerSearch {
  /// How many customers a page has when the caller does not say, and at most.
  package static let usualPage = 20
  package static let longestPage = 100

  /// How many are put in the order of their last activity: no more than a page may show, because it costs a look at
  /// each, at a million customers about 50 µs where four digits found him.
  static let mostRanked = longestPage
  /// How many of those whom the rarer words propose are looked at for the frequent ones, about 5 µs each: all whom four
  /// digits of a phone propose at a million customers.
  static let mostExamined = 1_000
  /// How many reasons are told of one customer.
  private static let mostMatches = 10

  /// A customer in the order of the answer.
  private struct Hit {
    var leader: Origin.Number
    var publicID: String
    var nearness: Nearness
    var isKnown: Bool
    var activeAt: Int64

    var cursor: Cursor {
      Cursor(nearness: nearness.rawValue, isKnown: isKnown, activeAt: activeAt, leader: leader)
    }
  }

  /// Where a page ends and the next one begins: the nearest first, then the known ones, then the last active ones.
  package struct Cursor: Sendable {
    var nearness: Int
    var isKnown: Bool
    var activeAt: Int64
    var leader: Int64

    init(nearness: Int, isKnown: Bool, activeAt: Int64, leader: Int64) {
      self.nearness = nearness
      self.isKnown = isKnown
      self.activeAt = activeAt
      self.leader = leader
    }

    /// The cursor that a former page answered, or nil where `text` is none.
    package init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0, radix: 36) }
      guard parts.count == 4, let nearness = parts[0], let known = parts[1], let activeAt = parts[2],
        let leader = parts[3], (0...2).contains(nearness), (0...1).contains(known)
      else { return nil }
      self.init(nearness: Int(nearness), isKnown: known == 1, activeAt: activeAt, leader: leader)
    }

    /// The cursor as it stands in a URL; opaque to callers.
    package var text: String {
      [Int64(nearness), isKnown ? 1 : 0, activeAt, leader].map { String($0, radix: 36) }.joined(separator: ".")
    }

    func isBefore(_ other: Cursor) -> Bool {
      (nearness, other.isKnown ? 1 : 0, other.activeAt, leader)
        < (other.nearness, isKnown ? 1 : 0, activeAt, other.leader)
    }
  }

  /// A page of the customers whom a query finds, as JSON, and the leading origins of those whom it shows.
  package static func json(
    of query: SearchQuery, after cursor: Cursor?, limit: Int, in session: any Session
  ) throws -> (json: [UInt8], shown: [Int64], next: Cursor?) {
    let reach = try customers(for: query, in: session)
    let (hits, isComplete) = try ranked(reach, in: session)
    let rest = cursor.map { cursor in hits.filter { cursor.isBefore($0.cursor) } } ?? hits
    let next = rest.count > limit ? rest[limit - 1].cursor : nil
    var writer = JSONWriter(capacity: 8 << 10)
    try writer.object { writer in
      writer.key("data")
      try writer.array { writer in
        for hit in rest.prefix(limit) { try write(hit, query, to: &writer, session) }
      }
      writer.field("next", orNull: next?.text)
      writer.field("complete", isComplete)
    }
    return (writer.bytes, rest.prefix(limit).map { $0.leader }, next)
  }

  /// The customers with whom every term of the query is found.
  private static func customers(for query: SearchQuery, in session: any Session) throws -> SearchReach {
    let index = SearchIndex(session: session, terms: query.terms.count)
    var reaches: [SearchReach] = []
    for term in query.terms {
      let reach = try index.reach(of: term)
      if reach.isComplete, reach.customers.isEmpty { return reach }
      reaches.append(reach)
    }
    guard let first = reaches.first else { return SearchReach() }
    let all = reaches.dropFirst().reduce(first) { $0.intersection($1) }
    let whole = reaches.filter { $0.isComplete }
    if whole.count == reaches.count || reaches.count == 1 { return all }
    let words = query.terms.flatMap { $0.words }
    var proposed = Set(whole.dropFirst().reduce(whole.first ?? all) { $0.intersection($1) }.customers.keys)
    var found = SearchReach()
    found.isComplete = !whole.isEmpty && proposed.count <= mostExamined
    var likely: Set<Origin.Number> = []
    if !found.isComplete {
      var together = try index.together(words)
      if !whole.isEmpty { together.customers = together.customers.filter { proposed.contains($0.key) } }
      likely = Set(together.customers.keys)
      // Of two words there is nothing more to see with these customers.
      if words.count == 2 { found.customers = together.customers }
      proposed = words.count == 2 ? proposed.subtracting(likely) : proposed.union(likely)
    }
    let order = proposed.sorted { (likely.contains($0) ? 0 : 1, -$0) < (likely.contains($1) ? 0 : 1, -$1) }
    for leader in order.prefix(mostExamined) {
      if let nearness = try nearness(of: leader, to: query, reaches, index) { found.add(leader, nearness) }
    }
    return found
  }

  /// How near a customer is to the farthest of the terms; nil where one of them is not found with him.
  private static func nearness(
    of leader: Origin.Number, to query: SearchQuery, _ reaches: [SearchReach], _ index: SearchIndex
  ) throws -> Nearness? {
    var worst = Nearness.exact
    var words: [String]?
    for (term, reach) in zip(query.terms, reaches) {
      var nearness = reach.customers[leader]
      if nearness == nil {
        if reach.isComplete { return nil }
        let present = try words ?? index.words(ofCustomer: leader)
        words = present
        nearness = index.nearness(of: term, among: present)
        if nearness == nil, !reach.hasAllNumbers {
          nearness = try SearchedCustomer(ledBy: leader, in: index.session).answer(to: term)?.nearness
        }
      }
      guard let nearness else { return nil }
      worst = max(worst, nearness)
    }
    return worst
  }

  private static func ranked(_ reach: SearchReach, in session: any Session) throws -> (hits: [Hit], isComplete: Bool) {
    let nearest = reach.customers.sorted { ($0.value.rawValue, -$0.key) < ($1.value.rawValue, -$1.key) }
    let hits = try nearest.prefix(mostRanked).compactMap { leader, nearness -> Hit? in
      let activeAt = try session.first(of: SearchedCustomerStatement.activity, .integer(leader)) { $0.integer(0) }
      return try session.first(of: SearchedCustomerStatement.leader, .integer(leader)) { row in
        Hit(
          leader: leader, publicID: row.text(0), nearness: nearness,
          isKnown: Origin.isKnown(Origin.Standing(rawValue: row.integer(1)) ?? .claim, row.text(2)),
          activeAt: activeAt ?? 0)
      }
    }
    return (hits.sorted { $0.cursor.isBefore($1.cursor) }, reach.isComplete && nearest.count <= mostRanked)
  }

  private static func write(
    _ hit: Hit, _ query: SearchQuery, to writer: inout JSONWriter, _ session: any Session
  ) throws {
    let customer = try SearchedCustomer(ledBy: hit.leader, in: session)
    var told: Set<SearchedCustomer.Match> = []
    let matches = query.terms.flatMap { customer.answer(to: $0)?.matches ?? [] }.filter { told.insert($0).inserted }
      .prefix(mostMatches)
    writer.object { writer in
      writer.field("id", hit.publicID)
      writer.field("known", hit.isKnown)
      writer.field("name", orNull: customer.name)
      writer.field("activeAt", Instant(milliseconds: hit.activeAt).text)
      writer.field("match", "\(hit.nearness)")
      writer.key("identifiers")
      writer.array { writer in
        for match in matches {
          guard let isVerified = match.isVerified else { continue }
          writer.object { writer in
            writer.field("type", match.field)
            writer.field("value", match.value)
            writer.field("verified", isVerified)
          }
        }
      }
      writer.key("matches")
      writer.array { writer in
        for match in matches {
          writer.object { writer in
            writer.field("field", match.field)
            writer.field("value", match.value)
          }
        }
      }
    }
  }
}
