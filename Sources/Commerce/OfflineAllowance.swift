import Base
import Customers
import SQL

enum OfflineStatement: Int, StatementSet {
  case before, after, told, count, moved, sold, spent

  /// What is known of a store's stock only because it had a connection then.
  private static let contact = "cause IN ('snapshot', 'delta', 'sale')"
  private static let place = "FROM stock_movement WHERE sku = ?1 AND store = ?2"

  var sql: String {
    switch self {
    case .before: "SELECT at \(Self.place) AND at < ?3 AND \(Self.contact) ORDER BY at DESC LIMIT 1"
    case .after: "SELECT at \(Self.place) AND at > ?3 AND \(Self.contact) ORDER BY at LIMIT 1"
    case .told: "SELECT 1 \(Self.place) AND at <= ?3 AND cause IN ('snapshot', 'delta') LIMIT 1"
    case .count:
      """
      SELECT at, told \(Self.place) AND at <= ?3 AND cause = 'snapshot' ORDER BY at DESC, sequence DESC, part DESC LIMIT 1
      """
    case .moved: "SELECT coalesce(sum(told), 0) \(Self.place) AND at > ?3 AND at <= ?4 AND cause <> 'snapshot'"
    case .sold: "SELECT coalesce(-sum(told), 0) \(Self.place) AND at > ?3 AND at < ?4 AND cause = 'offlineSale'"
    case .spent:
      """
      SELECT o.number FROM sales_order o JOIN loyalty_order l ON l.ord = o.id
      WHERE o.origin = ?1 AND o.at >= ?2 AND o.at <= ?3 AND l.burnt > 0 ORDER BY o.number
      """
    }
  }
}

/// What a till took without a connection beyond what its store allows it: it has happened, so it counts, and is on the
/// work list of orders.
///
/// Of an article a store's tills may sell, from when its stock was told or sold there last with a connection until it is
/// so next, what was kept for them at that moment (`Store.kept`). Of a customer's points they may take on one day, by the
/// clocks there, what the programme allows. Nothing is noted where nothing is allowed, or where nobody had told of the
/// article before.
package struct OfflineExcess: Sendable, Equatable {
  package var store: String
  /// The article, of which the amounts are in thousandths; none for points.
  package var sku: String?
  package var allowed: Int64
  /// Without a connection, by this sale too.
  package var taken: Int64
  /// By how much this sale goes beyond it.
  package var over: Int64

  private init?(_ store: String, _ sku: String?, allowed: Int64, before: Int64, now: Int64) {
    let over = max(0, before + now - allowed) - max(0, before - allowed)
    guard over > 0 else { return nil }
    (self.store, self.sku, self.allowed, self.taken, self.over) = (store, sku, allowed, before + now, over)
  }

  /// What a sale that is about to be recorded takes too much of goods, by article.
  static func goods(
    _ goods: [Stock.Line], at store: Store, time: Instant, in session: any Session
  ) throws -> [OfflineExcess] {
    guard store.offlineAllowance > 0 else { return [] }
    var sums: [String: Int64] = [:]
    for line in goods { sums[line.sku, default: 0] += line.quantity.thousandths }
    return try sums.sorted { $0.key < $1.key }.compactMap { sku, quantity in
      let place: [SQLValue] = [.text(sku), .text(store.id)]
      func number(_ statement: OfflineStatement, _ times: Int64...) throws -> Int64? {
        var found: Int64?
        try session.forEachRow(of: statement, place + times.map { .integer($0) }) { row in
          found = row.integer(0)
          return false
        }
        return found
      }
      guard let begin = try number(.before, time.milliseconds), try number(.told, begin) != nil else { return nil }
      var (counted, told) = (Int64.min, Int64(0))
      try session.forEachRow(of: OfflineStatement.count, place + [.integer(begin)]) { row in
        (counted, told) = (row.integer(0), row.integer(1))
        return false
      }
      let onHand = try told + (number(.moved, counted, begin) ?? 0)
      let end = try number(.after, time.milliseconds) ?? .max
      return OfflineExcess(
        store.id, sku, allowed: store.kept(of: onHand), before: try number(.sold, begin, end) ?? 0, now: quantity)
    }
  }

  /// What a sale that is about to be recorded takes too much of a customer's points.
  static func points(
    _ points: Int64, of origins: Set<Origin.Number>, at store: Store, time: Instant, in session: any Session
  ) throws -> OfflineExcess? {
    guard points > 0, let allowed = try LoyaltyProgramme.current(in: session)?.offlineAllowance, allowed > 0 else {
      return nil
    }
    // A day has at most 25 hours.
    let (first, last) = (time - .seconds(90_000), time + .seconds(90_000))
    let rules = TimeZoneRules.named(store.timeZone)
    func day(_ time: Instant) -> Int64? { rules?.wallClock(at: time).day }
    var before: Int64 = 0
    for origin in origins {
      let numbers = try session.rows(
        of: OfflineStatement.spent, .integer(origin), .integer(first.milliseconds), .integer(last.milliseconds)
      ) { $0.integer(0) }
      for number in numbers {
        guard let entry = try EventLog.entry(number, in: session), day(entry.event.at) == day(time),
          let placing = OrderVerdict(of: entry.outcome)?.placing, placing.isOffline,
          placing.lines.contains(where: { $0.store == store.id })
        else { continue }
        before += placing.points
      }
    }
    return OfflineExcess(store.id, nil, allowed: allowed, before: before, now: points)
  }
}

extension OfflineExcess {
  /// The one that a verdict holds.
  init?(json: JSON) {
    let parts = Array(json.elements)
    guard parts.count == 5, let store = parts[0].string, let allowed = parts[2].integer, let taken = parts[3].integer,
      let over = parts[4].integer
    else { return nil }
    (self.store, sku, self.allowed, self.taken, self.over) = (store, parts[1].string, allowed, taken, over)
  }

  /// Writes it as a verdict holds it.
  func writeVerdict(to writer: inout JSONWriter) {
    writer.array { writer in
      writer.value(store)
      if let sku { writer.value(sku) } else { writer.null() }
      for amount in [allowed, taken, over] { writer.value(amount) }
    }
  }

  /// Writes it as the API shows it: goods in units.
  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("of", sku == nil ? "points" : "stock")
      writer.field("store", store)
      writer.field("sku", orNull: sku)
      for (name, amount) in [("allowed", allowed), ("taken", taken), ("over", over)] {
        if sku == nil { writer.field(name, amount) } else { writer.field(name, Quantity(thousandths: amount)) }
      }
    }
  }
}
