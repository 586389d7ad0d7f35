import Base
import Customers
import SQL

/// What decisions and readings ask for again and again, and documents alone change: articles with their prices, stores,
/// policies and the programme.
///
/// The writer keeps it until a document comes, a reader until a snapshot has other documents; elsewhere it ends with the
/// transaction. So it never says anything else than the tables.
final class ShopMemory {
  private enum Kept: TransactionKey { typealias Value = ShopMemory }

  /// An article with all its prices, by their id.
  typealias Goods = (product: Product?, prices: [Catalogue.ListPrice])

  /// As many articles as a shop sells in a day, some ten megabytes; with one more the writer begins anew.
  static let mostGoods = 10_000
  /// Of a reader, of which there are several: those that are asked for most.
  static let mostGoodsRead = 2000
  /// As many stores as the longest list has.
  static let mostStores = 10_000

  private(set) var goods: [String: Goods] = [:]
  private var stores: [String: Store?] = [:]
  private var stockPolicy: StockPolicy?
  private var cartPolicy: CartPolicy?
  private var programme: LoyaltyProgramme??
  /// Whether the shop tells prices.
  private var hasPrices: Bool?
  private var usualCurrency: Currency??
  /// How many transactions had stored documents when a reader began it.
  private let documents: Int64?

  private init(documents: Int64? = nil) { self.documents = documents }

  /// A document is about to change.
  static func forget(in session: any Session) { session.memory[kept: Kept.self] = nil }

  static func of(_ session: any Session) throws -> ShopMemory {
    if let memory = session.memory[kept: Kept.self] ?? session.memory[Kept.self] { return memory }
    let memory: ShopMemory
    if session.memory.isSnapshot {
      let documents = try EventLog.documents(in: session)
      if let known = session.memory[checked: Kept.self], known.documents == documents {
        memory = known
      } else {
        memory = ShopMemory(documents: documents)
        session.memory[checked: Kept.self] = memory
      }
      session.memory[Kept.self] = memory
    } else {
      memory = ShopMemory()
      session.memory[kept: Kept.self] = memory
    }
    return memory
  }

  static func goods(_ sku: String, in session: any Session) throws -> Goods {
    let memory = try of(session)
    if let known = memory.goods[sku] { return known }
    let found = (product: try Catalogue.product(sku, in: session), prices: try Catalogue.prices(of: sku, in: session))
    if memory.goods.count >= (memory.documents == nil ? mostGoods : mostGoodsRead) { memory.goods.removeAll() }
    memory.goods[sku] = found
    return found
  }

  /// The store of that id, or nil.
  static func store(_ id: String, in session: any Session) throws -> Store? {
    let memory = try of(session)
    if let known = memory.stores[id] { return known }
    let found = try StoreTable.find(id, in: session)
    if memory.stores.count >= mostStores { memory.stores.removeAll() }
    memory.stores.updateValue(found, forKey: id)
    return found
  }

  static func stockPolicy(in session: any Session) throws -> StockPolicy {
    let memory = try of(session)
    let policy = try memory.stockPolicy ?? StockPolicy(in: session)
    memory.stockPolicy = policy
    return policy
  }

  static func cartPolicy(in session: any Session) throws -> CartPolicy {
    let memory = try of(session)
    let policy = try memory.cartPolicy ?? CartPolicy(in: session)
    memory.cartPolicy = policy
    return policy
  }

  /// The loyalty programme, or nil.
  static func programme(in session: any Session) throws -> LoyaltyProgramme? {
    let memory = try of(session)
    if let known = memory.programme { return known }
    let found = try LoyaltyProgramme.current(in: session)
    memory.programme = .some(found)
    return found
  }

  /// Whether the shop tells prices; asked of every event that names one.
  static func hasPrices(in session: any Session) throws -> Bool {
    let memory = try of(session)
    let hasPrices = try memory.hasPrices ?? Catalogue.hasPrices(in: session)
    memory.hasPrices = hasPrices
    return hasPrices
  }

  /// The currency in which prices are told where nobody says another: the one that the shop has declared, else the only
  /// one that its prices have; nil where it has several.
  static func usualCurrency(in session: any Session) throws -> Currency? {
    let memory = try of(session)
    if let known = memory.usualCurrency { return known }
    let currency = try PricingRules(in: session).currency ?? Catalogue.onlyCurrency(in: session)
    memory.usualCurrency = .some(currency)
    return currency
  }
}
