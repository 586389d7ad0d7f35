import Base
import SQL

enum CanonicalStatement: Int, StatementSet {
  case customers, origin, event, merge

  var sql: String {
    switch self {
    case .customers: "SELECT customer FROM origin ORDER BY value, type, standing, source, generation"
    case .origin: "SELECT type, value, standing, source, generation FROM origin WHERE number = ?1"
    case .event: "SELECT * FROM event WHERE sequence = ?1"
    case .merge: "SELECT sequence, undone FROM merge WHERE id = ?1"
    }
  }
}

/// Rows of any table as JSON, every column of them, with names in the place of internal numbers.
struct CanonicalRows {
  let session: any Session
  /// Entries in the log that are left out, with the rows that they made.
  let acts: Set<Int64>
  /// What was left out, a line each.
  private(set) var skipped: [String] = []

  init(session: any Session, acts: Set<Int64>) {
    self.session = session
    self.acts = acts
  }

  /// The event at that place, or nil where it is left out.
  mutating func event(_ sequence: Int64) throws -> [UInt8]? {
    var row: [UInt8]?
    try session.forEachRow(of: CanonicalStatement.event, [.integer(sequence)]) { values in
      row = try json(values, of: CanonicalExport.log, without: ["sequence"])
      return false
    }
    guard let row, acts.contains(sequence) else { return row }
    skip(row, of: CanonicalExport.log)
    return nil
  }

  /// The rows of these origins, sorted.
  mutating func ofOrigins(_ origins: [Origin.Number], _ table: FoldTable) throws -> [[UInt8]] {
    guard let owner = table.owner else { return [] }
    var rows: [[UInt8]] = []
    for origin in origins {
      rows += try read("SELECT * FROM \(table.name) WHERE \(owner) = ?1", [.integer(origin)], table)
    }
    return rows.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The rows that are nobody's of a table whose others have an owner, sorted.
  mutating func ofNobody(_ table: FoldTable) throws -> [[UInt8]] {
    guard let owner = table.owner else { return [] }
    return try read("SELECT * FROM \(table.name) WHERE \(owner) IS NULL", [], table)
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Every row of a table, sorted.
  mutating func all(of table: FoldTable) throws -> [[UInt8]] {
    try read("SELECT * FROM \(table.name)", [], table).sorted { $0.lexicographicallyPrecedes($1) }
  }

  private mutating func read(_ sql: String, _ values: [SQLValue], _ table: FoldTable) throws -> [[UInt8]] {
    var rows: [(json: [UInt8], isLeftOut: Bool)] = []
    try session.forEachRow(ofText: sql, values) { row in
      func isOfActs(_ column: String?) -> Bool {
        let place = (0..<row.count).first { row.name($0) == column }.flatMap { row.optionalInteger($0) }
        return place.map(acts.contains) ?? false
      }
      let isLeftOut = isOfActs(table.entries.first)
      if !isLeftOut, let before = table.before, isOfActs(before.entry) {
        skip(try json(row, of: table), of: table)
        rows.append((try json(row, of: table, before: before.columns), false))
      } else {
        rows.append((try json(row, of: table), isLeftOut))
      }
      return true
    }
    for row in rows where row.isLeftOut { skip(row.json, of: table) }
    return rows.filter { !$0.isLeftOut }.map { $0.json }
  }

  private mutating func skip(_ row: [UInt8], of table: FoldTable) {
    skipped.append("\(table.name) \(String(decoding: row, as: UTF8.self))")
  }

  /// A row as an object, its columns by name.
  private func json(
    _ row: any Row, of table: FoldTable, without hidden: Set<String> = [], before: [String: String?] = [:]
  ) throws -> [UInt8] {
    let named = Set(table.origins + [table.owner].compactMap { $0 })
    let columns = (0..<row.count).map { (name: row.name($0), index: $0) }.filter { !hidden.contains($0.name) }
    var writer = JSONWriter(capacity: 512)
    try writer.object { writer in
      for (name, index) in columns.sorted(by: { $0.name < $1.name }) {
        if let former = before[name] {
          writer.field(name, orNull: former)
          continue
        }
        writer.key(name)
        switch row.value(index) {
        case .null: writer.null()
        case .integer(let number) where named.contains(name): try write(origin: number, to: &writer)
        case .integer(let number) where table.entries.contains(name): try write(entry: number, to: &writer)
        case .integer(let number): writer.value(number)
        case .text(let text): writer.value(text)
        case .utf8(let bytes): writer.value(String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes): writer.value(Base64URL.text(bytes))
        }
      }
    }
    return writer.bytes
  }

  private func write(origin number: Origin.Number, to writer: inout JSONWriter) throws {
    let name: [SQLValue]? = try session.first(of: CanonicalStatement.origin, .integer(number)) { row in
      (0..<row.count).map { row.value($0) }
    }
    guard let name else { return writer.null() }
    writer.array { writer in
      for part in name {
        switch part {
        case .integer(let number): writer.value(number)
        case .text(let text): writer.value(text)
        case .null, .utf8, .bytes: writer.null()
        }
      }
    }
  }

  private func write(entry sequence: Int64, to writer: inout JSONWriter) throws {
    let name = try session.first(of: EventOrderStatement.message, .integer(sequence)) { [$0.text(0), $0.text(1)] }
    guard let name else { return writer.null() }
    writer.array { writer in for part in name { writer.value(part) } }
  }
}
