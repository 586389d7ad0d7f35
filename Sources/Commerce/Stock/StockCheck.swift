import Base
import Customers
package import SQL

/// Reads what the log says of stock, by other code than the verdict's own.
struct StockLog {
  /// Hands over each entry that says something of stock, in order.
  static func forEach(
    in session: any Session, _ body: (_ sequence: Int64, _ verdict: JSON) throws -> Void
  ) throws {
    try session.forEachRow(
      ofText: #"SELECT sequence, outcome FROM event WHERE outcome LIKE '%"stock":{%' ORDER BY sequence"#, []
    ) { row in
      guard let verdict = (try? JSONDocument(row.bytes(1)).root)?["verdicts"]?["stock"] else { return true }
      try body(row.integer(0), verdict)
      return true
    }
  }

  /// The lines of a list in it.
  static func lines(_ json: JSON?) -> [[JSON]] { json?.elements.map { Array($0.elements) } ?? [] }
}

/// Each store stands in its table as its newest document has it.
package struct StoreCheck: Check {
  package let name = "stores"

  package func run(in session: any Session, _ report: (String) -> Void) throws {
    var count: Int64 = 0
    try session.forEachRow(
      ofText: """
        SELECT d.id, d.body, d.sequence, s.name, s.latitude, s.longitude, s.time_zone, s.hours, s.pickup, s.safety_stock,
          s.offline_allowance, s.sequence
        FROM document d LEFT JOIN store s ON s.id = d.id
        WHERE d.kind = 'store' AND d.version = (SELECT max(version) FROM document WHERE kind = d.kind AND id = d.id)
        """, []
    ) { row in
      count += 1
      guard let document = try? JSONDocument(row.bytes(1)).root else { return true }
      let hours = document["hours"].flatMap { $0.isNull ? nil : $0.bytes }
      let isSame =
        row.optionalText(3) == document["name"]?.string && row.text(6) == document["timeZone"]?.string
        && row.optionalBytes(7) == hours && (row.integer(8) == 1) == document["pickup"]?.bool
        && row.integer(9) == thousandths(document["safetyStock"], decimals: 3)
        && row.integer(10) == document["offlineAllowance"]?.integer && row.integer(11) == row.integer(2)
        && row.optionalInteger(4) == thousandths(document["location"]?["lat"], decimals: 6)
        && row.optionalInteger(5) == thousandths(document["location"]?["lon"], decimals: 6)
      if !isSame { report("the store \(row.text(0)) is not as its document has it") }
      return true
    }
    try session.forEachRow(ofText: "SELECT count(*) FROM store", []) { row in
      if row.integer(0) != count { report("\(row.integer(0)) stores, \(count) documents") }
      return false
    }
  }

  private func thousandths(_ json: JSON?, decimals: Int) -> Int64? {
    json?.number.flatMap { DecimalLiteral.exact($0, decimals: decimals, most: .max) }
  }
}

