import Base
import Customers
import SQL

/// What is on its way to a store is what was told of it last.
struct DeliveryCheck: Check {
  let name = "deliveries"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var last: [[String]: String] = [:]
    try StockLog.forEach(in: session) { sequence, verdict in
      for line in StockLog.lines(verdict["deliveries"]) where line.count == 5 {
        let numbers = line[2...].map { $0.integer.map(String.init) ?? "-" }
        last[line[..<2].map { $0.string ?? "" }] = (numbers + ["\(sequence)"]).joined(separator: " ")
      }
    }
    try session.forEachRow(
      ofText: """
        SELECT store, sku, incoming, expected_at, expected_as_of, expected_by FROM stock_level
        WHERE coalesce(incoming, expected_at, expected_as_of, expected_by) IS NOT NULL
        """, []
    ) { row in
      let found = (2..<6).map { row.optionalInteger($0).map(String.init) ?? "-" }.joined(separator: " ")
      if last.removeValue(forKey: [row.text(0), row.text(1)]) != found {
        report("what is expected of \(row.text(1)) in \(row.text(0)) is not as it was told last")
      }
      return true
    }
    if !last.isEmpty { report("\(last.count) expected deliveries are missing") }
  }
}
