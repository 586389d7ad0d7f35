package import Base
package import SQL

enum CatalogueReading: Int, StatementSet {
  case product, prices, pageOfPrices, anyPrice, currencies, all, ofCategory, found, scanned, posts
  case promotions, promotionsOfCode, promotion

  private static let columns = """
    p.sku, p.gtin, p.name, p.category, p.brand, p.attributes, p.image_url, p.unit, p.step, p.is_active, p.sequence
    """
  private static let priceColumns =
    "sku, list, currency, amount, region, segment, starts_at, ends_at, stored_at, sequence"
  // What follows a slash is above it; the next character after that is 0.
  private static let isOfCategory = "(p.category = ?2 OR (p.category > ?2 || '/' AND p.category < ?2 || '0'))"

  var sql: String {
    switch self {
    case .product: "SELECT \(Self.columns) FROM product p WHERE p.sku = ?1"
    case .prices: "SELECT \(Self.priceColumns) FROM price WHERE sku = ?1 ORDER BY id"
    case .pageOfPrices: "SELECT \(Self.priceColumns) FROM price WHERE sku = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    case .anyPrice: "SELECT 1 FROM price LIMIT 1"
    // Each end of the index by itself, so that no table is read through.
    case .currencies: "SELECT (SELECT min(currency) FROM price), (SELECT max(currency) FROM price)"
    case .all: "SELECT \(Self.columns) FROM product p WHERE p.sku > ?1 ORDER BY p.sku LIMIT ?2"
    case .ofCategory:
      "SELECT \(Self.columns) FROM product p WHERE p.sku > ?1 AND \(Self.isOfCategory) ORDER BY p.sku LIMIT ?3"
    case .found:
      """
      SELECT \(Self.columns) FROM product p
      WHERE p.sku > ?1 AND (?2 = '' OR \(Self.isOfCategory))
        AND p.sku IN (
          SELECT sku FROM product_word WHERE word >= ?4 AND word <= ?5
          UNION SELECT sku FROM product_word WHERE word >= ?6 AND word <= ?7)
        AND \(Self.has(8)) AND \(Self.has(12)) AND \(Self.has(16))
      ORDER BY p.sku LIMIT ?3
      """
    case .scanned:
      """
      SELECT \(Self.columns) FROM product p
      WHERE p.sku > ?1 AND (?2 = '' OR \(Self.isOfCategory))
        AND \(Self.has(4)) AND \(Self.has(8)) AND \(Self.has(12)) AND \(Self.has(16))
      ORDER BY p.sku LIMIT ?3
      """
    case .posts:
      "SELECT count(*) FROM (SELECT 1 FROM product_word WHERE word >= ?1 AND word <= ?2 LIMIT ?3) AS posts"
    case .promotions:
      """
      SELECT body FROM promotion
      WHERE code IS NULL AND is_active = 1 AND starts_at <= ?1 AND ends_at > ?1 ORDER BY name
      """
    case .promotionsOfCode: "SELECT body FROM promotion WHERE code = ?1 ORDER BY name"
    case .promotion: "SELECT body FROM promotion WHERE name = ?1"
    }
  }

  /// Whether the product has a word that begins so, in either spelling; each is one step into the product's own words.
  private static func has(_ first: Int) -> String {
    let spellings = [first, first + 2].map { place in
      """
      EXISTS (SELECT 1 FROM product_word w
        WHERE w.sku = p.sku AND w.word >= ?\(place) AND w.word <= ?\(place + 1))
      """
    }
    return "(\(spellings.joined(separator: " OR ")))"
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

  /// At most `limit` prices of a product whose ids come after one, by id.
  package static func prices(
    of sku: String, after id: String, limit: Int, in session: any Session
  ) throws -> [ListPrice] {
    try session.rows(of: CatalogueReading.pageOfPrices, .text(sku), .text(id), .integer(Int64(limit))) {
      try listPrice($0)
    }
  }

  /// Whether the shop tells prices.
  static func hasPrices(in session: any Session) throws -> Bool {
    try session.first(of: CatalogueReading.anyPrice) { _ in true } ?? false
  }

  /// The one currency in which prices are told; nil where there are several, or none.
  static func onlyCurrency(in session: any Session) throws -> Currency? {
    try session.first(of: CatalogueReading.currencies) { row in
      row.optionalText(0) == row.optionalText(1) ? row.optionalText(0).flatMap { Currency($0) } : nil
    } ?? nil
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
      let words = FoldedText.words(of: query, limit: mostWords).map(spellings)
      guard let last = words.last else { return [] }
      let counts = try words.map { try posts(of: $0, session) }
      // From the word that the fewest products have; where all have many, one product after the other until the page is
      // full.
      let asked = zip(words, counts).sorted { $0.1 < $1.1 }.map { $0.0 }
      let values: [SQLValue] = [.text(sku), .text(category ?? ""), limit]
      let bounds = (asked + repeatElement(last, count: mostWords - asked.count)).flatMap { $0 }
      let isRare = counts.contains { $0 < manyPosts }
      return try rows(isRare ? .found : .scanned, values + bounds, session)
    }
    if let category { return try rows(.ofCategory, [.text(sku), .text(category), limit], session) }
    return try rows(.all, [.text(sku), limit], session)
  }

  /// A word that so many entries of the index begin with narrows little: gathering its products costs some milliseconds.
  private static let manyPosts: Int64 = 2000

  /// The first and last text that begins with a word, in its own and its romanised spelling.
  private static func spellings(_ word: String) -> [SQLValue] {
    [word, SearchWord(word).romanised ?? word].flatMap { [.text($0), .text($0 + "\u{10FFFF}")] }
  }

  /// How many entries of the index begin with a word, counted no further than needed.
  private static func posts(of bounds: [SQLValue], _ session: any Session) throws -> Int64 {
    try [0, 2].reduce(0) { sum, place in
      try sum
        + (session.first(of: CatalogueReading.posts, bounds[place], bounds[place + 1], .integer(manyPosts)) {
          $0.integer(0)
        } ?? 0)
    }
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
