import Base
import SQL

/// Each trait has the newest value that its source reported at its origin.
struct TraitCheck: Check {
  let name = "traits"

  private struct Key: Hashable {
    var origin: Int64
    var name: String
    var source: String
  }

  private struct Value: Equatable {
    var at: Int64
    var messageID: String
    var value: [UInt8]
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var newest: [Key: Value] = [:]
    try session.forEachRow(
      ofText: "SELECT origin, source, at, message_id, outcome FROM event WHERE outcome LIKE '%\"traits\":%'", []
    ) { row in
      for trait in (try? JSONDocument(row.bytes(4)).root)?["traits"]?.elements.map({ $0 }) ?? [] {
        let key = Key(origin: row.integer(0), name: trait["name"]?.string ?? "", source: row.text(1))
        let value = Value(at: row.integer(2), messageID: row.text(3), value: trait["value"]?.bytes ?? [])
        if let other = newest[key], (other.at, other.messageID) > (value.at, value.messageID) { continue }
        newest[key] = value
      }
      return true
    }
    var rows = 0
    try session.forEachRow(ofText: "SELECT origin, name, source, at, message_id, value FROM trait", []) { row in
      rows += 1
      let key = Key(origin: row.integer(0), name: row.text(1), source: row.text(2))
      let value = Value(at: row.integer(3), messageID: row.text(4), value: row.bytes(5))
      if newest[key] != value { report("a trait of origin \(key.origin) is not what its source said last") }
      return true
    }
    if rows != newest.count { report("\(rows) traits, the log has \(newest.count)") }
  }
}
