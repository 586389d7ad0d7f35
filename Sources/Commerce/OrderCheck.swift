import Base
import Customers
import SQL

/// The tables of orders are what the log's verdicts come to; each id has one order; of every line as much stands in its
/// states as was bought; nothing is given back that was not paid, and points go back for what is undone, once.
///
/// It counts from the JSON of the log by itself, and not by the rules that wrote the tables.
struct OrderCheck: Check {
  let name = "orders"

  private struct Recount {
    var id: String
    var line: [String]
    var parts: [String: Int64] = [:]
    var ordered: [Int64] = []
    var nets: [Int64] = []
    /// What was due and what points paid.
    var price: Int64 = 0
    /// What of that is of lines that it got later.
    var added: Int64 = 0
    var at: Int64 = 0
    var origin = "-"
    var points: Int64 = 0
    var paid: Int64 = 0
    var refunded: Int64 = 0
    var undone: Int64 = 0
    /// Which entries tell of it, and whether each is a mere report, and gives it lines.
    var entries: [Int64: (isReport: Bool, adds: Bool)] = [:]
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var orders: [Int64: Recount] = [:]
    var ids: [String: Int64] = [:]
    var (conflicts, early): ([String], [Int64: (String?, Int64?)]) = ([], [:])
    var receipts: Set<String> = []
    var settled: [Int64: Int64] = [:]
    try session.forEachRow(
      ofText: """
        SELECT sequence, outcome, origin, at, body FROM event
        WHERE kind IN ('track', 'order') AND outcome LIKE '%"verdicts":%' ORDER BY sequence
        """, []
    ) { row in
      guard let verdicts = (try? JSONDocument(row.bytes(1)).root)?["verdicts"] else { return true }
      if let conflict = verdicts["settle"]?["conflict"]?.integer { settled[conflict] = row.integer(0) }
      guard let verdict = verdicts["order"] else { return true }
      let (sequence, origin) = (row.integer(0), row.optionalInteger(2).map(String.init) ?? "-")
      if verdict["isEarly"] != nil {
        early[sequence, default: (nil, nil)].0 = verdict["id"]?.string
        return true
      }
      if let reason = verdict["conflict"]?.string {
        conflicts.append("\(sequence) \(verdict["order"]?.integer ?? 0) \(reason) \(origin)")
        return true
      }
      let number = verdict["order"]?.integer ?? sequence
      if let id = verdict["id"]?.string {
        if let other = ids.updateValue(number, forKey: id) { report("order \(number) has the id of order \(other)") }
        orders[number] = Self.opened(verdict, id, Self.name(in: row.bytes(4), id), origin, row.integer(3))
      }
      for place in verdict["early"]?.elements.compactMap({ $0.integer }) ?? [] {
        early[place, default: (nil, nil)].1 = sequence
      }
      guard var order = orders[number] else {
        report("entry \(sequence) is about order \(number), which nothing opened")
        return true
      }
      let defects = verdict["defects"]?.elements.compactMap { $0.string } ?? []
      let doubts = defects + (verdict["exceeded"] == nil ? [] : [OrderConflict.offline])
      if !doubts.isEmpty { conflicts.append("\(sequence) \(number) \(doubts.joined(separator: "; ")) \(origin)") }
      Self.add(verdict, to: &order)
      order.entries[sequence] = (verdict["act"]?.isString("report") ?? false, verdict["added"] != nil)
      if let receipt = verdict["receipt"]?.string {
        receipts.insert("\(receipt) \(number) \(sequence) \(Self.name(in: row.bytes(4), receipt))")
      }
      orders[number] = order
      return true
    }
    for (number, order) in orders { Self.check(order, number, report) }
    try compareParts(orders, session, report)
    try compareOrders(orders, session, report)
    try compareLists(conflicts, early, session, report)
    try compareReceipts(receipts, session, report)
    let known = Set(conflicts.compactMap { Int64($0.prefix { $0 != " " }) }).union(early.keys)
    try compareSettled(settled, known, session, report)
  }

  /// What the body of the entry that opened it calls it; nothing where that is its key, or was taken out.
  private static func name(in body: [UInt8], _ id: String) -> String {
    let root = try? JSONDocument(body).root
    let told = root?["properties"]?["order_id"] ?? root?["id"]
    guard let name = (told?.string ?? told?.number).map({ String($0.trimmed) }), name != id,
      OrderID.key(of: name) == id
    else { return "-" }
    return name
  }

