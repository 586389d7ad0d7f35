import Base
package import Customers
package import SQL

enum RedemptionStatement: Int, StatementSet {
  case post, add, total, ofCustomer, ofOrder, ofOrigin

  var sql: String {
    switch self {
    case .post:
      """
      INSERT INTO redemption (sequence, position, promotion, order_id, origin, uses) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """
    case .add:
      """
      INSERT INTO redemption_total (promotion, uses) VALUES (?1, ?2)
      ON CONFLICT (promotion) DO UPDATE SET uses = redemption_total.uses + excluded.uses
      """
    case .total: "SELECT uses FROM redemption_total WHERE promotion = ?1"
    case .ofCustomer: "SELECT coalesce(sum(uses), 0) FROM redemption WHERE promotion = ?1 AND origin = ?2"
    case .ofOrder:
      """
      SELECT promotion, origin, sum(uses) FROM redemption WHERE order_id = ?1
      GROUP BY promotion, origin HAVING sum(uses) <> 0 ORDER BY promotion, origin
      """
    case .ofOrigin:
      """
      SELECT promotion, \(OrderID.shown("order_id")), sum(uses) FROM redemption WHERE origin = ?1
      GROUP BY promotion, order_id HAVING sum(uses) <> 0
      """
    }
  }
}

/// Promotions as they stand, and the book of who has used their codes.
package enum Promotions {
  /// Those that need no code and hold at a moment.
  static func standing(_ now: Instant, in session: any Session) throws -> [Promotion] {
    try session.rows(of: CatalogueReading.promotions, .integer(now.milliseconds), map: promotion)
  }

  /// Those that a code opens, in its one spelling; also what has ended.
  static func ofCode(_ code: String, in session: any Session) throws -> [Promotion] {
    try session.rows(of: CatalogueReading.promotionsOfCode, .text(code), map: promotion)
  }

  private static func promotion(_ row: any Row) throws -> Promotion {
    guard let root = try? JSONDocument(row.bytes(0)).root else { throw Catalogue.damaged("promotion") }
    return try Promotion(document: root)
  }

  /// Why nobody, or this customer, may use the code of these promotions; nil where he may.
  ///
  /// - Parameter pending: what the same entry has posted already.
  static func refusal(
    of promotions: [Promotion], to customer: Origin.Number?, pending: [PromotionVerdict.Use] = [],
    in session: any Session
  ) throws -> Quote.Coupon.State? {
    for promotion in promotions {
      let waiting = pending.reduce(Int64(0)) { $0 + ($1.promotion == promotion.name ? $1.uses : 0) }
      if let limit = promotion.limit, try uses(of: promotion.name, in: session) + waiting >= limit { return .used }
      guard let limit = promotion.limitPerCustomer else { continue }
      guard let customer else { return .needsCustomer }
      if try uses(of: promotion.name, byCustomer: customer, in: session) + waiting >= limit { return .usedByCustomer }
    }
    return nil
  }

  /// How many orders have used a promotion's code.
  package static func uses(of promotion: String, in session: any Session) throws -> Int64 {
    try session.first(of: RedemptionStatement.total, .text(promotion)) { $0.integer(0) } ?? 0
  }

  /// How many orders of a customer have used it.
  package static func uses(
    of promotion: String, byCustomer leader: Origin.Number, in session: any Session
  ) throws -> Int64 {
    try OriginStore.origins(ofCustomer: leader, in: session).reduce(0) { sum, origin in
      try sum
        + (session.first(of: RedemptionStatement.ofCustomer, .text(promotion), .integer(origin.number)) {
          $0.integer(0)
        } ?? 0)
    }
  }

  /// Counts that an order uses a code, in the transaction that places it; an order counts once.
  ///
  /// It counts where the entry stands, so that a merge and its undo change no row. Of two orders that want the last use,
  /// the second one is refused: the writer decides them one after the other.
  ///
  /// - Parameters:
  ///   - code: as it was typed.
  ///   - leader: the leading origin of the customer, where there is one.
  ///   - isFact: whether it has happened already: then it counts, whatever the limits say.
  /// - Throws: `conflict` where there is no such code, or it is used up; the fault names the code's place `/coupons`.
  package static func redeem(
    code text: String, order: String, leader: Origin.Number?, isFact: Bool = false, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    var verdict = try PromotionVerdict(outcome)
    let promotions = try ofCode(Promotion.code(text), in: session)
    if promotions.isEmpty, !isFact { throw refused("there is no such code") }
    let before = try uses(ofOrder: order, verdict, in: session)
    let new = promotions.filter { promotion in !before.contains { $0.promotion == promotion.name && $0.uses > 0 } }
    if !isFact, let refusal = try refusal(of: new, to: leader, pending: verdict.uses, in: session) {
      switch refusal {
      case .needsCustomer: throw refused("the code is for known customers")
      case .usedByCustomer: throw refused("the customer has used the code as often as he may")
      default: throw refused("the code is used up")
      }
    }
    let origin = outcome.origin ?? leader
    verdict.uses += new.map { PromotionVerdict.Use(promotion: $0.name, order: order, origin: origin, uses: 1) }
    verdict.put(into: &outcome)
  }

  /// Gives back what an order has used, because it was called off.
  package static func release(order: String, into outcome: inout Outcome, in session: any Session) throws {
    var verdict = try PromotionVerdict(outcome)
    verdict.uses += try uses(ofOrder: order, verdict, in: session).filter { $0.uses > 0 }.map { use in
      PromotionVerdict.Use(promotion: use.promotion, order: order, origin: use.origin, uses: -use.uses)
    }
    verdict.put(into: &outcome)
  }

  /// What an order uses, what the same entry has posted included.
  private static func uses(
    ofOrder order: String, _ verdict: PromotionVerdict, in session: any Session
  ) throws -> [PromotionVerdict.Use] {
    var uses = try session.rows(of: RedemptionStatement.ofOrder, .text(order)) { row in
      PromotionVerdict.Use(
        promotion: row.text(0), order: order, origin: row.optionalInteger(1), uses: row.integer(2))
    }
    for use in verdict.uses where use.order == order {
      if let index = uses.firstIndex(where: { $0.promotion == use.promotion && $0.origin == use.origin }) {
        uses[index].uses += use.uses
      } else {
        uses.append(use)
      }
    }
    return uses
  }

  private static func refused(_ reason: String) -> Failure {
    Failure(.conflict, reason, faults: [.init("/coupons", reason)])
  }
}
