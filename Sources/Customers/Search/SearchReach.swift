import Base
import SQL

enum ReachStatement: Int, StatementSet {
  case tokens, sameKey, variants, posted, posts, together, wordsOfCustomer, values, parts, orders

  var sql: String {
    switch self {
    case .tokens: "SELECT word FROM search_token WHERE key >= ?1 AND key <= ?2 ORDER BY key, word LIMIT ?3"
    case .sameKey: "SELECT word FROM search_token WHERE key = ?1 ORDER BY word LIMIT ?2"
    case .variants: "SELECT word FROM search_variant WHERE key = ?1 ORDER BY word LIMIT ?2"
    case .posted:
      """
      SELECT o.customer FROM search_posting p JOIN origin o ON o.number = p.origin
      WHERE p.word = ?1 ORDER BY p.origin DESC LIMIT ?2
      """
    case .posts: "SELECT count(*) FROM (SELECT 1 FROM search_posting WHERE word = ?1 LIMIT ?2) AS posts"
    case .together:
      """
      SELECT o.customer
      FROM (SELECT origin FROM search_posting WHERE word = ?1 ORDER BY origin DESC LIMIT ?3) AS p
      CROSS JOIN search_posting q CROSS JOIN origin o
      WHERE q.word = ?2 AND q.origin = p.origin AND o.number = p.origin ORDER BY p.origin DESC LIMIT ?4
      """
    case .wordsOfCustomer:
      """
      SELECT p.word FROM origin o JOIN search_posting p ON p.origin = o.number
      WHERE o.customer = ?1 LIMIT ?2
      """
    case .values:
      """
      SELECT o.type, o.value, o.customer, o.standing, s.customer
      FROM (SELECT * FROM origin WHERE value >= ?1 AND value <= ?2 ORDER BY value LIMIT ?3) AS o
      LEFT JOIN claim c ON c.claimed = o.number LEFT JOIN origin s ON s.number = c.claimant LIMIT ?3
      """
    case .parts:
      """
      SELECT o.customer, o.standing, s.customer
      FROM (
        SELECT origin FROM search_part WHERE text >= ?1 AND text <= ?2 AND text LIKE ?4
        ORDER BY text DESC, origin DESC LIMIT ?3
      ) AS p
      JOIN origin o ON o.number = p.origin
      LEFT JOIN claim c ON c.claimed = p.origin LEFT JOIN origin s ON s.number = c.claimant LIMIT ?3
      """
    case .orders:
      """
      SELECT n.number, o.customer FROM search_order n JOIN origin o ON o.number = n.origin
      WHERE n.number >= ?1 AND n.number <= ?2 ORDER BY n.number LIMIT ?3
      """
    }
  }
}

/// The customers whom one term leads to, each with how near it is.
struct SearchReach {
  var customers: [Origin.Number: Nearness] = [:]
  /// Whether it is all of them; a term that very many share leads to the newest ones.
  var isComplete = true
  /// Whether it is all of those whom identifiers and orders lead to.
  var hasAllNumbers = true

  mutating func add(_ customer: Origin.Number, _ nearness: Nearness) {
    customers[customer] = min(nearness, customers[customer] ?? nearness)
  }

  /// Those to whom both lead.
  func intersection(_ other: SearchReach) -> SearchReach {
    var both = SearchReach()
    both.isComplete = isComplete && other.isComplete
    for (customer, nearness) in customers {
      if let second = other.customers[customer] { both.customers[customer] = max(nearness, second) }
    }
    return both
  }
}

/// The tables of search, as one query reads them.
final class SearchIndex {
  /// How many rows of words one of several terms reads, so that a word that a tenth of all customers share costs no more
  /// than a rare one: 300 rows take a millisecond at a million customers.
  static let mostPosts: Int64 = 300
  /// How many identifiers, parts or orders one of several terms reads: four digits of a phone lead to 700 at a million
  /// customers.
  static let mostRows: Int64 = 1_000
  /// How many words a beginning or a spelling stands for.
  static let mostWords: Int64 = 100
  /// How many rows of a frequent word are tried with another frequent word.
  static let mostTried: Int64 = 2_000
  /// How many words of either are tried so.
  private static let mostTriedWords = 3

