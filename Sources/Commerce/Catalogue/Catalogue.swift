package import Base
package import SQL

enum CatalogueReading: Int, StatementSet {
  case product, prices, anyPrice, all, ofCategory, found, promotions, promotionsOfCode, promotion

  private static let columns = """
    p.sku, p.gtin, p.name, p.category, p.brand, p.attributes, p.image_url, p.unit, p.step, p.is_active, p.sequence
    """
  // What follows a slash is above it; the next character after that is 0.
  private static let isOfCategory = "(p.category = ?2 OR (p.category > ?2 || '/' AND p.category < ?2 || '0'))"

  var sql: String {
    switch self {
    case .product: "SELECT \(Self.columns) FROM product p WHERE p.sku = ?1"
    case .prices:
      """
      SELECT sku, list, currency, amount, region, segment, starts_at, ends_at, stored_at, sequence
      FROM price WHERE sku = ?1 ORDER BY id
      """
    case .anyPrice: "SELECT 1 FROM price LIMIT 1"
    case .all: "SELECT \(Self.columns) FROM product p WHERE p.sku > ?1 ORDER BY p.sku LIMIT ?2"
    case .ofCategory:
      "SELECT \(Self.columns) FROM product p WHERE p.sku > ?1 AND \(Self.isOfCategory) ORDER BY p.sku LIMIT ?3"
    case .found:
      """
      SELECT \(Self.columns) FROM product p
      WHERE p.sku > ?1 AND (?2 = '' OR \(Self.isOfCategory))
        AND p.sku IN (\(Self.words(4)))
        AND EXISTS (\(Self.words(8)) AND w.sku = p.sku)
        AND EXISTS (\(Self.words(12)) AND w.sku = p.sku)
        AND EXISTS (\(Self.words(16)) AND w.sku = p.sku)
      ORDER BY p.sku LIMIT ?3
      """
    case .promotions:
      """
      SELECT body FROM promotion
      WHERE code IS NULL AND is_active = 1 AND starts_at <= ?1 AND ends_at > ?1 ORDER BY name
      """
    case .promotionsOfCode: "SELECT body FROM promotion WHERE code = ?1 ORDER BY name"
    case .promotion: "SELECT body FROM promotion WHERE name = ?1"
    }
  }

  /// The products with a word that begins so, in either spelling.
  private static func words(_ first: Int) -> String {
    """
    SELECT w.sku FROM product_word w WHERE ((w.word >= ?\(first) AND w.word <= ?\(first + 1))
      OR (w.word >= ?\(first + 2) AND w.word <= ?\(first + 3)))
    """
  }
}

/// What the shop sells, and for how much.
package enum Catalogue {
  /// How many words of a query count; more than that narrow nothing.
  package static let mostWords = 4

  /// A product with the place in the log of its newest version.
  package struct Found: Sendable {
    package let product: Product
    package let sequence: Int64
  }

  /// A price as it stands, with when it was stored.
  package struct ListPrice: Sendable {
    package let price: Price
    package let storedAt: Instant
    package let sequence: Int64
  }

  /// The product of that sku, or nil.
  package static func product(_ sku: String, in session: any Session) throws -> Product? {
    try find(sku, in: session)?.product
  }

  /// The product of that sku and its place, or nil.
  package static func find(_ sku: String, in session: any Session) throws -> Found? {
    try session.first(of: CatalogueReading.product, .text(sku)) { try found($0) }
  }

  /// Every price of a product, of any currency, region and time, by its id.
  package static func prices(of sku: String, in session: any Session) throws -> [ListPrice] {
    try session.rows(of: CatalogueReading.prices, .text(sku)) { try listPrice($0) }
  }

  /// Whether the shop tells prices.
  static func hasPrices(in session: any Session) throws -> Bool {
    try session.first(of: CatalogueReading.anyPrice) { _ in true } ?? false
  }

  /// Products by their sku.
  ///
  /// - Parameters:
  ///   - query: words each of which a product has, or a word that begins so.
  ///   - category: its name; what is below it is in it.
  ///   - sku: they come after this one.
  package static func page(
    _ query: String?, category: String?, after sku: String, limit: Int, in session: any Session
  ) throws -> [Found] {
    let limit = SQLValue.integer(Int64(limit))
    if let query {
      let words = FoldedText.words(of: query, limit: mostWords)
      guard let last = words.last else { return [] }
      // The longest one first, which the fewest products have.
      let asked = (words + repeatElement(last, count: mostWords - words.count)).sorted { $0.utf8.count > $1.utf8.count }
      var values: [SQLValue] = [.text(sku), .text(category ?? ""), limit]
      for word in asked {
        for key in [word, SearchWord(word).romanised ?? word] { values += [.text(key), .text(key + "\u{10FFFF}")] }
      }
      return try rows(.found, values, session)
    }
    if let category { return try rows(.ofCategory, [.text(sku), .text(category), limit], session) }
    return try rows(.all, [.text(sku), limit], session)
  }

  private static func rows(
    _ statement: CatalogueReading, _ values: [SQLValue], _ session: any Session
  ) throws -> [Found] {
    var rows: [Found] = []
    try session.forEachRow(of: statement, values) { row in
      rows.append(try found(row))
      return true
    }
    return rows
  }

  private static func found(_ row: any Row) throws -> Found {
    Found(
      product: Product(
        sku: row.text(0), gtin: row.optionalText(1), name: row.text(2), category: row.optionalText(3),
        brand: row.optionalText(4), attributes: row.bytes(5), imageURL: row.optionalText(6), unit: row.text(7),
        step: Quantity(thousandths: row.integer(8)), isActive: row.integer(9) == 1),
      sequence: row.integer(10))
  }

  private static func listPrice(_ row: any Row) throws -> ListPrice {
    guard let currency = Currency(row.text(2)) else { throw damaged("price") }
    func time(_ column: Int, unless open: Instant) -> Instant? {
      let time = Instant(milliseconds: row.integer(column))
      return time == open ? nil : time
    }
    return ListPrice(
      price: Price(
        sku: row.text(0), price: Money(row.integer(3), currency), list: row.text(1), region: row.optionalText(4),
        segment: row.optionalText(5).flatMap { FactCondition($0) }, from: time(6, unless: .earliest),
        to: time(7, unless: .latest)),
      storedAt: Instant(milliseconds: row.integer(8)), sequence: row.integer(9))
  }

  static func damaged(_ table: String) -> Failure {
    Failure(.internal, "the database is damaged", cause: "a row of \(table)", hint: "throughline verify")
  }
}
