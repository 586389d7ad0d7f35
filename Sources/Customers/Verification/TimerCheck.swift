import Base
import SQL

/// Pending is what the log has set and not ended since, and nothing else.
struct TimerCheck: Check {
  let name = "timers"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    // Of each key the newest word, as one line; empty where that is its end.
    var pending: [String: String] = [:]
    try session.forEachRow(
      ofText: """
        SELECT sequence, origin, outcome FROM event
        WHERE outcome LIKE '%"timers":%' OR outcome LIKE '%"ended":%' ORDER BY sequence
        """, []
    ) { event in
      guard let outcome = try? JSONDocument(event.bytes(2)).root else { return true }
      for key in outcome["ended"]?.elements.compactMap({ $0.string }) ?? [] { pending[key] = nil }
      let place = event.optionalInteger(1).map { "\($0)" } ?? "nobody"
      for timer in outcome["timers"]?.elements.map({ Array($0.elements) }) ?? [] where timer.count == 4 {
        let words = timer[1...3].map { String(decoding: $0.bytes, as: UTF8.self) }
        pending[timer[0].string ?? ""] = (words + [place, "\(event.integer(0))"]).joined(separator: "\n")
      }
      return true
    }
    var rows = 0
    try session.forEachRow(ofText: "SELECT key, kind, due, payload, origin, sequence FROM timer", []) { row in
      rows += 1
      let place = row.optionalInteger(4).map { "\($0)" } ?? "nobody"
      let line = ["\"\(row.text(1))\"", "\(row.integer(2))", row.text(3), place, "\(row.integer(5))"]
      if pending[row.text(0)] != line.joined(separator: "\n") {
        report("the timer of event \(row.integer(5)) is not pending as the log says")
      }
      return true
    }
    if rows != pending.count { report("\(rows) timers are pending, \(pending.count) in the log") }
  }
}
