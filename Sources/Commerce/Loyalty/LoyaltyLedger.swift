package import Base
package import Customers
package import SQL

enum LoyaltyLedgerStatement: Int, StatementSet {
  case page, before, holdsOf, ofOrigin, lotsOf, shortagesOf

  var sql: String {
    switch self {
    case .page:
      """
      SELECT sequence, min(line), kind, counter, sum(points), \(OrderID.shown("ord")), hold, min(at) FROM loyalty_posting
      WHERE account = ?1 AND ledger = 'member' AND sequence <= ?2 AND sequence >= (
        SELECT coalesce(min(s.sequence), 0) FROM (
          SELECT DISTINCT sequence FROM loyalty_posting WHERE account = ?1 AND ledger = 'member' AND sequence <= ?2
          ORDER BY sequence DESC LIMIT ?4) AS s)
      GROUP BY sequence, kind, counter, ord, hold
      HAVING sum(points) <> 0 AND (sequence < ?2 OR min(line) < ?3)
      """
    case .before:
      """
      SELECT coalesce(sum(points), 0) FROM loyalty_posting WHERE account = ?1 AND ledger = 'member' AND sequence < ?2
      """
    case .ofOrigin:
      """
      SELECT at, kind, counter, sum(points), \(OrderID.shown("ord")), hold FROM loyalty_posting
      WHERE account = ?1 AND ledger = 'member' GROUP BY sequence, at, kind, counter, ord, hold HAVING sum(points) <> 0
      """
    case .lotsOf:
      """
      SELECT points, remaining, available_from, expires_at, \(OrderID.shown("ord")), kind FROM loyalty_lot WHERE origin = ?1
      """
    case .shortagesOf: "SELECT open, ord FROM loyalty_shortage WHERE origin = ?1 AND open > 0"
    case .holdsOf: "SELECT until, points, captured, state FROM loyalty_hold WHERE origin = ?1"
    }
  }
}

/// A customer's statement: every change of his points, newest first, with what he had after it.
package struct LoyaltyLedger: Sendable {
  /// What one entry did to one account for one cause.
  package struct Row: Sendable {
    fileprivate let sequence: Int64
    fileprivate let line: Int64
    private let account: LoyaltyVerdict.Account
    private let kind: String
    private let counter: String
    fileprivate let points: Int64
    private let order: String?
    private let hold: String?
    private let at: Instant
    /// All that his accounts held after it, what pends too, what is held not.
    fileprivate var balance: Int64 = 0
    /// What a person said of it.
    fileprivate var reason: String?

    fileprivate init(_ row: any SQL.Row, _ account: LoyaltyVerdict.Account) {
      self.account = account
      sequence = row.integer(0)
      line = row.integer(1)
      kind = row.text(2)
      counter = row.text(3)
      points = row.integer(4)
      order = row.optionalText(5)
      hold = row.optionalText(6)
      at = Instant(milliseconds: row.integer(7))
    }

    fileprivate var isAdjustment: Bool { kind == LoyaltyVerdict.Kind.adjust.rawValue }

    /// Where a page ends that ends with it.
    package var cursor: Timeline.Cursor { Timeline.Cursor(at: line, sequence: sequence) }

    /// Writes it as the API shows it.
    ///
    /// - Parameter isOwn: whether the customer himself reads it: what agents write to each other is not for him.
    package func write(to writer: inout JSONWriter, isOwn: Bool = false) {
      writer.object { writer in
        writer.field("sequence", sequence)
        writer.field("at", at.text)
        writer.field("kind", kind)
        writer.field("points", points)
        writer.field("against", counter)
        writer.field("order", orNull: order)
        writer.field("hold", orNull: hold)
        writer.field("ofHousehold", account < 0)
        writer.field("balance", balance)
        writer.field("reason", ifPresent: isOwn ? nil : reason)
      }
    }
  }

  /// Newest first: one more than `limit` where there are more.
  package let rows: [Row]

  /// A page of the statement of the customer to whom an origin belongs.
  package init(
    ofCustomer origin: Origin.Number, before cursor: Timeline.Cursor, limit: Int, in session: any Session
  ) throws {
    let books = try LoyaltyBooks(Outcome(.matched, origin: nil), in: session)
    let accounts = try books.accounts(of: CustomerParts.origins(with: origin, in: session)).sorted()
    var rows: [Row] = []
    for account in accounts {
      rows += try session.rows(
        of: LoyaltyLedgerStatement.page, .integer(account), .integer(cursor.sequence), .integer(cursor.at),
        // Of the cursor's own entry nothing may be left.
        .integer(Int64(limit + 2))
      ) { Row($0, account) }
    }
    rows.sort { ($0.sequence, $0.line) > ($1.sequence, $1.line) }
    if let newest = rows.first {
      var balance = try accounts.reduce(0) { sum, account in
        try sum
          + (session.first(of: LoyaltyLedgerStatement.before, .integer(account), .integer(newest.sequence)) {
            $0.integer(0)
          } ?? 0)
      }
      balance += rows.filter { $0.sequence == newest.sequence }.reduce(0) { $0 + $1.points }
      for index in rows.indices {
        rows[index].balance = balance
        balance -= rows[index].points
      }
    }
    rows = Array(rows.prefix(limit + 1))
    for index in rows.indices where rows[index].isAdjustment {
      let body = try EventLog.entry(rows[index].sequence, in: session)?.event.body
      rows[index].reason = try body.flatMap { try JSONDocument($0).root["reason"]?.string }
    }
    self.rows = rows
  }
}

