package import Base
package import Customers
package import SQL

private enum BooksStatement: Int, StatementSet {
  case post, balance, totals

  var sql: String {
    switch self {
    case .post: "INSERT INTO posting (sequence, account, origin, amount) VALUES (?1, ?2, ?3, ?4)"
    case .balance: "SELECT coalesce(sum(amount), 0) FROM posting WHERE origin = ?1 AND account = 'member'"
    case .totals: "SELECT account, sum(amount) FROM posting GROUP BY account ORDER BY account"
    }
  }
}

/// Books in double entry, as loyalty will keep them: what a feature above the ground floor may rely on.
///
/// An event `Points` with the property `value` posts that amount to the member's account at the event's origin, and
/// the opposite to the shop's. A customer's balance is the sum over his origins, so merges and undoes post nothing. Books
/// outlive whom they are about: an erasure takes no row of them, and leaves in the events what they are made of.
package struct BooksFold: Fold {
  package let name = "books"
  package let tables = [
    FoldTable("posting", key: ["sequence", "account"], owner: "origin", entries: ["sequence"], staysErased: true)
  ]

  /// The table, numbered beyond the schema's own.
  package static let migration = Migration(
    1000, "books of a test",
    """
    CREATE TABLE posting (
      sequence INTEGER NOT NULL, account TEXT NOT NULL, origin INTEGER NOT NULL, amount INTEGER NOT NULL,
      PRIMARY KEY (sequence, account));
    CREATE INDEX posting_origin ON posting (origin);
    """)

  package var checks: [any Check] { [BooksCheck()] }

  package init() {}

  package func reads(_ event: Event) -> Bool { event.name == "Points" }

  /// What an event posts, or nil.
  package static func points(of event: Event) -> Int64? {
    guard event.name == "Points" else { return nil }
    return (try? JSONDocument(event.body).root)?["properties"]?["value"]?.string.flatMap { Int64($0) }
  }

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let origin = entry.outcome.origin, let points = Self.points(of: entry.event) else { return }
    for (account, amount) in [("member", points), ("shop", -points)] {
      try session.execute(
        BooksStatement.post, .integer(entry.sequence), .text(account), .integer(origin), .integer(amount))
    }
  }

  /// What the customer of these origins has.
  package static func balance(of origins: [Int64], in session: any Session) throws -> Int64 {
    try origins.reduce(0) { sum, origin in
      try sum + (session.first(of: BooksStatement.balance, .integer(origin)) { $0.integer(0) } ?? 0)
    }
  }

  /// What stands in all of an account.
  package static func totals(in session: any Session) throws -> [String: Int64] {
    try Dictionary(
      uniqueKeysWithValues: session.rows(of: BooksStatement.totals) { ($0.text(0), $0.integer(1)) })
  }

  package func export(of origins: [Int64], to writer: inout JSONWriter, in session: any Session) throws {
    writer.field("points", try Self.balance(of: origins, in: session))
  }

  package func erase(_ origins: [Int64], in session: any Session) throws {}
}

/// The postings of every account are those that the log's events say, and add up to nothing.
private struct BooksCheck: Check {
  let name = "books"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var told: Int64 = 0
    try session.forEachRow(
      ofText: "SELECT body FROM event WHERE name = 'Points' AND origin IS NOT NULL", []
    ) { row in
      let points = (try? JSONDocument(row.bytes(0)).root)?["properties"]?["value"]
      told += (points?.string ?? points?.number).flatMap { Int64($0) } ?? 0
      return true
    }
    let totals = try BooksFold.totals(in: session)
    for (account, sum) in [("member", told), ("shop", -told)] where totals[account, default: 0] != sum {
      report("the account \(account) has \(totals[account, default: 0]), the log says \(sum)")
    }
  }
}
