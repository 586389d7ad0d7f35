import Base
package import Customers
package import SQL

/// The end of what an order has set aside in a store: a timer, and a release of what is left when it is due.
package struct ReservationEnd: TimedAct {
  private static let timerKind = "stock"
  package let kind = Self.timerKind
  /// What the event of the release is called.
  package static let event = "Reservation Expired"

  package init() {}

  private static func key(_ order: String, _ store: String) -> String { "\(timerKind):\(store):\(order)" }

  /// Sets, moves or ends the timer of an order in a store.
  ///
  /// - Parameter due: when the first of what is left ends; nil where nothing does.
  static func set(
    _ due: Instant?, order: String, store: String, in outcome: inout Outcome, _ session: any Session
  ) throws {
    let key = key(order, store)
    outcome.timers.removeAll { $0.key == key }
    if let due {
      outcome.timers.append(
        Outcome.Timer(key: key, kind: timerKind, due: due, payload: payload(order, store)))
    } else if try PendingTimer.find(key, in: session) != nil, !outcome.ended.contains(key) {
      outcome.ended.append(key)
    }
  }

  private static func payload(_ order: String, _ store: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("order", order)
      writer.field("store", store)
    }
    return writer.bytes
  }

  /// Sets those anew that went with an erased person: what he had set aside still ends.
  static func renew(in outcome: inout Outcome, _ session: any Session) throws {
    let ends = try session.rows(of: StockStatement.lapsed) { row in
      (order: row.text(0), store: row.text(1), due: Instant(milliseconds: row.integer(2)))
    }
    for (order, store, due) in ends where try PendingTimer.find(key(order, store), in: session) == nil {
      try set(due, order: order, store: store, in: &outcome, session)
    }
  }

  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard let payload = try? JSONDocument(timer.payload).root, let order = payload["order"]?.string,
      let store = payload["store"]?.string
    else { throw Failure(.internal, "the table of timers is damaged", hint: "throughline verify") }
    var book = try StockBook(outcome, in: session)
    for reservation in try book.open(order)
    where reservation.place.store == store && reservation.until.map({ $0 <= timer.due }) ?? false {
      try book.end(reservation.remaining, of: reservation, .expired, at: timer.due)
    }
    try Stock.close(&book, order, into: &outcome, in: session)
    return TimedEvent(.stock, name: Self.event, body: timer.payload)
  }
}
