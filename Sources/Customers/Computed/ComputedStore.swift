import Base
package import SQL

enum ComputedStatement: Int, StatementSet {
  case progress, allProgress, setProgress, forgetProgress, entries, find, put, forget, erase
  case cells, edge, older, between, summaries, recent, ofOrigin

  private static let event = "sequence, origin, at, kind, name, source, message_id, body, envelope"
  private static let joined =
    "e.sequence, e.origin, e.at, e.kind, e.name, e.source, e.message_id, e.body, e.envelope"
  private static let cell = "count, units, micros, at, source, message_id, payload"

  var sql: String {
    switch self {
    case .progress: "SELECT sequence FROM computed_progress WHERE definition = ?1 AND version = ?2"
    case .allProgress: "SELECT definition, version FROM computed_progress ORDER BY definition, version"
    case .setProgress:
      """
      INSERT INTO computed_progress (definition, version, sequence) VALUES (?1, ?2, ?3)
      ON CONFLICT (definition, version) DO UPDATE SET sequence = excluded.sequence
      """
    case .forgetProgress: "DELETE FROM computed_progress WHERE definition = ?1 AND version = ?2"
    case .entries:
      """
      SELECT \(Self.event) FROM event
      WHERE sequence > ?1 AND sequence <= ?2 AND origin IS NOT NULL
        AND (kind = ?3 AND (name = ?4 OR ?4 IS NULL) OR kind = 'summary')
      ORDER BY sequence
      """
    case .find:
      """
      SELECT \(Self.cell) FROM computed_cell
      WHERE definition = ?1 AND version = ?2 AND origin = ?3 AND day = ?4 AND value = ?5
      """
    case .put:
      """
      INSERT INTO computed_cell (definition, version, origin, day, value, \(Self.cell))
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
      ON CONFLICT (definition, version, origin, day, value) DO UPDATE SET count = excluded.count,
        units = excluded.units, micros = excluded.micros, at = excluded.at, source = excluded.source,
        message_id = excluded.message_id, payload = excluded.payload
      """
    case .forget:
      """
      DELETE FROM computed_cell WHERE definition = ?1 AND version = ?2 AND origin IN (
        SELECT origin FROM computed_cell WHERE definition = ?1 AND version = ?2 ORDER BY origin LIMIT ?3)
      """
    case .erase:
      """
      DELETE FROM computed_cell WHERE definition = ?1 AND version = ?2 AND origin = ?3 AND day >= ?4 AND day < ?5
      """
    case .cells:
      """
      SELECT c.value, c.count, c.units, c.micros, c.at, c.source, c.message_id, c.payload
      FROM origin o JOIN computed_cell c ON c.definition = ?2 AND c.version = ?3 AND c.origin = o.number
      WHERE o.customer = ?1 AND c.day > ?4
      """
    case .edge:
      """
      SELECT \(Self.joined) FROM origin o JOIN event e ON e.origin = o.number
      WHERE o.customer = ?1 AND e.at > ?2 AND e.at < ?3 AND e.sequence <= ?4
      """
    case .older:
      """
      SELECT \(Self.joined) FROM origin o JOIN event e ON e.origin = o.number
      WHERE o.customer = ?1 AND e.sequence > ?2
      """
    case .between:
      """
      SELECT \(Self.event) FROM event
      WHERE origin = ?1 AND at >= ?2 AND at < ?3 AND sequence <= ?4 AND kind <> 'summary'
      """
    case .summaries: "SELECT \(Self.event) FROM event WHERE origin = ?1 AND kind = 'summary' AND sequence <= ?2"
    case .recent: "SELECT \(Self.event) FROM event WHERE sequence > ?1"
    case .ofOrigin: "SELECT \(Self.event) FROM event WHERE origin = ?1 AND sequence <= ?2"
    }
  }
}

