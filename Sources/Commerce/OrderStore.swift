package import Base
package import Customers
package import SQL

enum OrderStatement: Int, StatementSet {
  case insert, rename, name, addSum, addPart, tellParts, tellOrder, addEntry, hasEntries, addEarly, applyEarly
  case addConflict, addReceipt, renameReceipt, receipt, receipts, additions, opened
  case byID, byCode, head, acts, reports, states, sums, ofPerson, early, ofOrigin, openOfOrigin, openHeads, parts
  case listByStore, list, conflicts, waiting, settled, settle
  case count, last, spent, bought

  /// What is bought, in a list of SQL.
  private static let kept = OrderState.allCases.filter { $0.isBought }.map { "'\($0.rawValue)'" }
    .joined(separator: ", ")
  private static let open = OrderState.allCases.filter { $0.isOpen }.map { "'\($0.rawValue)'" }.joined(separator: ", ")

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO sales_order (number, id, name, origin, at, currency, code, held_until, due)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """
    case .rename: "UPDATE sales_order SET name = ?2 WHERE number = ?1 AND name IS NOT NULL"
    case .name: "SELECT name FROM sales_order WHERE id = ?1"
    case .addSum:
      """
      INSERT INTO order_sum (number, paid, refunded, undone, added) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (number) DO UPDATE SET paid = order_sum.paid + excluded.paid,
        refunded = order_sum.refunded + excluded.refunded, undone = order_sum.undone + excluded.undone,
        added = order_sum.added + excluded.added
      """
    case .addPart:
      """
      INSERT INTO order_part (number, line, state, quantity, sku, store, at, origin)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT (number, line, state) DO UPDATE SET quantity = order_part.quantity + excluded.quantity
      """
    case .tellParts: "UPDATE order_part SET sku = ?3, store = ?4, at = ?5, origin = ?6 WHERE number = ?1 AND line = ?2"
    case .tellOrder: "UPDATE order_part SET at = ?2, origin = ?3 WHERE number = ?1"
    case .hasEntries: "SELECT sequence FROM order_entry WHERE number = ?1 AND sequence <> ?1 LIMIT 1"
    case .addEntry: "INSERT INTO order_entry (number, sequence, report, adds) VALUES (?1, ?2, ?3, ?4)"
    case .addEarly:
      """
      INSERT INTO order_early (sequence, id) VALUES (?1, ?2) ON CONFLICT (sequence) DO UPDATE SET id = excluded.id
      """
    case .applyEarly:
      """
      INSERT INTO order_early (sequence, applied) VALUES (?1, ?2)
      ON CONFLICT (sequence) DO UPDATE SET applied = excluded.applied
      """
    case .addConflict: "INSERT INTO order_conflict (sequence, number, reason, origin) VALUES (?1, ?2, ?3, ?4)"
    case .addReceipt: "INSERT INTO order_receipt (id, number, sequence, name) VALUES (?1, ?2, ?3, ?4)"
    case .renameReceipt: "UPDATE order_receipt SET name = ?2 WHERE sequence = ?1 AND name IS NOT NULL"
    case .receipt: "SELECT number, sequence FROM order_receipt WHERE id = ?1"
    case .receipts: "SELECT sequence FROM order_receipt WHERE number = ?1 ORDER BY sequence"
    case .additions: "SELECT sequence FROM order_entry WHERE number = ?1 AND adds = 1 ORDER BY sequence"
    case .opened: "SELECT at, origin FROM sales_order WHERE number = ?1"
    case .byID: "SELECT number FROM sales_order WHERE id = ?1"
    case .byCode: "SELECT number FROM sales_order WHERE code = ?1"
    case .head: "SELECT sku, store, at, origin FROM order_part WHERE number = ?1 AND line = ?2 LIMIT 1"
    case .acts: "SELECT sequence FROM order_entry WHERE number = ?1 AND sequence <= ?2 AND report = 0"
    case .reports:
      """
      SELECT sequence FROM order_entry WHERE number = ?1 AND sequence <= ?2 AND report = 1
      ORDER BY sequence DESC LIMIT ?3
      """
    case .states: "SELECT line, state, quantity FROM order_part WHERE number = ?1"
    case .sums:
      """
      SELECT paid, refunded, undone, (SELECT max(e.sequence) FROM order_entry e WHERE e.number = ?1)
      FROM order_sum WHERE number = ?1
      """
    case .ofPerson:
      """
      SELECT e.sequence, o.name FROM sales_order o JOIN order_entry e ON e.number = o.number
      WHERE o.origin = ?1 AND o.name IS NOT NULL
      UNION ALL SELECT e.sequence, o.name FROM sales_order o JOIN order_early e ON e.id = o.id
      WHERE o.origin = ?1 AND o.name IS NOT NULL
      UNION ALL SELECT e.sequence, r.name FROM sales_order o JOIN order_receipt r ON r.number = o.number
      JOIN order_entry e ON e.number = o.number WHERE o.origin = ?1 AND r.name IS NOT NULL
      """
    case .early: "SELECT sequence FROM order_early WHERE id = ?1 AND applied IS NULL ORDER BY sequence"
    case .ofOrigin: "SELECT number FROM sales_order WHERE origin = ?1"
    case .openOfOrigin:
      """
      SELECT DISTINCT number FROM order_part WHERE origin = ?1 AND quantity > 0 AND state IN (\(Self.open))
      ORDER BY number
      """
    case .openHeads:
      """
      SELECT o.number, coalesce(o.name, o.id), o.at, o.currency, o.code, o.held_until, o.due + coalesce(s.added, 0)
      FROM sales_order o LEFT JOIN order_sum s ON s.number = o.number WHERE o.number IN (
        SELECT number FROM order_part WHERE origin = ?1 AND quantity > 0 AND state IN (\(Self.open)))
      """
    case .parts:
      "SELECT sku, state, quantity, store FROM order_part WHERE number = ?1 AND quantity > 0 ORDER BY line, state"
    case .listByStore:
      """
      SELECT DISTINCT at, number FROM order_part
      WHERE store = ?1 AND state = ?2 AND quantity > 0 AND (at, number) > (?3, ?4) ORDER BY at, number LIMIT ?5
      """
    case .list:
      """
      SELECT DISTINCT at, number FROM order_part
      WHERE state = ?1 AND quantity > 0 AND (at, number) > (?2, ?3) ORDER BY at, number LIMIT ?4
      """
    case .conflicts:
      """
      SELECT sequence, number, reason, NULL FROM order_conflict c WHERE sequence < ?1
        AND NOT EXISTS (SELECT 1 FROM order_settled s WHERE s.conflict = c.sequence)
      ORDER BY sequence DESC LIMIT ?2
      """
    case .waiting:
      """
      SELECT sequence, 0, '\(OrderConflict.unknown)', NULL FROM order_early e WHERE applied IS NULL AND sequence < ?1
        AND NOT EXISTS (SELECT 1 FROM order_settled s WHERE s.conflict = e.sequence)
      ORDER BY sequence DESC LIMIT ?2
      """
    case .settled:
      """
      SELECT s.conflict, coalesce(c.number, 0), coalesce(c.reason, '\(OrderConflict.unknown)'), s.sequence
      FROM order_settled s LEFT JOIN order_conflict c ON c.sequence = s.conflict
      WHERE s.conflict < ?1 ORDER BY s.conflict DESC LIMIT ?2
      """
    case .settle: "INSERT INTO order_settled (conflict, sequence) VALUES (?1, ?2)"
    case .count:
      """
      SELECT count(*) FROM sales_order o WHERE o.origin = ?1 AND (
        NOT EXISTS (SELECT 1 FROM order_part p WHERE p.number = o.number)
        OR EXISTS (
          SELECT 1 FROM order_part p WHERE p.number = o.number AND p.quantity > 0 AND p.state IN (\(Self.kept))))
      """
    case .last: "SELECT at FROM sales_order WHERE origin = ?1 ORDER BY at DESC LIMIT 1"
    case .spent:
      """
      SELECT coalesce(sum(s.paid - s.refunded), 0), count(*) FROM sales_order o
      JOIN order_sum s ON s.number = o.number WHERE o.origin = ?1 AND o.currency = ?2
      """
    case .bought:
      """
      SELECT sku, sum(quantity), count(DISTINCT number) FROM order_part
      WHERE origin = ?1 AND quantity > 0 AND state IN (\(Self.kept)) GROUP BY sku
      """
    }
  }
}

/// Orders as the log has them.
package enum OrderStore {
  /// An order, and the entries that it is made of, in their order.
  package struct Stored: Sendable {
    package var order: Order
    package var entries: [(entry: LogEntry, verdict: OrderVerdict)]
  }

  /// The order that the shop calls so, by its number; or the one that a receipt which is called so has handed over.
  package static func number(of id: String, in session: any Session) throws -> Int64? {
    let key = OrderID.key(of: id)
    return try session.first(of: OrderStatement.byID, .text(key)) { $0.integer(0) } ?? receipt(key, in: session)?.number
  }

  /// The receipt of that key which has handed over goods of an order: the order, and the entry that it is.
  static func receipt(
    _ key: String, in session: any Session
  ) throws -> (number: Int64, sequence: Int64)? {
    try session.first(of: OrderStatement.receipt, .text(key)) { ($0.integer(0), $0.integer(1)) }
  }

  /// What the receipt of that key has decided of an order; nil where it has not, or where it is the order's own.
  static func receipt(_ key: String, of order: Order, in session: any Session) throws -> OrderVerdict? {
    guard key != order.id, let receipt = try receipt(key, in: session) else { return nil }
    return try EventLog.entry(receipt.sequence, in: session).flatMap { OrderVerdict(of: $0.outcome) }
  }

  /// What the receipts of an order have decided, in their order.
  static func receipts(of number: Int64, in session: any Session) throws -> [OrderVerdict] {
    try verdicts(.receipts, number, in: session)
  }

  private static func verdicts(
    _ statement: OrderStatement, _ number: Int64, in session: any Session
  ) throws -> [OrderVerdict] {
    try session.rows(of: statement, .integer(number)) { $0.integer(0) }.map { sequence in
      guard let verdict = try EventLog.entry(sequence, in: session).flatMap({ OrderVerdict(of: $0.outcome) }) else {
        throw damaged
      }
      return verdict
    }
  }

  /// The order of that number as it stands: its lines as the entries that gave it lines tell them, with the quantities
  /// and sums of the tables, so that it costs the same however much was reported of it.
  package static func order(_ number: Int64, in session: any Session) throws -> Order {
    guard let entry = try EventLog.entry(number, in: session),
      var order = OrderVerdict(of: entry.outcome)?.placing.map({ Order($0, number: number, at: entry.event.at) })
    else { throw damaged }
    (order.source, order.origin) = (entry.source, entry.outcome.origin)
    for verdict in try verdicts(.additions, number, in: session) { order = order.adding(verdict.added) }
    for index in order.lines.indices { order.lines[index].parts = [:] }
    try session.forEachRow(of: OrderStatement.states, [.integer(number)]) { row in
      let index = Int(row.integer(0))
      guard let state = OrderState(rawValue: row.text(1)), order.lines.indices.contains(index) else { throw damaged }
      order.lines[index].parts[state] = Quantity(thousandths: row.integer(2))
      return true
    }
    try session.forEachRow(of: OrderStatement.sums, [.integer(number)]) { row in
      (order.paid, order.refunded, order.undone) = (row.integer(0), row.integer(1), row.integer(2))
      order.version = row.integer(3)
      return false
    }
    return order
  }

  /// How many of the reports that changed nothing are shown: a sender that reports an order at every step has a dozen.
  private static let mostReports: Int64 = 50

  /// The order of that number with what it is made of, as it stood at a place in the log.
  package static func stored(
    _ number: Int64, upTo sequence: Int64 = .max, in session: any Session
  ) throws -> Stored {
    var order: Order?
    var entries: [(entry: LogEntry, verdict: OrderVerdict)] = []
    let acts = try session.rows(of: OrderStatement.acts, .integer(number), .integer(sequence)) { $0.integer(0) }
    let reports = try session.rows(
      of: OrderStatement.reports, .integer(number), .integer(sequence), .integer(mostReports)
    ) { $0.integer(0) }
    for place in (acts + reports).sorted() {
      guard let entry = try EventLog.entry(place, in: session), let verdict = OrderVerdict(of: entry.outcome) else {
        throw damaged
      }
      entries.append((entry, verdict))
      if order == nil {
        order = Order(verdict, of: entry)
      } else {
        order?.apply(verdict, sequence: place)
      }
    }
    guard let order else { throw damaged }
    return Stored(order: order, entries: entries)
  }

  private static var damaged: Failure {
    Failure(.internal, "the tables of orders are damaged", hint: "throughline verify")
  }

  /// Where an act upon an order stands: with whose it is, and with nobody when he is erased, for what is done then is
  /// none of his.
  package static func stand(of order: Order, in session: any Session) throws -> Origin.Number? {
    guard let origin = order.origin, try !Erasure.isErased(origin, in: session) else { return nil }
    return origin
  }

  /// The order that the shop calls so, or nil where there is none.
  package static func find(_ id: String, in session: any Session) throws -> Order? {
    try number(of: id, in: session).map { try order($0, in: session) }
  }

  /// Whether an order that is not yet handed over has that pickup code.
  static func isTaken(_ code: String, in session: any Session) throws -> Bool {
    let numbers = try session.rows(of: OrderStatement.byCode, .text(code)) { $0.integer(0) }
    return try numbers.contains { try order($0, in: session).awaitsPickup }
  }

  /// Entries with refunds and cancellations of an order that has not come.
  static func early(_ id: String, in session: any Session) throws -> [LogEntry] {
    try session.rows(of: OrderStatement.early, .text(id)) { $0.integer(0) }
      .compactMap { try EventLog.entry($0, in: session) }
  }

  /// The open orders that stand at these places, the oldest first.
  static func open(of origins: [Origin.Number], in session: any Session) throws -> [Order] {
    let numbers = try origins.flatMap { origin in
      try session.rows(of: OrderStatement.openOfOrigin, .integer(origin)) { $0.integer(0) }
    }
    return try numbers.map { try order($0, in: session) }.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
  }

  /// A page of the orders that have a line in a state, in that store if one is named: the oldest first.
  package static func list(
    store: String?, _ state: OrderState, after: Timeline.Cursor?, limit: Int, in session: any Session
  ) throws -> [(at: Int64, number: Int64)] {
    let (at, number) = (after?.at ?? .min, after?.sequence ?? 0)
    if let store {
      return try session.rows(
        of: OrderStatement.listByStore, .text(store), .text(state.rawValue), .integer(at), .integer(number),
        .integer(Int64(limit))
      ) { ($0.integer(0), $0.integer(1)) }
    }
    return try session.rows(
      of: OrderStatement.list, .text(state.rawValue), .integer(at), .integer(number), .integer(Int64(limit))
    ) { ($0.integer(0), $0.integer(1)) }
  }

  /// What a customer has bought and kept, by article: how much, and in how many orders; the most first.
  package static func purchases(
    ofCustomer leader: Origin.Number, in session: any Session
  ) throws -> [(sku: String, quantity: Quantity, count: Int64)] {
    var sums: [String: (quantity: Quantity, count: Int64)] = [:]
    for origin in try OriginStore.origins(ofCustomer: leader, in: session) {
      try session.forEachRow(of: OrderStatement.bought, [.integer(origin.number)]) { row in
        var sum = sums[row.text(0)] ?? (.zero, 0)
        sum.quantity = sum.quantity + Quantity(thousandths: row.integer(1))
        sum.count += row.integer(2)
        sums[row.text(0)] = sum
        return true
      }
    }
    return sums.map { ($0.key, $0.value.quantity, $0.value.count) }.sorted { one, other in
      if one.2 != other.2 { return one.2 > other.2 }
      if one.1 != other.1 { return one.1 > other.1 }
      return one.0 < other.0
    }
  }
}
