package import Base
package import Customers
package import SQL

/// A report that does not fit what is known of an order: an entry of the work list of orders.
package struct OrderConflict: Sendable {
  package var sequence: Int64
  package var at: Instant
  package var source: String
  /// The number of the order that it contradicts; none where there is no such order yet.
  package var order: Int64?
  package var reason: String
  package var origin: Origin.Number?

  /// What is said of a refund or cancellation whose order nobody has reported.
  static let unknown = "unknown order"

  /// The newest first, below a place in the log.
  package static func list(
    below sequence: Int64, limit: Int, in session: any Session
  ) throws -> [OrderConflict] {
    var rows = try session.rows(of: OrderStatement.conflicts, .integer(sequence), .integer(Int64(limit))) { row in
      (row.integer(0), row.integer(1), row.text(2))
    }
    rows += try session.rows(of: OrderStatement.waiting, .integer(sequence), .integer(Int64(limit))) { row in
      (row.integer(0), 0, unknown)
    }
    return try rows.sorted { $0.0 > $1.0 }.prefix(limit).compactMap { sequence, order, reason in
      guard let entry = try EventLog.entry(sequence, in: session) else { return nil }
      return OrderConflict(
        sequence: sequence, at: entry.event.at, source: entry.source, order: order == 0 ? nil : order, reason: reason,
        origin: entry.outcome.origin)
    }
  }

  /// Whom it is about: who is said to have bought it, and whose order it is.
  package func leaders(in session: any Session) throws -> [Origin.Number] {
    let other = try order.flatMap { try OrderStore.order($0, in: session).origin }
    return try [origin, other].compactMap { $0 }.map { try Lookup.leader(of: $0, in: session) }
  }

  package func write(to writer: inout JSONWriter, in session: any Session) throws {
    let entry = try EventLog.entry(sequence, in: session)
    let stored = try order.map { try OrderStore.order($0, in: session) }
    func customer(_ origin: Origin.Number?) throws -> String? {
      guard let origin, try !Erasure.isErased(origin, in: session) else { return nil }
      return try Profile.publicID(of: Lookup.leader(of: origin, in: session), in: session)
    }
    let name = try stored.map { try OrderID.shown($0.id, in: session) } ?? entry.flatMap { OrderID.name(in: $0.event) }
    let (reported, owner) = (try customer(origin), try customer(stored?.origin))
    writer.object { writer in
      writer.field("sequence", sequence)
      writer.field("at", at.text)
      writer.field("source", source)
      writer.field("event", orNull: entry?.event.name)
      writer.field("order", orNull: name)
      writer.field("reason", reason)
      writer.field("customer", orNull: reported)
      writer.field("orderCustomer", orNull: owner)
    }
  }
}
