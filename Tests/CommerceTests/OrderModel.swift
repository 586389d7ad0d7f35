import Base

@testable import Commerce

/// A naive order: every unit is a thing of its own with a state.
struct OrderUnits {
  struct Unit {
    var sku: String
    var price: Int64
    var state: OrderState
    /// Units of one line are alike.
    var line: Int
    var store: String?
    /// Whether a request has handed it over.
    var isAsked = false
  }

  var way: OrderFulfilment
  /// Whether a request has placed it, of which no receipt has told yet.
  var awaitsReceipt = false
  var until: Instant?
  var units: [Unit]
  var paid: Int64 = 0
  var refunded: Int64 = 0

  private static let inStore: [OrderState] = [.placed, .reserved, .picking, .ready, .packed]
  private static let gone: [OrderState] = [.cancelled, .expired, .refunded]
  private static let handed: [OrderState] = [.collected, .shipped, .delivered]

  func sum(_ states: [OrderState]) -> Int64 {
    units.reduce(0) { states.contains($1.state) ? $0 + $1.price : $0 }
  }

  /// Where a unit goes, written down by hand once more.
  private func next(_ act: OrderAct, _ state: OrderState) -> OrderState? {
    switch (act, way, state) {
    case (.pick, .pickup, .placed), (.pick, .pickup, .reserved), (.pick, .delivery, .placed),
      (.pick, .delivery, .reserved):
      .picking
    case (.ready, .pickup, .placed), (.ready, .pickup, .reserved), (.ready, .pickup, .picking): .ready
    case (.ready, .delivery, .placed), (.ready, .delivery, .reserved), (.ready, .delivery, .picking): .packed
    case (.collect, .pickup, .ready): .collected
    case (.ship, .delivery, .packed): .shipped
    case (.deliver, .delivery, .shipped): .delivered
    case (.cancel, _, _) where Self.inStore.contains(state): .cancelled
    case (.return, _, _) where Self.handed.contains(state): .returned
    case (.refund, _, _) where state != .refunded: .refunded
    default: nil
    }
  }

  /// From which states units are taken first.
  private func rank(_ act: OrderAct, _ state: OrderState) -> Int {
    let order: [OrderState] =
      switch act {
      case .pick: [.reserved, .placed]
      case .ready: [.picking, .reserved, .placed]
      case .refund: [.returned, .collected, .delivered, .shipped, .cancelled, .expired] + Self.inStore
      case .return: [.collected, .delivered, .shipped]
      default: Self.inStore + Self.handed
      }
    return order.firstIndex(of: state) ?? 99
  }

  /// The places of the units that an act takes; nil where there are not so many and `isFact` does not help.
  private func chosen(_ act: OrderAct, _ goods: (sku: String, count: Int)?, isFact: Bool = false) -> [Int]? {
    var places = units.indices.filter {
      next(act, units[$0].state) != nil && (goods == nil || units[$0].sku == goods?.sku)
    }
    if let count = goods?.count {
      places.sort { order(of: $0, act) < order(of: $1, act) }
      if places.count < count, !isFact { return nil }
      places = Array(places.prefix(count))
    }
    return places.isEmpty && !isFact ? nil : places
  }

  /// Line after line, and in each by state.
  private func order(of place: Int, _ act: OrderAct) -> (Int, Int, Int) {
    (units[place].line, rank(act, units[place].state), place)
  }

  /// A request that lets another store hand over some of it; answers whether it is allowed.
  mutating func move(_ goods: (sku: String, count: Int)?, to store: String) -> Bool {
    let states: [OrderState] = [.placed, .reserved, .picking, .ready]
    var places = units.indices.filter {
      states.contains(units[$0].state) && units[$0].store != store && (goods == nil || units[$0].sku == goods?.sku)
    }
    places.sort { one, other in
      func rank(_ place: Int) -> (Int, Int, Int) {
        (units[place].line, states.firstIndex(of: units[place].state) ?? 9, place)
      }
      return rank(one) < rank(other)
    }
    if let count = goods?.count {
      if places.count < count { return false }
      places = Array(places.prefix(count))
    }
    if places.isEmpty { return false }
    var last: (line: Int, state: OrderState)?
    var next = (units.map { $0.line }.max() ?? 0)
    for place in places {
      let part = (line: units[place].line, state: units[place].state)
      if last.map({ $0 != part }) ?? true { next += 1 }
      last = part
      (units[place].line, units[place].state, units[place].store) = (next, .reserved, store)
    }
    return true
  }