  let session: any Session
  /// How many rows of words, and of all else, each term may read.
  private let limits: (posts: Int64, rows: Int64)
  /// What this query has seen already, by the word that was asked for.
  private var near: [SearchWord: (found: [Found], isComplete: Bool)] = [:]
  private var seen: [SearchWord: [String: Nearness?]] = [:]

  /// - Parameter terms: how many there are, which share the rows that a query may read; a single one needs no more than
  ///   can be shown.
  init(session: any Session, terms: Int) {
    self.session = session
    let shown = Int64(CustomerSearch.mostRanked) + 1
    limits = terms == 1 ? (shown, shown) : (2 * Self.mostPosts / Int64(max(terms, 2)), Self.mostRows)
  }

  /// Above every text that begins so: the greatest scalar sorts behind all others.
  private static func end(of beginning: String) -> String { beginning + "\u{10FFFF}" }

  func reach(of term: SearchQuery.Term) throws -> SearchReach {
    var reach: SearchReach?
    for word in term.words {
      let next = try self.reach(of: word)
      reach = reach?.intersection(next) ?? next
    }
    var all = reach ?? SearchReach()
    for value in term.values {
      let end = term.isLong(value) ? Self.end(of: value) : value
      try addHolders(value, end, term, &all)
    }
    for (beginning, pattern) in term.parts {
      try addParts(beginning, pattern, &all)
    }
    if let number = SearchedFields.orderNumber(term.raw) {
      try addOrders(number, term.isLong(number) ? Self.end(of: number) : number, term, &all)
    }
    return all
  }

  // MARK: Words

  private struct Found {
    var word: SearchWord
    var nearness: Nearness
  }

  private func reach(of word: SearchWord) throws -> SearchReach {
    var reach = SearchReach()
    let (found, isComplete) = try words(near: word)
    reach.isComplete = isComplete
    var left = limits.posts
    for found in found {
      let customers = try session.rows(of: ReachStatement.posted, .text(found.word.text), .integer(left + 1)) {
        $0.integer(0)
      }
      for customer in customers.prefix(Int(left)) { reach.add(customer, found.nearness) }
      left -= Int64(customers.count)
      if left < 0 {
        reach.isComplete = false
        break
      }
    }
    return reach
  }

  /// The words that stand anywhere and are near to one that is asked for, the nearest first.
  private func words(near word: SearchWord) throws -> (found: [Found], isComplete: Bool) {
    if let known = near[word] { return known }
    var found: [String: Nearness] = [:]
    var isComplete = true
    func gather(_ statement: ReachStatement, _ values: SQLValue...) throws {
      var rows: Int64 = 0
      try session.forEachRow(of: statement, values + [.integer(Self.mostWords + 1)]) { row in
        rows += 1
        guard rows <= Self.mostWords else { return false }
        let text = row.text(0)
        if found[text] == nil, let nearness = word.nearness(of: SearchWord(text)) { found[text] = nearness }
        return true
      }
      if rows > Self.mostWords { isComplete = false }
    }
    for key in word.keys { try gather(.tokens, .text(key), .text(Self.end(of: key))) }
    if word.text.unicodeScalars.count >= SearchWord.shortestWithMistake - 1 {
      for key in word.keys {
        try gather(.variants, .text(key))
        for deletion in SearchWord.deletions(of: key).sorted() {
          try gather(.sameKey, .text(deletion))
          try gather(.variants, .text(deletion))
        }
      }
    }
    let sorted = found.map { Found(word: SearchWord($0.key), nearness: $0.value) }.sorted {
      $0.nearness == $1.nearness
        ? $0.word.text.utf8.lexicographicallyPrecedes($1.word.text.utf8) : $0.nearness < $1.nearness
    }
    near[word] = (sorted, isComplete)
    return (sorted, isComplete)
  }

  /// The customers at whose places two frequent words stand together, the newest of them.
  ///
  /// The rarer word's rows are walked and the other one is looked for at each, so the walk is bounded.
  func together(_ words: [SearchWord]) throws -> SearchReach {
    var frequent: [(found: [Found], posts: Int64)] = []
    for word in words {
      let near = try self.words(near: word).found.filter { $0.nearness < .mistake }.prefix(Self.mostTriedWords)
      if near.isEmpty { continue }
      frequent.append((Array(near), try near.reduce(Int64(0)) { try $0 + self.posts(of: $1.word) }))
    }
    frequent.sort { $0.posts < $1.posts }
    var together = SearchReach()
    together.isComplete = false
    guard frequent.count >= 2 else { return together }
    let tried = Self.mostTried / Int64(frequent[0].found.count * frequent[1].found.count)
    for rare in frequent[0].found {
      for other in frequent[1].found {
        let customers = try session.rows(
          of: ReachStatement.together, .text(rare.word.text), .text(other.word.text), .integer(tried),
          .integer(Self.mostPosts)
        ) { $0.integer(0) }
        for customer in customers { together.add(customer, max(rare.nearness, other.nearness)) }
      }
    }
    return together
  }

