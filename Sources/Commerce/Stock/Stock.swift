package import Base
package import Customers
package import SQL

/// What there is of each article in each store: what orders take, set aside and give back.
///
/// Each of these decides about an entry that is about to be appended, and adds to its outcome. What has been sold is
/// sold, whatever the books say: where it was not there, a shortage says so. What is only asked for is refused where it
/// cannot be promised.
package enum Stock {
  /// So much of something.
  package typealias Line = (sku: String, quantity: Quantity)

  /// Takes from on hand what was sold.
  ///
  /// What the order had set aside of it ends first, in this store and then in others.
  ///
  /// - Parameters:
  ///   - time: when it was sold; what is not later than the newest snapshot is in that already.
  ///   - order: the order's id.
  ///   - isOffline: whether the till that sold it had no connection.
  package static func sell(
    _ lines: [Line], at store: String, time: Instant, order: String, isOffline: Bool = false,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    var book = try StockBook(outcome, in: session)
    for line in lines {
      var sold = line.quantity.thousandths
      let open = try book.open(order).filter { $0.place.sku == line.sku }
      for reservation in open.filter({ $0.place.store == store }) + open.filter({ $0.place.store != store }) {
        let ended = min(sold, reservation.remaining)
        if ended > 0 { try book.end(ended, of: reservation, .sold, at: time) }
        sold -= ended
      }
      try book.change(
        StockPlace(store: store, sku: line.sku), by: -line.quantity.thousandths,
        isOffline ? .offlineSale : .sale, at: time, order: order)
    }
    try close(&book, order, into: &outcome, in: session)
  }

  /// Puts back on hand what was brought back.
  package static func restock(
    _ lines: [Line], at store: String, time: Instant, order: String, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    var book = try StockBook(outcome, in: session)
    for line in lines {
      try book.change(
        StockPlace(store: store, sku: line.sku), by: line.quantity.thousandths, .restock, at: time, order: order)
    }
    try close(&book, order, into: &outcome, in: session)
  }

  /// Sets aside what an order asks for, all of it or nothing; lines of one article count together.
  ///
  /// - Parameters:
  ///   - until: when what is left of it is released by itself; nil for never.
  ///   - now: by which it is told whether stock is too old to be promised; nil for when the log's newest entry came.
  /// - Throws: `Shortfall` where not all of it can be promised, `Failure` of the code `invalid` where there is no such
  ///   store or a line asks for nothing; the outcome is as it was then.
  package static func reserve(
    _ lines: [Line], at store: String, until: Instant?, order: String, now: Instant? = nil,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    guard let place = try ShopMemory.store(store, in: session) else {
      throw Failure(.invalid, "there is no such store", faults: [.init("/store", "is no store")])
    }
    guard lines.allSatisfy({ $0.quantity > .zero }) else {
      throw Failure(.invalid, "a line asks for nothing", faults: [.init("/lines", "have quantities above 0")])
    }
    let now = try now ?? newest(in: session)
    var book = try StockBook(outcome, in: session)
    let policy = try ShopMemory.stockPolicy(in: session)
    var asked: [String: Int64] = [:]
    for line in lines {
      let (sum, quantity) = (asked[line.sku] ?? 0, line.quantity.thousandths)
      asked[line.sku] = Protection.holds("stock.linesTogether") ? sum + quantity : max(sum, quantity)
    }
    var short: [(sku: String, asked: Int64, available: Int64)] = []
    for (sku, quantity) in asked.sorted(by: { $0.key < $1.key }) {
      let level = try book.level(StockPlace(store: store, sku: sku))
      let available = level.available(in: place, by: policy, now: now)
      if quantity > available, Protection.holds("stock.available") { short.append((sku, quantity, available)) }
    }
    guard short.isEmpty else {
      throw try Shortfall(short, at: place, policy: policy, now: now, in: session)
    }
    for (sku, quantity) in asked.sorted(by: { $0.key < $1.key }) {
      try book.hold(quantity, StockPlace(store: store, sku: sku), for: order, until: until)
    }
    try close(&book, order, into: &outcome, in: session)
  }

  /// Ends what an order has set aside.
  ///
  /// - Parameters:
  ///   - lines: of which articles, and how much of each; nil for all that is left.
  ///   - store: of which store's; nil for any.
  package static func release(
    order: String, lines: [Line]?, at store: String? = nil, into outcome: inout Outcome, in session: any Session
  ) throws {
    var book = try StockBook(outcome, in: session)
    let at = try newest(in: session)
    if let lines {
      for line in lines {
        var rest = line.quantity.thousandths
        for reservation in try book.open(order)
        where reservation.place.sku == line.sku && store ?? reservation.place.store == reservation.place.store
          && rest > 0
        {
          let ended = min(rest, reservation.remaining)
          try book.end(ended, of: reservation, .released, at: at)
          rest -= ended
        }
      }
    } else {
      for reservation in try book.open(order) {
        try book.end(reservation.remaining, of: reservation, .released, at: at)
      }
    }
    try close(&book, order, into: &outcome, in: session)
  }

  /// What an order has set aside and is left.
  package static func reserved(for order: String, in session: any Session) throws -> [StockVerdict.Reservation] {
    try StockBook(Outcome(.matched, origin: nil), in: session).open(order)
  }

  /// Settles the shortages, sets the timers of what the order has set aside, and puts all of it into the outcome.
  static func close(
    _ book: inout StockBook, _ order: String, into outcome: inout Outcome, in session: any Session
  ) throws {
    try book.settle()
    book.verdict.put(into: &outcome)
    let stores = Set(book.verdict.reservations.filter { $0.order == order }.map { $0.place.store })
    for store in stores.sorted() {
      let due = try book.open(order).filter { $0.place.store == store }.compactMap { $0.until }.min()
      try ReservationEnd.set(due, order: order, store: store, in: &outcome, session)
    }
  }

  /// When the log's newest entry came.
  private static func newest(in session: any Session) throws -> Instant {
    try session.first(of: StockStatement.received) { Instant(milliseconds: $0.integer(0)) } ?? .earliest
  }
}

