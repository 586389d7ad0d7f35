import Base
package import Customers
package import SQL

/// The hour after which a cart that nobody changes counts as abandoned: a timer, and an event `Cart Abandoned` when it is
/// due, once in a cart's life.
package struct CartAbandonment: TimedAct {
  package static let timerKind = "cart"
  package static let eventName = "Cart Abandoned"
  package let kind = Self.timerKind

  package init() {}

  /// What tells the timer of one origin from others.
  static func key(at origin: Origin.Number) -> String { "\(timerKind):\(origin)" }

  static func timer(at origin: Origin.Number, due: Instant) -> Outcome.Timer {
    var writer = JSONWriter()
    writer.object { $0.field("origin", origin) }
    return Outcome.Timer(key: key(at: origin), kind: timerKind, due: due, payload: writer.bytes)
  }

  /// Sets a timer for each part with goods of the customers whom an undo takes apart: they had one together.
  static func part(_ outcome: inout Outcome, at now: Instant, in session: any Session) throws {
    var due: Instant?
    for origin in Set(outcome.cuts.flatMap { [$0.first, $0.second] }).sorted() {
      let customer = JoinedCustomers(customers: [try Lookup.leader(of: origin, in: session)])
      let cart = try CartDecision(of: customer, outcome, in: session).cart
      for part in cart.open where !part.isTold {
        let hasGoods = cart.portions.values.contains { $0.origin == part.origin && $0.quantity > .zero }
        if !hasGoods || outcome.timers.contains(where: { $0.key == key(at: part.origin) }) { continue }
        let time = try due ?? now + ShopMemory.cartPolicy(in: session).abandonedAfter
        due = time
        outcome.timers.append(timer(at: part.origin, due: time))
      }
    }
  }

  /// Tells of the cart if nothing has changed it since the timer was set.
  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard let origin = try JSONDocument(timer.payload).root["origin"]?.integer else {
      throw Failure(.internal, "the table of timers is damaged", hint: "throughline verify")
    }
    guard try !Erasure.isErased(origin, in: session) else { return nil }
    // An undo sets the timers of both sides, each of which belongs to its own.
    outcome.origin = origin
    var decision = try CartDecision(
      of: JoinedCustomers(customers: [Lookup.leader(of: origin, in: session)]), outcome, in: session)
    let cart = decision.cart
    guard let id = cart.id, !cart.goods.isEmpty, cart.open.allSatisfy({ $0.sequence <= timer.sequence }),
      cart.open.contains(where: { !$0.isTold })
    else { return nil }
    decision.mark(.abandoned, isTold: true)
    try decision.write(to: &outcome, changedAt: nil)
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("properties")
      writer.object { writer in
        writer.field("cart_id", id)
        writer.key("products")
        writer.array { writer in
          for line in cart.goods {
            writer.object { writer in
              writer.field("sku", line.sku)
              writer.field("quantity", line.quantity)
            }
          }
        }
      }
    }
    return TimedEvent(.track, name: Self.eventName, body: writer.bytes)
  }
}
