package import Base
import Customers
package import SQL

enum LoyaltyLiabilityStatement: Int, StatementSet {
  case lots, held, owed, promised

  var sql: String {
    switch self {
    case .lots: "SELECT remaining, available_from, expires_at FROM loyalty_lot WHERE remaining > 0"
    case .held: "SELECT coalesce(sum(points), 0) FROM loyalty_hold WHERE state = 'open'"
    case .promised:
      """
      SELECT origin, sum(promised - withdrawn - earned + taken) FROM loyalty_order
      WHERE promised - withdrawn > earned - taken GROUP BY origin
      """
    case .owed: "SELECT coalesce(sum(open), 0) FROM loyalty_shortage WHERE open > 0"
    }
  }
}

/// What the shop owes its customers in points, and what that is worth by the programme of today.
package struct LoyaltyLiability: Sendable {
  private let now: Instant
  private let programme: LoyaltyProgramme?
  private var available: Int64 = 0
  private var pending: Int64 = 0
  private let held: Int64
  /// What open orders will earn when they are paid and handed over, which nobody is owed yet.
  private let promised: Int64
  private let owed: Int64
  /// By the month in which it expires, `2027-03`; empty for never.
  ///
  /// What is held is in none.
  private var months: [String: Int64] = [:]

  /// What is outstanding at a moment; what has expired by then is not.
  package init(now: Instant, in session: any Session) throws {
    self.now = now
    programme = try LoyaltyProgramme.current(in: session)
    held = try session.first(of: LoyaltyLiabilityStatement.held) { $0.integer(0) } ?? 0
    owed = try session.first(of: LoyaltyLiabilityStatement.owed) { $0.integer(0) } ?? 0
    // An order whose customer is erased earns nothing any more.
    promised = try session.rows(of: LoyaltyLiabilityStatement.promised) { ($0.integer(0), $0.integer(1)) }
      .reduce(0) { try $0 + (Erasure.isErased($1.0, in: session) ? 0 : $1.1) }
    var (available, pending, months) = (Int64(0), Int64(0), [String: Int64]())
    try session.forEachRow(of: LoyaltyLiabilityStatement.lots, []) { row in
      let end = row.optionalInteger(2).map { Instant(milliseconds: $0) }
      if let end, end <= now { return true }
      let points = row.integer(0)
      if row.integer(1) > now.milliseconds { pending += points } else { available += points }
      months[end.map { String($0.text.prefix(7)) } ?? "", default: 0] += points
      return true
    }
    (self.available, self.pending, self.months) = (available, pending, months)
  }

  private func writeValue(of points: Int64, to writer: inout JSONWriter) {
    writer.key("value")
    // Beyond what is exact in every reader nothing is told.
    if let programme, let value = Money.share(points, programme.pointValue, of: 1) {
      Money(value, programme.currency).write(to: &writer)
    } else {
      writer.null()
    }
  }

  /// The report as the API shows it.
  package var json: [UInt8] {
    var writer = JSONWriter()
    let outstanding = available + pending + held
    writer.object { writer in
      writer.field("asOf", now.text)
      writer.field("outstanding", outstanding)
      writer.field("available", available)
      writer.field("pending", pending)
      writer.field("held", held)
      writer.field("owed", owed)
      writer.field("promised", promised)
      writeValue(of: outstanding, to: &writer)
      writer.key("months")
      writer.array { writer in
        // What never expires comes last.
        func key(_ month: String) -> String { month.isEmpty ? "~" : month }
        for (month, points) in months.sorted(by: { key($0.key) < key($1.key) }) {
          writer.object { writer in
            writer.field("month", orNull: month.isEmpty ? nil : month)
            writer.field("points", points)
            writeValue(of: points, to: &writer)
          }
        }
      }
    }
    return writer.bytes
  }
}
