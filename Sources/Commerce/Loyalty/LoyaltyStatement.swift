import SQL

/// What decisions and readers ask the books of points.
enum LoyaltyStatement: Int, StatementSet {
  case openLots, lot, lotsOfOrder, shortages, shortage, household, members, householdID, expired, netsOfOrder,
    netsOfHold, foreign, hold, openHolds, order, nextEnd, ending, anyHousehold, promised

  private static let lotColumns = "lot, account, kind, points, remaining, available_from, expires_at, ord"
  private static let shortageColumns = "shortage, account, counter, ord, hold, stand, open"
  private static let nets = """
    SELECT account, lot, shortage, sum(points) FROM loyalty_posting
    """

  var sql: String {
    switch self {
    case .openLots: "SELECT \(Self.lotColumns) FROM loyalty_lot WHERE account = ?1 AND remaining > 0"
    case .lot: "SELECT \(Self.lotColumns) FROM loyalty_lot WHERE lot = ?1"
    case .lotsOfOrder: "SELECT lot FROM loyalty_lot WHERE ord = ?1 ORDER BY lot"
    case .shortages: "SELECT \(Self.shortageColumns) FROM loyalty_shortage WHERE account = ?1 AND open > 0"
    case .shortage: "SELECT \(Self.shortageColumns) FROM loyalty_shortage WHERE shortage = ?1"
    case .household: "SELECT account FROM loyalty_member WHERE origin = ?1 AND account <> 0"
    case .members: "SELECT origin FROM loyalty_member WHERE account = ?1 ORDER BY origin"
    case .householdID: "SELECT id FROM loyalty_household WHERE account = ?1"
    case .anyHousehold: "SELECT 1 FROM loyalty_household LIMIT 1"
    case .expired:
      """
      SELECT coalesce(-sum(points), 0) FROM loyalty_posting
      WHERE lot = ?1 AND counter = 'expired' AND ledger = 'member'
      """
    case .netsOfOrder:
      """
      \(Self.nets) WHERE ord = ?1 AND ledger = 'member' AND counter = 'redeemed'
      GROUP BY account, lot, shortage HAVING sum(points) <> 0
      """
    case .netsOfHold:
      """
      \(Self.nets) WHERE hold = ?1 AND ledger = 'member' AND counter = 'held'
      GROUP BY account, lot, shortage HAVING sum(points) <> 0
      """
    case .foreign:
      """
      SELECT account, lot, shortage, sum(points), counter, ord, hold FROM loyalty_posting
      WHERE stand = ?1 AND ledger = 'member' AND account <> stand AND counter IN ('redeemed', 'held', 'adjusted')
      GROUP BY account, lot, shortage, counter, ord, hold HAVING sum(points) <> 0
      """
    case .hold: "SELECT id, origin, points, captured, state, until FROM loyalty_hold WHERE id = ?1"
    case .openHolds:
      """
      SELECT id, origin, points, captured, state, until FROM loyalty_hold
      WHERE origin = ?1 AND state = 'open' ORDER BY until, id
      """
    case .order:
      "SELECT origin, at, \(LoyaltyFoldStatement.sums.joined(separator: ", ")) FROM loyalty_order WHERE ord = ?1"
    // An order that was sold as a fact has nothing promised, and so less than it has earned.
    case .promised:
      """
      SELECT coalesce(sum(promised - withdrawn - earned + taken), 0) FROM loyalty_order
      WHERE origin = ?1 AND promised - withdrawn > earned - taken
      """
    case .nextEnd: "SELECT min(expires_at) FROM loyalty_lot WHERE account = ?1 AND expires_at > ?2"
    case .ending:
      """
      SELECT lot FROM loyalty_lot WHERE account = ?1 AND remaining > 0 AND expires_at > ?2 AND expires_at <= ?3
      ORDER BY expires_at, lot
      """
    }
  }
}
