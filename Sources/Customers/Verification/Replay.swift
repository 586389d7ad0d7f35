import Base
package import SQL

/// Folds the whole log once more into an empty database and compares every table with the one in use:
/// `state == replay(log)`.
package struct Replay: Sendable {
  /// What a replay found.
  package struct Report: Sendable {
    package var events: Int
    package var findings: [Finding]
  }

  private let folds: [any Fold]

  package init(folds: [any Fold]) { self.folds = folds }

  /// Replays the log that `session` sees into `empty`, which has the schema and no rows.
  ///
  /// Views that are about to be made anew are not compared.
  package func run(from session: any Session, into empty: any Session) throws -> Report {
    var events = 0
    try EventLog.forEach(in: session) { entry in
      for fold in folds { try fold.apply(entry, in: empty) }
      events += 1
    }
    for case let messages as MessageFold in folds {
      try SummedEvent.forEach(in: session) { try messages.apply($0, in: empty) }
    }
    var findings: [Finding] = []
    let outdated = try ViewVersion.outdated(folds, in: session)
    for fold in folds where !outdated.contains(fold.name) {
      for table in fold.tables {
        let (kept, made) = (try rows(of: table, in: session), try rows(of: table, in: empty))
        let differing = Set(kept.keys).union(made.keys).filter { kept[$0] != made[$0] }
        if differing.isEmpty { continue }
        findings.append(
          Finding(fold.name, "\(table.name): \(kept.count) rows, \(made.count) replayed, \(differing.count) differ"))
      }
    }
    return Report(events: events, findings: findings)
  }

  /// The digest of each row under the digest of its key, so that a large table fits.
  private func rows(of table: FoldTable, in session: any Session) throws -> [[UInt8]: [UInt8]] {
    var rows: [[UInt8]: [UInt8]] = [:]
    let keys = table.key.joined(separator: ", ")
    try session.forEachRow(ofText: "SELECT \(keys), * FROM \(table.rows) AS kept", []) { row in
      let key = digest((0..<table.key.count).map { row.value($0) })
      rows[key] = digest((table.key.count..<row.count).map { row.value($0) })
      return true
    }
    return rows
  }

  private func digest(_ values: [SQLValue]) -> [UInt8] {
    var writer = JSONWriter()
    writer.array { writer in
      for value in values {
        switch value {
        case .null: writer.null()
        case .integer(let integer): writer.value(integer)
        case .text(let text): writer.value(text)
        case .utf8(let bytes): writer.value(String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes): writer.value(Base64URL.text(bytes))
        }
      }
    }
    return Array(Digest.sha256(writer.bytes)[..<16])
  }
}
