import Base
import SQL

/// The cells of each computed trait are what the events up to its progress add up to, day by day.
///
/// Those of a definition that was replaced are read by nobody, and taken away a few at a time.
struct ComputedCheck: Check {
  let name = "computed"

  private struct Definition {
    var name: String
    var version: Int64
    var progress: Int64
    var body: JSON
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var definitions: [Definition] = []
    try session.forEachRow(
      ofText: """
        SELECT p.definition, p.version, p.sequence, d.body, (
          SELECT max(n.version) FROM document n WHERE n.kind = 'computed-trait' AND n.id = p.definition)
        FROM computed_progress p LEFT JOIN document d ON d.kind = 'computed-trait' AND d.id = p.definition AND d.version = p.version
        """, []
    ) { row in
      guard let body = try? JSONDocument(row.bytes(3)).root else {
        report("\(row.text(0)) is followed and defined nowhere")
        return true
      }
      guard row.integer(1) == row.integer(4), body["active"]?.bool != false else { return true }
      definitions.append(Definition(name: row.text(0), version: row.integer(1), progress: row.integer(2), body: body))
      return true
    }
    var rows: Int64 = 0
    for definition in definitions {
      let counted = try count(definition, in: session)
      try session.forEachRow(
        ofText: """
          SELECT origin, day, value, count, units, micros, at, payload FROM computed_cell
          WHERE definition = ?1 AND version = ?2
          """, [.text(definition.name), .integer(definition.version)]
      ) { row in
        rows += 1
        let place = Array("\(row.integer(0)) \(row.integer(1)) ".utf8) + row.bytes(2)
        let cell = Cell(
          count: row.integer(3), micros: Int128(row.integer(4)) * 1_000_000 + Int128(row.integer(5)),
          at: row.integer(6), payload: row.text(7))
        if counted[place] != cell { report("\(definition.name) has at origin \(row.integer(0)) what the log has not") }
        return true
      }
      rows -= Int64(counted.count)
    }
    if rows != 0 {
      report("computed traits have \(abs(rows)) cells \(rows > 0 ? "more" : "fewer") than the log adds up to")
    }
    try session.forEachRow(
      ofText: """
        SELECT count(*) FROM computed_cell c WHERE NOT EXISTS (
          SELECT 1 FROM computed_progress p WHERE p.definition = c.definition AND p.version = c.version)
        """, []
    ) { row in
      if row.integer(0) > 0 { report("\(row.integer(0)) cells are of no definition that is followed") }
      return false
    }
  }

  private struct Cell: Equatable {
    var count: Int64 = 0
    var micros: Int128 = 0
    var at: Int64
    var payload = ""
  }

  /// What the events add up to, by origin, day and value.
  private func count(_ definition: Definition, in session: any Session) throws -> [[UInt8]: Cell] {
    let function = definition.body["function"]?.string ?? ""
    let path = definition.body["property"]?.string.map {
      $0.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
        $0.replacing("~1", with: "/").replacing("~0", with: "~")
      }.map { String($0) }
    }
    var cells: [[UInt8]: Cell] = [:]
    // In the order in which they happened, so that the first and the last are at the ends.
    try session.forEachRow(
      ofText: """
        SELECT origin, at, name, body, envelope FROM event
        WHERE kind = ?1 AND sequence <= ?2 AND origin IS NOT NULL ORDER BY at, source, message_id
        """, [.text(definition.body["type"]?.string), .integer(definition.progress)]
    ) { row in
      if let event = definition.body["event"]?.string, Array(event.utf8) != row.bytes(2) { return true }
      let at = row.integer(1)
      let day = Int64((Double(at) / 86_400_000).rounded(.down))
      func add(_ value: String, _ change: (inout Cell) -> Void) {
        let place = Array("\(row.integer(0)) \(day) \(value)".utf8)
        var cell = cells[place] ?? Cell(at: at)
        if function != "first" { cell.at = at }
        change(&cell)
        cells[place] = cell
      }
      guard let path else {
        add("") { $0.count += 1 }
        return true
      }
      var values = leaves(Array(path), (try? JSONDocument(row.bytes(3)).root).map { [$0] } ?? [])
      if values.isEmpty, let envelope = row.optionalBytes(4) {
        values = leaves(Array(path), (try? JSONDocument(envelope).root).map { [$0] } ?? [])
      }
      switch function {
      case "sum":
        let amounts = values.compactMap { $0.number.flatMap(micros) }
        if !amounts.isEmpty {
          add("") { cell in
            cell.count += 1
            cell.micros += amounts.reduce(0, +)
          }
        }
      case "most_frequent":
        for value in values { add(text(value)) { $0.count += 1 } }
      default:
        guard let value = values.first else { return true }
        add("") { cell in
          cell.count += 1
          if function == "last" || cell.count == 1 { cell.payload = text(value) }
        }
      }
      return true
    }
    if path == nil, definition.body["days"]?.integer == nil { try addSummaries(to: &cells, definition, session) }
    return cells
  }

  /// Adds to a count for ever what summaries say of the days before.
  private func addSummaries(
    to cells: inout [[UInt8]: Cell], _ definition: Definition, _ session: any Session
  ) throws {
    try session.forEachRow(
      ofText: "SELECT origin, body FROM event WHERE kind = 'summary' AND sequence <= ?1",
      [.integer(definition.progress)]
    ) { row in
      guard let body = try? JSONDocument(row.bytes(1)).root, body["type"]?.string == definition.body["type"]?.string
      else { return true }
      for count in body["counts"]?.elements.map({ Array($0.elements) }) ?? [] where count.count == 3 {
        guard let at = count[0].string.flatMap({ Instant($0) })?.milliseconds, let number = count[2].integer else {
          continue
        }
        if let event = definition.body["event"]?.string, count[1].string.map({ Array($0.utf8) }) != Array(event.utf8) {
          continue
        }
        let day = Int64((Double(at) / 86_400_000).rounded(.down))
        let place = Array("\(row.integer(0)) \(day) ".utf8)
        var cell = cells[place] ?? Cell(at: at)
        cell.count += number
        cell.at = max(cell.at, at)
        cells[place] = cell
      }
      return true
    }
  }

  private func text(_ value: JSON) -> String { String(decoding: value.canonical(keepsNumbers: true), as: UTF8.self) }

  private func leaves(_ path: [String], _ roots: [JSON]) -> [JSON] {
    guard let token = path.first else { return roots.filter { !isContainer($0) && $0.range.count <= 256 } }
    let next = token == "*" ? roots.flatMap { $0.elements.prefix(100) } : roots.compactMap { $0.member(token) }
    return leaves(Array(path.dropFirst()), Array(next.prefix(100)))
  }

  private func isContainer(_ value: JSON) -> Bool { [.object, .array, .null].contains(value.kind) }

  private func micros(_ literal: String) -> Int128? {
    let parts = literal.split(separator: ".")
    let digits = parts[0].drop { $0 == "-" }
    guard digits.count <= 12, parts.count < 3, parts.count == 1 || parts[1].count <= 6 else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    return Int128(parts[0] + fraction + String(repeating: "0", count: 6 - fraction.count))
  }
}
