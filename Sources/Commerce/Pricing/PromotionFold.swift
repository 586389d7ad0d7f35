package import Base
package import Customers
package import SQL

/// The book of codes: postings of uses, and their sum by promotion.
package struct PromotionFold: Fold {
  package let name = "promotions"
  package let tables = [
    FoldTable(
      "redemption", key: ["sequence", "position"], owner: "origin", entries: ["sequence"], staysErased: true),
    FoldTable("redemption_total", key: ["promotion"]),
  ]
  package var checks: [any Check] { [RedemptionCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard entry.outcome.verdicts[PromotionVerdict.name] != nil else { return }
    for (position, use) in try PromotionVerdict(entry.outcome).uses.enumerated() {
      try session.execute(
        RedemptionStatement.post, .integer(entry.sequence), .integer(Int64(position)), .text(use.promotion),
        .text(use.order), .integer(use.origin), .integer(use.uses))
      try session.execute(RedemptionStatement.add, .text(use.promotion), .integer(use.uses))
    }
  }

  /// Writes the field `redemptions`: which promotions the orders of this customer have used codes of.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let uses = try origins.flatMap { origin in
      try session.rows(of: RedemptionStatement.ofOrigin, .integer(origin)) { [$0.text(0), $0.text(1)] }
    }
    writer.key("redemptions")
    writer.array { writer in
      for use in uses.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        writer.object { writer in
          writer.field("promotion", use[0])
          writer.field("order", use[1])
        }
      }
    }
  }

  /// The book stays: it names a number and an order, and nobody.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}

/// The book of codes has the postings that the log's outcomes say, its sums are theirs, and no order counts twice.
struct RedemptionCheck: Check {
  let name = "promotions"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var told: [String] = []
    try session.forEachRow(
      ofText: "SELECT sequence, outcome FROM event WHERE outcome LIKE '%\"promotions\"%' ORDER BY sequence", []
    ) { row in
      let verdict = (try? JSONDocument(row.bytes(1)).root)?["verdicts"]?["promotions"]
      for use in verdict?["uses"]?.elements.map({ Array($0.elements) }) ?? [] where use.count == 4 {
        let fields = [use[0].string ?? "", use[1].string ?? "", use[2].number ?? "", use[3].number ?? ""]
        told.append("\(row.integer(0)) \(fields.joined(separator: " "))")
      }
      return true
    }
    var kept: [String] = []
    try session.forEachRow(
      ofText: "SELECT sequence, promotion, order_id, origin, uses FROM redemption ORDER BY sequence, position", []
    ) { row in
      let origin = row.optionalInteger(3).map { "\($0)" } ?? ""
      kept.append("\(row.integer(0)) \(row.text(1)) \(row.text(2)) \(origin) \(row.integer(4))")
      return true
    }
    if told != kept { report("\(kept.count) postings of codes, which are not the \(told.count) of the log") }
    try session.forEachRow(
      ofText: """
        SELECT t.promotion FROM redemption_total t WHERE t.uses <> (
          SELECT coalesce(sum(r.uses), 0) FROM redemption r WHERE r.promotion = t.promotion)
        UNION SELECT r.promotion FROM redemption r WHERE NOT EXISTS (
          SELECT 1 FROM redemption_total t WHERE t.promotion = r.promotion)
        ORDER BY 1
        """, []
    ) { row in
      report("the uses of \(row.text(0)) are not the sum of its postings")
      return true
    }
    try session.forEachRow(
      ofText: """
        SELECT promotion, order_id FROM redemption GROUP BY promotion, order_id
        HAVING sum(uses) < 0 OR sum(uses) > 1 ORDER BY promotion, order_id
        """, []
    ) { row in
      report("the order \(row.text(1)) counts for \(row.text(0)) neither once nor not at all")
      return true
    }
  }
}
