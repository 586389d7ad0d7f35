package import Base
import Customers
package import SQL

enum ParityStatement: Int, StatementSet {
  case count, list, ofSource, totals

  var sql: String {
    switch self {
    case .count:
      """
      INSERT INTO price_parity (source, sku, differences, currency, reported, ours, at, sequence)
      VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (source, sku) DO UPDATE SET differences = price_parity.differences + 1,
        currency = CASE WHEN excluded.sequence >= price_parity.sequence
          THEN excluded.currency ELSE price_parity.currency END,
        reported = CASE WHEN excluded.sequence >= price_parity.sequence
          THEN excluded.reported ELSE price_parity.reported END,
        ours = CASE WHEN excluded.sequence >= price_parity.sequence THEN excluded.ours ELSE price_parity.ours END,
        at = CASE WHEN excluded.sequence >= price_parity.sequence THEN excluded.at ELSE price_parity.at END,
        sequence = CASE WHEN excluded.sequence >= price_parity.sequence
          THEN excluded.sequence ELSE price_parity.sequence END
      """
    case .list:
      """
      SELECT source, sku, differences, currency, reported, ours, at FROM price_parity
      WHERE source > ?1 OR (source = ?1 AND sku > ?2) ORDER BY source, sku LIMIT ?3
      """
    case .ofSource:
      """
      SELECT source, sku, differences, currency, reported, ours, at FROM price_parity
      WHERE source = ?1 AND sku > ?2 ORDER BY source, sku LIMIT ?3
      """
    case .totals: "SELECT source, sum(differences) FROM price_parity GROUP BY source ORDER BY source"
    }
  }
}

/// Where a source tells another price than ours.
package struct Parity: Sendable {
  package let source: String
  package let sku: String
  /// How many times.
  package let differences: Int64
  /// What it told last, and what we had then.
  package let reported: Money
  package let ours: Money
  /// When that happened.
  package let at: Instant

  /// Those after a source and sku, in that order.
  ///
  /// - Parameter only: the source whose they are; nil for all.
  package static func list(
    of only: String?, after source: String, _ sku: String, limit: Int, in session: any Session
  ) throws -> [Parity] {
    let limit = SQLValue.integer(Int64(limit))
    if let only { return try session.rows(of: ParityStatement.ofSource, .text(only), .text(sku), limit, map: row) }
    return try session.rows(of: ParityStatement.list, .text(source), .text(sku), limit, map: row)
  }

  private static func row(_ row: any Row) throws -> Parity {
    guard let currency = Currency(row.text(3)) else { throw Catalogue.damaged("price_parity") }
    return Parity(
      source: row.text(0), sku: row.text(1), differences: row.integer(2), reported: Money(row.integer(4), currency),
      ours: Money(row.integer(5), currency), at: Instant(milliseconds: row.integer(6)))
  }

  /// How many differences there are of each source.
  package static func totals(in session: any Session) throws -> [(source: String, differences: Int64)] {
    try session.rows(of: ParityStatement.totals) { ($0.text(0), $0.integer(1)) }
  }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("source", source)
      writer.field("sku", sku)
      writer.field("differences", differences)
      writer.field("reported", orNull: reported)
      writer.field("ours", orNull: ours)
      writer.field("at", at.text)
    }
  }
}

/// What an event says of prices, beside ours: `{"differences": [["K-17", "RUB", 99900, 129900]]}`, each with sku,
/// currency, what was told and what we have.
struct ParityVerdict {
  struct Difference {
    var sku: String
    var currency: String
    var reported: Int64
    var ours: Int64
  }

  static let name = "parity"

  var differences: [Difference] = []

  /// The events that tell a price for one unit.
  private static let single: Set = ["Product Viewed", "Product Added"]
  private static let several = "Order Completed"

  /// Compares what an event of a source tells with ours; nil where it tells no price, or the same.
  init?(_ entry: LogEntry, in session: any Session) throws {
    guard entry.event.kind == .track, let name = entry.event.name else { return nil }
    let isSingle = Self.single.contains(name)
    guard isSingle || name == Self.several, try ShopMemory.hasPrices(in: session),
      let properties = (try? JSONDocument(entry.event.body).root)?["properties"],
      let currency = properties["currency"]?.string.flatMap({ Currency($0) })
    else { return nil }
    let several = properties["products"]?.elements.prefix(Sale.mostLines).map { $0 } ?? []
    let goods: [JSON] = isSingle ? [properties] : several
    for good in goods {
      guard let sku = (good["sku"] ?? good["product_id"]).flatMap({ $0.string ?? $0.number }),
        let told = good["price"].flatMap({ $0.number ?? $0.string }).flatMap({ Money(decimal: $0, currency) }),
        let ours = try Self.ours(sku, currency, told.amount, entry, session)
      else { continue }
      differences.append(Difference(sku: sku, currency: currency.code, reported: told.amount, ours: ours))
    }
    if differences.isEmpty { return nil }
  }

  init(json: [UInt8]) throws {
    guard let root = try? JSONDocument(json).root, let rows = root["differences"] else { throw Self.damaged }
    differences = try rows.elements.map { row in
      let fields = Array(row.elements)
      guard fields.count == 4, let sku = fields[0].string, let currency = fields[1].string,
        let reported = fields[2].integer, let ours = fields[3].integer
      else { throw Self.damaged }
      return Difference(sku: sku, currency: currency, reported: reported, ours: ours)
    }
  }

  private static let damaged = Failure(
    .internal, "the log is damaged", cause: "a verdict of prices cannot be read", hint: "throughline verify")

  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("differences")
      writer.array { writer in
        for difference in differences {
          writer.array { writer in
            writer.value(difference.sku)
            writer.value(difference.currency)
            writer.value(difference.reported)
            writer.value(difference.ours)
          }
        }
      }
    }
    return writer.bytes
  }

  /// What we asked for one unit then, where that is another price; nil where it is the same, or cannot be told.
  ///
  /// The price of any list that held is right, for nobody knows which one a page was made of; so is what the customer's
  /// promotions make of it. A price that was stored after the event says nothing about it.
  private static func ours(
    _ sku: String, _ currency: Currency, _ told: Int64, _ entry: LogEntry, _ session: any Session
  ) throws -> Int64? {
    let at = entry.event.at
    let prices = try ShopMemory.goods(sku, in: session).prices.filter { $0.price.price.currency == currency }
    guard !prices.isEmpty, prices.allSatisfy({ $0.storedAt <= at }),
      !prices.contains(where: { $0.price.isValid(at: at) && $0.price.price.amount == told })
    else { return nil }
    var customer: Origin.Number?
    if let origin = entry.outcome.origin, !entry.outcome.opened.contains(where: { $0.number == origin }) {
      customer = try Lookup.leader(of: origin, in: session)
    }
    let quote = try Pricing.quote(
      lines: [(sku: sku, quantity: .one)], context: PricingContext(currency: currency, customer: customer, now: at),
      in: session)
    guard let line = quote.lines.first, let price = line.unitPrice, line.total != told else { return nil }
    return price
  }
}
