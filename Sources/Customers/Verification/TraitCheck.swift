import Base
import SQL

/// The newest value of each trait by each source at each origin, gathered from the log alone.
enum NewestTraits {
  // Names and ids are bytes, as in the tables: texts in Swift are equal in more than one spelling.
  struct Key: Hashable {
    var origin: Int64
    var name: [UInt8]
    var source: [UInt8]
  }

  struct Value: Equatable {
    var at: Int64
    var messageID: [UInt8]
    var value: [UInt8]

    func isNewer(than other: Value) -> Bool {
      at == other.at ? other.messageID.lexicographicallyPrecedes(messageID) : at > other.at
    }
  }

  static func gather(in session: any Session, _ report: (String) -> Void) throws -> [Key: Value] {
    var newest: [Key: Value] = [:]
    try session.forEachRow(
      ofText: """
        SELECT origin, source, at, message_id, outcome, body, envelope FROM event WHERE outcome LIKE '%\"traits\":%'
        """, []
    ) { row in
      guard let traits = (try? JSONDocument(row.bytes(4)).root)?["traits"] else { return true }
      let places = traits.members.flatMap { group in group.value.elements.map { (parent: group.key, name: $0) } }
      for (parent, name) in places {
        let names = name.string.map { [$0, $0] } ?? name.elements.map { $0.string ?? "" }
        let parts = parent.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let document = try? JSONDocument(row.bytes(parts[0] == "envelope" ? 6 : 5)).root
        guard parts.count == 2, names.count == 2, let told = document?.value(at: "/" + parts[1])?.member(names[0])
        else {
          report("a trait of an event at \(row.integer(0)) is not where its outcome says")
          continue
        }
        let key = Key(origin: row.integer(0), name: Array(names[1].utf8), source: row.bytes(1))
        let value = Value(at: row.integer(2), messageID: row.bytes(3), value: told.bytes)
        if let other = newest[key], other.isNewer(than: value) { continue }
        newest[key] = value
      }
      return true
    }
    return newest
  }
}

/// Each trait has the newest value that its source reported at its origin.
struct TraitCheck: Check {
  let name = "traits"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    let newest = try NewestTraits.gather(in: session, report)
    var rows = 0
    try session.forEachRow(ofText: "SELECT origin, name, source, at, message_id, value FROM trait", []) { row in
      rows += 1
      let key = NewestTraits.Key(origin: row.integer(0), name: row.bytes(1), source: row.bytes(2))
      let value = NewestTraits.Value(at: row.integer(3), messageID: row.bytes(4), value: row.bytes(5))
      if newest[key] != value { report("a trait of origin \(key.origin) is not what its source said last") }
      return true
    }
    if rows != newest.count { report("\(rows) traits, the log has \(newest.count)") }
  }
}
