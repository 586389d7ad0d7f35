import Base
package import Customers
package import SQL

/// How often each source told another price than ours, by sku.
package struct ParityFold: Fold {
  package let name = "parity"
  package let tables = [FoldTable("price_parity", key: ["source", "sku"], entries: ["sequence"])]
  package var checks: [any Check] { [ParityCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let json = entry.outcome.verdicts[ParityVerdict.name] else { return }
    for difference in try ParityVerdict(json: json).differences {
      try session.execute(
        ParityStatement.count, .text(entry.source), .text(difference.sku), .text(difference.currency),
        .integer(difference.reported), .integer(difference.ours), .integer(entry.event.at.milliseconds),
        .integer(entry.sequence))
    }
  }

  /// It is about sources and goods.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}

/// Each source and sku has as many differences as the log's outcomes say.
struct ParityCheck: Check {
  let name = "parity"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var told: [[String]: Int64] = [:]
    var newest: [[String]: [Int64]] = [:]
    try session.forEachRow(
      ofText: "SELECT source, outcome, at, sequence FROM event WHERE outcome LIKE '%\"parity\"%' ORDER BY sequence", []
    ) { row in
      let verdict = (try? JSONDocument(row.bytes(1)).root)?["verdicts"]?["parity"]
      for difference in verdict?["differences"]?.elements.map({ Array($0.elements) }) ?? [] where difference.count == 4
      {
        let key = [row.text(0), difference[0].string ?? ""]
        told[key, default: 0] += 1
        newest[key] = [difference[2].integer ?? 0, difference[3].integer ?? 0, row.integer(2), row.integer(3)]
      }
      return true
    }
    try session.forEachRow(
      ofText: "SELECT source, sku, differences, reported, ours, at, sequence FROM price_parity ORDER BY source, sku", []
    ) { row in
      let key = [row.text(0), row.text(1)]
      let isSame = told.removeValue(forKey: key) == row.integer(2)
      if !isSame || newest[key] != (3...6).map({ row.integer($0) }) {
        report("the differences of \(key[1]) by \(key[0]) are not those of the log")
      }
      return true
    }
    for key in told.keys { report("the differences of \(key[1]) by \(key[0]) are not counted") }
  }
}
