import Base
import SQL

/// What decisions and readings ask for again and again, and documents alone change: articles with their prices, stores
/// and policies.
///
/// The writer keeps it until a document comes; elsewhere it ends with the transaction, so it never says anything else than
/// the tables.
final class ShopMemory {
  private enum Kept: TransactionKey { typealias Value = ShopMemory }

  /// An article with all its prices, by their id.
  typealias Goods = (product: Product?, prices: [Catalogue.ListPrice])

  /// As many articles as a shop sells in a day, some ten megabytes; with one more the writer begins anew.
  static let mostGoods = 10_000
  /// As many stores as the longest list has.
  static let mostStores = 10_000

  private(set) var goods: [String: Goods] = [:]
  private var stores: [String: Store?] = [:]
  private var stockPolicy: StockPolicy?
  private var cartPolicy: CartPolicy?
  /// Whether the shop tells prices.
  private var hasPrices: Bool?
  private var usualCurrency: Currency??

  /// A document is about to change.
  static func forget(in session: any Session) { session.memory[kept: Kept.self] = nil }

  static func of(_ session: any Session) -> ShopMemory {
    if let memory = session.memory[kept: Kept.self] { return memory }
    let memory = ShopMemory()
    session.memory[kept: Kept.self] = memory
    return memory
  }

  static func goods(_ sku: String, in session: any Session) throws -> Goods {
    let memory = of(session)
    if let known = memory.goods[sku] { return known }
    let found = (product: try Catalogue.product(sku, in: session), prices: try Catalogue.prices(of: sku, in: session))
    if memory.goods.count >= mostGoods { memory.goods.removeAll() }
    memory.goods[sku] = found
    return found
  }

  /// The store of that id, or nil.
  static func store(_ id: String, in session: any Session) throws -> Store? {
    let memory = of(session)
    if let known = memory.stores[id] { return known }
    let found = try StoreTable.find(id, in: session)
    if memory.stores.count >= mostStores { memory.stores.removeAll() }
    memory.stores.updateValue(found, forKey: id)
    return found
  }

  static func stockPolicy(in session: any Session) throws -> StockPolicy {
    let memory = of(session)
    let policy = try memory.stockPolicy ?? StockPolicy(in: session)
    memory.stockPolicy = policy
    return policy
  }

  static func cartPolicy(in session: any Session) throws -> CartPolicy {
    let memory = of(session)
    let policy = try memory.cartPolicy ?? CartPolicy(in: session)
    memory.cartPolicy = policy
    return policy
  }

  /// Whether the shop tells prices; asked of every event that names one.
  static func hasPrices(in session: any Session) throws -> Bool {
    let memory = of(session)
    let hasPrices = try memory.hasPrices ?? Catalogue.hasPrices(in: session)
    memory.hasPrices = hasPrices
    return hasPrices
  }

  /// The currency in which prices are told where nobody says another: the one that the shop has declared, else the only
  /// one that its prices have; nil where it has several.
  static func usualCurrency(in session: any Session) throws -> Currency? {
    let memory = of(session)
    if let known = memory.usualCurrency { return known }
    let currency = try PricingRules(in: session).currency ?? Catalogue.onlyCurrency(in: session)
    memory.usualCurrency = .some(currency)
    return currency
  }
}
