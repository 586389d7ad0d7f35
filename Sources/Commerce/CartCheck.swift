import Base
import Customers
import SQL

/// The tables of carts say what the log's verdicts say last, no origin has two carts, nothing stands in a cart that has
/// ended, and no event has used more than a request has left.
struct CartCheck: Check {
  let name = "carts"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try recount(in: session, report)
    try findings(
      """
      SELECT origin, count(*) FROM cart WHERE state NOT IN ('checkedOut', 'emptied') GROUP BY origin
      HAVING count(*) > 1
      """, in: session
    ) { "origin \($0.integer(0)) has \($0.integer(1)) open carts" }.forEach(report)
    try findings(
      """
      SELECT l.origin, l.sku FROM cart_line l WHERE l.quantity > 0 AND NOT EXISTS (
        SELECT 1 FROM cart c WHERE c.origin = l.origin AND c.state NOT IN ('checkedOut', 'emptied'))
      """, in: session
    ) { "origin \($0.integer(0)) has \($0.text(1)) in a cart that has ended" }.forEach(report)
    try findings("SELECT origin, sku FROM cart_line WHERE quantity < 0 OR saved < 0", in: session) {
      "origin \($0.integer(0)) has less than nothing of \($0.text(1))"
    }.forEach(report)
    try findings(
      """
      SELECT k.made, k.sku FROM cart_credit k JOIN cart_credit m ON m.made = k.made AND m.sequence = k.made
        AND m.sku = k.sku
      GROUP BY k.made, k.sku, m.quantity
      HAVING (m.quantity > 0 AND sum(k.quantity) < 0) OR (m.quantity < 0 AND sum(k.quantity) > 0)
      """, in: session
    ) { "events used more of \($0.text(1)) than request \($0.integer(0)) left" }.forEach(report)
  }

  private func findings(_ sql: String, in session: any Session, _ words: (any Row) -> String) throws -> [String] {
    var found: [String] = []
    try session.forEachRow(ofText: sql, []) { row in
      found.append(words(row))
      return true
    }
    return found
  }

  /// Reads the verdicts as plain JSON, the newest first, so that the first word on each part and line is the last.
  private func recount(in session: any Session, _ report: (String) -> Void) throws {
    var lines: Set<String> = []
    var parts: Set<String> = []
    var credits = 0
    var shares = 0
    try session.forEachRow(
      ofText: """
        SELECT sequence, outcome FROM event WHERE outcome LIKE '%"verdicts":%' ORDER BY sequence DESC
        """, []
    ) { row in
      let outcome = try JSONDocument(row.bytes(1)).root
      guard let said = outcome["verdicts"]?["cart"] else { return true }
      let sequence = row.integer(0)
      for part in said["carts"]?.elements.map({ Array($0.elements) }) ?? [] {
        guard let id = part.first?.string, parts.insert(id).inserted else { continue }
        let stands = try self.row(
          "SELECT origin, state, floor, order_id, told, sequence FROM cart WHERE id = ?1", [.text(id)], session)
        let told = part[1...].map { $0.string ?? $0.number ?? "" }.joined(separator: "|") + "|\(sequence)"
        if stands != told { report("the cart \(id) is not as \(sequence) made it") }
      }
      for line in said["lines"]?.elements.map({ Array($0.elements) }) ?? [] {
        guard line.count >= 5, let origin = line[0].integer, let sku = line[1].string,
          lines.insert("\(origin) \(sku)").inserted
        else { continue }
        let stands = try self.row(
          """
          SELECT quantity, saved, since, price, currency, sequence FROM cart_line WHERE origin = ?1 AND sku = ?2
          """, [.integer(origin), .text(sku)], session)
        let price = line.count == 7 ? "\(line[5].number ?? "")|\(line[6].string ?? "")" : "|"
        let told = line[2..<5].map { $0.number ?? "" }.joined(separator: "|") + "|\(price)|\(sequence)"
        if stands != told {
          report("\(sku) at origin \(origin) is not as \(sequence) made it")
        }
      }
      credits += said["credits"]?.count ?? 0
      if said["share"] != nil, outcome["result"]?.string != Outcome.Result.erased.rawValue { shares += 1 }
      return true
    }
    for (table, count) in [
      ("cart", parts.count), ("cart_line", lines.count), ("cart_credit", credits), ("cart_share", shares),
    ] {
      let stands = try row("SELECT count(*) FROM \(table)", [], session)
      if stands != "\(count)" { report("\(table) has \(stands ?? "no") rows, the log makes \(count)") }
    }
  }

  /// The columns of a row as text, or nil where there is none.
  private func row(_ sql: String, _ values: [SQLValue], _ session: any Session) throws -> String? {
    var text: String?
    try session.forEachRow(ofText: sql, values) { row in
      text = (0..<row.count).map { row.text($0) }.joined(separator: "|")
      return false
    }
    return text
  }
}
