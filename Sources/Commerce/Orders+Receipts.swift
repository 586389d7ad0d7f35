import Base
import Customers
import SQL

/// Receipts that hand over what was ordered at another door.
extension Orders {
  /// Decides about a till's receipt of an order that a request has placed.
  ///
  /// What of its goods is still open is collected by it. What a request has handed over before needs no second word: that
  /// is a report. What is beyond both has been sold all the same, so that the order gets it as further lines. Each receipt
  /// counts once for the order, by its own number or else by the order's.
  ///
  /// - Parameters:
  ///   - raw: what the receipt calls itself.
  ///   - own: the order of that name.
  /// - Returns: whether it is such a receipt.
  func handOver(
    _ sale: Sale, _ raw: String, _ own: Order?, _ entry: inout LogEntry, in session: any Session
  ) throws -> Bool {
    let key = OrderID.key(of: raw)
    guard !sale.lines.isEmpty, let order = try sale.placed.map({ try OrderStore.find($0, in: session) }) ?? own,
      try EventLog.entry(order.number, in: session)?.event.kind == .order
    else { return false }
    // It has opened an order of its own before it was told of which one it is.
    if let own, own.number != order.number { return false }
    var verdict = OrderVerdict(.report, order: order.number)
    verdict.conflict = try conflict(sale, order, key, entry, in: session)
    if try verdict.conflict != nil || OrderStore.receipt(key, in: session) != nil {
      verdict.write(to: &entry.outcome)
      return true
    }
    verdict.receipt = key
    let store = Self.store(of: sale, entry)
    let stored = try OrderStore.stored(order.number, in: session)
    var told = OrderVerdict.Placing(
      id: order.id, channel: entry.channel, currency: sale.currency, totals: .init())
    told.price(sale, .counter, store)
    let receipt = order.receipt(
      of: told.lines, at: store,
      unclaimed: order.unclaimed(
        stored.entries.map { $0.verdict }, receipts: try OrderStore.receipts(of: order.number, in: session)))
    (verdict.moves, verdict.claimed, verdict.added) = (receipt.moves, receipt.claimed, receipt.added)
    verdict.defects = sale.faults.map { "\($0.pointer) \($0.reason)" }
    if !receipt.moves.isEmpty || !receipt.added.isEmpty {
      verdict.act = .collect
      pay(receipt, sale, told.totals.other, order, entry.event, &verdict)
      try sell(receipt.added, sale, order, at: store, &verdict, &entry, in: session)
      try settle(
        verdict, order, restock: .nowhere, at: store, isOffline: sale.isOffline, entry.event.at,
        into: &entry.outcome, in: session)
    }
    try settleEarly(&verdict, of: key, on: order, entry.event.at, into: &entry.outcome, in: session)
    verdict.write(to: &entry.outcome)
    var after = order
    after.apply(verdict, sequence: order.version)
    try endTimers(of: after, into: &entry.outcome, in: session)
    return true
  }

  /// Why a receipt cannot be of that order, or nil.
  private func conflict(
    _ sale: Sale, _ order: Order, _ key: String, _ entry: LogEntry, in session: any Session
  ) throws -> String? {
    if try isAnothers(order, entry, in: session) { return "customer" }
    if let told = sale.currency, let currency = order.currency, told != currency { return "currency" }
    // The same receipt by another road has the same goods.
    guard let known = try OrderStore.receipt(key, in: session),
      let first = try EventLog.entry(known.sequence, in: session).flatMap({ Sale($0.event) })
    else { return nil }
    func goods(_ sale: Sale) -> [String: Quantity] { Order.sums(sale.lines.map { ($0.sku, $0.quantity) }) }
    return goods(first) == goods(sale) ? nil : "lines"
  }

  /// What was paid: what the receipt says, and no more than is owed for what it hands over.
  ///
  /// An order that was paid at the site is often printed as if it were paid again.
  private func pay(
    _ receipt: Order.Receipt, _ sale: Sale, _ other: Int64, _ order: Order, _ event: Event,
    _ verdict: inout OrderVerdict
  ) {
    let isTold = sale.total != nil || sale.lines.allSatisfy { $0.total != nil || $0.price != nil }
    let asked = receipt.asked + (receipt.claimed.isEmpty ? other : 0)
    let owed = receipt.moves.isEmpty ? 0 : order.payment(for: receipt.moves)
    let beyond = receipt.added.reduce(Int64(0)) { $0 + $1.line.net }
    let paid = (isTold ? min(max(asked, 0), owed) : owed) + beyond
    if paid > 0 { verdict.payments = Self.payments(of: event, paid, order.currency) }
    let whole = order.moved(receipt.moves)
    let prices = [order.totals.due, order.worth].map { sum in
      whole.value(of: sum) { $0.isHandedOver } - order.value(of: sum) { $0.isHandedOver }
    }
    // Each line may be rounded otherwise.
    let isSame = (prices + [owed]).contains { abs($0 - asked) <= Int64(receipt.moves.count) }
    if isTold, !receipt.moves.isEmpty, !isSame {
      verdict.defects.append("the receipt asks for another amount than the order")
    }
  }

  /// Sells what a receipt has beyond the order, and takes the points that it was paid with and the order was not.
  private func sell(
    _ added: [Order.Addition], _ sale: Sale, _ order: Order, at store: String?, _ verdict: inout OrderVerdict,
    _ entry: inout LogEntry, in session: any Session
  ) throws {
    let time = entry.event.at
    let lines = added.map { $0.line }
    let points = max((sale.points ?? 0) - order.points, 0)
    if sale.isOffline, let store {
      verdict.exceeded = try books.offlineExcess(
        lines.map { ($0.sku, $0.quantity) }, points: points, of: entry.outcome.origin ?? order.origin, at: store,
        time: time, after: entry.outcome, in: session)
    }
    for (store, goods) in Self.byStore(lines, { _ in true }) {
      try books.sell(
        goods, at: store, time: time, order: order.id, isOffline: sale.isOffline, into: &entry.outcome, in: session)
    }
    if points > 0, let origin = entry.outcome.origin ?? order.origin {
      _ = try books.burn(
        points: points, order: order.id, currency: order.currency, due: nil, at: origin, isFact: true,
        time: time, into: &entry.outcome, in: session)
    }
    let due = lines.reduce(Int64(0)) { $0 + $1.net }
    if due > 0, let origin = order.origin, let currency = order.currency {
      try books.earnMore(
        order: order.id, amount: due, currency: currency, lines: lines.map { ($0.sku, $0.net) }, at: origin,
        time: time, into: &entry.outcome, in: session)
    }
    if let origin = entry.outcome.origin, !lines.isEmpty {
      try books.takeBought(
        lines.map { (sku: $0.sku, quantity: $0.quantity) }, ofCustomer: origin, order: order.id, time: time,
        into: &entry.outcome, in: session)
    }
  }
}
