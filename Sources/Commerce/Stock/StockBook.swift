import Base
import Customers
import SQL

/// The books of stock as they stand in the middle of a decision: what the tables have, and beside it what the entry has
/// decided so far.
///
/// So several calls that decide about one entry, and several lines of one order, see each other.
struct StockBook {
  /// The sums of one article in one store.
  struct Level {
    var onHand: Int64 = 0
    var reserved: Int64 = 0
    var asOf: Instant?
    var countedAt: Instant?
    /// What is on its way there, as it was told last.
    var delivery: StockVerdict.Delivery?

    /// What is missing of what was promised.
    var deficit: Int64 { max(0, reserved - onHand) }
  }

  private(set) var verdict: StockVerdict
  let session: any Session
  private var levels: [StockPlace: Level] = [:]
  /// Which movements of the verdict are of a place.
  private var pending: [StockPlace: [Int]] = [:]
  /// Places that were changed since the shortages were settled last, in the order of the changes, each with when and by
  /// which order.
  private var unsettled: [(place: StockPlace, at: Instant, order: String?)] = []

  /// - Parameter outcome: what was decided before about the same entry.
  init(_ outcome: Outcome, in session: any Session) throws {
    verdict = try StockVerdict(outcome)
    self.session = session
    for (index, movement) in verdict.movements.enumerated() { pending[movement.place, default: []].append(index) }
  }

  mutating func level(_ place: StockPlace) throws -> Level {
    if let level = levels[place] { return level }
    var level = try Level(of: place, in: session)
    for index in pending[place] ?? [] { level.add(verdict.movements[index]) }
    for reservation in verdict.reservations where reservation.place == place { level.reserved += reservation.change }
    level.delivery = verdict.deliveries.last { $0.place == place } ?? level.delivery
    levels[place] = level
    return level
  }

  // MARK: On hand

  /// Takes what somebody has counted: where nobody has counted later, on hand becomes that and what moved after it.
  mutating func count(
    _ place: StockPlace, _ counted: Int64, at time: Instant, source: String?, item: String?
  ) throws {
    let level = try level(place)
    var correction: Int64 = 0
    if level.countedAt.map({ time >= $0 }) ?? true {
      correction = try counted + moved(place, after: time) - level.onHand
    }
    try post(
      StockVerdict.Movement(
        place: place, quantity: correction, cause: .snapshot, at: time, told: counted, order: nil, source: source,
        item: item))
  }

  /// Takes a change: it has no effect where a later count holds it already.
  ///
  /// What happened at the moment of a count, or in its second where it tells no part of one, is in the count if it was
  /// heard of before the count, and else not.
  mutating func change(
    _ place: StockPlace, by told: Int64, _ cause: StockVerdict.Cause, at time: Instant, order: String? = nil,
    source: String? = nil, item: String? = nil
  ) throws {
    let isCounted = try level(place).countedAt.map { Self.end(of: time) < $0 } ?? false
    try post(
      StockVerdict.Movement(
        place: place, quantity: isCounted ? 0 : told, cause: cause, at: time, told: told, order: order,
        source: source, item: item))
  }

  /// The last moment at which it may have been: tills tell whole seconds.
  private static func end(of time: Instant) -> Instant {
    time.milliseconds % 1000 == 0 ? time + .milliseconds(999) : time
  }

  /// What changed after a moment that is not before the newest count.
  private func moved(_ place: StockPlace, after time: Instant) throws -> Int64 {
    let written =
      try session.first(
        of: StockStatement.movedAfter, .text(place.sku), .text(place.store), .integer(time.milliseconds)
      ) { $0.integer(0) } ?? 0
    return (pending[place] ?? []).reduce(written) { sum, index in
      let movement = verdict.movements[index]
      return movement.cause != .snapshot && movement.at > time ? sum + movement.quantity : sum
    }
  }

  private mutating func post(_ movement: StockVerdict.Movement) throws {
    var level = try level(movement.place)
    level.add(movement)
    levels[movement.place] = level
    pending[movement.place, default: []].append(verdict.movements.count)
    verdict.movements.append(movement)
    if movement.quantity != 0 { unsettled.append((movement.place, movement.at, movement.order)) }
  }

  /// What the entry has decided so far of a place.
  func movements(of place: StockPlace) -> [StockVerdict.Movement] {
    (pending[place] ?? []).map { verdict.movements[$0] }
  }

  mutating func refuse(_ index: Int, _ reason: StockVerdict.Refusal) { verdict.refusals.append((index, reason)) }

  /// Takes what somebody expects to come; it is never promised.
  ///
  /// - Returns: whether it is news: not what was told, and not older than that.
  mutating func expect(_ delivery: StockVerdict.Delivery) throws -> Bool {
    var level = try level(delivery.place)
    if let known = level.delivery, known.told > delivery.told || known == delivery { return false }
    level.delivery = delivery
    levels[delivery.place] = level
    verdict.deliveries.append(delivery)
    return true
  }

  // MARK: Reservations

  /// What an order has set aside there.
  func reservation(_ order: String, _ place: StockPlace) throws -> StockVerdict.Reservation? {
    if let last = verdict.reservations.last(where: { $0.order == order && $0.place == place }) { return last }
    return try session.first(
      of: StockStatement.reservation, .text(order), .text(place.store), .text(place.sku)
    ) { StockVerdict.Reservation($0) }
  }