/// Every movement stands in the log as it stands in its table, they sum to on hand, and on hand is what was counted last
/// with what was told to have happened after it.
package struct StockCheck: Check {
  package let name = "stock"

  package func run(in session: any Session, _ report: (String) -> Void) throws {
    try compareMovements(in: session, report)
    try session.forEachRow(
      ofText: """
        SELECT l.sku, l.store, l.on_hand, coalesce(m.quantity, 0), l.as_of, m.told_at, l.counted_at, m.counted_at
        FROM stock_level l LEFT JOIN (
          SELECT sku, store, sum(quantity) AS quantity,
            max(CASE WHEN cause IN ('snapshot', 'delta') THEN at END) AS told_at,
            max(CASE WHEN cause = 'snapshot' THEN at END) AS counted_at
          FROM stock_movement GROUP BY sku, store) m ON m.sku = l.sku AND m.store = l.store
        """, []
    ) { row in
      let place = "\(row.text(0)) in \(row.text(1))"
      if row.integer(2) != row.integer(3) {
        report("\(place): on hand is \(row.integer(2)), the movements sum to \(row.integer(3))")
      }
      if row.optionalInteger(4) != row.optionalInteger(5) || row.optionalInteger(6) != row.optionalInteger(7) {
        report("\(place) was not told or counted last when its sums say")
      }
      return true
    }
    try session.forEachRow(
      ofText: """
        SELECT count(*) FROM (SELECT sku, store FROM stock_movement GROUP BY sku, store) m
        WHERE NOT EXISTS (SELECT 1 FROM stock_level l WHERE l.sku = m.sku AND l.store = m.store)
        """, []
    ) { row in
      if row.integer(0) > 0 { report("\(row.integer(0)) articles have movements and no sums") }
      return false
    }
    try compareCounts(in: session, report)
  }

  private func compareMovements(in session: any Session, _ report: (String) -> Void) throws {
    var count: Int64 = 0
    try StockLog.forEach(in: session) { sequence, verdict in
      for (part, line) in StockLog.lines(verdict["movements"]).enumerated() where line.count == 9 {
        count += 1
        var stands = false
        try session.forEachRow(
          ofText: """
            SELECT quantity, cause, at, told, order_id, source, item FROM stock_movement
            WHERE sku = ?1 AND store = ?2 AND sequence = ?3 AND part = ?4
            """, [.text(line[1].string), .text(line[0].string), .integer(sequence), .integer(Int64(part))]
        ) { row in
          stands =
            row.integer(0) == line[2].integer && row.optionalText(1) == line[3].string
            && row.integer(2) == line[4].integer && row.integer(3) == line[5].integer
            && row.optionalText(4) == line[6].string && row.optionalText(5) == line[7].string
            && row.optionalText(6) == line[8].string
          return false
        }
        if !stands { report("movement \(part) of event \(sequence) is not as it was decided") }
      }
    }
    try session.forEachRow(ofText: "SELECT count(*) FROM stock_movement", []) { row in
      if row.integer(0) != count { report("\(row.integer(0)) movements, the log has \(count)") }
      return false
    }
  }

  /// The equation of stock, from what was told alone; but where somebody counted and something moved in the same second,
  /// it was decided which was first.
  private func compareCounts(in session: any Session, _ report: (String) -> Void) throws {
    var (place, counted, written) = (("", ""), Int64.min, (sequence: Int64(0), part: Int64(0)))
    var (told, sum) = (Int64(0), Int64(0))
    func settle() {
      if place != ("", ""), sum != told { report("\(place.0) in \(place.1): \(sum) was posted, \(told) was told") }
    }
    // The counts first, and of those of the same moment the one that was written last holds.
    try session.forEachRow(
      ofText: """
        SELECT sku, store, cause, at, told, quantity, sequence, part FROM stock_movement
        ORDER BY sku, store, CASE WHEN cause = 'snapshot' THEN 0 ELSE 1 END, at, sequence, part
        """, []
    ) { row in
      if place != (row.text(0), row.text(1)) {
        settle()
        (place, counted, told, sum) = ((row.text(0), row.text(1)), .min, 0, 0)
      }
      let at = row.integer(3)
      sum += row.integer(5)
      if row.text(2) == "snapshot" {
        (counted, written, told) = (at, (row.integer(6), row.integer(7)), row.integer(4))
      } else if at > counted {
        told += row.integer(4)
      } else if (at % 1000 == 0 ? at + 999 : at) >= counted, (row.integer(6), row.integer(7)) > written,
        row.integer(5) != 0
      {
        told += row.integer(4)
      }
      return true
    }
    settle()
  }
}

