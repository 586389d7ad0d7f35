/// How far a part of an order's line has come.
package enum OrderState: String, Sendable, CaseIterable {
  /// Wanted, and promised by no shelf.
  case placed
  /// A store keeps it for this order.
  case reserved
  /// Somebody is fetching it from the shelf.
  case picking
  /// It lies at the counter of the store where it will be collected.
  case ready
  /// It is in its parcel.
  case packed
  case collected, shipped, delivered
  /// The goods came back; the money has not been given back yet.
  case returned
  /// Nobody collected it in time.
  case expired
  /// Called off before it was handed over.
  case cancelled
  /// The money was given back.
  case refunded

  /// The customer has it, or it is on its way to him.
  package var isHandedOver: Bool { [.collected, .shipped, .delivered].contains(self) }
  /// Something is still to be done in a store for it.
  package var isInStore: Bool { [.placed, .reserved, .picking, .ready, .packed].contains(self) }
  /// A shelf keeps it, where a store was named.
  package var isKept: Bool { [.reserved, .picking, .ready, .packed].contains(self) }
  /// Nothing of it is sold any more, so points go back.
  package var isUndone: Bool { [.expired, .cancelled, .refunded].contains(self) }
  /// It is, or will be, the customer's.
  package var isBought: Bool { isInStore || isHandedOver }
  /// Somebody has still something to do for it.
  package var isOpen: Bool { isInStore || self == .shipped }

  /// The states in which nothing is to come any more, the one that names an order first.
  private static let ends: [OrderState] = [.refunded, .returned, .cancelled, .expired]
  /// The others, from the least to the farthest advanced.
  private static let steps: [OrderState] = [
    .placed, .reserved, .picking, .ready, .packed, .shipped, .collected, .delivered,
  ]

  /// The state of a whole that has parts in these states: as far as its slowest part; of one that is all at an end, how
  /// it ended.
  package static func status(of parts: some Sequence<OrderState>) -> OrderState {
    let parts = Set(parts)
    return steps.first(where: parts.contains) ?? ends.first(where: parts.contains) ?? .cancelled
  }
}

/// What is done with an order.
package enum OrderAct: String, Sendable, CaseIterable {
  case place, report, pick, ready, collect, ship, deliver, move, cancel, `return`, refund, expire, remind, pay

  /// From which states it leads on, in the order in which parts are taken; none for what moves no line.
  package var sources: [OrderState] {
    switch self {
    case .place, .report, .remind, .pay: []
    case .pick: [.reserved, .placed]
    case .ready: [.picking, .reserved, .placed]
    case .collect: [.ready]
    case .ship: [.packed]
    case .deliver: [.shipped]
    // What nobody has fetched yet goes first.
    case .move: [.placed, .reserved, .picking, .ready]
    case .cancel: [.placed, .reserved, .picking, .ready, .packed]
    case .return: [.collected, .delivered, .shipped]
    case .refund:
      [
        .returned, .collected, .delivered, .shipped, .cancelled, .expired, .placed, .reserved, .picking, .ready,
        .packed,
      ]
    case .expire: [.placed, .reserved, .picking, .ready]
    }
  }

  /// What becomes of a part in that state, or nil where the act is not allowed.
  package func next(from state: OrderState, _ fulfilment: OrderFulfilment) -> OrderState? {
    guard sources.contains(state) else { return nil }
    switch self {
    case .place, .report, .remind, .pay: return nil
    case .pick: return fulfilment == .counter ? nil : .picking
    case .ready:
      return fulfilment == .pickup ? .ready : fulfilment == .delivery ? .packed : nil
    case .collect: return fulfilment == .pickup ? .collected : nil
    case .ship: return fulfilment == .delivery ? .shipped : nil
    case .deliver: return fulfilment == .delivery ? .delivered : nil
    case .move: return fulfilment == .counter ? nil : .reserved
    case .cancel: return .cancelled
    case .return: return .returned
    case .refund: return .refunded
    case .expire: return fulfilment == .pickup ? .expired : nil
    }
  }

  /// What it makes of a part, as its refusal names it.
  package func target(_ fulfilment: OrderFulfilment) -> String {
    switch self {
    case .ready: fulfilment == .delivery ? OrderState.packed.rawValue : OrderState.ready.rawValue
    case .pick: OrderState.picking.rawValue
    case .collect: OrderState.collected.rawValue
    case .ship: OrderState.shipped.rawValue
    case .deliver: OrderState.delivered.rawValue
    case .move: "\(OrderState.reserved.rawValue) in that store"
    case .cancel: OrderState.cancelled.rawValue
    case .return: OrderState.returned.rawValue
    case .refund: OrderState.refunded.rawValue
    case .expire: OrderState.expired.rawValue
    case .place, .report, .remind, .pay: rawValue
    }
  }
}

/// How goods come to the customer.
package enum OrderFulfilment: String, Sendable, CaseIterable {
  /// He collects them at a store.
  case pickup
  /// They are sent to him.
  case delivery
  /// He carried them out of the store.
  case counter
}
