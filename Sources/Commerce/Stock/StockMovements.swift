package import Base
package import SQL

enum StockMovementStatement: Int, StatementSet {
  case movements, sum, reservations

  var sql: String {
    switch self {
    case .movements:
      """
      SELECT m.sequence, m.part, m.quantity, m.cause, m.at, m.told, \(OrderID.shown("m.order_id")),
        coalesce(m.source, e.source), m.item, e.received_at
      FROM stock_movement m LEFT JOIN event e ON e.sequence = m.sequence
      WHERE m.sku = ?1 AND m.store = ?2 AND (m.sequence, m.part) < (?3, ?4)
      ORDER BY m.sequence DESC, m.part DESC LIMIT ?5
      """
    case .sum:
      """
      SELECT coalesce(sum(quantity), 0) FROM stock_movement
      WHERE sku = ?1 AND store = ?2 AND (sequence, part) < (?3, ?4)
      """
    case .reservations:
      """
      SELECT \(OrderID.shown("order_id")), remaining, ends_at, sequence FROM stock_reservation
      WHERE sku = ?1 AND store = ?2 AND remaining > 0 ORDER BY sequence, order_id LIMIT ?3
      """
    }
  }
}

/// Why there is as much of an article in a store as there is: every posting, the newest first.
package struct StockMovements: Sendable {
  /// A posting with what was on hand after it.
  package struct Row: Sendable {
    package let sequence: Int64
    package let part: Int64
    let quantity: Quantity
    let cause: String
    let at: Instant
    let told: Quantity
    let order: String?
    let source: String?
    let item: String?
    let recordedAt: Instant?
    package fileprivate(set) var onHand: Quantity = .zero

    package func write(to writer: inout JSONWriter) {
      writer.object { writer in
        writer.field("at", at.text)
        writer.field("cause", cause)
        writer.field("quantity", quantity)
        writer.field("told", told)
        writer.field("onHand", onHand)
        writer.field("source", orNull: source)
        writer.field("order", orNull: order)
        writer.field("id", orNull: item)
        writer.field("sequence", sequence)
        writer.field("recordedAt", orNull: recordedAt?.text)
      }
    }
  }

  /// How many open reservations are told beside the postings.
  package static let mostReservations: Int64 = 100

  package let rows: [Row]

  /// At most `limit` postings before a place in the log, and a part of the entry there.
  package init(
    of place: StockPlace, before sequence: Int64 = .max, part: Int64 = .max, limit: Int, in session: any Session
  ) throws {
    let range: [SQLValue] = [.text(place.sku), .text(place.store), .integer(sequence), .integer(part)]
    var onHand: Int64 = 0
    try session.forEachRow(of: StockMovementStatement.sum, range) { row in
      onHand = row.integer(0)
      return false
    }
    var rows: [Row] = []
    try session.forEachRow(of: StockMovementStatement.movements, range + [.integer(Int64(limit))]) { row in
      rows.append(
        Row(
          sequence: row.integer(0), part: row.integer(1), quantity: Quantity(thousandths: row.integer(2)),
          cause: row.text(3), at: Instant(milliseconds: row.integer(4)), told: Quantity(thousandths: row.integer(5)),
          order: row.optionalText(6), source: row.optionalText(7), item: row.optionalText(8),
          recordedAt: row.optionalInteger(9).map { Instant(milliseconds: $0) },
          onHand: Quantity(thousandths: onHand)))
      onHand -= row.integer(2)
      return true
    }
    self.rows = rows
  }

  /// Writes how much of an article a store has now and who has it reserved, as members of an object that is open already.
  package static func write(
    sumsOf place: StockPlace, now: Instant, to writer: inout JSONWriter, in session: any Session
  ) throws {
    let level = try StockBook.Level(of: place, in: session)
    let policy = try StockPolicy(in: session)
    // What stands where no store is was sold there, and nobody can promise it.
    let available = try StoreTable.find(place.store, in: session).map { level.available(in: $0, by: policy, now: now) }
    writer.field("onHand", Quantity(thousandths: level.onHand))
    writer.field("reserved", Quantity(thousandths: level.reserved))
    writer.field("available", Quantity(thousandths: available ?? 0))
    StockVerdict.Delivery.write(level.delivery, to: &writer)
    writer.field("asOf", orNull: level.asOf?.text)
    writer.field("stale", policy.isStale(level.asOf, now: now))
    let reservations = try session.rows(
      of: StockMovementStatement.reservations, .text(place.sku), .text(place.store), .integer(mostReservations)
    ) { row in
      (
        order: row.text(0), quantity: Quantity(thousandths: row.integer(1)),
        until: row.optionalInteger(2).map { Instant(milliseconds: $0) }
      )
    }
    writer.key("reservations")
    writer.array { writer in
      for (order, quantity, until) in reservations {
        writer.object { writer in
          writer.field("order", order)
          writer.field("quantity", quantity)
          writer.field("until", orNull: until?.text)
        }
      }
    }
  }
}

/// What facts took beyond what there was and nobody has made up for yet, the oldest first: a work list.
package struct StockShortages: Sendable {
  package let rows: [StockVerdict.Shortage]

  /// At most `limit` after a place in the log, and a part of the entry there.
  package init(
    after sequence: Int64 = 0, part: Int64 = -1, store: String? = nil, sku: String? = nil, limit: Int,
    in session: any Session
  ) throws {
    rows = try session.rows(
      of: StockStatement.openShortages, .integer(sequence), .integer(part), .text(store), .text(sku),
      .integer(Int64(limit))
    ) { StockVerdict.Shortage($0) }
  }

  package static func write(_ shortage: StockVerdict.Shortage, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", "sht_\(shortage.sequence ?? 0)_\(shortage.part)")
      writer.field("store", shortage.place.store)
      writer.field("sku", shortage.place.sku)
      writer.field("missing", Quantity(thousandths: shortage.remaining))
      writer.field("of", Quantity(thousandths: shortage.quantity))
      writer.field("since", shortage.at.text)
      writer.field("order", orNull: shortage.order)
    }
  }
}