  /// The receipt of a till.
  mutating func hear(_ goods: [(sku: String, count: Int)], _ price: [String: Int64]) {
    guard awaitsReceipt else { return }
    awaitsReceipt = false
    let waiting: [OrderState] = [.ready, .picking, .reserved, .placed, .packed]
    var (asked, beyond) = (Int64(0), Int64(0))
    var line = max(units.map { $0.line }.max() ?? 0, 1)
    var (claims, extra) = ([String: Int](), [Unit]())
    for unit in units where unit.isAsked { claims[unit.sku, default: 0] += 1 }
    for (sku, count) in goods {
      var left = count
      let places = units.indices.filter { units[$0].sku == sku && waiting.contains(units[$0].state) }
      let sorted = places.sorted { one, other in
        func rank(_ place: Int) -> (Int, Int, Int) {
          (units[place].line, waiting.firstIndex(of: units[place].state) ?? 9, place)
        }
        return rank(one) < rank(other)
      }
      for place in sorted.prefix(left) {
        (units[place].state, left) = (.collected, left - 1)
        asked += units[place].price
      }
      left -= min(left, claims[sku] ?? 0)
      if left > 0 { line += 1 }
      for _ in 0..<left {
        extra.append(Unit(sku: sku, price: price[sku] ?? 0, state: .collected, line: line))
        beyond += price[sku] ?? 0
      }
    }
    let isLast = !units.contains { Self.inStore.contains($0.state) }
    let owed = isLast ? sum(OrderState.allCases) - sum(Self.gone) : sum(Self.handed)
    if asked > 0 { paid += min(max(owed - (paid - min(refunded, sum(Self.gone))), 0), asked) }
    paid += beyond
    units += extra
  }

  /// A request; answers whether it is allowed.
  mutating func ask(_ act: OrderAct, _ goods: (sku: String, count: Int)?) -> Bool {
    guard let places = chosen(act, goods) else { return false }
    var after = self
    for place in places {
      after.units[place].state = next(act, units[place].state) ?? .placed
      if [.collect, .ship].contains(act) { after.units[place].isAsked = true }
    }
    if act == .refund {
      let amount = goods == nil ? paid - refunded : after.sum([.refunded]) - sum([.refunded])
      guard amount > 0, amount <= paid - refunded else { return false }
      after.refunded += amount
    }
    if act == .collect || act == .deliver {
      let isLast = !after.units.contains { Self.inStore.contains($0.state) }
      let owed = isLast ? after.sum(OrderState.allCases) - after.sum(Self.gone) : after.sum(Self.handed)
      after.paid += max(owed - (paid - refunded), 0)
    }
    self = after
    return true
  }

  mutating func hear(_ act: OrderAct, _ goods: (sku: String, count: Int)?) {
    if act == .cancel {
      for place in units.indices {
        if Self.inStore.contains(units[place].state) {
          units[place].state = .cancelled
        } else if units[place].state != .cancelled {
          units[place].state = .refunded
        }
      }
      refunded = paid
      return
    }
    let before = sum([.refunded])
    for place in chosen(.refund, goods, isFact: true) ?? [] { units[place].state = .refunded }
    refunded += goods == nil ? paid - refunded : min(sum([.refunded]) - before, paid - refunded)
  }

  mutating func pass(_ now: Instant) {
    guard let until, until <= now else { return }
    for place in units.indices where [.placed, .reserved, .picking, .ready].contains(units[place].state) {
      units[place].state = .expired
    }
  }

  var text: String {
    var parts: [String] = []
    for line in Set(units.map { $0.line }).sorted() {
      for state in OrderState.allCases {
        let there = units.filter { $0.line == line && $0.state == state }
        if let first = there.first { parts.append("\(first.sku) \(there.count) \(state.rawValue)") }
      }
    }
    return "\(parts.joined(separator: ", ")); paid \(paid), refunded \(refunded)"
  }
}
