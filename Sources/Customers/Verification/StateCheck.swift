import Base
import SQL

/// Under each key of each origin stands what was written or deleted there last, and nothing else.
struct StateCheck: Check {
  let name = "states"

  private struct Written {
    var origin: Int64
    var key: [UInt8]
    var at: Int64
    var source: [UInt8]
    var messageID: [UInt8]
    var sequence: Int64
    var body: [UInt8]
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    // The engine puts them in order, where the fold compares one with the next.
    var last: Written?
    var count: Int64 = 0
    func settle() throws {
      guard let last else { return }
      count += 1
      if try !stands(last, in: session) { report("the state of event \(last.sequence) is not as it was written last") }
    }
    try session.forEachRow(
      ofText: """
        SELECT origin, name, at, source, message_id, sequence, body FROM event
        WHERE kind = 'state' AND name IS NOT NULL
        ORDER BY origin, name, at, source, message_id
        """, []
    ) { row in
      let next = Written(
        origin: row.integer(0), key: row.bytes(1), at: row.integer(2), source: row.bytes(3), messageID: row.bytes(4),
        sequence: row.integer(5), body: row.bytes(6))
      if let last, last.origin != next.origin || last.key != next.key { try settle() }
      last = next
      return true
    }
    try settle()
    try session.forEachRow(ofText: "SELECT count(*) FROM resume_state", []) { row in
      if row.integer(0) != count { report("\(row.integer(0)) states, the log makes \(count)") }
      return false
    }
  }

  private func stands(_ written: Written, in session: any Session) throws -> Bool {
    guard let body = try? JSONDocument(written.body).root else { return true }
    let end = body["expiresAt"]?.string.flatMap { Instant($0) }?.milliseconds
    var isThere = false
    try session.forEachRow(
      ofText: """
        SELECT at, source, message_id, sequence, value, device, expires_at FROM resume_state
        WHERE origin = ?1 AND key = ?2
        """, [.integer(written.origin), .utf8(written.key)]
    ) { row in
      isThere =
        row.integer(0) == written.at && row.bytes(1) == written.source && row.bytes(2) == written.messageID
        && row.integer(3) == written.sequence && row.optionalBytes(4) == body["value"]?.bytes
        && row.optionalText(5) == body["device"]?.string && row.optionalInteger(6) == end
      return false
    }
    return isThere
  }
}
