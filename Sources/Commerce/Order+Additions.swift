import Base

extension Order {
  /// A line that an order gets after its others: a part of one of them that comes from another store, or what was sold
  /// beyond them.
  package struct Addition: Sendable {
    /// Which line it becomes, from 0.
    package var index: Int
    /// Of which line it is a part, and in which state that was; none of what was sold beyond them.
    package var part: (line: Int, from: OrderState)?
    /// It has no parts of its own yet.
    package var line: Line
    /// In which state it begins.
    package var first: OrderState
  }

  /// Adds a line: what is a part of another one is taken from that, and the order costs what it did.
  mutating func add(_ addition: Addition) {
    guard addition.index == lines.count else { return }
    var line = addition.line
    line.parts = [addition.first: line.quantity]
    if let (index, from) = addition.part {
      guard lines.indices.contains(index) else { return }
      lines[index].quantity = lines[index].quantity - line.quantity
      lines[index].goods -= line.goods
      lines[index].net -= line.net
      lines[index].parts[from] = (lines[index].parts[from] ?? .zero) - line.quantity
    } else {
      totals.goods += line.goods
      totals.discount += line.goods - line.net
      totals.due += line.net
      line.isBeyond = true
    }
    lines.append(line)
  }

  /// The goods of a line, by its number from 1.
  package func sku(ofLine number: Int) -> String? {
    lines.indices.contains(number - 1) ? lines[number - 1].sku : nil
  }

  /// What was ordered, before a receipt sold more of anything.
  var ordered: (goods: [String: Quantity], due: Int64) {
    let lines = lines.filter { !$0.isBeyond }
    let beyond = self.lines.reduce(Int64(0)) { $1.isBeyond ? $0 + $1.net : $0 }
    return (Self.sums(lines.map { ($0.sku, $0.quantity) }), totals.due - beyond)
  }

  /// The order after these.
  func adding(_ additions: [Addition]) -> Order {
    var order = self
    for addition in additions { order.add(addition) }
    return order
  }

  /// So much of a line's part as a line of its own, at another store.
  func division(of move: Move, to store: String, first: OrderState) -> Addition {
    var line = lines[move.line]
    (line.quantity, line.store, line.parts) = (move.quantity, store, [:])
    line.goods = Money.share(line.goods, move.quantity.thousandths, of: lines[move.line].quantity.thousandths) ?? 0
    line.net = lines[move.line].net(ofDivision: move.quantity)
    return Addition(index: lines.count, part: (move.line, move.from), line: line, first: first)
  }

  /// What goes to another store, as lines of that store.
  ///
  /// - Parameter selection: nil for all that can.
  /// - Throws: `conflict` where it is there already, or handed over; `invalid` where there is no such line.
  func divisions(to store: String, _ selection: [Selection]?) throws -> [Addition] {
    var (order, additions) = (self, [Addition]())
    /// Takes so much of these lines, and answers what was not there.
    func take(_ chosen: [Int], upTo most: Quantity?) -> Quantity? {
      var left = most
      for index in chosen where lines[index].store != store {
        let (found, rest) = order.part(of: index, .move, upTo: left)
        for move in found {
          let addition = order.division(of: move, to: store, first: .reserved)
          order.add(addition)
          additions.append(addition)
        }
        left = rest
      }
      return left
    }
    for wanted in selection ?? [Selection(pointer: "")] {
      let chosen = lines.indices.filter { index in
        selection == nil || (wanted.line.map { $0 == index + 1 } ?? (wanted.sku == lines[index].sku))
      }
      guard !chosen.isEmpty else {
        throw Failure(
          .invalid, "the order has no such line", faults: [.init(wanted.pointer, "is no line of the order")])
      }
      let before = additions.count
      let left = take(chosen, upTo: wanted.quantity)
      if additions.count > before, left.map({ $0 == .zero }) ?? true { continue }
      if chosen.allSatisfy({ lines[$0].store == store }) {
        throw Failure(.conflict, "it is in that store already", faults: [.init("/store", "has these lines already")])
      }
      throw refusal(of: .move, chosen, pointer: wanted.pointer)
    }
    return additions
  }
}

extension Order.Line {
  /// What falls on so much of the line that becomes a line of its own: its share, rounded so that what was undone of the
  /// rest comes to what it came to before.
  fileprivate func net(ofDivision part: Quantity) -> Int64 {
    let share = value(of: part)
    let undone = self.quantity { $0.isUndone }
    var rest = self
    rest.quantity = quantity - part
    // What is undone comes to a whole amount; one unit of money more or less on the rest always meets it.
    return [0, 1, -1, 2, -2].lazy.map { share + $0 }.first { candidate in
      rest.net = net - candidate
      return rest.value(of: undone) == value(of: undone)
    } ?? share
  }
}
