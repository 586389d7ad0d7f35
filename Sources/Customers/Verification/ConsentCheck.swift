import Base
import SQL

/// The ledger has each change of consent that the log tells at each origin that it is for, and no other row.
struct ConsentCheck: Check {
  let name = "consents"

  private static let row = """
    SELECT state, stand, legal_basis, text_version, proof, sequence, expires_at FROM consent
    WHERE origin = ?1 AND purpose = ?2 AND channel = ?3 AND at = ?4 AND source = ?5 AND message_id = ?6
    """

  /// What stands of the change beside its key, as one line.
  private static func line(_ values: [String?]) -> String { values.map { $0 ?? "-" }.joined(separator: "\n") }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var expected: Int64 = 0
    try session.forEachRow(
      ofText: """
        SELECT sequence, origin, at, source, message_id, kind, body, outcome FROM event
        WHERE kind = 'consent' OR outcome LIKE '%"consent":%'
        """, []
    ) { event in
      let sequence = event.integer(0)
      guard let ruling = try? JSONDocument(event.bytes(7)).root else { return true }
      let stand = event.integer(1)
      let isErased = ruling["result"]?.string == "erased"
      var origins = ruling["consent"]?["covers"]?.elements.compactMap { $0.integer } ?? []
      if origins.isEmpty, !isErased { origins = [stand] }
      if !origins.contains(stand), !isErased { report("event \(sequence) changes consents and not where it stands") }
      var changes: [(key: [SQLValue], line: String)] = []
      if event.text(5) == "consent" {
        guard let body = try? JSONDocument(event.bytes(6)).root else { return true }
        for change in body["changes"]?.elements.map({ $0 }) ?? [] {
          let at = change["at"]?.string.flatMap { Instant($0) }?.milliseconds ?? event.integer(2)
          changes.append(
            (
              [.text(change["purpose"]?.string ?? ""), .text(change["channel"]?.string ?? ""), .integer(at)],
              Self.line([
                change["state"]?.string, "\(stand)", change["legalBasis"]?.string, change["textVersion"]?.string,
                change["proof"].flatMap { $0.isNull ? nil : String(decoding: $0.bytes, as: UTF8.self) }, "\(sequence)",
                change["expiresAt"]?.string.flatMap { Instant($0) }.map { "\($0.milliseconds)" },
              ])
            ))
        }
      } else {
        for state in ["granted", "withdrawn"] {
          for purpose in ruling["consent"]?.member(state)?.elements.compactMap({ $0.string }) ?? [] {
            changes.append(
              (
                [.text(purpose), "", .integer(event.integer(2))],
                Self.line([state, "\(stand)", nil, nil, nil, "\(sequence)", nil])
              ))
          }
        }
      }
      for (key, line) in changes {
        for origin in origins {
          expected += 1
          var found: String?
          try session.forEachRow(
            ofText: Self.row, [.integer(origin)] + key + [.text(event.text(3)), .text(event.text(4))]
          ) { row in
            found = Self.line([
              row.text(0), "\(row.integer(1))", row.optionalText(2), row.optionalText(3), row.optionalText(4),
              "\(row.integer(5))", row.optionalText(6),
            ])
            return false
          }
          if found != line { report("a consent of event \(sequence) is not at origin \(origin) as it was said") }
        }
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT count(*) FROM consent", []) { row in
      if row.integer(0) != expected { report("\(row.integer(0)) consents, the log makes \(expected)") }
      return false
    }
  }
}