extension StockBook.Level {
  /// How much can be promised of what is there, in thousandths: never below 0.
  func available(in store: Store, by policy: StockPolicy, now: Instant) -> Int64 {
    guard policy.promises(asOf, now: now) else { return 0 }
    return max(0, onHand - reserved - store.safetyStock.thousandths - store.kept(of: onHand))
  }

  /// How much of that its tills may sell without a connection, in thousandths: what is kept for them, as far as it is
  /// there.
  func offline(in store: Store, by policy: StockPolicy, now: Instant) -> Int64 {
    guard policy.promises(asOf, now: now) else { return 0 }
    let left = max(0, onHand - reserved - store.safetyStock.thousandths)
    return min(store.kept(of: onHand), left / 1000 * 1000)
  }
}

/// Not all that a request asks for can be promised.
package struct Shortfall: Error, Sendable {
  /// An article of which there is too little.
  package struct Line: Sendable {
    package var sku: String
    package var asked: Quantity
    package var available: Quantity
    /// Other stores that can promise as much, the nearest first.
    package var stores: [(store: String, available: Quantity)]
  }

  /// How many other stores are named for each article.
  static let mostStores = 10

  package let store: String
  package let lines: [Line]

  init(
    _ short: [(sku: String, asked: Int64, available: Int64)], at store: Store, policy: StockPolicy, now: Instant,
    in session: any Session
  ) throws {
    self.store = store.id
    lines = try short.map { sku, asked, available in
      let elsewhere = try Availability(
        of: sku, near: store.location, now: now, policy: policy, in: session
      ).stores.filter { $0.store.id != store.id && $0.available.thousandths >= asked }
      return Line(
        sku: sku, asked: Quantity(thousandths: asked), available: Quantity(thousandths: available),
        stores: elsewhere.prefix(Self.mostStores).map { ($0.store.id, $0.available) })
    }
  }
}
