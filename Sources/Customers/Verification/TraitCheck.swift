import Base
import SQL

/// Each trait has the newest value that its source reported at its origin.
struct TraitCheck: Check {
  let name = "traits"

  // Names and ids are bytes, as in the tables: texts in Swift are equal in more than one spelling.
  private struct Key: Hashable {
    var origin: Int64
    var name: [UInt8]
    var source: [UInt8]
  }

  private struct Value: Equatable {
    var at: Int64
    var messageID: [UInt8]
    var value: [UInt8]

    func isNewer(than other: Value) -> Bool {
      at == other.at ? other.messageID.lexicographicallyPrecedes(messageID) : at > other.at
    }
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var newest: [Key: Value] = [:]
    try session.forEachRow(
      ofText: "SELECT origin, source, at, message_id, outcome FROM event WHERE outcome LIKE '%\"traits\":%'", []
    ) { row in
      for trait in (try? JSONDocument(row.bytes(4)).root)?["traits"]?.elements.map({ $0 }) ?? [] {
        let key = Key(origin: row.integer(0), name: Array((trait["name"]?.string ?? "").utf8), source: row.bytes(1))
        let value = Value(at: row.integer(2), messageID: row.bytes(3), value: trait["value"]?.bytes ?? [])
        if let other = newest[key], other.isNewer(than: value) { continue }
        newest[key] = value
      }
      return true
    }
    var rows = 0
    try session.forEachRow(ofText: "SELECT origin, name, source, at, message_id, value FROM trait", []) { row in
      rows += 1
      let key = Key(origin: row.integer(0), name: row.bytes(1), source: row.bytes(2))
      let value = Value(at: row.integer(3), messageID: row.bytes(4), value: row.bytes(5))
      if newest[key] != value { report("a trait of origin \(key.origin) is not what its source said last") }
      return true
    }
    if rows != newest.count { report("\(rows) traits, the log has \(newest.count)") }
  }
}
