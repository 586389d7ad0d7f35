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
    .product, .price, .promotion, .pricing, .store, .stockPolicy, LoyaltyProgramme.kind, CartPolicy.kind,
  ]
  /// The tables of this floor; their numbers follow those of `Schema.migrations`, in the order in which they were made.
  package static let migrations: [Migration] = [
    StockSchema.migration, cartMigration, loyalty, OrderSchema.migration, CatalogueSchema.migration,
    OrderSchema.names, salesMigration, OrderSchema.receipts, OrderSchema.settled, StockSchema.deliveries,
  ]
  /// Every set of statements of this floor, so that a test can prepare each of them against PostgreSQL.
  package static let statementSets: [any StatementSet.Type] = [
    CartStatement.self, CatalogueReading.self, CatalogueStatement.self, LoyaltyFoldStatement.self,
    LoyaltyLedgerStatement.self, LoyaltyLiabilityStatement.self, LoyaltyStatement.self, LoyaltyTierStatement.self,
    OfflineStatement.self, OrderStatement.self, ParityStatement.self, QuoteStatement.self, RedemptionStatement.self,
    StockMovementStatement.self, StockStatement.self, StoreStatement.self,
  ]

  /// The folds of this floor.
  package static let folds: [any Fold] = [
    CatalogueFold(), PromotionFold(), QuoteFold(), ParityFold(), OrderFold(), StockFold(), LoyaltyFold(), CartFold(),
  ]
  /// What this floor publishes of customers.
  private static let published: [any FactPublisher] = [LoyaltyFacts(), OrderFacts()]
  /// What is published of customers here and below, by which prices are chosen.
  package static let allFacts = Facts(Facts.groundFloor + published)

  package let acts: [any TimedAct]
  package let facts = Self.published

  /// What orders are decided by.
  package let orders: Orders
  /// What prices carts.
  package let cartPricing: any CartPricing
  private let tokens: TokenSource

  /// - Parameter books: what orders take and give; the shop's own where none are named.
  package init(tokens: TokenSource, books: (any OrderBooks)? = nil) {
    self.tokens = tokens
    orders = Orders(books: books ?? ShopBooks(), tokens: tokens)
    cartPricing = ShopPrices()
    acts = [
      OrderExpiry(orders: orders), OrderReminder(), ReservationEnd(), HoldEnd(), LoyaltyExpiry(), LoyaltyNotice(),
      CartAbandonment(),
    ]
  }

  package func decide(_ entry: inout LogEntry, in session: any Session) throws {
    if entry.event.kind == .document { ShopMemory.forget(in: session) }
    if let parity = try ParityVerdict(entry, in: session) {
      entry.outcome.verdicts[ParityVerdict.name] = parity.json
    }
    try orders.decide(&entry, in: session)
    if entry.event.kind == .erasure { try ReservationEnd.renew(in: &entry.outcome, session) }
    try Loyalty.decide(&entry, in: session)
    try Carts.decide(&entry, tokens: tokens, in: session)
  }

  package func writePicture(
    ofCustomer leader: Origin.Number, now: Instant, to writer: inout JSONWriter, in session: any Session
  ) throws {
    var context = CartContext(now: now)
    context.customer = leader
    writer.key("cart")
    try CartView(Cart(ofCustomer: leader, in: session), context, by: cartPricing, in: session).write(to: &writer)
    writer.key("loyalty")
    try LoyaltyReading(ofCustomer: leader, now: now, in: session).write(to: &writer)
    try OpenOrders(ofCustomer: leader, in: session).write(to: &writer, in: session)
  }
}