  /// The words that stand at any of a customer's places.
  func words(ofCustomer leader: Origin.Number) throws -> [String] {
    try session.rows(of: ReachStatement.wordsOfCustomer, .integer(leader), .integer(Self.mostPosts)) { $0.text(0) }
  }

  /// How near the nearest of a customer's words are to the farthest of a term's; nil where one is near to none.
  func nearness(of term: SearchQuery.Term, among present: [String]) -> Nearness? {
    var worst = Nearness.exact
    for word in term.words {
      guard let nearest = present.compactMap({ nearness(of: word, to: $0) }).min() else { return nil }
      worst = max(worst, nearest)
    }
    return worst
  }

  /// Names repeat from customer to customer, so each is compared once.
  private func nearness(of word: SearchWord, to text: String) -> Nearness? {
    if let known = seen[word]?[text] { return known }
    let nearness = word.nearness(of: SearchWord(text))
    seen[word, default: [:]][text] = .some(nearness)
    return nearness
  }

  private func posts(of word: SearchWord) throws -> Int64 {
    try session.first(of: ReachStatement.posts, .text(word.text), .integer(Self.mostTried)) { $0.integer(0) } ?? 0
  }

  // MARK: Identifiers and orders

  /// Adds whose the identifiers are whose values stand in a range: as a look-up has it, those who claim one that nobody
  /// has proved or that several share, and where nobody claims it, the customer whose place it is.
  private func addHolders(
    _ first: String, _ last: String, _ term: SearchQuery.Term, _ reach: inout SearchReach
  ) throws {
    var rows: Int64 = 0
    try session.forEachRow(of: ReachStatement.values, [.text(first), .text(last), .integer(limits.rows)]) { row in
      rows += 1
      guard let type = IdentifierType(row.text(0)),
        let nearness = term.nearness(of: Identifier(recorded: type, row.text(1)))
      else { return true }
      add(claimant: row.optionalInteger(4), orHolder: row.integer(2), row.integer(3), nearness, &reach)
      return true
    }
    if rows == limits.rows { (reach.isComplete, reach.hasAllNumbers) = (false, false) }
  }

  /// Adds the claimant of a place, and its holder where there is none or the place is the identifier's own.
  private func add(
    claimant: Origin.Number?, orHolder holder: Origin.Number, _ standing: Int64, _ nearness: Nearness,
    _ reach: inout SearchReach
  ) {
    if let claimant { reach.add(claimant, nearness) }
    if claimant == nil || standing == Origin.Standing.own.rawValue { reach.add(holder, nearness) }
  }

  /// Adds whose identifiers have a part that begins so.
  private func addParts(_ beginning: String, _ pattern: String, _ reach: inout SearchReach) throws {
    let values: [SQLValue] = [
      .text(beginning), .text(Self.end(of: beginning)), .integer(limits.rows), .text(pattern),
    ]
    var rows: Int64 = 0
    try session.forEachRow(of: ReachStatement.parts, values) { row in
      rows += 1
      add(claimant: row.optionalInteger(2), orHolder: row.integer(0), row.integer(1), .prefix, &reach)
      return true
    }
    if rows == limits.rows { (reach.isComplete, reach.hasAllNumbers) = (false, false) }
  }

  private func addOrders(
    _ first: String, _ last: String, _ term: SearchQuery.Term, _ reach: inout SearchReach
  ) throws {
    var rows: Int64 = 0
    try session.forEachRow(of: ReachStatement.orders, [.text(first), .text(last), .integer(limits.rows)]) { row in
      rows += 1
      if let nearness = term.nearness(ofOrder: row.text(0)) { reach.add(row.integer(1), nearness) }
      return true
    }
    if rows == limits.rows { (reach.isComplete, reach.hasAllNumbers) = (false, false) }
  }
}
