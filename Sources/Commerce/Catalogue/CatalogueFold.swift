import Base
package import Customers
package import SQL

enum CatalogueStatement: Int, StatementSet {
  case putProduct, dropWords, addWord, putPrice, putPromotion

  var sql: String {
    switch self {
    case .putProduct:
      """
      INSERT INTO product (sku, gtin, name, category, brand, attributes, image_url, unit, step, is_active, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      ON CONFLICT (sku) DO UPDATE SET gtin = excluded.gtin, name = excluded.name, category = excluded.category,
        brand = excluded.brand, attributes = excluded.attributes, image_url = excluded.image_url,
        unit = excluded.unit, step = excluded.step, is_active = excluded.is_active, sequence = excluded.sequence
      WHERE excluded.sequence > product.sequence
      """
    case .dropWords: "DELETE FROM product_word WHERE sku = ?1"
    case .addWord: "INSERT INTO product_word (sku, word) VALUES (?1, ?2)"
    case .putPrice:
      """
      INSERT INTO price (id, sku, list, currency, amount, region, segment, starts_at, ends_at, stored_at, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, ends_at = excluded.ends_at,
        stored_at = excluded.stored_at, sequence = excluded.sequence
      WHERE excluded.sequence > price.sequence
      """
    case .putPromotion:
      """
      INSERT INTO promotion (name, code, is_active, starts_at, ends_at, body, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (name) DO UPDATE SET code = excluded.code, is_active = excluded.is_active,
        starts_at = excluded.starts_at, ends_at = excluded.ends_at, body = excluded.body, sequence = excluded.sequence
      WHERE excluded.sequence > promotion.sequence
      """
    }
  }
}

/// Products, prices and promotions as their newest documents have them, in tables that are searched.
///
/// Each row is the newest entry's, whatever the order in which entries are applied.
package struct CatalogueFold: Fold {
  package let name = "catalogue"
  package let tables = [
    FoldTable("product", key: ["sku"], entries: ["sequence"]),
    FoldTable("product_word", key: ["sku", "word"]),
    FoldTable("price", key: ["id"], entries: ["sequence"]),
    FoldTable("promotion", key: ["name"], entries: ["sequence"]),
  ]
  package var checks: [any Check] { [CatalogueCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard entry.event.kind == .document, let kind = entry.event.name else { return }
    switch kind {
    case Product.documentKind: try put(Product(document: content(of: entry)), entry, session)
    case Price.documentKind: try put(Price(document: content(of: entry)), entry, session)
    case Promotion.documentKind: try put(Promotion(document: content(of: entry)), entry, session)
    default: break
    }
  }

  private func content(of entry: LogEntry) throws -> JSON {
    guard let document = try? JSONDocument(entry.event.body).root["document"] else {
      throw Failure(.internal, "the log is damaged", cause: "a document that is none", hint: "throughline verify")
    }
    return document
  }

  private func put(_ product: Product, _ entry: LogEntry, _ session: any Session) throws {
    let isNewest = try session.execute(
      CatalogueStatement.putProduct, .text(product.sku), .text(product.gtin), .text(product.name),
      .text(product.category), .text(product.brand), .utf8(product.attributes), .text(product.imageURL),
      .text(product.unit), .integer(product.step.thousandths), .integer(product.isActive ? 1 : 0),
      .integer(entry.sequence))
    guard isNewest == 1 else { return }
    try session.execute(CatalogueStatement.dropWords, .text(product.sku))
    for word in product.words.sorted() {
      try session.execute(CatalogueStatement.addWord, .text(product.sku), .text(word))
    }
  }

  private func put(_ price: Price, _ entry: LogEntry, _ session: any Session) throws {
    try session.execute(
      CatalogueStatement.putPrice, .text(price.id), .text(price.sku), .text(price.list),
      .text(price.price.currency.code), .integer(price.price.amount), .text(price.region),
      .text(price.segment?.text), .integer((price.from ?? .earliest).milliseconds),
      .integer((price.to ?? .latest).milliseconds), .integer(entry.event.receivedAt.milliseconds),
      .integer(entry.sequence))
  }

  private func put(_ promotion: Promotion, _ entry: LogEntry, _ session: any Session) throws {
    try session.execute(
      CatalogueStatement.putPromotion, .text(promotion.name), .text(promotion.code),
      .integer(promotion.isActive ? 1 : 0), .integer((promotion.from ?? .earliest).milliseconds),
      .integer((promotion.to ?? .latest).milliseconds), .utf8(promotion.document), .integer(entry.sequence))
  }

  /// What is sold is no person's.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}
