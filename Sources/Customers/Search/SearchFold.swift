package import Base
package import SQL

enum SearchStatement: Int, StatementSet {
  case known, addPosting, dropPosting, forgetPosting, isPosted, addToken, forgetToken, addVariant, forgetVariant
  case addPart, forgetPart, addOrder, forgetOrders, wordsOf, ordersOf, erasePosting, identifierOf

  var sql: String {
    switch self {
    case .known:
      """
      SELECT value, CASE WHEN ?4 > at OR (?4 = at AND ?5 > message_id) THEN 1 ELSE 0 END
      FROM trait WHERE origin = ?1 AND name = ?2 AND source = ?3
      """
    case .addPosting:
      """
      INSERT INTO search_posting (word, origin, count) VALUES (?1, ?2, 1)
      ON CONFLICT (word, origin) DO UPDATE SET count = search_posting.count + 1
      """
    case .dropPosting: "UPDATE search_posting SET count = count - 1 WHERE word = ?1 AND origin = ?2"
    case .forgetPosting: "DELETE FROM search_posting WHERE word = ?1 AND origin = ?2 AND count = 0"
    case .isPosted: "SELECT origin FROM search_posting WHERE word = ?1 LIMIT 1"
    case .addToken: "INSERT INTO search_token (key, word) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    case .forgetToken: "DELETE FROM search_token WHERE key = ?1 AND word = ?2"
    case .addVariant: "INSERT INTO search_variant (key, word) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    case .forgetVariant: "DELETE FROM search_variant WHERE key = ?1 AND word = ?2"
    case .addPart: "INSERT INTO search_part (text, origin) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    case .forgetPart: "DELETE FROM search_part WHERE text = ?1 AND origin = ?2"
    case .addOrder: "INSERT INTO search_order (number, origin) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    case .forgetOrders: "DELETE FROM search_order WHERE origin = ?1"
    case .wordsOf: "SELECT word FROM search_posting WHERE origin = ?1 ORDER BY word"
    case .ordersOf: "SELECT number FROM search_order WHERE origin = ?1 ORDER BY number"
    case .erasePosting: "DELETE FROM search_posting WHERE word = ?1 AND origin = ?2"
    case .identifierOf: "SELECT type, value FROM origin WHERE number = ?1"
    }
  }
}