  /// What an order has set aside and is left, by store and article.
  func open(_ order: String) throws -> [StockVerdict.Reservation] {
    var open: [StockPlace: StockVerdict.Reservation] = [:]
    for reservation in try session.rows(
      of: StockStatement.reservationsOfOrder, .text(order), map: { StockVerdict.Reservation($0) })
    {
      open[reservation.place] = reservation
    }
    for reservation in verdict.reservations where reservation.order == order { open[reservation.place] = reservation }
    return open.values.filter { $0.remaining > 0 }.sorted {
      ($0.place.store, $0.place.sku) < ($1.place.store, $1.place.sku)
    }
  }

  /// Sets so much more aside; whether there is so much is for the caller to see.
  mutating func hold(_ quantity: Int64, _ place: StockPlace, for order: String, until: Instant?) throws {
    let last = try reservation(order, place).flatMap { $0.remaining > 0 ? $0 : nil }
    try put(
      StockVerdict.Reservation(
        order: order, place: place, change: quantity, quantity: (last?.quantity ?? 0) + quantity,
        remaining: (last?.remaining ?? 0) + quantity, until: until, state: .open))
  }

  /// Ends so much of a reservation.
  mutating func end(
    _ quantity: Int64, of reservation: StockVerdict.Reservation, _ state: StockVerdict.Reservation.State, at: Instant
  ) throws {
    var next = reservation
    next.change = -quantity
    next.remaining -= quantity
    if next.remaining == 0 { next.state = state }
    try put(next)
    unsettled.append((next.place, at, next.order))
  }

  private mutating func put(_ reservation: StockVerdict.Reservation) throws {
    var level = try level(reservation.place)
    level.reserved += reservation.change
    levels[reservation.place] = level
    verdict.reservations.append(reservation)
  }

  // MARK: Shortages

  /// Opens and closes shortages until they explain what is missing: what came first is made up first.
  mutating func settle() throws {
    var last: [StockPlace: (at: Instant, order: String?)] = [:]
    for change in unsettled { last[change.place] = (change.at, change.order) }
    var settled: Set<StockPlace> = []
    for (place, _, _) in unsettled where settled.insert(place).inserted {
      guard let change = last[place] else { continue }
      try settle(place, at: change.at, order: change.order)
    }
    unsettled = []
  }

  private mutating func settle(_ place: StockPlace, at time: Instant, order: String?) throws {
    let deficit = try level(place).deficit
    let open = try shortages(place)
    var excess = open.reduce(-deficit) { $0 + $1.remaining }
    if excess < 0 {
      let part = verdict.shortages.reduce(Int64(0)) { $1.sequence == nil ? max($0, $1.part + 1) : $0 }
      verdict.shortages.append(
        StockVerdict.Shortage(
          sequence: nil, part: part, place: place, quantity: -excess, remaining: -excess, at: time, order: order))
    }
    for shortage in open where excess > 0 {
      var next = shortage
      next.remaining -= min(excess, shortage.remaining)
      excess -= shortage.remaining - next.remaining
      verdict.shortages.append(next)
    }
  }

  /// Those that are open, in the order in which they were opened.
  private func shortages(_ place: StockPlace) throws -> [StockVerdict.Shortage] {
    var shortages = try session.rows(of: StockStatement.shortages, .text(place.sku), .text(place.store)) {
      StockVerdict.Shortage($0)
    }
    for decided in verdict.shortages where decided.place == place {
      if let index = shortages.firstIndex(where: { $0.sequence == decided.sequence && $0.part == decided.part }) {
        shortages[index] = decided
      } else {
        shortages.append(decided)
      }
    }
    return shortages.filter { $0.remaining > 0 }
  }
}

extension StockBook.Level {
  /// As the tables have it.
  init(of place: StockPlace, in session: any Session) throws {
    let level = try session.first(of: StockStatement.level, .text(place.sku), .text(place.store)) {
      Self($0, of: place)
    }
    self = level ?? Self()
  }

  /// A row that has these sums from that column on.
  init(_ row: any Row, from column: Int = 0, of place: StockPlace) {
    onHand = row.integer(column)
    reserved = row.integer(column + 1)
    asOf = row.optionalInteger(column + 2).map { Instant(milliseconds: $0) }
    countedAt = row.optionalInteger(column + 3).map { Instant(milliseconds: $0) }
    delivery = row.optionalInteger(column + 4).map { quantity in
      StockVerdict.Delivery(
        place: place, quantity: quantity,
        expectedAt: row.optionalInteger(column + 5).map { Instant(milliseconds: $0) },
        told: Instant(milliseconds: row.integer(column + 6)))
    }
  }

  fileprivate mutating func add(_ movement: StockVerdict.Movement) {
    onHand += movement.quantity
    if movement.cause.isTold { asOf = max(asOf ?? movement.at, movement.at) }
    if movement.cause == .snapshot { countedAt = max(countedAt ?? movement.at, movement.at) }
  }
}

extension StockVerdict.Reservation {
  /// A row in the order of `StockStatement.reservation`.
  init(_ row: any Row) {
    self.init(
      order: row.text(0), place: StockPlace(store: row.text(1), sku: row.text(2)), change: 0, quantity: row.integer(3),
      remaining: row.integer(4), until: row.optionalInteger(5).map { Instant(milliseconds: $0) },
      state: State(rawValue: row.text(6)) ?? .open)
  }
}

extension StockVerdict.Shortage {
  /// A row in the order of `StockStatement.shortages`.
  init(_ row: any Row) {
    self.init(
      sequence: row.integer(0), part: row.integer(1), place: StockPlace(store: row.text(2), sku: row.text(3)),
      quantity: row.integer(4), remaining: row.integer(5), at: Instant(milliseconds: row.integer(6)),
      order: row.optionalText(7))
  }
}