  private static func opened(
    _ verdict: JSON, _ id: String, _ name: String, _ origin: String, _ at: Int64
  ) -> Recount {
    var order = Recount(
      id: "\(id) \(name) \(origin) \(at) \(verdict["currency"]?.string ?? "-") \(verdict["code"]?.string ?? "-")"
        + " \(verdict["until"]?.integer ?? 0) \(verdict["totals"]?.elements.compactMap { $0.integer }.last ?? 0)",
      line: [])
    (order.at, order.origin) = (at, origin)
    let totals = verdict["totals"]?.elements.compactMap { $0.integer } ?? []
    order.price = totals.count == 5 ? totals[2] + totals[4] : 0
    order.points = verdict["points"]?.integer ?? 0
    for (index, line) in (verdict["lines"]?.elements.map { Array($0.elements) } ?? []).enumerated() {
      order.line.append("\(line[0].string ?? "") \(line[6].string ?? "-") \(at) \(origin)")
      order.ordered.append(line[1].integer ?? 0)
      order.nets.append(line[4].integer ?? 0)
      order.parts["\(index) \(line[7].string ?? "")"] = line[1].integer
    }
    return order
  }

  private static func add(_ verdict: JSON, to order: inout Recount) {
    for line in verdict["added"]?.elements.map({ Array($0.elements) }) ?? [] where line.count == 11 {
      let (index, quantity, net) = (line[0].integer ?? -1, line[4].integer ?? 0, line[7].integer ?? 0)
      if let whole = line[1].integer.map({ Int($0) }), order.ordered.indices.contains(whole) {
        order.ordered[whole] -= quantity
        order.nets[whole] -= net
        order.parts["\(whole) \(line[2].string ?? "")", default: 0] -= quantity
      } else {
        order.price += net
        order.added += net
      }
      order.line.append("\(line[3].string ?? "") \(line[9].string ?? "-") \(order.at) \(order.origin)")
      order.ordered.append(quantity)
      order.nets.append(net)
      order.parts["\(index) \(line[10].string ?? "")", default: 0] += quantity
    }
    for move in verdict["moves"]?.elements.map({ Array($0.elements) }) ?? [] {
      let (line, quantity) = (move[0].integer ?? 0, move[3].integer ?? 0)
      order.parts["\(line) \(move[1].string ?? "")", default: 0] -= quantity
      order.parts["\(line) \(move[2].string ?? "")", default: 0] += quantity
    }
    for payment in verdict["payments"]?.elements.map({ Array($0.elements) }) ?? [] {
      order.paid += payment[1].integer ?? 0
    }
    order.refunded += verdict["refunded"]?.integer ?? 0
    order.undone += verdict["undone"]?.integer ?? 0
  }

  private static func check(_ order: Recount, _ number: Int64, _ report: (String) -> Void) {
    if order.refunded > order.paid || order.refunded < 0 {
      report("order \(number) gave back \(order.refunded) of \(order.paid)")
    }
    for (index, quantity) in order.ordered.enumerated() {
      let parts = order.parts.filter { $0.key.hasPrefix("\(index) ") }.values
      if parts.reduce(0, +) != quantity || parts.contains(where: { $0 < 0 }) {
        report("line \(index + 1) of order \(number) has other quantities in its states than it has")
      }
    }
    checkUndone(order, number, report)
  }

  /// Points go back with what is undone: what its lines come to, or the money that went back where that is more.
  private static func checkUndone(_ order: Recount, _ number: Int64, _ report: (String) -> Void) {
    let whole = order.price > 0 ? order.price : order.points
    let gone = order.ordered.indices.map { index in
      ["cancelled", "expired", "refunded"].reduce(Int64(0)) { $0 + (order.parts["\(index) \($1)"] ?? 0) }
    }
    var (least, most) = (Int64(0), whole)
    if !gone.isEmpty, gone == order.ordered {
      least = whole
    } else if order.price > 0, order.nets.allSatisfy({ $0 >= 0 }) {
      let value = zip(order.nets, zip(gone, order.ordered)).reduce(Int128(0)) { sum, line in
        let (net, (part, of)) = line
        return sum + (2 * Int128(net) * Int128(part) + Int128(max(of, 1))) / (2 * Int128(max(of, 1)))
      }
      least = Int64(min(max(value, Int128(order.refunded)), Int128(whole)))
      most = least
    }
    if order.undone > most { report("order \(number) gave points back for \(order.undone), and \(most) is undone") }
    if order.undone < least { report("order \(number) gave points back for \(order.undone), and \(least) is undone") }
  }

  private func compareParts(
    _ orders: [Int64: Recount], _ session: any Session, _ report: (String) -> Void
  ) throws {
    var expected: [String: String] = [:]
    for (number, order) in orders {
      for (part, quantity) in order.parts {
        let line = part.split(separator: " ").first.flatMap { Int($0) } ?? 0
        expected["\(number) \(part)"] = "\(quantity) \(line < order.line.count ? order.line[line] : "")"
      }
    }
    try session.forEachRow(
      ofText: "SELECT number, line, state, quantity, sku, store, at, origin FROM order_part", []
    ) { row in
      let key = "\(row.integer(0)) \(row.integer(1)) \(row.text(2))"
      let origin = row.optionalInteger(7).map(String.init) ?? "-"
      let found = "\(row.integer(3)) \(row.text(4)) \(row.optionalText(5) ?? "-") \(row.integer(6)) \(origin)"
      if expected.removeValue(forKey: key) != found {
        report("a part of order \(row.integer(0)) is not as the log says")
      }
      return true
    }
    if !expected.isEmpty { report("\(expected.count) parts of orders are missing") }
  }

