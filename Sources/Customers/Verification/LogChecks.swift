import Base
import SQL

/// The log has no gaps but where events became parts of summaries, its bodies are JSON, and each event stands where its outcome says.
struct LogCheck: Check {
  let name = "log"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var expected: Int64 = 0
    try session.forEachRow(
      ofText: "SELECT sequence, origin, body, outcome, at, received_at FROM event ORDER BY sequence", []
    ) { row in
      expected += 1
      let sequence = row.integer(0)
      if sequence != expected {
        if try summed(from: expected, to: sequence, session) != sequence - expected {
          report("after \(expected - 1) comes \(sequence)")
        }
        expected = sequence
      }
      if (try? JSONDocument(row.bytes(2))) == nil { report("the body of \(sequence) is no JSON") }
      let outcome = try? JSONDocument(row.bytes(3)).root
      if outcome == nil { report("the outcome of \(sequence) is no JSON") }
      if outcome?["origin"]?.integer != row.optionalInteger(1) {
        report("event \(sequence) does not stand where its outcome says")
      }
      if row.integer(4) > row.integer(5) { report("event \(sequence) happened after it was received") }
      return true
    }
    let beyond = try summed(from: expected + 1, to: .max, session) + summed(from: .min, to: 1, session)
    if beyond > 0 { report("\(beyond) summed events are beyond the log") }
    try session.forEachRow(
      ofText: "SELECT e.sequence FROM summed_event s JOIN event e ON e.sequence = s.sequence WHERE e.kind <> 'summary'",
      []
    ) { row in
      report("event \(row.integer(0)) stands where a summed one stood")
      return true
    }
  }

  /// How many places from one on and before another have held events that became parts of summaries.
  private func summed(from start: Int64, to end: Int64, _ session: any Session) throws -> Int64 {
    var count: Int64 = 0
    try session.forEachRow(
      ofText: "SELECT count(*) FROM summed_event WHERE sequence >= ?1 AND sequence < ?2",
      [.integer(start), .integer(end)]
    ) { row in
      count = row.integer(0)
      return false
    }
    return count
  }
}

/// Each event is found under its source and id, each that became part of a summary under its key, and nothing else is.
struct MessageCheck: Check {
  let name = "messages"
  let seed: [UInt8]

  func run(in session: any Session, _ report: (String) -> Void) throws {
    let fold = MessageFold(seed: seed)
    var recent: [[UInt8]: Int64] = [:]
    try session.forEachRow(ofText: "SELECT key, sequence FROM message_recent", []) { row in
      recent[row.bytes(0)] = row.integer(1)
      return true
    }
    func find(_ key: [UInt8]) throws -> Int64? {
      try recent[key] ?? session.first(of: MessageStatement.find, .bytes(key)) { $0.integer(0) }
    }
    var events: Int64 = 0
    try session.forEachRow(ofText: "SELECT sequence, source, message_id, outcome FROM event", []) { row in
      events += 1
      let isErased = (try? JSONDocument(row.bytes(3)).root)?["result"]?.string == "erased"
      let key = isErased ? ErasedName.key(ofMessage: row.text(2)) : fold.key(row.text(1), row.text(2))
      let found = try key.flatMap { try find($0) }
      if found != row.integer(0) {
        report("event \(row.integer(0)) is \(found.map { "taken for \($0)" } ?? "not found") by its id")
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT sequence, key FROM summed_event", []) { row in
      events += 1
      if try find(row.bytes(1)) != row.integer(0) {
        report("event \(row.integer(0)), which became part of a summary, is not found by its key")
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT count(*) FROM \(MessageFold.rows) AS message", []) { row in
      if row.integer(0) != events { report("\(row.integer(0)) messages, \(events) events") }
      return false
    }
  }
}

/// Each document's versions are what the log says, in its order.
struct DocumentCheck: Check {
  let name = "documents"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    // By their bytes: texts in Swift are equal in more than one spelling.
    var versions: [[[UInt8]]: Int64] = [:]
    try session.forEachRow(
      ofText: "SELECT sequence, name, body FROM event WHERE kind = 'document' ORDER BY sequence", []
    ) { row in
      guard let content = try? JSONDocument(row.bytes(2)).root, let id = content["id"]?.string else {
        report("the document in \(row.integer(0)) is none")
        return true
      }
      let kind = row.text(1)
      let name = [Array(kind.utf8), Array(id.utf8)]
      versions[name, default: 0] += 1
      let stored = SQLValue.integer(versions[name, default: 0])
      var isThere = false
      try session.forEachRow(
        ofText: "SELECT sequence, body FROM document WHERE kind = ?1 AND id = ?2 AND version = ?3",
        [.text(kind), .text(id), stored]
      ) { document in
        isThere = document.integer(0) == row.integer(0) && document.bytes(1) == content["document"]?.bytes
        return false
      }
      if !isThere { report("\(kind) \(id) is not what \(row.integer(0)) made it") }
      return true
    }
    try session.forEachRow(ofText: "SELECT count(*) FROM document", []) { row in
      let count = versions.values.reduce(0, +)
      if row.integer(0) != count { report("\(row.integer(0)) versions of documents, \(count) in the log") }
      return false
    }
  }
}
