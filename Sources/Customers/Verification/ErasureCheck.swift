import Base
import SQL

/// Nothing is left of the persons whom the log says were erased: not in their events, not in any table.
struct ErasureCheck: Check {
  let name = "erasures"
  let folds: [any Fold]

  /// What the body of an erased event may have at most.
  private static let members: Set = [
    "properties", "changes", "products", "quantity", "price", "revenue", "total", "subtotal", "value", "tax",
    "shipping", "discount", "sku", "product_id", "currency", "purpose", "channel", "state", "legalBasis", "textVersion",
    "at",
  ]

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var erased: Set<Int64> = []
    try session.forEachRow(ofText: "SELECT outcome FROM event WHERE kind = 'erasure'", []) { row in
      let outcome = try? JSONDocument(row.bytes(0)).root
      erased.formUnion(outcome?["erased"]?.elements.compactMap { $0.integer } ?? [])
      return true
    }
    var nameless: Set<Int64> = []
    try session.forEachRow(ofText: "SELECT number, value, public_id FROM origin", []) { row in
      let number = row.integer(0)
      if row.bytes(1) == [0x1A] + Array("\(number)".utf8), row.text(2) == "erased_\(number)" { nameless.insert(number) }
      return true
    }
    for number in erased.symmetricDifference(nameless).sorted() {
      report("origin \(number) \(erased.contains(number) ? "was erased and has a name" : "has no name")")
    }
    for origin in erased.sorted() { try check(origin, session, report) }
    try session.forEachRow(ofText: "SELECT count(*) FROM tombstone", []) { row in
      if row.integer(0) < erased.count { report("\(row.integer(0)) tombstones, \(erased.count) origins were erased") }
      return false
    }
  }

  private func check(_ origin: Int64, _ session: any Session, _ report: (String) -> Void) throws {
    try session.forEachRow(
      ofText: """
        SELECT sequence, kind, body, outcome, envelope, sent_at, name, message_id, source FROM event WHERE origin = ?1
        """, [.integer(origin)]
    ) { row in
      let body = try? JSONDocument(row.bytes(2)).root
      let outcome = try? JSONDocument(row.bytes(3)).root
      let isErased = outcome?["result"]?.string == "erased"
      let namesSomebody =
        outcome?["identifiers"]?.elements.contains { $0["value"]?.string?.utf8.first != 0x1A } ?? false
      let isOwn = ["customer:", "visitor:"].contains { row.text(8).hasPrefix($0) }
      let isNamed =
        row.text(1) != "track" && row.optionalText(6) != nil || isOwn && !row.text(8).hasSuffix(":erased_\(origin)")
      if !isErased || isNamed || namesSomebody || row.optionalBytes(4) != nil || row.optionalInteger(5) != nil
        || !row.text(7).hasPrefix("erased_") || !(body.map(Self.isBare) ?? false)
      {
        report("event \(row.integer(0)) stands with somebody erased and tells more than it may")
      }
      return true
    }
    try session.forEachRow(
      ofText: "SELECT sequence FROM summed_event WHERE origin = ?1 AND said IS NOT NULL", [.integer(origin)]
    ) { row in
      report("event \(row.integer(0)), which became part of a summary, tells something of somebody erased")
      return true
    }
    for table in folds.flatMap({ $0.tables }) where !table.staysErased {
      let columns = Set(try session.columns(of: table.name)).intersection(["origin", "first", "second"])
      for column in columns {
        try session.forEachRow(
          ofText: "SELECT count(*) FROM \(table.name) WHERE \(column) = ?1", [.integer(origin)]
        ) { row in
          let count = row.integer(0)
          if count > 0 { report("\(table.name) has \(count) rows of origin \(origin), who was erased") }
          return false
        }
      }
    }
  }

  private static func isBare(_ json: JSON) -> Bool {
    json.members.allSatisfy { members.contains($0.key) && isBare($0.value) } && json.elements.allSatisfy(isBare)
  }
}

extension Session {
  /// The names of a table's columns; of an empty one, none.
  fileprivate func columns(of table: String) throws -> [String] {
    var names: [String] = []
    try forEachRow(ofText: "SELECT * FROM \(table) LIMIT 1", []) { row in
      names = (0..<row.count).map { row.name($0) }
      return false
    }
    return names
  }
}
