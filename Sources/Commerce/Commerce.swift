package import Base
package import Customers
package import SQL

/// What the shop sells and promises: catalogue, prices, stock, carts, orders and points.
///
/// Each of them decides in the transaction that appends an entry and keeps books of its own. What one needs of another
/// it asks by that one's functions, in this file's order: an order is told first, then what it takes and gives.
package struct Commerce: Feature {
  /// The kinds of documents that decisions of this floor read.
  package static let documentKinds: [DocumentKind] = [.store, .stockPolicy, LoyaltyProgramme.kind]
  /// The tables of this floor; their numbers follow those of `Schema.migrations`, in the order in which they were made.
  package static let migrations: [Migration] = [StockSchema.migration, loyalty]
  /// Every set of statements of this floor, so that a test can prepare each of them against PostgreSQL.
  package static let statementSets: [any StatementSet.Type] = [
    LoyaltyFoldStatement.self, LoyaltyLedgerStatement.self, LoyaltyLiabilityStatement.self, LoyaltyStatement.self,
    LoyaltyTierStatement.self, StockMovementStatement.self, StockStatement.self, StoreStatement.self,
  ]

  /// The folds of this floor.
  package static let folds: [any Fold] = [StockFold(), LoyaltyFold()]

  package let acts: [any TimedAct] = [ReservationEnd(), HoldEnd(), LoyaltyExpiry(), LoyaltyNotice()]
  package let facts: [any FactPublisher] = [LoyaltyFacts()]

  private let tokens: TokenSource

  package init(tokens: TokenSource) { self.tokens = tokens }

  package func decide(_ entry: inout LogEntry, in session: any Session) throws {
    if entry.event.kind == .erasure { try ReservationEnd.renew(in: &entry.outcome, session) }
    try Loyalty.decide(&entry, in: session)
  }

  package func writePicture(
    ofCustomer leader: Origin.Number, now: Instant, to writer: inout JSONWriter, in session: any Session
  ) throws {
    writer.key("loyalty")
    try LoyaltyReading(ofCustomer: leader, now: now, in: session).write(to: &writer)
  }
}