  private func compareOrders(
    _ orders: [Int64: Recount], _ session: any Session, _ report: (String) -> Void
  ) throws {
    var (heads, sums, entries) = (orders, orders, Set<String>())
    for (number, order) in orders {
      for (entry, told) in order.entries {
        entries.insert("\(number) \(entry) \(told.isReport ? 1 : 0) \(told.adds ? 1 : 0)")
      }
    }
    try session.forEachRow(
      ofText: "SELECT number, id, origin, at, currency, code, held_until, due, name FROM sales_order", []
    ) { row in
      let origin = row.optionalInteger(2).map(String.init) ?? "-"
      let found =
        "\(row.text(1)) \(row.optionalText(8) ?? "-") \(origin) \(row.integer(3)) \(row.optionalText(4) ?? "-")"
        + " \(row.optionalText(5) ?? "-") \(row.integer(6)) \(row.integer(7))"
      if heads.removeValue(forKey: row.integer(0))?.id != found {
        report("order \(row.integer(0)) is not as the log says")
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT number, paid, refunded, undone, added FROM order_sum", []) { row in
      let order = sums.removeValue(forKey: row.integer(0))
      let told = (row.integer(1), row.integer(2), row.integer(3), row.integer(4))
      if order.map({ ($0.paid, $0.refunded, $0.undone, $0.added) == told }) != true {
        report("the sums of order \(row.integer(0)) are not as the log says")
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT number, sequence, report, adds FROM order_entry", []) { row in
      if entries.remove("\(row.integer(0)) \(row.integer(1)) \(row.integer(2)) \(row.integer(3))") == nil {
        report("entry \(row.integer(1)) is not about order \(row.integer(0))")
      }
      return true
    }
    if !heads.isEmpty || !sums.isEmpty || !entries.isEmpty { report("rows of orders are missing") }
  }

  private func compareReceipts(
    _ told: Set<String>, _ session: any Session, _ report: (String) -> Void
  ) throws {
    var expected = told
    try session.forEachRow(ofText: "SELECT id, number, sequence, name FROM order_receipt", []) { row in
      let found = "\(row.text(0)) \(row.integer(1)) \(row.integer(2)) \(row.optionalText(3) ?? "-")"
      if expected.remove(found) == nil { report("the receipt of entry \(row.integer(2)) is not as the log says") }
      return true
    }
    if !expected.isEmpty { report("\(expected.count) receipts of orders are missing") }
  }

  private func compareSettled(
    _ settled: [Int64: Int64], _ known: Set<Int64>, _ session: any Session, _ report: (String) -> Void
  ) throws {
    var expected = settled
    for conflict in settled.keys where !known.contains(conflict) {
      report("entry \(conflict) was settled and is in no work list of orders")
    }
    try session.forEachRow(ofText: "SELECT conflict, sequence FROM order_settled", []) { row in
      if expected.removeValue(forKey: row.integer(0)) != row.integer(1) {
        report("the settlement of entry \(row.integer(0)) is not as the log says")
      }
      return true
    }
    if !expected.isEmpty { report("\(expected.count) settlements of the work list of orders are missing") }
  }

  private func compareLists(
    _ conflicts: [String], _ early: [Int64: (String?, Int64?)], _ session: any Session, _ report: (String) -> Void
  ) throws {
    var expected = Set(conflicts)
    try session.forEachRow(ofText: "SELECT sequence, number, reason, origin FROM order_conflict", []) { row in
      let origin = row.optionalInteger(3).map(String.init) ?? "-"
      if expected.remove("\(row.integer(0)) \(row.integer(1)) \(row.text(2)) \(origin)") == nil {
        report("the conflict of entry \(row.integer(0)) is not as the log says")
      }
      return true
    }
    var waiting = early
    try session.forEachRow(ofText: "SELECT sequence, id, applied FROM order_early", []) { row in
      let told = waiting.removeValue(forKey: row.integer(0))
      if told.map({ $0.0 == row.optionalText(1) && $0.1 == row.optionalInteger(2) }) != true {
        report("entry \(row.integer(0)), which came before its order, is not as the log says")
      }
      return true
    }
    if !expected.isEmpty || !waiting.isEmpty { report("rows of the work list of orders are missing") }
  }
}
