import Base
package import SQL

/// Everything that an installation keeps, written so that equal states have equal bytes: by it an undo, a replay, a
/// migration, a restore and an import are measured.
///
/// A line is a customer, `{"customer": …, "events": […], "rows": {…}}`: what readers see of him, his events, and every
/// row and column of the folds' tables. Customers are sorted by their names, events by the time they happened, rows by
/// their bytes. Then comes what is no one person's, a row a line. An origin is told by its name and a place in the log by
/// source and message, so nothing tells in which order things came; but an outcome is the text that stands in the log.
package struct CanonicalExport: Sendable {
  /// What is kept and not told here, with the reason.
  package static let leftOut: [(what: String, reason: String)] = [
    ("event.sequence", "a place in the log"),
    ("summed_event", "places in the log, and keys under a seed of each installation"),
    ("message", "made of the log, under a seed of each installation"),
    ("message_recent", "made of the log, under a seed of each installation"),
    ("audit", "who read what, and when"),
    ("access_key", "secrets"),
    ("setting", "secrets"),
    ("secret", "secrets, sealed under a key that is not in the database"),
    ("dead_letter", "a work list, no part of the log"),
    ("computed_cell", "made of the log in the background, as far as it has come"),
    ("computed_progress", "how far it has come"),
    ("job", "work in hand, whose results end"),
    ("webhook_cursor", "how far deliveries have come"),
    ("webhook_attempt", "attempts to deliver"),
    ("webhook_dead_letter", "a work list, no part of the log"),
    ("kept_request", "what not to do twice, for 30 days"),
    ("tombstone", "hashes under a seed of each installation"),
    ("migration", "how the schema came to be"),
    ("view_version", "which program made the views"),
  ]

  static let log = FoldTable("event", key: ["sequence"], owner: "origin")

  private let folds: [any Fold]
  private let tables: [FoldTable]

  /// - Parameter folds: every fold of the log.
  package init(folds: [any Fold]) {
    self.folds = folds
    let hidden = Set(Self.leftOut.map { $0.what })
    tables = folds.flatMap { $0.tables }.filter { !hidden.contains($0.name) }.sorted { $0.name < $1.name }
  }

  /// Writes all lines.
  ///
  /// - Parameters:
  ///   - merge: the id of a merge that is left out with its undo: both entries in the log, and the rows that they made.
  ///   - sink: takes the next bytes.
  /// - Returns: what was left out for that merge, a line each.
  /// - Throws: `notFound` where there is no such merge.
  package func write(
    withoutMerge merge: String? = nil, in session: any Session, to sink: ([UInt8]) throws -> Void
  ) throws -> [String] {
    var rows = CanonicalRows(session: session, acts: try merge.map { try acts(of: $0, session) } ?? [])
    var told: Set<Origin.Number> = []
    try session.forEachRow(of: CanonicalStatement.customers, []) { row in
      guard told.insert(row.integer(0)).inserted else { return true }
      try writeCustomer(row.integer(0), &rows, session, sink)
      return true
    }
    for table in tables where table.owner == nil {
      for row in try rows.all(of: table) { try sink(Self.line(row, of: table)) }
    }
    for table in tables where table.owner != nil {
      for row in try rows.ofNobody(table) { try sink(Self.line(row, of: table)) }
    }
    for sequence in try EventOrder(ofNobodyIn: session) {
      if let event = try rows.event(sequence) { try sink(Self.line(event, of: Self.log)) }
    }
    return rows.skipped
  }

  private static func line(_ row: [UInt8], of table: FoldTable) -> [UInt8] {
    var writer = JSONWriter(capacity: row.count + 64)
    writer.object { writer in
      writer.key("row")
      writer.raw(row)
      writer.field("table", table.name)
    }
    return writer.bytes + [UInt8(ascii: "\n")]
  }

  private func acts(of merge: String, _ session: any Session) throws -> Set<Int64> {
    let acts = try session.first(of: CanonicalStatement.merge, .text(merge)) { row in
      [row.integer(0), row.optionalInteger(1)].compactMap { $0 }
    }
    guard let acts else { throw Failure(.notFound, "there is no merge \(merge)") }
    return Set(acts)
  }

  private func writeCustomer(
    _ leader: Origin.Number, _ rows: inout CanonicalRows, _ session: any Session, _ sink: ([UInt8]) throws -> Void
  ) throws {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    var combined = JSONWriter(capacity: 32 << 10)
    try combined.object { writer in
      for fold in folds { try fold.export(of: origins, to: &writer, in: session) }
    }
    var writer = JSONWriter(capacity: Export.piece)
    try writer.object { writer in
      writer.key("customer")
      writer.raw(try Export.document(combined.bytes).canonical(keepsNumbers: true))
      writer.key("events")
      try writer.array { writer in
        for sequence in try EventOrder(of: origins, in: session) {
          if let event = try rows.event(sequence) { writer.raw(event) }
          if writer.bytes.count >= Export.piece { try sink(writer.drain()) }
        }
      }
      writer.key("rows")
      try writer.object { writer in
        for table in tables where table.owner != nil {
          writer.key(table.name)
          let all = try rows.ofOrigins(origins, table)
          writer.array { writer in for row in all { writer.raw(row) } }
        }
      }
    }
    try sink(writer.bytes + [UInt8(ascii: "\n")])
  }
}