/// Of each reservation stands what was decided last, and what is left of them sums to reserved.
package struct ReservationCheck: Check {
  package let name = "reservations"

  package func run(in session: any Session, _ report: (String) -> Void) throws {
    var last: [[String]: String] = [:]
    try StockLog.forEach(in: session) { sequence, verdict in
      for line in StockLog.lines(verdict["reservations"]) where line.count == 8 {
        let words = line[4...7].map { String(decoding: $0.bytes, as: UTF8.self) }
        last[line[..<3].map { $0.string ?? "" }] = (words + ["\(sequence)"]).joined(separator: " ")
      }
    }
    var rows = 0
    try session.forEachRow(
      ofText: "SELECT order_id, store, sku, quantity, remaining, ends_at, state, sequence FROM stock_reservation", []
    ) { row in
      rows += 1
      let end = row.optionalInteger(5).map { "\($0)" } ?? "null"
      let line = "\(row.integer(3)) \(row.integer(4)) \(end) \"\(row.text(6))\" \(row.integer(7))"
      if last[(0..<3).map { row.text($0) }] != line {
        report("a reservation of \(row.text(2)) in \(row.text(1)) is not as event \(row.integer(7)) left it")
      }
      return true
    }
    if rows != last.count { report("\(rows) reservations, the log has \(last.count)") }
    try session.forEachRow(
      ofText: """
        SELECT l.sku, l.store, l.reserved, coalesce(r.remaining, 0) FROM stock_level l LEFT JOIN (
          SELECT sku, store, sum(remaining) AS remaining FROM stock_reservation GROUP BY sku, store
        ) r ON r.sku = l.sku AND r.store = l.store WHERE l.reserved <> coalesce(r.remaining, 0)
        """, []
    ) { row in
      report("\(row.text(0)) in \(row.text(1)): reserved is \(row.integer(2)), open are \(row.integer(3))")
      return true
    }
  }
}

/// Open shortages explain, to the unit, by how much more is reserved than on hand, and stand as they were decided last.
package struct ShortageCheck: Check {
  package let name = "shortages"

  package func run(in session: any Session, _ report: (String) -> Void) throws {
    var last: [[Int64]: String] = [:]
    try StockLog.forEach(in: session) { sequence, verdict in
      for line in StockLog.lines(verdict["shortages"]) where line.count == 8 {
        let words = line[2...7].map { $0.string ?? $0.number ?? "" } + ["\(sequence)"]
        last[[line[0].integer ?? sequence, line[1].integer ?? -1]] = words.joined(separator: "\n")
      }
    }
    var rows = 0
    try session.forEachRow(
      ofText: """
        SELECT sequence, part, store, sku, quantity, remaining, at, order_id, changed FROM stock_shortage
        """, []
    ) { row in
      rows += 1
      let numbers = [row.integer(4), row.integer(5), row.integer(6)].map { "\($0)" }
      let line = [row.text(2), row.text(3)] + numbers + [row.text(7), "\(row.integer(8))"]
      if last[[row.integer(0), row.integer(1)]] != line.joined(separator: "\n") {
        report("the shortage of event \(row.integer(0)) is not as event \(row.integer(8)) left it")
      }
      return true
    }
    if rows != last.count { report("\(rows) shortages, the log has \(last.count)") }
    try session.forEachRow(
      ofText: """
        SELECT p.sku, p.store, coalesce(m.quantity, 0), coalesce(r.remaining, 0), coalesce(s.remaining, 0)
        FROM (SELECT sku, store FROM stock_movement UNION SELECT sku, store FROM stock_reservation) p
        LEFT JOIN (SELECT sku, store, sum(quantity) AS quantity FROM stock_movement GROUP BY sku, store) m
          ON m.sku = p.sku AND m.store = p.store
        LEFT JOIN (SELECT sku, store, sum(remaining) AS remaining FROM stock_reservation GROUP BY sku, store) r
          ON r.sku = p.sku AND r.store = p.store
        LEFT JOIN (SELECT sku, store, sum(remaining) AS remaining FROM stock_shortage GROUP BY sku, store) s
          ON s.sku = p.sku AND s.store = p.store
        """, []
    ) { row in
      let missing = max(0, row.integer(3) - row.integer(2))
      if row.integer(4) != missing {
        report("\(row.text(0)) in \(row.text(1)): \(missing) are missing, \(row.integer(4)) are explained")
      }
      return true
    }
  }
}
