package import Base
package import Customers
package import SQL

/// What the shop sells and promises: catalogue, prices, stock, carts, orders and points.
///
/// Each of them decides in the transaction that appends an entry and keeps books of its own. What one needs of another
/// it asks by that one's functions, in this file's order: an order is told first, then what it takes and gives.
package struct Commerce: Feature {
  /// The kinds of documents that decisions of this floor read.
  package static let documentKinds: [DocumentKind] = [
    .product, .price, .promotion, .pricing,
  ]
  /// The tables of this floor; their numbers follow those of `Schema.migrations`, in the order in which they were made.
  package static let migrations: [Migration] = [
    CatalogueSchema.migration
  ]
  /// Every set of statements of this floor, so that a test can prepare each of them against PostgreSQL.
  package static let statementSets: [any StatementSet.Type] = [
    CatalogueReading.self, CatalogueStatement.self, ParityStatement.self, QuoteStatement.self,
    RedemptionStatement.self,
  ]

  /// The folds of this floor.
  package static let folds: [any Fold] = [
    CatalogueFold(), PromotionFold(), QuoteFold(), ParityFold(),
  ]

  package let acts: [any TimedAct] = []
  package let facts: [any FactPublisher] = []

  private let tokens: TokenSource

  package init(tokens: TokenSource) { self.tokens = tokens }

  package func decide(_ entry: inout LogEntry, in session: any Session) throws {
    if let parity = try ParityVerdict(entry, in: session) {
      entry.outcome.verdicts[ParityVerdict.name] = parity.json
    }
  }

  package func writePicture(
    ofCustomer leader: Origin.Number, now: Instant, to writer: inout JSONWriter, in session: any Session
  ) throws {}
}
