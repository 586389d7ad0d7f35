package import Base
package import Customers
package import SQL

/// What the shop sells and promises: catalogue, prices, stock, carts, orders and points.
///
/// Each of them decides in the transaction that appends an entry and keeps books of its own. What one needs of another
/// it asks by that one's functions, in this file's order: an order is told first, then what it takes and gives.
package struct Commerce: Feature {
  /// The kinds of documents that decisions of this floor read.
  package static let documentKinds: [DocumentKind] = []
  /// The tables of this floor; their numbers follow those of `Schema.migrations`, in the order in which they were made.
  package static let migrations: [Migration] = [
    OrderSchema.migration
  ]
  /// Every set of statements of this floor, so that a test can prepare each of them against PostgreSQL.
  package static let statementSets: [any StatementSet.Type] = [
    OrderStatement.self
  ]

  /// The folds of this floor.
  package static let folds: [any Fold] = [
    OrderFold()
  ]

  package let acts: [any TimedAct]
  package let facts: [any FactPublisher] = [
    OrderFacts()
  ]

  /// What orders are decided by.
  package let orders: Orders

  /// - Parameter books: what orders take and give.
  package init(tokens: TokenSource, books: any OrderBooks = NoBooks()) {
    orders = Orders(books: books, tokens: tokens)
    acts = [
      OrderExpiry(orders: orders), OrderReminder(),
    ]
  }

  package func decide(_ entry: inout LogEntry, in session: any Session) throws {
    try orders.decide(&entry, in: session)
  }

  package func writePicture(
    ofCustomer leader: Origin.Number, now: Instant, to writer: inout JSONWriter, in session: any Session
  ) throws {
    try OpenOrders(ofCustomer: leader, in: session).write(to: &writer, in: session)
  }
}
