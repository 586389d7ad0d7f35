package import Base
import Customers
import SQL

enum LoyaltyTierStatement: Int, StatementSet {
  case spent, orders

  var sql: String {
    switch self {
    case .spent:
      """
      SELECT coalesce(sum(amount - returned), 0) FROM loyalty_order WHERE origin = ?1 AND at > ?2 AND at <= ?3
      """
    case .orders:
      """
      SELECT at, amount - returned FROM loyalty_order
      WHERE origin = ?1 AND at > ?2 AND at <= ?3 AND amount <> returned
      """
    }
  }
}

/// In which tier a customer is, and until when if he buys nothing more.
package struct LoyaltyTier: Sendable {
  /// What he has paid over the period, less what was given back, in minor units.
  package let spent: Int64
  /// None below the first.
  package let tier: LoyaltyProgramme.Tier?
  /// When he falls below it, if he buys nothing more.
  package let until: Instant?
  /// The one that he has not reached.
  package let next: LoyaltyProgramme.Tier?

  /// The tier of the customer of these origins.
  init(
    of origins: some Sequence<Origin.Number>, _ programme: LoyaltyProgramme, now: Instant, in session: any Session
  ) throws {
    var orders: [(at: Int64, amount: Int64)] = []
    let start = now - .days(programme.tierDays)
    for origin in origins {
      orders += try session.rows(
        of: LoyaltyTierStatement.orders, .integer(origin), .integer(start.milliseconds), .integer(now.milliseconds)
      ) { ($0.integer(0), $0.integer(1)) }
    }
    spent = orders.reduce(0) { $0 + $1.amount }
    tier = programme.tier(of: spent)
    next = programme.next(after: spent)
    var (left, until) = (spent, Instant?.none)
    if let tier {
      for order in orders.sorted(by: { $0 < $1 }) {
        left -= order.amount
        if left < tier.threshold {
          until = Instant(milliseconds: order.at) + .days(programme.tierDays)
          break
        }
      }
    }
    self.until = until
  }

  /// What the customer of these origins has paid over the period before a time.
  static func spent(
    by origins: some Sequence<Origin.Number>, _ programme: LoyaltyProgramme, at time: Instant, in session: any Session
  ) throws -> Int64 {
    let start = time - .days(programme.tierDays)
    return try origins.reduce(0) { sum, origin in
      try sum
        + (session.first(
          of: LoyaltyTierStatement.spent, .integer(origin), .integer(start.milliseconds), .integer(time.milliseconds)
        ) { $0.integer(0) } ?? 0)
    }
  }
}
