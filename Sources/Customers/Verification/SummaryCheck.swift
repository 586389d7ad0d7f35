import Base
import SQL

/// Each summary adds up, and at each origin summaries stand for as many events as were taken away there.
struct SummaryCheck: Check {
  let name = "summaries"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var summed: [Int64: Int64] = [:]
    try session.forEachRow(
      ofText: "SELECT sequence, origin, at, body, outcome FROM event WHERE kind = 'summary'", []
    ) { row in
      let outcome = try? JSONDocument(row.bytes(4)).root
      let count = outcome?["summed"]?.integer ?? 0
      summed[row.integer(1), default: 0] += count
      if outcome?["result"]?.string == "erased" { return true }
      let body = try? JSONDocument(row.bytes(3)).root
      let counts = body?["counts"]?.elements.map { Array($0.elements) } ?? []
      let times = counts.compactMap { $0.first?.string.flatMap { Instant($0) }?.milliseconds }
      let total = counts.compactMap { $0.last?.integer }.reduce(0, +)
      let (first, last) = (time("first", of: body), time("last", of: body))
      let isWhole = total == count && body?["count"]?.integer == count && times.count == counts.count
      if !isWhole || times.max() != last || last != row.integer(2) || first.map({ $0 > times.min() ?? .min }) ?? true {
        report("summary \(row.integer(0)) does not add up")
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT origin, count(*) FROM summed_event GROUP BY origin", []) { row in
      let (origin, count) = (row.integer(0), row.integer(1))
      if summed.removeValue(forKey: origin) != count {
        report("\(count) summed events at origin \(origin), not as told")
      }
      return true
    }
    for origin in summed.keys.sorted() { report("summaries at origin \(origin) stand for events that never were") }
  }

  private func time(_ name: StaticString, of body: JSON?) -> Int64? {
    body?[name]?.string.flatMap { Instant($0) }?.milliseconds
  }
}
