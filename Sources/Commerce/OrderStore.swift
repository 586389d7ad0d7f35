package import Base
package import Customers
package import SQL

enum OrderStatement: Int, StatementSet {
  case insert, addSum, addPart, tellParts, addEntry, hasEntries, addEarly, applyEarly, addConflict
  case byID, byCode, head, entries, early, ofOrigin, openOfOrigin, openHeads, parts, listByStore, list, conflicts,
    waiting
  case count, last, spent, bought

  /// What is bought, in a list of SQL.
  private static let kept = OrderState.allCases.filter { $0.isBought }.map { "'\($0.rawValue)'" }
    .joined(separator: ", ")
  private static let open = OrderState.allCases.filter { $0.isOpen }.map { "'\($0.rawValue)'" }.joined(separator: ", ")

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO sales_order (number, id, origin, at, currency, code, held_until, due)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """
    case .addSum:
      """
      INSERT INTO order_sum (number, paid, refunded, undone) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (number) DO UPDATE SET paid = order_sum.paid + excluded.paid,
        refunded = order_sum.refunded + excluded.refunded, undone = order_sum.undone + excluded.undone
      """
    case .addPart:
      """
      INSERT INTO order_part (number, line, state, quantity, sku, store, at, origin)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT (number, line, state) DO UPDATE SET quantity = order_part.quantity + excluded.quantity
      """
    case .tellParts: "UPDATE order_part SET sku = ?3, store = ?4, at = ?5, origin = ?6 WHERE number = ?1 AND line = ?2"
    case .hasEntries: "SELECT sequence FROM order_entry WHERE number = ?1 AND sequence <> ?1 LIMIT 1"
    case .addEntry: "INSERT INTO order_entry (number, sequence) VALUES (?1, ?2)"
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
    case .byID: "SELECT number FROM sales_order WHERE id = ?1"
    case .byCode: "SELECT number FROM sales_order WHERE code = ?1"
    case .head: "SELECT sku, store, at, origin FROM order_part WHERE number = ?1 AND line = ?2 LIMIT 1"
    case .entries: "SELECT sequence FROM order_entry WHERE number = ?1 AND sequence <= ?2 ORDER BY sequence"
    case .early: "SELECT sequence FROM order_early WHERE id = ?1 AND applied IS NULL ORDER BY sequence"
    case .ofOrigin: "SELECT number FROM sales_order WHERE origin = ?1"
    case .openOfOrigin:
      """
      SELECT DISTINCT number FROM order_part WHERE origin = ?1 AND quantity > 0 AND state IN (\(Self.open))
      ORDER BY number
      """
    case .openHeads:
      """
      SELECT number, id, at, currency, code, held_until, due FROM sales_order WHERE number IN (
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
      SELECT sequence, number, reason, origin FROM order_conflict WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2
      """
    case .waiting:
      """
      SELECT sequence FROM order_early WHERE applied IS NULL AND sequence < ?1 ORDER BY sequence DESC LIMIT ?2
      """
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
    package var entries: [LogEntry]
  }

  /// The order that the shop calls so, by its number.
  package static func number(of id: String, in session: any Session) throws -> Int64? {
    if let number = try session.first(of: OrderStatement.byID, .text(id), map: { $0.integer(0) }) { return number }
    return try session.first(of: OrderStatement.byID, .text(OrderID.digest(id))) { $0.integer(0) }
  }

  /// The order of that number, as it stood at a place in the log.
  package static func stored(
    _ number: Int64, upTo sequence: Int64 = .max, in session: any Session
  ) throws -> Stored {
    var order: Order?
    var entries: [LogEntry] = []
    for place in try session.rows(
      of: OrderStatement.entries, .integer(number), .integer(sequence), map: { $0.integer(0) })
    {
      guard let entry = try EventLog.entry(place, in: session), let verdict = OrderVerdict(of: entry.outcome) else {
        throw damaged
      }
      entries.append(entry)
      if order == nil {
        order = Order(verdict, of: entry)
      } else {
        order?.apply(verdict, at: entry.event.at, sequence: place)
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

  /// What the shop calls it, or nil where there is no such order.
  package static func find(_ id: String, upTo sequence: Int64 = .max, in session: any Session) throws -> Stored? {
    try number(of: id, in: session).map { try stored($0, upTo: sequence, in: session) }
  }

  /// Whether an order that is not yet handed over has that pickup code.
  static func isTaken(_ code: String, in session: any Session) throws -> Bool {
    let numbers = try session.rows(of: OrderStatement.byCode, .text(code)) { $0.integer(0) }
    return try numbers.contains { try stored($0, in: session).order.awaitsPickup }
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
    return try numbers.map { try stored($0, in: session).order }.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
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

/// What an order is called in the log and in other books.
package enum OrderID {
  /// A shorter name, such as `17`, is part of many numbers by chance.
  private static let telling = 4
  /// Of a phone number so many digits at its end are compared.
  private static let phoneDigits = 8
  /// What begins an id of ours.
  static let ours = "ord_"

  /// The id of an order that the sender gave none: always the same for one message.
  package static func made(by source: String, _ messageID: String) -> String {
    ours + Digest.hex(Array(Digest.sha256(Array("\(source)\n\(messageID)".utf8)).prefix(10)))
  }

  /// What stands in the place of an id that names somebody.
  static func digest(_ id: String) -> String {
    ours + "x" + Digest.hex(Array(Digest.sha256(Array(id.utf8)).prefix(10)))
  }

  /// The id as it may stand in the log for ever: itself, or a digest where it has one of these names in it, or anybody's
  /// address of mail.
  package static func kept(_ id: String, _ names: some Sequence<Identifier>) -> String {
    id.utf8.contains(UInt8(ascii: "@")) || names.contains { isMentioned($0, in: id) } ? digest(id) : id
  }

  private static func isMentioned(_ name: Identifier, in id: String) -> Bool {
    let (folded, value) = (id.lowercased(), name.value.lowercased())
    if folded == value { return true }
    if name.type == .phone || name.type == .whatsApp {
      let (digits, number) = (id.utf8.filter(isDigit), value.utf8.filter(isDigit).suffix(phoneDigits))
      return number.count == phoneDigits && contains(digits, Array(number))
    }
    return value.utf8.count >= telling && folded.contains(value)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func contains(_ digits: [UInt8], _ part: [UInt8]) -> Bool {
    guard digits.count >= part.count else { return false }
    return (0...digits.count - part.count).contains { digits[$0...].starts(with: part) }
  }
}
