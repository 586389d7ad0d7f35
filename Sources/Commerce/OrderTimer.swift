import Base
import Customers
import SQL

/// What is timed of an order that waits to be collected: a reminder, and the end.
enum OrderTimer {
  static let expiryKind = "order.expiry"
  static let reminderKind = "order.reminder"

  static func keys(of id: String) -> [String] { ["\(expiryKind):\(id)", "\(reminderKind):\(id)"] }

  static func expiry(_ id: String, until: Instant) -> Outcome.Timer {
    Outcome.Timer(key: keys(of: id)[0], kind: expiryKind, due: until, payload: payload(id))
  }

  static func set(_ id: String, until: Instant, now: Instant, into outcome: inout Outcome) {
    outcome.timers.append(expiry(id, until: until))
    let early = until - Order.reminder
    if early > now {
      outcome.timers.append(
        Outcome.Timer(key: keys(of: id)[1], kind: reminderKind, due: early, payload: payload(id)))
    }
  }

  /// What the entries of what is timed say: the order, as the shop calls it.
  static func body(of order: Order, in session: any Session) throws -> [UInt8] {
    try payload(OrderID.shown(order.id, in: session))
  }

  private static func payload(_ id: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { $0.field("order", id) }
    return writer.bytes
  }

  /// The order that a timer is about, where something of it still waits.
  static func order(of timer: PendingTimer, in session: any Session) throws -> Order? {
    guard let id = (try? JSONDocument(timer.payload).root)?["order"]?.string,
      let order = try OrderStore.find(id, in: session), order.awaitsPickup
    else { return nil }
    return order
  }
}

/// Nobody collected it in time: what waits goes back to the shelf, and its points to whom they were.
struct OrderExpiry: TimedAct {
  let kind = OrderTimer.expiryKind
  let orders: Orders

  func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard Protection.holds("order.expiry"), let order = try OrderTimer.order(of: timer, in: session) else { return nil }
    var verdict = OrderVerdict(.expire, order: order.number)
    verdict.moves = order.movesOfFact(.expire, nil).moves
    guard !verdict.moves.isEmpty else { return nil }
    verdict.undone = order.undoing(verdict.moves)
    try orders.settle(verdict, order, restock: .nowhere, timer.due, into: &outcome, in: session)
    verdict.write(to: &outcome)
    try orders.endTimers(of: order.moved(verdict.moves), into: &outcome, in: session)
    return TimedEvent(.order, name: OrderAct.expire.rawValue, body: try OrderTimer.body(of: order, in: session))
  }
}

/// It still waits, and not for long: an event that journeys and webhooks go by.
struct OrderReminder: TimedAct {
  let kind = OrderTimer.reminderKind

  func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard let order = try OrderTimer.order(of: timer, in: session) else { return nil }
    OrderVerdict(.remind, order: order.number).write(to: &outcome)
    return TimedEvent(.order, name: OrderAct.remind.rawValue, body: try OrderTimer.body(of: order, in: session))
  }
}
