import Base

extension TillReceipt {
  /// What the lines and discounts come to.
  private var sum: Int128 {
    lines.reduce(0) { $0 + Int128($1.total) } - discounts.reduce(0) { $0 + Int128($1) }
  }

  /// What was paid for all of it, or taken back.
  var due: Int128 { total.map { Int128($0) } ?? sum }

  /// Notes what does not add up.
  mutating func checkSums() {
    for (index, line) in lines.enumerated() {
      guard let price = line.price else { continue }
      let expected = Money.product(line.quantity, price: price).map { $0 - line.discount }
      if expected != line.total {
        let sum = expected.map { "\($0)" } ?? "more than is possible"
        defects.append(.init("/lines/\(index)/total_minor", "is \(line.total), and its line comes to \(sum)"))
      }
    }
    if let total, !lines.isEmpty, Int128(total) != sum {
      defects.append(.init("/totals/total_minor", "is \(total), and the lines come to \(sum)"))
    }
    guard !tenders.isEmpty else { return }
    let paid = tenders.reduce(0) { $0 + Int128($1.amount) } - Int128(change ?? 0)
    // A till that writes down the note that it was handed, and not what it gave back on it.
    let isChange = change == nil && paid > due && tenders.contains { $0.isCash }
    if paid != due, !isChange { defects.append(.init("/tenders", "come to \(paid), and the receipt to \(due)")) }
  }
}
