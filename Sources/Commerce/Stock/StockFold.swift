import Base
package import Customers
package import SQL

/// Stores as their newest documents have them, and the books of stock.
///
/// On hand and reserved are sums, so entries may come in any order; of reservations and shortages the newest word holds.
/// Nothing of it is a person's: what he bought stands under the order's id.
package struct StockFold: Fold {
  package let name = "stock"
  package let tables = [
    FoldTable("store", key: ["id"], entries: ["sequence"]),
    FoldTable("stock_movement", key: ["sku", "store", "sequence", "part"], entries: ["sequence"]),
    FoldTable("stock_level", key: ["sku", "store"], entries: ["expected_by"]),
    FoldTable("stock_reservation", key: ["order_id", "store", "sku"], entries: ["sequence"]),
    FoldTable("stock_shortage", key: ["sequence", "part"], entries: ["sequence", "changed"]),
  ]
  package var checks: [any Check] {
    [StoreCheck(), StockCheck(), ReservationCheck(), ShortageCheck(), DeliveryCheck()]
  }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    if entry.event.kind == .document, entry.event.name == Store.documentKind { try put(storeOf: entry, in: session) }
    if entry.outcome.verdicts[StockVerdict.name] == nil { return }
    let verdict = try StockVerdict(entry.outcome)
    for (part, movement) in verdict.movements.enumerated() {
      let place: [SQLValue] = [.text(movement.place.sku), .text(movement.place.store)]
      try session.execute(
        StockStatement.addMovement,
        place + [
          .integer(entry.sequence), .integer(Int64(part)), .integer(movement.quantity), .text(movement.cause.rawValue),
          .integer(movement.at.milliseconds), .integer(movement.told), .text(movement.order), .text(movement.source),
          .text(movement.item),
        ])
      try session.execute(
        StockStatement.addOnHand,
        place + [
          .integer(movement.quantity), .integer(movement.cause.isTold ? movement.at.milliseconds : nil),
          .integer(movement.cause == .snapshot ? movement.at.milliseconds : nil),
        ])
    }
    for reservation in verdict.reservations {
      let place = reservation.place
      try session.execute(
        StockStatement.putReservation, .text(reservation.order), .text(place.store), .text(place.sku),
        .integer(reservation.quantity), .integer(reservation.remaining), .integer(reservation.until?.milliseconds),
        .text(reservation.state.rawValue), .integer(entry.sequence))
      try session.execute(
        StockStatement.addReserved, .text(place.sku), .text(place.store), .integer(reservation.change))
    }
    for delivery in verdict.deliveries {
      try session.execute(
        StockStatement.putDelivery, .text(delivery.place.sku), .text(delivery.place.store),
        .integer(delivery.quantity), .integer(delivery.expectedAt?.milliseconds),
        .integer(delivery.told.milliseconds), .integer(entry.sequence))
    }
    for shortage in verdict.shortages {
      try session.execute(
        StockStatement.putShortage, .integer(shortage.sequence ?? entry.sequence), .integer(shortage.part),
        .text(shortage.place.store), .text(shortage.place.sku), .integer(shortage.quantity),
        .integer(shortage.remaining), .integer(shortage.at.milliseconds), .text(shortage.order),
        .integer(entry.sequence))
    }
  }

  private func put(storeOf entry: LogEntry, in session: any Session) throws {
    guard let body = (try? JSONDocument(entry.event.body).root)?["document"],
      let store = try? Store(recorded: body)
    else {
      throw Failure(.internal, "the log is damaged", cause: "a store that is none", hint: "throughline verify")
    }
    try session.execute(
      StockStatement.putStore, .text(store.id), .text(store.name), .integer(store.location?.latitude),
      .integer(store.location?.longitude), .text(store.timeZone),
      .utf8(body["hours"].flatMap { $0.isNull ? nil : $0.bytes }), .integer(store.pickup ? 1 : 0),
      .integer(store.safetyStock.thousandths), .integer(store.offlineAllowance), .integer(entry.sequence))
  }

  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}
