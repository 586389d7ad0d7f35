import Base
import Customers
import SQL

/// The orders of a customer of which something is still to be done, as his whole picture shows them.
///
/// They are read from the tables alone: the picture of an earlier moment is made of tables without the log.
struct OpenOrders {
  private struct Head {
    var number: Int64
    var id: String
    var at: Instant
    var currency: Currency?
    var code: String?
    var until: Instant?
    var due: Int64
  }

  /// How many the whole picture shows: a person seldom waits for more, and a shop's test account may have thousands.
  private static let most = 50

  private let heads: [Head]

  init(ofCustomer leader: Origin.Number, in session: any Session) throws {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    let heads = try origins.flatMap { origin in
      try session.rows(of: OrderStatement.openHeads, .integer(origin)) { row in
        Head(
          number: row.integer(0), id: row.text(1), at: Instant(milliseconds: row.integer(2)),
          currency: row.optionalText(3).flatMap { Currency($0) }, code: row.optionalText(4),
          until: row.optionalInteger(5).map { Instant(milliseconds: $0) }, due: row.integer(6))
      }
    }
    self.heads = heads.sorted { ($0.at, $0.number) < ($1.at, $1.number) }.suffix(Self.most)
  }

  /// Writes them as the member `openOrders`, the oldest first.
  func write(to writer: inout JSONWriter, in session: any Session) throws {
    writer.key("openOrders")
    try writer.array { writer in for head in heads { try write(head, to: &writer, in: session) } }
  }

  private func write(_ head: Head, to writer: inout JSONWriter, in session: any Session) throws {
    let parts = try session.rows(of: OrderStatement.parts, .integer(head.number)) { row in
      (
        sku: row.text(0), state: OrderState(rawValue: row.text(1)) ?? .placed,
        quantity: Quantity(thousandths: row.integer(2)), store: row.optionalText(3)
      )
    }
    let store = try parts.lazy.compactMap { $0.store }.first.flatMap { try StoreTable.find($0, in: session) }
    try writer.object { writer in
      writer.field("id", head.id)
      writer.field("status", OrderState.status(of: parts.map { $0.state }).rawValue)
      writer.field("placedAt", head.at.text)
      writer.field("code", orNull: head.code)
      writer.field("store", orNull: parts.lazy.compactMap { $0.store }.first)
      writer.field("storeName", ifPresent: store?.name)
      writer.field("until", orNull: head.until?.text)
      writer.key("due")
      if let currency = head.currency { Money(head.due, currency).write(to: &writer) } else { writer.null() }
      writer.key("lines")
      try writer.array { writer in
        for part in parts {
          let product = try Catalogue.product(part.sku, in: session)
          writer.object { writer in
            writer.field("sku", part.sku)
            writer.field("name", ifPresent: product?.name)
            writer.field("quantity", part.quantity)
            writer.field("status", part.state.rawValue)
          }
        }
      }
    }
  }
}