/// The cells of computed traits, which follow the log in the background.
///
/// They are a view: whoever reads them adds what the log has beyond them, so the answer never depends on how far they
/// have come.
package enum ComputedStore {
  /// How many entries of the log one transaction goes through for one definition: some 20 ms of the writer's time.
  static let batch: Int64 = 2_000
  /// How many origins' cells of a version that is no longer in force one transaction takes away.
  static let mostForgotten: Int64 = 1_000

  private struct Key: Hashable {
    var origin: Origin.Number
    var day: Int64
    var value: [UInt8]
  }

  /// Whether there is work for `step`.
  package static func isBehind(in session: any Session) throws -> Bool {
    let definitions = try ComputedTrait.all(in: session)
    let last = try EventLog.last(in: session)
    return try definitions.contains { try progress(of: $0, in: session) < last }
      || !outdated(definitions, in: session).isEmpty
  }

  /// Follows the log some way with each definition in force, and takes away what versions before them have left.
  ///
  /// - Returns: whether there is more to do.
  package static func step(in session: any Session) throws -> Bool {
    let definitions = try ComputedTrait.all(in: session)
    for (definition, version) in try outdated(definitions, in: session) {
      let forgotten = try session.execute(
        ComputedStatement.forget, .text(definition), .integer(version), .integer(mostForgotten))
      if forgotten > 0 { return true }
      try session.execute(ComputedStatement.forgetProgress, .text(definition), .integer(version))
    }
    let last = try EventLog.last(in: session)
    var isBehind = false
    for definition in definitions {
      let from = try progress(of: definition, in: session)
      let to = min(last, from + batch)
      if from == last { continue }
      try follow(definition, from, to, in: session)
      isBehind = isBehind || to < last
    }
    return isBehind
  }

  private static func outdated(
    _ definitions: [ComputedTrait.InForce], in session: any Session
  ) throws -> [(definition: String, version: Int64)] {
    let inForce = Dictionary(definitions.map { (Array($0.trait.name.utf8), $0.version) }) { $1 }
    return try session.rows(of: ComputedStatement.allProgress) { (definition: $0.text(0), version: $0.integer(1)) }
      .filter { inForce[Array($0.definition.utf8)] != $0.version }
  }

  private static func follow(
    _ definition: ComputedTrait.InForce, _ from: Int64, _ to: Int64, in session: any Session
  ) throws {
    let trait = definition.trait
    try count(
      definition, .entries, [.integer(from), .integer(to), .text(trait.kind.rawValue), .text(trait.event)], in: session)
    try session.execute(
      ComputedStatement.setProgress, .text(trait.name), .integer(definition.version), .integer(to))
  }

  /// Adds events to the cells of a definition.
  ///
  /// - Parameter days: those to which alone is added.
  private static func count(
    _ definition: ComputedTrait.InForce, _ events: ComputedStatement, _ values: [SQLValue],
    on days: Set<Int64>? = nil,
    in session: any Session
  ) throws {
    let trait = definition.trait
    var cells: [Key: ComputedCell] = [:]
    try session.forEachRow(of: events, values) { row in
      let event = CountedEvent(row)
      for (value, cell) in try event.cells(of: trait) {
        let key = Key(origin: event.origin, day: ComputedCell.day(of: cell.at), value: value)
        if days?.contains(key.day) == false { continue }
        if cells[key]?.merge(cell, trait.function) == nil { cells[key] = cell }
      }
      return true
    }
    for (key, cell) in cells {
      let place: [SQLValue] = [
        .text(trait.name), .integer(definition.version), .integer(key.origin), .integer(key.day), .utf8(key.value),
      ]
      var sum = cell
      try session.forEachRow(of: ComputedStatement.find, place) { row in
        sum.merge(ComputedCell(row, from: 0), trait.function)
        return false
      }
      let (units, micros) = sum.micros.quotientAndRemainder(dividingBy: 1_000_000)
      let columns: [SQLValue] = [
        .integer(sum.count), .integer(Int64(clamping: units)), .integer(Int64(micros)), .integer(sum.at),
        .utf8(sum.source), .utf8(sum.messageID), .utf8(sum.payload),
      ]
      try session.execute(ComputedStatement.put, place + columns)
    }
  }

  /// Up to which place in the log the cells of a definition go.
  static func progress(of definition: ComputedTrait.InForce, in session: any Session) throws -> Int64 {
    try session.first(
      of: ComputedStatement.progress, .text(definition.trait.name), .integer(definition.version)
    ) { $0.integer(0) } ?? 0
  }

  /// Counts the events of these days anew, after the log was rewritten there.
  static func recount(_ rewritten: ComputedDays, in session: any Session) throws {
    let kept = try session.rows(of: ComputedStatement.allProgress) { (name: $0.text(0), version: $0.integer(1)) }
    let definitions = try ComputedTrait.all(in: session).map { ($0, try progress(of: $0, in: session)) }
    for (origin, days) in rewritten.origins {
      for run in ComputedDays.runs(days) {
        for (name, version) in kept {
          try session.execute(
            ComputedStatement.erase, .text(name), .integer(version), .integer(origin), .integer(run.lowerBound),
            .integer(run.upperBound))
        }
        let (start, end) = (run.lowerBound * ComputedCell.day, run.upperBound * ComputedCell.day)
        for (definition, progress) in definitions {
          try count(
            definition, .between, [.integer(origin), .integer(start), .integer(end), .integer(progress)], in: session)
        }
      }
      for (definition, progress) in definitions {
        try count(definition, .summaries, [.integer(origin), .integer(progress)], on: days, in: session)
      }
    }
  }
}

extension ComputedCell {
  /// The cell that a row has from a column on.
  init(_ row: any Row, from first: Int) {
    count = row.integer(first)
    micros = Int128(row.integer(first + 1)) * 1_000_000 + Int128(row.integer(first + 2))
    at = row.integer(first + 3)
    source = row.bytes(first + 4)
    messageID = row.bytes(first + 5)
    payload = row.optionalBytes(first + 6)
  }
}

/// An event as the table has it, of which computed traits read what they need.
struct CountedEvent {
  private let row: any Row

  init(_ row: any Row) { self.row = row }

  var sequence: Int64 { row.integer(0) }
  var origin: Origin.Number { row.integer(1) }
  var at: Int64 { row.integer(2) }

  /// What it adds to a trait, by value and day; nothing where it is none of the events that the trait counts.
  func cells(of trait: ComputedTrait) throws -> [(value: [UInt8], cell: ComputedCell)] {
    if row.text(3) == Event.Kind.summary.rawValue { return cells(ofSummaryFor: trait) }
    guard trait.counts(row.text(3), row.optionalText(4)) else { return [] }
    return try trait.cells(
      at: at, source: row.bytes(5), messageID: row.bytes(6), body: row.bytes(7), envelope: row.optionalBytes(8)
    ).map { ($0.key, $0.value) }
  }

  /// A summary tells how many events there were on each day, and nothing more.
  private func cells(ofSummaryFor trait: ComputedTrait) -> [(value: [UInt8], cell: ComputedCell)] {
    guard trait.function == .count, trait.days == nil, let summary = EventSummary(body: row.bytes(7)) else { return [] }
    return summary.counts.filter { trait.counts(summary.type, String(decoding: $0.name, as: UTF8.self)) }.map {
      ([], ComputedCell(count: $0.count, at: $0.at))
    }
  }
}
