import Base
import SQL

/// Customers are found by what the log says of them now, and by nothing else.
///
/// Words are cut and folded by the same rules as in the fold; which values count, and how often a word stands at an
/// origin, is counted anew from the log.
struct SearchCheck: Check {
  let name = "search"

  private struct Row: Hashable {
    var text: String
    var origin: Int64

    // Texts are bytes, as in the tables.
    static func == (a: Row, b: Row) -> Bool { a.origin == b.origin && a.text.utf8.elementsEqual(b.text.utf8) }
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try checkWords(session, report)
    try checkParts(session, report)
    try checkOrders(session, report)
  }

  // MARK: Words

  private func checkWords(_ session: any Session, _ report: (String) -> Void) throws {
    var counts: [Row: Int64] = [:]
    // What cannot be read is for the check of the traits to tell.
    for (key, value) in try NewestTraits.gather(in: session, { _ in }) {
      for word in SearchedFields.words(of: String(decoding: key.name, as: UTF8.self), value: value.value) {
        counts[Row(text: word, origin: key.origin), default: 0] += 1
      }
    }
    let words = Set(counts.keys.map { $0.text })
    var rows = 0
    try session.forEachRow(ofText: "SELECT word, origin, count FROM search_posting", []) { row in
      rows += 1
      if counts[Row(text: row.text(0), origin: row.integer(1))] != row.integer(2) {
        report("a word of origin \(row.integer(1)) stands there otherwise than its row says")
      }
      return true
    }
    if rows != counts.count { report("\(rows) words of origins, the log has \(counts.count)") }
    try checkSpellings("search_token", of: words, session, report) { word in word.keys }
    try checkSpellings("search_variant", of: words, session, report) { word in word.variants }
  }

  /// Each word that stands anywhere has its spellings, and no other word has any.
  private func checkSpellings(
    _ table: String, of words: Set<String>, _ session: any Session, _ report: (String) -> Void,
    _ spellings: (SearchWord) -> [String]
  ) throws {
    let expected = words.reduce(0) { $0 + spellings(SearchWord($1)).count }
    var rows = 0
    var strays = 0
    try session.forEachRow(ofText: "SELECT key, word FROM \(table)", []) { row in
      rows += 1
      let word = row.text(1)
      if !words.contains(word) || !spellings(SearchWord(word)).contains(row.text(0)) { strays += 1 }
      return true
    }
    if strays > 0 { report("\(strays) rows of \(table) lead to no word, or to another one") }
    if rows != expected { report("\(rows) rows of \(table), the log makes \(expected)") }
  }

  // MARK: Parts and orders

  private func checkParts(_ session: any Session, _ report: (String) -> Void) throws {
    var expected: Set<Row> = []
    func expect(_ number: Int64?, _ type: String?, _ value: String?) {
      guard let number, let type = type.flatMap({ IdentifierType($0) }), let value else { return }
      for part in SearchedFields.parts(of: Identifier(recorded: type, value)) {
        expected.insert(Row(text: part, origin: number))
      }
    }
    try session.forEachRow(
      ofText: "SELECT outcome FROM event WHERE outcome LIKE '%\"opened\":%' OR kind = 'erasure'", []
    ) { event in
      guard let outcome = try? JSONDocument(event.bytes(0)).root else { return true }
      let places = outcome["places"]?.elements.map { $0.integer } ?? []
      let identifiers = outcome["identifiers"]?.elements.map { $0 } ?? []
      for opened in outcome["opened"]?.elements.map({ $0 }) ?? [] {
        guard let number = opened.elements.first(where: { _ in true })?.integer,
          let place = places.firstIndex(of: number), place < identifiers.count
        else { continue }
        expect(number, identifiers[place]["type"]?.string, identifiers[place]["value"]?.string)
      }
      for named in outcome["named"]?.elements.map({ Array($0.elements) }) ?? [] where named.count == 4 {
        expect(named[0].integer, named[2].string, named[3].string)
      }
      return true
    }
    try compare("search_part", "text", expected, session, report)
  }

  private func checkOrders(_ session: any Session, _ report: (String) -> Void) throws {
    var expected: Set<Row> = []
    let names = SearchedFields.orderEvents.sorted().map { "'\($0)'" }.joined(separator: ", ")
    try session.forEachRow(
      ofText: """
        SELECT origin, body, kind FROM event
        WHERE (kind = 'track' AND name IN (\(names)) OR kind = 'order' AND name = 'place') AND origin IS NOT NULL
        """, []
    ) { event in
      let place = event.text(2) == "order" ? "/id" : "/properties/order_id"
      let id = (try? JSONDocument(event.bytes(1)).root)?.value(at: place)
      if let number = id.flatMap({ $0.string ?? $0.number }).flatMap({ SearchedFields.orderNumber($0) }) {
        expected.insert(Row(text: number, origin: event.integer(0)))
      }
      return true
    }
    try compare("search_order", "number", expected, session, report)
  }

  private func compare(
    _ table: String, _ column: String, _ expected: Set<Row>, _ session: any Session, _ report: (String) -> Void
  ) throws {
    var rows = 0
    try session.forEachRow(ofText: "SELECT \(column), origin FROM \(table)", []) { row in
      rows += 1
      if !expected.contains(Row(text: row.text(0), origin: row.integer(1))) {
        report("a row of \(table) at origin \(row.integer(1)) is not the log's")
      }
      return true
    }
    if rows != expected.count { report("\(rows) rows of \(table), the log has \(expected.count)") }
  }
}
