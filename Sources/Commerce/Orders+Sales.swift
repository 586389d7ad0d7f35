import Base
package import Customers
package import SQL

/// What sources tell of orders: facts, which are never refused.
extension Orders {
  /// Decides about an entry that is about to be appended, where it tells of an order.
  package func decide(_ entry: inout LogEntry, in session: any Session) throws {
    switch entry.event.kind {
    case .track:
      guard let sale = Sale(entry.event) else { return }
      try decide(sale, &entry, in: session)
    case .erasure: try keepExpiries(of: entry.outcome.erased, into: &entry.outcome, in: session)
    default: return
    }
  }

  private func decide(_ sale: Sale, _ entry: inout LogEntry, in session: any Session) throws {
    let raw = sale.order ?? OrderID.made(by: entry.source, entry.event.messageID)
    let isReceipt = sale.kind == .completed && entry.channel == Self.storeChannel
    // What anybody could have sent with a page's key opens nothing and takes nothing; of his own order it is a report.
    guard try isTrusted(entry, in: session) else {
      guard sale.kind == .completed, entry.outcome.rulings.contains(where: { $0.mention.isProved }) else { return }
      if let order = try OrderStore.find(raw, in: session), try isSamePerson(order, entry, in: session),
        order.contradiction(to: sale) == nil
      {
        OrderVerdict(.report, order: order.number).write(to: &entry.outcome)
      }
      return
    }
    let order = try OrderStore.find(raw, in: session)
    if isReceipt, try handOver(sale, raw, order, &entry, in: session) { return }
    switch sale.kind {
    case .completed, .updated:
      if let order {
        var verdict = OrderVerdict(.report, order: order.number)
        verdict.conflict =
          try isAnothers(order, entry, in: session) ? "customer" : order.contradiction(to: sale)
        verdict.write(to: &entry.outcome)
      } else {
        try open(sale, raw, &entry, in: session)
      }
    case .refunded, .cancelled:
      let act: OrderAct = sale.kind == .refunded ? .refund : .cancel
      if let order {
        var verdict = OrderVerdict(act, order: order.number)
        let goods = sale.lines.map { (sku: $0.sku, quantity: $0.quantity) }
        let isForeign = sale.currency.map { $0 != order.currency } ?? false
        if isForeign { verdict.defects.append("it is in another currency than the order") }
        undo(
          order, act, goods, isForeign ? nil : sale.total, &verdict,
          soldBy: try OrderStore.receipt(OrderID.key(of: raw), of: order, in: session))
        try settle(
          verdict, order, restock: .at(Self.store(of: sale, entry)), entry.event.at, into: &entry.outcome, in: session)
        verdict.write(to: &entry.outcome)
        try endTimers(of: order.moved(verdict.moves), into: &entry.outcome, in: session)
      } else {
        var verdict = OrderVerdict(act)
        verdict.early = OrderVerdict.Early(
          id: OrderID.key(of: raw),
          lines: sale.lines.map { ($0.sku, $0.quantity) }, total: sale.total)
        verdict.write(to: &entry.outcome)
      }
    }
  }

  /// A till says in which store it stands; what a site calls an affiliation is none.
  static func store(of sale: Sale, _ entry: LogEntry) -> String? {
    entry.channel == storeChannel ? sale.store : nil
  }

  private static let storeChannel = "store"

  // MARK: Opening

  private func open(_ sale: Sale, _ raw: String, _ entry: inout LogEntry, in session: any Session) throws {
    let store = Self.store(of: sale, entry)
    let isCounter = entry.channel == Self.storeChannel
    let id = OrderID.key(of: raw)
    var decided = OrderVerdict.Placing(
      id: id, channel: entry.channel, currency: sale.currency, totals: .init())
    decided.cart = sale.cart
    decided.points = sale.points ?? 0
    decided.price(sale, isCounter ? .counter : .delivery, store)
    decided.first = decided.lines.map { _ in isCounter ? .collected : .placed }
    if let coupon = sale.coupon {
      try books.redeem([coupon], order: id, customer: nil, isFact: true, into: &entry.outcome, in: session)
    }
    var verdict = OrderVerdict(.place)
    if decided.totals.due > 0 {
      verdict.payments = Self.payments(of: entry.event, decided.totals.due, decided.currency)
    }
    verdict.defects = sale.faults.map { "\($0.pointer) \($0.reason)" }
    let time = entry.event.at
    let origin = entry.outcome.origin
    if isCounter {
      decided.isOffline = sale.isOffline
      if decided.isOffline, let store {
        verdict.exceeded = try books.offlineExcess(
          decided.lines.map { ($0.sku, $0.quantity) }, points: decided.points, of: origin, at: store, time: time,
          after: entry.outcome, in: session)
      }
      for (store, goods) in Self.byStore(decided.lines, { _ in true }) {
        try books.sell(
          goods, at: store, time: time, order: id, isOffline: decided.isOffline, into: &entry.outcome, in: session)
      }
    }
    if decided.points > 0, let origin {
      _ = try books.burn(
        points: decided.points, order: id, currency: decided.currency, due: nil, at: origin, isFact: true,
        time: time, into: &entry.outcome, in: session)
    }
    try earn(decided, at: origin, isFact: true, time, into: &entry.outcome, in: session)
    try takeFromCart(decided, at: origin, time, into: &entry.outcome, in: session)
    decided.forgetForeignCart()
    verdict.placing = decided
    let opened = Order(decided, number: 0, at: time)
    try settleEarly(&verdict, of: id, on: opened, time, into: &entry.outcome, in: session)
    verdict.write(to: &entry.outcome)
  }

