package import Base
package import Customers
package import SQL

enum LoyaltyFoldStatement: Int, StatementSet {
  case household, member, lot, moveLot, shortage, moveShortage, post, hold, order

  private static func added(_ columns: [String], to table: String) -> String {
    columns.map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
  }

  private static func set(_ columns: [String]) -> String {
    columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
  }

  /// The columns of an order's sums, as `LoyaltyVerdict.OrderSums.sums` has them.
  static let sums = [
    "rated", "amount", "returned", "refunded", "earned", "taken", "burnt", "restored", "promised", "withdrawn",
  ]

  var sql: String {
    switch self {
    case .household: "INSERT INTO loyalty_household (account, id, sequence) VALUES (?1, ?2, ?3)"
    case .member:
      """
      INSERT INTO loyalty_member (origin, account, sequence) VALUES (?1, ?2, ?3)
      ON CONFLICT (origin) DO UPDATE SET account = excluded.account, sequence = excluded.sequence
      WHERE excluded.sequence > loyalty_member.sequence
      """
    case .lot:
      """
      INSERT INTO loyalty_lot
        (lot, account, origin, remaining, kind, points, available_from, expires_at, ord, sequence)
      VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9)
      ON CONFLICT (lot) DO UPDATE SET
        \(Self.set(["kind", "points", "available_from", "expires_at", "ord", "sequence"]))
      """
    case .moveLot:
      """
      INSERT INTO loyalty_lot (lot, account, origin, remaining) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (lot) DO UPDATE SET \(Self.added(["remaining"], to: "loyalty_lot"))
      """
    case .shortage:
      """
      INSERT INTO loyalty_shortage (shortage, account, origin, open, counter, ord, hold, stand, sequence)
      VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT (shortage) DO UPDATE SET \(Self.set(["counter", "ord", "hold", "stand", "sequence"]))
      """
    case .moveShortage:
      """
      INSERT INTO loyalty_shortage (shortage, account, origin, open) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (shortage) DO UPDATE SET \(Self.added(["open"], to: "loyalty_shortage"))
      """
    case .post:
      """
      INSERT INTO loyalty_posting
        (sequence, line, ledger, account, origin, points, kind, lot, shortage, counter, ord, hold, stand, at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
      """
    case .hold:
      """
      INSERT INTO loyalty_hold (id, origin, points, captured, state, until, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (id) DO UPDATE SET \(Self.set(["points", "captured", "state", "until", "sequence"]))
      WHERE excluded.sequence > loyalty_hold.sequence
      """
    case .order:
      """
      INSERT INTO loyalty_order (ord, origin, at, \(Self.sums.joined(separator: ", ")))
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      ON CONFLICT (ord) DO UPDATE SET \(Self.added(Self.sums, to: "loyalty_order"))
      """
    }
  }
}

