import Base
package import SQL

enum StoreStatement: Int, StatementSet {
  case find, page, stocked

  private static let columns =
    "s.id, s.name, s.latitude, s.longitude, s.time_zone, s.hours, s.pickup, s.safety_stock, s.offline_allowance"

  var sql: String {
    switch self {
    case .find: "SELECT \(Self.columns) FROM store s WHERE s.id = ?1"
    case .page: "SELECT \(Self.columns) FROM store s WHERE s.id > ?1 ORDER BY s.id LIMIT ?2"
    case .stocked:
      """
      SELECT \(Self.columns), l.on_hand, l.reserved, l.as_of, l.counted_at, l.incoming, l.expected_at,
        l.expected_as_of
      FROM stock_level l JOIN store s ON s.id = l.store WHERE l.sku = ?1
      """
    }
  }
}

/// Reads stores from their table, which is quicker than their documents.
package enum StoreTable {
  /// The store of that id, or nil.
  package static func find(_ id: String, in session: any Session) throws -> Store? {
    try session.first(of: StoreStatement.find, .text(id)) { Store($0) }
  }

  /// At most `limit` stores whose ids come after one, by id.
  package static func page(after id: String, limit: Int, in session: any Session) throws -> [Store] {
    try session.rows(of: StoreStatement.page, .text(id), .integer(Int64(limit))) { Store($0) }
  }

  /// The stores that have or had an article, with its sums there.
  static func stocked(_ sku: String, in session: any Session) throws -> [(store: Store, level: StockBook.Level)] {
    // Most stores of a chain are open at the same hours.
    var known: [[UInt8]: OpeningHours?] = [:]
    func hours(_ text: [UInt8]) -> OpeningHours? {
      if let hours = known[text] { return hours }
      let hours = OpeningHours(recorded: text)
      known[text] = .some(hours)
      return hours
    }
    return try session.rows(of: StoreStatement.stocked, .text(sku)) { row in
      (
        Store(row, hours: hours),
        StockBook.Level(row, from: 9, of: StockPlace(store: row.text(0), sku: sku))
      )
    }
  }
}

extension Store {
  fileprivate init(_ row: any Row, hours: ([UInt8]) -> OpeningHours? = { OpeningHours(recorded: $0) }) {
    let latitude = row.optionalInteger(2)
    let longitude = row.optionalInteger(3)
    self.init(
      id: row.text(0), name: row.text(1),
      location: latitude.flatMap { north in longitude.map { Coordinates(millionths: north, $0) } },
      timeZone: row.text(4), hours: row.optionalBytes(5).flatMap { hours($0) },
      pickup: row.integer(6) != 0, safetyStock: Quantity(thousandths: row.integer(7)),
      offlineAllowance: row.integer(8))
  }
}