  /// How it was paid, as a till's tenders say it; all by one means where they do not come to what was due.
  static func payments(
    of event: Event, _ due: Int64, _ currency: Currency?
  ) -> [(method: String, amount: Int64)] {
    let tenders = (try? JSONDocument(event.body).root)?["properties"]?["tenders"]?.elements.compactMap { tender in
      tender["amount_minor"]?.integer.map { amount in
        (method: tender["kind"]?.string.flatMap { OrderDraft.isMethod($0) ? $0 : nil } ?? "other", amount: amount)
      }
    }
    if let tenders, !tenders.isEmpty, tenders.allSatisfy({ $0.amount > 0 }),
      tenders.reduce(0, { $0 + min($1.amount, Money.most) }) == due
    {
      return tenders
    }
    return [("other", due)]
  }

  /// Applies what came before the order, or before a receipt of it: a refund that a till reported sooner than the site
  /// its sale.
  ///
  /// - Parameters:
  ///   - id: the key of the order, or of the receipt that this verdict is of.
  ///   - known: the order before the verdict.
  func settleEarly(
    _ verdict: inout OrderVerdict, of id: String, on known: Order, _ now: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    let early = try OrderStore.early(id, in: session)
    if early.isEmpty { return }
    var order = known
    order.apply(verdict, sequence: known.version)
    let receipt = id == known.id ? nil : verdict
    for entry in early {
      guard let told = OrderVerdict(of: entry.outcome), let what = told.early else { continue }
      var act = OrderVerdict(told.act)
      undo(order, told.act, what.lines, what.total, &act, soldBy: receipt)
      try settle(act, order, restock: .at(nil), now, into: &outcome, in: session)
      order.apply(act, sequence: entry.sequence)
      verdict.applied.append(entry.sequence)
      verdict.moves += act.moves
      verdict.refunded += act.refunded
      verdict.undone += act.undone
      verdict.defects += act.defects
    }
  }

  // MARK: Taking back

  /// What a refund or a cancellation that has happened comes to: as much as there is, and what is too much is noted.
  ///
  /// - Parameter receipt: the receipt that is taken back, where it is one of several that have handed over the order: then
  ///   no more is than what that one sold.
  private func undo(
    _ order: Order, _ act: OrderAct, _ told: [OrderBooks.Goods], _ total: Int64?, _ verdict: inout OrderVerdict,
    soldBy receipt: OrderVerdict?
  ) {
    let sold = receipt?.sold(of: order)
    let goods = act == .cancel || told.isEmpty ? sold ?? told : told
    if act == .cancel, sold == nil {
      // A void: what was handed over comes back, and all the money goes back.
      let called = order.movesOfFact(.cancel, nil).moves
      verdict.moves = called + order.moved(called).movesOfFact(.refund, nil).moves.filter { $0.from != .cancelled }
      verdict.refunded = order.refundable
    } else if goods.isEmpty {
      let isWhole = total.map { $0 >= order.refundable } ?? true
      verdict.moves = isWhole ? order.movesOfFact(.refund, nil).moves : []
      verdict.refunded = min(total ?? order.refundable, order.refundable)
      if let total, total > order.refundable { verdict.defects.append(Self.tooMuch) }
    } else {
      let selection = goods.map { Order.Selection(pointer: "", sku: $0.sku, quantity: $0.quantity) }
      let (moves, isWhole) = order.movesOfFact(.refund, selection)
      verdict.moves = sold == nil ? moves : moves.filter { $0.from.isHandedOver || $0.from == .returned }
      // A void gives back what was paid for its goods, whatever it says of money.
      let told = (act == .cancel ? nil : total) ?? order.refund(of: verdict.moves, isWhole: false)
      verdict.refunded = min(max(told, 0), order.refundable)
      if !isWhole { verdict.defects.append("more goods were given back than the order has") }
      if told > order.refundable { verdict.defects.append(Self.tooMuch) }
    }
    verdict.undone = order.undoing(verdict.moves, refunding: verdict.refunded)
  }