/// The books of points: every posting of every verdict, and what they add up to in each lot, shortage, hold and order.
///
/// Sums are added to and states go by the greater place in the log, so entries with their verdicts come to the same in
/// any order. Books outlive whom they are about: an erasure takes no row of them.
package struct LoyaltyFold: Fold {
  package let name = "loyalty"
  package let tables = [
    FoldTable("loyalty_household", key: ["account"], entries: ["sequence"]),
    FoldTable("loyalty_member", key: ["origin"], owner: "origin", entries: ["sequence"], staysErased: true),
    FoldTable(
      "loyalty_lot", key: ["lot"], owner: "origin", origins: ["account"], entries: ["sequence"], staysErased: true),
    FoldTable(
      "loyalty_shortage", key: ["shortage"], owner: "origin", origins: ["account", "stand"], entries: ["sequence"],
      staysErased: true),
    FoldTable(
      "loyalty_posting", key: ["sequence", "line"], owner: "origin", origins: ["account", "stand"],
      entries: ["sequence"], staysErased: true),
    FoldTable("loyalty_hold", key: ["id"], owner: "origin", entries: ["sequence"], staysErased: true),
    FoldTable("loyalty_order", key: ["ord"], owner: "origin", staysErased: true),
  ]
  package var checks: [any Check] {
    [PointsCheck(), LotsCheck(), ShortagesCheck(), HoldsCheck(), PromisesCheck(), PointsLogCheck()]
  }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let verdict = try LoyaltyVerdict(of: entry.outcome) else { return }
    let sequence = SQLValue.integer(entry.sequence)
    for household in verdict.households {
      try session.execute(
        LoyaltyFoldStatement.household, .integer(household.account), .text(household.id), sequence)
    }
    for membership in verdict.memberships {
      try session.execute(
        LoyaltyFoldStatement.member, .integer(membership.origin), .integer(membership.account), sequence)
    }
    for lot in verdict.lots {
      try session.execute(
        LoyaltyFoldStatement.lot, .integer(lot.id), .integer(lot.account), Self.origin(of: lot.account),
        .text(lot.kind.rawValue), .integer(lot.points), .integer(lot.availableFrom.milliseconds),
        .integer(lot.expiresAt?.milliseconds), .text(lot.order), sequence)
    }
    for shortage in verdict.shortages {
      let cause = shortage.cause
      try session.execute(
        LoyaltyFoldStatement.shortage, .integer(shortage.id), .integer(shortage.account),
        Self.origin(of: shortage.account), .text(cause.counter.rawValue), .text(cause.order), .text(cause.hold),
        .integer(cause.stand), sequence)
    }
    for (index, posting) in verdict.postings.enumerated() { try post(posting, index, of: entry, in: session) }
    for hold in verdict.holds {
      try session.execute(
        LoyaltyFoldStatement.hold, .text(hold.id), .integer(hold.origin), .integer(hold.points),
        .integer(hold.captured), .text(hold.state.rawValue), .integer(hold.until.milliseconds), sequence)
    }
    for order in verdict.orders {
      try session.execute(
        LoyaltyFoldStatement.order,
        [.text(order.order), .integer(order.origin), .integer(order.at.milliseconds)] + order.sums.map { .integer($0) })
    }
  }

  /// A household's rows are nobody's alone.
  private static func origin(of account: LoyaltyVerdict.Account) -> SQLValue {
    account > 0 ? .integer(account) : .null
  }

  private func post(
    _ posting: LoyaltyVerdict.Posting, _ index: Int, of entry: LogEntry, in session: any Session
  ) throws {
    let (account, origin) = (SQLValue.integer(posting.account), Self.origin(of: posting.account))
    let (lot, shortage): (SQLValue, SQLValue)
    switch posting.item {
    case .lot(let id):
      (lot, shortage) = (.integer(id), .null)
      try session.execute(LoyaltyFoldStatement.moveLot, lot, account, origin, .integer(posting.points))
    case .shortage(let id):
      (lot, shortage) = (.null, .integer(id))
      try session.execute(LoyaltyFoldStatement.moveShortage, shortage, account, origin, .integer(-posting.points))
    }
    let cause = posting.cause
    let sides = [(Self.member, posting.points), (cause.counter.rawValue, -posting.points)]
    for (side, (ledger, points)) in sides.enumerated() {
      try session.execute(
        LoyaltyFoldStatement.post, .integer(entry.sequence), .integer(Int64(2 * index + side)), .text(ledger), account,
        origin, .integer(points), .text(posting.kind.rawValue), lot, shortage, .text(cause.counter.rawValue),
        .text(cause.order), .text(cause.hold), .integer(cause.stand), .integer(entry.event.at.milliseconds))
    }
  }

  /// What the members' side is called.
  static let member = "member"

  /// Writes the person's lots, shortages, holds and ledger as the member `loyalty` of his export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    try LoyaltyExport(of: origins, in: session).write(to: &writer)
  }

  /// Books stay: what is left open is closed by the erasure's own verdict.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}
