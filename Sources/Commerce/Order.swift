package import Base
package import Customers

/// An order as it stands: what was bought, what has become of each part of it, what was paid and given back.
///
/// Its rules need nothing but itself. It is what its entries in the log (`OrderVerdict`) come to, and an act upon it comes
/// to moves, which stand in the next one.
package struct Order: Sendable {
  /// One line, and how much of it stands where.
  package struct Line: Sendable {
    package var sku: String
    package var quantity: Quantity
    /// For one unit, in minor units; none where nobody told.
    package var price: Int64?
    /// What it comes to before any discount.
    package var goods: Int64
    /// What it comes to after its own discounts and its part of those on the whole order.
    package var net: Int64
    package var fulfilment: OrderFulfilment
    package var store: String?
    package var parts: [OrderState: Quantity] = [:]
    /// Whether a receipt has sold it beyond what was ordered.
    package var isBeyond = false

    package init(
      sku: String, quantity: Quantity, price: Int64?, goods: Int64, net: Int64, fulfilment: OrderFulfilment,
      store: String?
    ) {
      (self.sku, self.quantity, self.price, self.goods, self.net) = (sku, quantity, price, goods, net)
      (self.fulfilment, self.store) = (fulfilment, store)
    }

    /// What is in one of these states.
    func quantity(in isCounted: (OrderState) -> Bool) -> Quantity {
      parts.reduce(.zero) { isCounted($1.key) ? $0 + $1.value : $0 }
    }

    /// What falls on so much of it: cumulative, so that parts come to the whole.
    func value(of part: Quantity) -> Int64 {
      Money.share(net, part.thousandths, of: max(quantity.thousandths, 1)) ?? 0
    }
  }

  /// So much of a line that goes from one state to another.
  package struct Move: Sendable, Equatable {
    /// Which line, from 0.
    package var line: Int
    package var from: OrderState
    package var to: OrderState
    package var quantity: Quantity
  }

  /// What an act is about: a line by its number from 1 or by its goods, and how much of it; all that can, where nothing
  /// is said.
  package struct Selection: Sendable {
    package var pointer: String
    package var line: Int?
    package var sku: String?
    package var quantity: Quantity?

    package init(pointer: String, line: Int? = nil, sku: String? = nil, quantity: Quantity? = nil) {
      (self.pointer, self.line, self.sku, self.quantity) = (pointer, line, sku, quantity)
    }
  }

  /// What the lines come to, in minor units: goods − discount − points + other = due.
  package struct Totals: Sendable, Equatable {
    package var goods: Int64 = 0
    package var discount: Int64 = 0
    /// What points have paid.
    package var points: Int64 = 0
    /// Carriage, tax, rounding: what is no line's.
    package var other: Int64 = 0
    package var due: Int64 = 0

    package init(goods: Int64 = 0, discount: Int64 = 0, points: Int64 = 0, other: Int64 = 0, due: Int64 = 0) {
      (self.goods, self.discount, self.points, self.other, self.due) = (goods, discount, points, other, due)
    }
  }

  /// Some hundreds are the longest receipt that a till prints.
  package static let mostLines = Sale.mostLines
  /// How long goods lie ready where nobody says: over a weekend.
  package static let usualPickup: Duration = .seconds(3 * 86_400)
  /// The longest that goods may lie: no store keeps more than two months of parcels.
  package static let longestPickup: Duration = .seconds(60 * 86_400)
  /// A customer is reminded so long before the end: a day, so that he can come after work.
  package static let reminder: Duration = .seconds(86_400)

  /// The place in the log of the entry that opened it.
  package var number: Int64
  /// Its key in all books (`OrderID`).
  package var id: String
  /// Where it stands; none for a sale to nobody.
  package var origin: Origin.Number?
  package var at: Instant
  package var channel: String
  package var source: String
  package var currency: Currency?
  package var totals: Totals
  /// How many points it was paid with.
  package var points: Int64
  package var code: String?
  package var until: Instant?
  package var cart: String?
  package var lines: [Line]
  package var paid: Int64 = 0
  package var refunded: Int64 = 0
  /// What is sold no more, in minor units of what the order is worth: called off, expired or given back.
  package var undone: Int64 = 0
  /// The place in the log of the last entry that changed it.
  package var version: Int64

  /// As far as its slowest part; of an order whose goods nobody told, whether its money was given back.
  package var status: OrderState {
    if lines.isEmpty { return refunded > 0 && refunded >= totals.due ? .refunded : .placed }
    return .status(of: lines.flatMap { $0.parts.filter { $0.value > .zero }.keys })
  }
  /// Whether nothing of it is sold any more.
  var isUndone: Bool {
    lines.isEmpty ? status.isUndone : lines.allSatisfy { $0.quantity { $0.isUndone } == $0.quantity }
  }
  package var isOpen: Bool { lines.contains { $0.quantity { $0.isOpen } > .zero } }
  /// Whether goods wait, or will wait, for somebody who collects them.
  package var awaitsPickup: Bool {
    lines.contains { $0.fulfilment == .pickup && $0.quantity { $0.isInStore } > .zero }
  }
  /// What can still be given back.
  package var refundable: Int64 { max(paid - refunded, 0) }
  /// What the customer gives for it, in minor units: what is due, and what points have paid.
  ///
  /// Where a receipt tells points and no money, and so not what a point pays, each counts as one.
  package var worth: Int64 {
    let told = totals.due + totals.points
    return told > 0 ? told : points
  }
  /// What is still to be paid for what is sold.
  package var owed: Int64 {
    let (gone, kept) = settled
    return max(totals.due - gone - kept, 0)
  }

  /// What of the due falls on what is undone, and what was paid for the rest: money that went back is that of what is
  /// undone, and beyond that a goodwill, which is not asked for again.
  private var settled: (gone: Int64, kept: Int64) {
    let gone = value(of: totals.due) { $0.isUndone }
    return (gone, paid - min(refunded, gone))
  }

  /// What falls on the parts in these states, of what was due or of what it is worth: cumulative over the order, and with
  /// what is no line's where all of it is there.
  package func value(of whole: Int64, in isCounted: (OrderState) -> Bool) -> Int64 {
    if lines.isEmpty { return 0 }
    let net = lines.reduce(Int64(0)) { $0 + $1.net }
    let counted = lines.reduce(Int64(0)) { $0 + $1.value(of: $1.quantity(in: isCounted)) }
    if lines.allSatisfy({ $0.quantity(in: isCounted) == $0.quantity }) { return whole }
    guard net > 0 else { return 0 }
    let share = Money.share(whole - totals.other, counted, of: net) ?? 0
    return min(max(share, 0), max(whole, 0))
  }

  /// The order after these moves.
  package func moved(_ moves: [Move]) -> Order {
    var order = self
    for move in moves {
      order.lines[move.line].parts[move.from, default: .zero] =
        order.lines[move.line].parts[move.from, default: .zero] - move.quantity
      order.lines[move.line].parts[move.to, default: .zero] =
        order.lines[move.line].parts[move.to, default: .zero] + move.quantity
    }
    return order
  }

  // MARK: Acts

  /// What an act comes to.
  ///
  /// - Parameter selection: nil for all that can.
  /// - Throws: `conflict` naming from and to where it is not allowed, `invalid` where there is no such line.
  package func moves(for act: OrderAct, _ selection: [Selection]?) throws -> [Move] {
    guard let selection else {
      let moves = lines.indices.flatMap { part(of: $0, act, upTo: nil).moves }
      guard !moves.isEmpty else { throw refusal(of: act, lines.indices.map { $0 }, pointer: "") }
      return moves
    }
    var order = self
    var moves: [Move] = []
    for wanted in selection {
      let chosen = lines.indices.filter { index in
        wanted.line.map { $0 == index + 1 } ?? (wanted.sku == lines[index].sku)
      }
      guard !chosen.isEmpty else {
        throw Failure(
          .invalid, "the order has no such line", faults: [.init(wanted.pointer, "is no line of the order")])
      }
      var (left, taken) = (wanted.quantity, [Move]())
      for index in chosen {
        let (found, rest) = order.part(of: index, act, upTo: left)
        (left, taken) = (rest, taken + found)
      }
      if taken.isEmpty || left.map({ $0 > .zero }) ?? false {
        throw order.refusal(of: act, chosen, pointer: wanted.pointer)
      }
      order = order.moved(taken)
      moves += taken
    }
    return moves
  }

  /// What an act that has happened comes to: what does not fit is left out.
  func movesOfFact(_ act: OrderAct, _ selection: [Selection]?) -> (moves: [Move], isWhole: Bool) {
    guard let selection else { return (lines.indices.flatMap { part(of: $0, act, upTo: nil).moves }, true) }
    var (order, moves, isWhole) = (self, [Move](), true)
    for wanted in selection {
      var left = wanted.quantity
      for index in lines.indices where wanted.sku == lines[index].sku {
        let (found, rest) = order.part(of: index, act, upTo: left)
        order = order.moved(found)
        (left, moves) = (rest, moves + found)
      }
      if left.map({ $0 > .zero }) ?? false { isWhole = false }
    }
    return (moves, isWhole)
  }

  /// What an act takes of a line, and how much of what is wanted it does not find there.
  func part(of index: Int, _ act: OrderAct, upTo most: Quantity?) -> (moves: [Move], left: Quantity?) {
    let line = lines[index]
    var (left, moves) = (most, [Move]())
    for state in act.sources {
      guard let to = act.next(from: state, line.fulfilment) else { continue }
      let there = line.parts[state, default: .zero]
      let quantity = min(there, left ?? there)
      guard quantity > .zero else { continue }
      moves.append(Move(line: index, from: state, to: to, quantity: quantity))
      left = left.map { $0 - quantity }
    }
    return (moves, left)
  }

  /// The refusal of what is not allowed: which state it would lead from, and to which.
  func refusal(of act: OrderAct, _ chosen: [Int], pointer: String) -> Failure {
    let parts = chosen.flatMap { index in
      lines[index].parts.filter { $0.value > .zero }.keys.map { ($0, lines[index].fulfilment) }
    }
    let from = OrderState.status(of: parts.map { $0.0 })
    let fulfilment = parts.first { $0.0 == from }?.1 ?? .pickup
    return Failure(
      .conflict,
      "\(act.rawValue) is not allowed: the order would go from \(from.rawValue) to \(act.target(fulfilment))",
      faults: [.init(pointer, "goes not from \(from.rawValue) to \(act.target(fulfilment)), or not so much of it")])
  }

  // MARK: Money

  /// What these moves give back.
  func refund(of moves: [Move], isWhole: Bool) -> Int64 {
    if isWhole { return refundable }
    return moved(moves).value(of: totals.due) { $0 == .refunded } - value(of: totals.due) { $0 == .refunded }
  }

  /// What is sold no more by these moves and by so much money that is given back, beyond what was before.
  ///
  /// It comes to what falls on the parts that are undone, or to the money that went back, whichever is more: as a rule
  /// the money is that of these parts, and the two are never added.
  func undoing(_ moves: [Move], refunding amount: Int64 = 0) -> Int64 {
    let money = refunded + amount
    let isWhole = lines.isEmpty && money >= totals.due
    let parts = isWhole ? worth : moved(moves).value(of: worth) { $0.isUndone }
    return max(min(max(parts, money), worth) - undone, 0)
  }

  /// How much of its worth the customer has and has paid for: what he keeps of it earns points.
  ///
  /// What has come back is his until the money is given back.
  var handedOver: Int64 {
    let there = value(of: worth) { $0.isHandedOver || $0 == .returned }
    let isPaid = Money.share(worth, min(paid, totals.due), of: max(totals.due, 1)) ?? 0
    return max(min(there, worth - undone, isPaid), 0)
  }

  /// What is paid when these moves hand goods over: all that is due for what the customer has then.
  func payment(for moves: [Move]) -> Int64 {
    let after = moved(moves)
    let isLast = !after.lines.contains { $0.quantity { $0.isInStore } > .zero }
    if isLast { return after.owed }
    return min(max(after.value(of: totals.due) { $0.isHandedOver } - after.settled.kept, 0), after.owed)
  }
}