  private static let tooMuch = "more was given back than was paid"

  // MARK: Who

  /// Whether the source is one whose word counts.
  ///
  /// Who it is of, a page can prove by a customer's token; what he bought and paid it cannot.
  private func isTrusted(_ entry: LogEntry, in session: any Session) throws -> Bool {
    try DocumentFold.source(entry.source, in: session)?.trust == .verified
  }

  /// The customers, as they were before this entry, that the entry is of.
  private func leaders(of entry: LogEntry, in session: any Session) throws -> Set<Origin.Number> {
    guard let origin = entry.outcome.origin else { return [] }
    let opened = Set(entry.outcome.opened.map { $0.number })
    var (reached, next) = (Set<Origin.Number>(), [origin])
    while let place = next.popLast() {
      guard reached.insert(place).inserted else { continue }
      for tie in entry.outcome.ties where tie.first == place || tie.second == place {
        next.append(tie.first == place ? tie.second : tie.first)
      }
    }
    return try Set(reached.subtracting(opened).map { try Lookup.leader(of: $0, in: session) })
  }

  private func isSamePerson(_ order: Order, _ entry: LogEntry, in session: any Session) throws -> Bool {
    guard let origin = order.origin else { return false }
    return try leaders(of: entry, in: session).contains(Lookup.leader(of: origin, in: session))
  }

  /// Whether a report is of somebody else: a receipt without a card is nobody else's.
  func isAnothers(_ order: Order, _ entry: LogEntry, in session: any Session) throws -> Bool {
    if try isSamePerson(order, entry, in: session) { return false }
    guard let origin = order.origin else { return false }
    guard try isKnown(Lookup.leader(of: origin, in: session), in: session) else { return false }
    if entry.outcome.opened.contains(where: { $0.isKnown }) { return true }
    return try leaders(of: entry, in: session).contains { try isKnown($0, in: session) }
  }

  private func isKnown(_ origin: Origin.Number, in session: any Session) throws -> Bool {
    try OriginStore.leader(of: origin, in: session).isKnown
  }

  // MARK: Erasure

  /// What waits for somebody who is erased waits no longer than it would have: its end belongs to nobody from then on.
  private func keepExpiries(
    of origins: [Origin.Number], into outcome: inout Outcome, in session: any Session
  ) throws {
    for order in try OrderStore.open(of: origins, in: session) where order.awaitsPickup {
      if let until = order.until { outcome.timers.append(OrderTimer.expiry(order.id, until: until)) }
    }
  }
}

extension OrderVerdict.Placing {
  /// What a sale says that its lines come to.
  mutating func price(_ sale: Sale, _ fulfilment: OrderFulfilment, _ store: String?) {
    lines = sale.lines.map { line in
      let product = line.price.flatMap { Money.product(line.quantity, price: $0) }
      let net = line.total ?? product ?? 0
      return Order.Line(
        sku: line.sku, quantity: line.quantity, price: line.price, goods: max(product ?? net, net), net: net,
        fulfilment: fulfilment, store: store)
    }
    let goods = lines.reduce(Int128(0)) { $0 + Int128($1.goods) }
    let net = lines.reduce(Int128(0)) { $0 + Int128($1.net) }
    guard goods <= Int128(Money.most), net.magnitude <= UInt128(Money.most) else {
      // Sums that nobody can have meant: the goods count, the money does not.
      for index in lines.indices { (lines[index].goods, lines[index].net) = (0, 0) }
      totals = Order.Totals(other: max(sale.total ?? 0, 0), due: max(sale.total ?? 0, 0))
      return
    }
    let due = max(sale.total ?? Int64(net), 0)
    if due < Int64(net), lines.allSatisfy({ $0.net >= 0 }) {
      for (index, part) in Money.split(due, by: lines.map { $0.net }).enumerated() { lines[index].net = part }
    }
    let rest = lines.reduce(Int64(0)) { $0 + $1.net }
    totals = Order.Totals(goods: Int64(goods), discount: Int64(goods) - rest, other: due - rest, due: due)
  }
}

extension Order {
  /// What a report says otherwise, or nil: what it does not tell contradicts nothing.
  func contradiction(to sale: Sale) -> String? {
    let ordered = ordered
    if !sale.lines.isEmpty, !lines.isEmpty, Self.sums(sale.lines.map { ($0.sku, $0.quantity) }) != ordered.goods {
      return "lines"
    }
    if let told = sale.currency, let currency, told != currency { return "currency" }
    if let told = sale.total, currency != nil, sale.currency != nil, told != ordered.due { return "total" }
    return nil
  }
}
