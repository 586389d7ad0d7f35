import Base
import SQL

/// What a web page says without a proof ties nobody to anybody, and stands with no known customer.
struct PublicCheck: Check {
  let name = "public"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try session.forEachRow(
      ofText: "SELECT sequence, source, outcome FROM event WHERE outcome LIKE '%\"ties\":%'", []
    ) { row in
      if try isUnproved(source: row.text(1), outcome: row.bytes(2), session) {
        report("event \(row.integer(0)) of a public key ties what it has not proved")
      }
      return true
    }
    // Such a one has no place of its own but its browser's.
    try session.forEachRow(
      ofText: """
        SELECT e.sequence, e.source, e.outcome FROM event e JOIN origin o ON o.number = e.origin
        WHERE o.standing = 0 AND o.type <> 'anonymous_id' AND e.outcome NOT LIKE '%"proved":true%'
        """, []
    ) { row in
      if try isUnproved(source: row.text(1), outcome: row.bytes(2), session) {
        report("event \(row.integer(0)) of a public key stands with somebody known")
      }
      return true
    }
    // A browser that has signed in: what comes with its id alone is no known customer's from then on.
    try session.forEachRow(
      ofText: """
        SELECT a.number, t.sequence FROM tie t
        JOIN origin a ON a.number = t.first OR a.number = t.second
        JOIN origin k ON k.number = CASE WHEN a.number = t.first THEN t.second ELSE t.first END
        WHERE a.type = 'anonymous_id' AND a.standing = 0 AND k.type <> 'anonymous_id' AND k.standing = 0
        """, []
    ) { tie in
      try session.forEachRow(
        ofText: "SELECT sequence, source, outcome FROM event WHERE origin = ?1 AND sequence > ?2",
        [.integer(tie.integer(0)), .integer(tie.integer(1))]
      ) { row in
        if try isUnproved(source: row.text(1), outcome: row.bytes(2), session) {
          report("event \(row.integer(0)) of a public key stands with a known customer")
        }
        return true
      }
      return true
    }
  }

  /// Whether an event came by the key of a source that was anonymous then, and proved no identifier.
  private func isUnproved(source: String, outcome: [UInt8], _ session: any Session) throws -> Bool {
    guard let outcome = try? JSONDocument(outcome).root, outcome["result"]?.string != "erased",
      !(outcome["identifiers"]?.elements.contains { $0["proved"]?.bool == true } ?? false)
    else { return false }
    var isAnonymous = false
    try session.forEachRow(
      ofText: "SELECT body FROM document WHERE kind = 'source' AND id = ?1 AND version = ?2",
      [.text(source), .integer(outcome["sourceVersion"]?.integer ?? 0)]
    ) { row in
      isAnonymous = (try? JSONDocument(row.bytes(0)).root)?["trust"]?.string == "anonymous"
      return false
    }
    return isAnonymous
  }
}
