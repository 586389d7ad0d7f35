import Base
import Customers
import SQL

/// Every line of a member has the same against it, so each entry's postings sum to nothing.
struct PointsCheck: Check {
  let name = "points"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try session.forEachRow(
      ofText: "SELECT sequence, sum(points) FROM loyalty_posting GROUP BY sequence HAVING sum(points) <> 0", []
    ) { row in
      report("the postings of event \(row.integer(0)) sum to \(row.integer(1))")
      return true
    }
    try session.forEachRow(
      ofText: """
        SELECT m.sequence FROM loyalty_posting m LEFT JOIN loyalty_posting c
          ON c.sequence = m.sequence AND c.line = m.line + 1 AND c.ledger = m.counter AND c.account = m.account
            AND c.points = -m.points
        WHERE m.ledger = 'member' AND c.sequence IS NULL
        """, []
    ) { row in
      report("a posting of event \(row.integer(0)) has nothing against it")
      return true
    }
  }
}

/// Each lot has what its postings leave, never less than nothing, and never more than it began with.
struct LotsCheck: Check {
  let name = "lots"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try session.forEachRow(
      ofText: """
        SELECT l.sequence, l.remaining, coalesce(sum(p.points), 0) FROM loyalty_lot l
        LEFT JOIN loyalty_posting p ON p.lot = l.lot AND p.ledger = 'member' AND p.account = l.account
        GROUP BY l.lot, l.sequence, l.remaining, l.points, l.sequence
        HAVING l.remaining <> coalesce(sum(p.points), 0) OR l.remaining < 0 OR l.remaining > l.points
          OR l.sequence IS NULL
        """, []
    ) { row in
      report("a lot of event \(row.integer(0)) has \(row.integer(1)), its postings leave \(row.integer(2))")
      return true
    }
  }
}

/// An account's postings sum to what its lots have less what its open shortages say: every negative is explained.
struct ShortagesCheck: Check {
  let name = "owed"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try session.forEachRow(
      ofText: """
        SELECT s.sequence, s.open, -coalesce(sum(p.points), 0) FROM loyalty_shortage s
        LEFT JOIN loyalty_posting p ON p.shortage = s.shortage AND p.ledger = 'member' AND p.account = s.account
        GROUP BY s.shortage, s.sequence, s.open
        HAVING s.open <> -coalesce(sum(p.points), 0) OR s.open < 0 OR s.sequence IS NULL
        """, []
    ) { row in
      report("a shortage of event \(row.integer(0)) is \(row.integer(1)), its postings leave \(row.integer(2))")
      return true
    }
    var accounts: [Int64: (books: Int64, lots: Int64, owed: Int64)] = [:]
    func add(_ sql: String, _ path: WritableKeyPath<(books: Int64, lots: Int64, owed: Int64), Int64>) throws {
      try session.forEachRow(ofText: sql, []) { row in
        accounts[row.integer(0), default: (0, 0, 0)][keyPath: path] = row.integer(1)
        return true
      }
    }
    try add("SELECT account, sum(points) FROM loyalty_posting WHERE ledger = 'member' GROUP BY account", \.books)
    try add("SELECT account, sum(remaining) FROM loyalty_lot GROUP BY account", \.lots)
    try add("SELECT account, sum(open) FROM loyalty_shortage GROUP BY account", \.owed)
    for (account, sums) in accounts.sorted(by: { $0.key < $1.key }) where sums.books != sums.lots - sums.owed {
      report("account \(account) has \(sums.books) in the books, \(sums.lots) in lots and owes \(sums.owed)")
    }
  }
}

/// Held is what the open holds say, each to the point.
struct HoldsCheck: Check {
  let name = "holds"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var books: [String: Int64] = [:]
    try session.forEachRow(
      ofText: "SELECT hold, sum(points) FROM loyalty_posting WHERE ledger = 'held' GROUP BY hold", []
    ) { row in
      books[row.text(0)] = row.integer(1)
      return true
    }
    try session.forEachRow(ofText: "SELECT id, points, captured, state, sequence FROM loyalty_hold", []) { row in
      let held = books.removeValue(forKey: row.text(0)) ?? 0
      let (points, captured, isOpen) = (row.integer(1), row.integer(2), row.text(3) == "open")
      let isWrong = held != (isOpen ? points : 0) || (row.text(3) != "captured" && captured != 0) || captured > points
      if isWrong { report("the hold of event \(row.integer(4)) is not what is held for it") }
      return true
    }
    for (_, points) in books where points != 0 { report("\(points) points are held for no hold") }
  }
}

/// No order has earned more than what it was promised and was not withdrawn.
struct PromisesCheck: Check {
  let name = "promises"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try session.forEachRow(
      ofText: """
        SELECT earned - taken, promised - withdrawn FROM loyalty_order
        WHERE rated = 2 AND (earned < taken OR earned - taken > promised - withdrawn) OR rated <> 2 AND promised <> 0
        """, []
    ) { row in
      report("an order has \(row.integer(0)) of \(row.integer(1)) points that it was promised")
      return true
    }
  }
}