/// What a person's export has of his points, in an order that does not depend on arrival.
struct LoyaltyExport {
  private let lots: [[UInt8]]
  private let holds: [[UInt8]]
  private let ledger: [[UInt8]]
  private let owed: Int64

  init(of origins: [Origin.Number], in session: any Session) throws {
    var (lots, holds, ledger, owed) = ([[UInt8]](), [[UInt8]](), [[UInt8]](), Int64(0))
    for origin in origins {
      lots += try session.rows(of: LoyaltyLedgerStatement.lotsOf, .integer(origin)) { row in
        Self.object { writer in
          writer.field("availableFrom", Instant(milliseconds: row.integer(2)).text)
          writer.field("expiresAt", orNull: row.optionalInteger(3).map { Instant(milliseconds: $0).text })
          writer.field("points", row.integer(0))
          writer.field("remaining", row.integer(1))
          writer.field("order", orNull: row.optionalText(4))
          writer.field("kind", row.text(5))
        }
      }
      holds += try session.rows(of: LoyaltyLedgerStatement.holdsOf, .integer(origin)) { row in
        Self.object { writer in
          writer.field("until", Instant(milliseconds: row.integer(0)).text)
          writer.field("points", row.integer(1))
          writer.field("captured", row.integer(2))
          writer.field("state", row.text(3))
        }
      }
      ledger += try session.rows(of: LoyaltyLedgerStatement.ofOrigin, .integer(origin)) { row in
        Self.object { writer in
          writer.field("at", Instant(milliseconds: row.integer(0)).text)
          writer.field("kind", row.text(1))
          writer.field("against", row.text(2))
          writer.field("points", row.integer(3))
          writer.field("order", orNull: row.optionalText(4))
        }
      }
      owed += try session.rows(of: LoyaltyLedgerStatement.shortagesOf, .integer(origin)) { $0.integer(0) }.reduce(0, +)
    }
    (self.lots, self.holds, self.ledger, self.owed) = (
      lots.sorted { $0.lexicographicallyPrecedes($1) }, holds.sorted { $0.lexicographicallyPrecedes($1) },
      ledger.sorted { $0.lexicographicallyPrecedes($1) }, owed
    )
  }

  private static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { body(&$0) }
    return writer.bytes
  }

  /// Writes it as the member `loyalty` of an object that is open already.
  func write(to writer: inout JSONWriter) {
    writer.key("loyalty")
    writer.object { writer in
      writer.field("owed", owed)
      for (name, rows) in [("lots", lots), ("holds", holds), ("ledger", ledger)] {
        writer.key(name)
        writer.array { for row in rows { $0.raw(row) } }
      }
    }
  }
}
