import Base
import SQL

/// Tokens end where the log tells a sign-out or takes ties away, and nowhere else.
struct TokenCheck: Check {
  let name = "tokens"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var expected: Set<[Int64]> = []
    try session.forEachRow(
      ofText: "SELECT sequence, origin, kind, outcome FROM event WHERE kind = 'sign_out' OR outcome LIKE '%\"cuts\":%'",
      []
    ) { event in
      if event.text(2) == "sign_out" { expected.insert([event.integer(1), event.integer(0)]) }
      guard let outcome = try? JSONDocument(event.bytes(3)).root else { return true }
      for end in outcome["cuts"]?.elements.flatMap({ Array($0.elements) }) ?? [] {
        if let origin = end.integer { expected.insert([origin, event.integer(0)]) }
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT origin, sequence FROM token_end", []) { row in
      let end = [row.integer(0), row.integer(1)]
      if expected.remove(end) == nil { report("tokens of origin \(end[0]) end at \(end[1]), the log ends none there") }
      return true
    }
    for end in expected.sorted(by: { ($0[1], $0[0]) < ($1[1], $1[0]) }) {
      report("tokens of origin \(end[0]) do not end at \(end[1]), as the log says")
    }
  }
}
