import Base

extension Order {
  /// What a receipt comes to for an order that was placed before it.
  struct Receipt {
    var moves: [Move] = []
    /// What a request has handed over before the receipt came.
    var claimed: [(sku: String, quantity: Quantity)] = []
    /// What was sold beyond the order.
    var added: [Addition] = []
    /// What the receipt asks for the goods that are moved.
    var asked: Int64 = 0
  }

  /// In which states goods wait for somebody, those that are nearest to him first.
  private static let waiting: [OrderState] = [.ready, .picking, .reserved, .placed, .packed]

  /// Finds what a receipt sells among what is still open, what was handed over before without one, and what is beyond.
  ///
  /// - Parameters:
  ///   - told: its lines, as it prices them.
  ///   - store: where it was printed; goods that wait there go first.
  ///   - unclaimed: what requests have handed over and no receipt has told of.
  func receipt(of told: [Line], at store: String?, unclaimed: [String: Quantity]) -> Receipt {
    var (order, receipt, unclaimed) = (self, Receipt(), unclaimed)
    for line in told {
      var taken = Quantity.zero
      let places = lines.indices.filter { lines[$0].sku == line.sku }.sorted { one, other in
        func rank(_ index: Int) -> (Int, Int, Int) {
          (lines[index].fulfilment == .pickup ? 0 : 1, lines[index].store == store ? 0 : 1, index)
        }
        return rank(one) < rank(other)
      }
      for index in places {
        for state in Self.waiting {
          let quantity = min(order.lines[index].parts[state] ?? .zero, line.quantity - taken)
          guard quantity > .zero else { continue }
          let move = Move(line: index, from: state, to: .collected, quantity: quantity)
          order = order.moved([move])
          receipt.moves.append(move)
          taken = taken + quantity
        }
      }
      receipt.asked += line.value(of: taken)
      let claimed = min(line.quantity - taken, unclaimed[line.sku] ?? .zero)
      if claimed > .zero {
        receipt.claimed.append((line.sku, claimed))
        unclaimed[line.sku] = (unclaimed[line.sku] ?? .zero) - claimed
        taken = taken + claimed
      }
      if line.quantity > taken {
        receipt.added.append(
          Addition(
            index: lines.count + receipt.added.count, part: nil, line: line.rest(beyond: taken), first: .collected))
      }
    }
    return receipt
  }

  /// What requests have handed over of these goods, as the entries of the order tell, less what receipts have told of.
  func unclaimed(
    _ entries: [OrderVerdict], receipts: [OrderVerdict]
  ) -> [String: Quantity] {
    var sums: [String: Quantity] = [:]
    func add(_ sku: String, _ quantity: Quantity) { sums[sku] = (sums[sku] ?? .zero) + quantity }
    for verdict in entries where verdict.receipt == nil {
      for (line, first) in zip(verdict.placing?.lines ?? [], verdict.placing?.first ?? []) where first.isHandedOver {
        add(line.sku, line.quantity)
      }
      for move in verdict.moves where move.from.isInStore && move.to.isHandedOver {
        add(lines[move.line].sku, move.quantity)
      }
    }
    for receipt in receipts {
      for one in receipt.claimed { add(one.sku, -one.quantity) }
    }
    return sums
  }
}

extension Order.Line {
  /// What is left of it, at what is left of its price.
  fileprivate func rest(beyond taken: Quantity) -> Order.Line {
    var rest = self
    rest.quantity = quantity - taken
    rest.net = max(net - value(of: taken), 0)
    let product = price.flatMap { Money.product(rest.quantity, price: $0) } ?? rest.net
    rest.goods = max(product, rest.net)
    return rest
  }
}

extension OrderVerdict {
  /// The goods that a receipt has sold.
  func sold(of order: Order) -> [OrderBooks.Goods] {
    moves.filter { $0.to == .collected }.map { (order.lines[$0.line].sku, $0.quantity) } + claimed
      + added.filter { $0.part == nil }.map { ($0.line.sku, $0.line.quantity) }
  }
}