/// By which words, parts and numbers customers are found, kept for each origin.
///
/// The words of an origin are those of the newest value of each trait by each source, as `TraitFold` decides it. To
/// know which words a new value takes away, it reads what `TraitFold` has of the trait before this entry: **so it goes
/// before `TraitFold`** among the folds, and, because it reads which parts of an identifier to erase, before
/// `IdentityFold` in `erase`. An entry with no searched trait, no new origin and no order runs no statement.
package struct SearchFold: View {
  package let name = "search"
  package let version: Int64 = 1
  package let tables = [
    FoldTable("search_posting", key: ["word", "origin"]), FoldTable("search_token", key: ["key", "word"]),
    FoldTable("search_variant", key: ["key", "word"]), FoldTable("search_part", key: ["text", "origin"]),
    FoldTable("search_order", key: ["number", "origin"]),
  ]
  package var checks: [any Check] { [SearchCheck()] }

  package init() {}

  package func reads(_ event: Event) -> Bool {
    SearchedFields.tellsOrder(event)
  }

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    for opened in entry.outcome.opened + entry.outcome.named {
      for part in SearchedFields.parts(of: opened.identifier) {
        try session.execute(SearchStatement.addPart, .text(part), .integer(opened.number))
      }
    }
    guard let origin = entry.outcome.origin else { return }
    if let number = SearchedFields.orderNumber(of: entry.event) {
      try session.execute(SearchStatement.addOrder, .text(number), .integer(origin))
    }
    var told: Set<String> = []
    for trait in entry.event.traits
    where SearchedFields.isSearched(trait.place.name) && told.insert(trait.place.name).inserted {
      try take(trait, of: entry, at: origin, session)
    }
  }

  private func take(
    _ trait: Event.Trait, of entry: LogEntry, at origin: Origin.Number, _ session: any Session
  ) throws {
    let name = trait.place.name
    let known = try session.first(
      of: SearchStatement.known, .integer(origin), .text(name), .text(entry.source),
      .integer(entry.event.at.milliseconds), .text(entry.event.messageID)
    ) { (value: $0.bytes(0), isOlder: $0.integer(1) == 1) }
    if let known, !known.isOlder || known.value == trait.value { return }
    let before = known.map { SearchedFields.words(of: name, value: $0.value) } ?? []
    let after = SearchedFields.words(of: name, value: trait.value)
    // In one order, so that a page of the tables is written the same way by every replay.
    for word in after.subtracting(before).sorted() { try add(word, at: origin, session) }
    for word in before.subtracting(after).sorted() { try drop(word, at: origin, session) }
  }

  private func add(_ word: String, at origin: Origin.Number, _ session: any Session) throws {
    try session.execute(SearchStatement.addPosting, .text(word), .integer(origin))
    let isNew = try session.execute(SearchStatement.addToken, .text(word), .text(word)) == 1
    guard isNew else { return }
    let spelled = SearchWord(word)
    for key in spelled.keys.dropFirst() { try session.execute(SearchStatement.addToken, .text(key), .text(word)) }
    for key in spelled.variants { try session.execute(SearchStatement.addVariant, .text(key), .text(word)) }
  }

  private func drop(_ word: String, at origin: Origin.Number, _ session: any Session) throws {
    try session.execute(SearchStatement.dropPosting, .text(word), .integer(origin))
    guard try session.execute(SearchStatement.forgetPosting, .text(word), .integer(origin)) == 1 else { return }
    try forgetUnlessPosted(word, session)
  }

  /// Forgets the spellings of a word that stands nowhere any more.
  private func forgetUnlessPosted(_ word: String, _ session: any Session) throws {
    guard try session.first(of: SearchStatement.isPosted, .text(word), map: { $0.integer(0) }) == nil else { return }
    let spelled = SearchWord(word)
    for key in spelled.keys { try session.execute(SearchStatement.forgetToken, .text(key), .text(word)) }
    for key in spelled.variants { try session.execute(SearchStatement.forgetVariant, .text(key), .text(word)) }
  }

  /// Writes the field `search`: the words and order numbers by which the customer of these origins is found.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    var words: Set<String> = []
    var orders: Set<String> = []
    for origin in origins {
      words.formUnion(try session.rows(of: SearchStatement.wordsOf, .integer(origin)) { $0.text(0) })
      orders.formUnion(try session.rows(of: SearchStatement.ordersOf, .integer(origin)) { $0.text(0) })
    }
    writer.key("search")
    writer.object { writer in
      for (name, values) in [("words", words), ("orders", orders)] {
        writer.key(name)
        writer.array { writer in
          for value in values.sorted() { writer.value(value) }
        }
      }
    }
  }

  /// Removes everything by which these origins are found.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins {
      for word in try session.rows(of: SearchStatement.wordsOf, .integer(origin), map: { $0.text(0) }) {
        try session.execute(SearchStatement.erasePosting, .text(word), .integer(origin))
        try forgetUnlessPosted(word, session)
      }
      try session.execute(SearchStatement.forgetOrders, .integer(origin))
      let identifiers = try session.rows(of: SearchStatement.identifierOf, .integer(origin)) { row in
        IdentifierType(row.text(0)).map { Identifier(recorded: $0, row.text(1)) }
      }
      for part in identifiers.compactMap({ $0 }).flatMap({ SearchedFields.parts(of: $0) }) {
        try session.execute(SearchStatement.forgetPart, .text(part), .integer(origin))
      }
    }
  }
}