/// The tables have what the log's verdicts say: every posting, lot, hold, membership and order, and nothing else.
struct PointsLogCheck: Check {
  let name = "points in the log"

  /// Sums over rows, so that a log of any length fits: a row that differs changes one of them.
  private struct Sums: Equatable {
    var postings: [String: Int64] = [:]
    var lots: [Int64] = [0, 0, 0, 0]
    var holds: [String: String] = [:]
    var members: [Int64: Int64] = [:]
    var households: [Int64: String] = [:]
    var orders: [String: [Int64]] = [:]
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    let (log, tables) = (try told(session), try kept(session))
    if log.postings != tables.postings { report("the postings are not those of the log") }
    if log.lots != tables.lots { report("the lots are not those of the log") }
    if log.holds != tables.holds { report("the holds are not those of the log") }
    if log.members != tables.members || log.households != tables.households {
      report("the households are not those of the log")
    }
    if log.orders != tables.orders { report("the orders' sums are not those of the log") }
  }

  /// What the log says, read as plain JSON.
  private func told(_ session: any Session) throws -> Sums {
    var sums = Sums()
    try session.forEachRow(
      ofText: "SELECT outcome FROM event WHERE outcome LIKE '%\"points\":{%' ORDER BY sequence", []
    ) { row in
      guard let verdict = try JSONDocument(row.bytes(0)).root["verdicts"]?["points"] else { return true }
      func rows(_ name: StaticString) -> [[JSON]] { verdict[name]?.elements.map { Array($0.elements) } ?? [] }
      for row in rows("postings") {
        let key = ([0, 1, 2, 3, 5, 6, 7, 8].map { Self.text(row[$0]) }).joined(separator: " ")
        sums.postings[key, default: 0] += row[4].integer ?? 0
      }
      for row in rows("lots") {
        for (index, column) in [0, 3, 4, 5].enumerated() { sums.lots[index] &+= row[column].integer ?? 0 }
      }
      for row in rows("holds") { sums.holds[row[0].string ?? ""] = row[1...].map(Self.text).joined(separator: " ") }
      for row in rows("memberships") { sums.members[row[0].integer ?? 0] = row[1].integer }
      for row in rows("households") { sums.households[row[0].integer ?? 0] = row[1].string }
      for row in rows("orders") {
        // Before anything was promised, there were two fewer.
        var values = row[1...].map { $0.integer ?? 0 }
        values += [Int64](repeating: 0, count: max(12 - values.count, 0))
        let key = row[0].string ?? ""
        guard let known = sums.orders[key] else {
          sums.orders[key] = values
          continue
        }
        sums.orders[key] = known.prefix(2) + zip(known.dropFirst(2), values.dropFirst(2)).map { $0 + $1 }
      }
      return true
    }
    sums.postings = sums.postings.filter { $0.value != 0 }
    return sums
  }

  private static func text(_ json: JSON) -> String {
    if json.isNull { return "-" }
    return json.string ?? json.number ?? ""
  }

  private func kept(_ session: any Session) throws -> Sums {
    var sums = Sums()
    try session.forEachRow(
      ofText: """
        SELECT kind, account, lot, shortage, counter, ord, hold, stand, sum(points) FROM loyalty_posting
        WHERE ledger = 'member' GROUP BY kind, account, lot, shortage, counter, ord, hold, stand
        HAVING sum(points) <> 0
        """, []
    ) { row in
      let key = (0...7).map { column in
        switch row.value(column) {
        case .integer(let integer): "\(integer)"
        case .text(let text): text
        case .utf8(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null, .bytes: "-"
        }
      }
      sums.postings[key.joined(separator: " ")] = row.integer(8)
      return true
    }
    try session.forEachRow(ofText: "SELECT lot, points, available_from, expires_at FROM loyalty_lot", []) { row in
      for index in 0...3 { sums.lots[index] &+= row.integer(index) }
      return true
    }
    try session.forEachRow(ofText: "SELECT id, origin, points, captured, state, until FROM loyalty_hold", []) { row in
      let (origin, points, captured) = (row.integer(1), row.integer(2), row.integer(3))
      sums.holds[row.text(0)] = "\(origin) \(points) \(captured) \(row.text(4)) \(row.integer(5))"
      return true
    }
    try session.forEachRow(ofText: "SELECT origin, account FROM loyalty_member", []) { row in
      sums.members[row.integer(0)] = row.integer(1)
      return true
    }
    try session.forEachRow(ofText: "SELECT account, id FROM loyalty_household", []) { row in
      sums.households[row.integer(0)] = row.text(1)
      return true
    }
    try session.forEachRow(
      ofText: """
        SELECT ord, origin, at, rated, amount, returned, refunded, earned, taken, burnt, restored,
          promised, withdrawn
        FROM loyalty_order
        """, []
    ) { row in
      sums.orders[row.text(0)] = (1...12).map { row.integer($0) }
      return true
    }
    return sums
  }
}
