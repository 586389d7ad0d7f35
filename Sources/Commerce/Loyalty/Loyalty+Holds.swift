package import Base
package import Customers
package import SQL

/// Holds: points that are set aside until somebody captures or voids them, or their time ends.
extension Loyalty {
  /// Sets points aside, to be captured or voided until an end.
  ///
  /// - Throws: `conflict` as `burn`.
  package static func hold(
    _ id: String, points: Int64, until: Instant, receipt: Money?, at origin: Origin.Number, now: Instant,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    let cause = LoyaltyVerdict.Cause(.held, hold: id, stand: origin)
    try spend(points, .hold, cause, at: origin, isFact: false, time: now, receipt, &books, &outcome, in: session)
    books.note { verdict in
      verdict.holds.append(
        LoyaltyVerdict.Hold(id: id, origin: origin, points: points, captured: 0, state: .open, until: until))
    }
    outcome.timers.append(HoldEnd.timer(of: id, due: until))
    try books.write(to: &outcome)
  }

  /// The hold of that id, or nil.
  package static func hold(_ id: String, in session: any Session) throws -> LoyaltyVerdict.Hold? {
    try LoyaltyBooks(Outcome(.matched, origin: nil), in: session).hold(id)
  }

  /// Spends what a hold has set aside, or less of it, and releases the rest.
  ///
  /// - Parameters:
  ///   - points: nil for all.
  ///   - order: what is paid for, if that is told.
  /// - Throws: `conflict` where it is not open any more, `invalid` where it has not so many.
  package static func capture(
    _ id: String, points: Int64?, order: String?, now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    var hold = try open(id, now, books)
    let captured = points ?? hold.points
    guard (0...hold.points).contains(captured) else {
      throw Failure(
        .invalid, "a hold gives no more than it has", faults: [.init("/points", "is not from 0 to \(hold.points)")])
    }
    try books.redeem(captured, from: books.nets(hold: id), of: hold, order: order)
    let held = LoyaltyVerdict.Cause(.held, hold: id, stand: hold.origin)
    try books.giveBack(hold.points - captured, to: books.nets(hold: id), at: now, .capture, held)
    if let order, captured > 0 {
      var sums = LoyaltyVerdict.OrderSums(order: order, origin: hold.origin, at: now)
      sums.burnt = captured
      try keepOrigin(of: &sums, in: books)
      books.note { $0.orders.append(sums) }
    }
    (hold.state, hold.captured) = (.captured, captured)
    end(hold, &books, &outcome)
    try books.write(to: &outcome)
  }

  /// Releases what a hold has set aside.
  ///
  /// - Throws: `conflict` where it is not open any more.
  package static func void(
    _ id: String, now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    try release(open(id, now, books), .voided, .void, at: now, &books, &outcome)
    try books.write(to: &outcome)
  }

  private static func open(_ id: String, _ now: Instant, _ books: LoyaltyBooks) throws -> LoyaltyVerdict.Hold {
    guard let hold = try books.hold(id) else { throw Failure(.notFound, "there is no such hold") }
    guard hold.state == .open && hold.until > now || !Protection.holds("loyalty.captureOnce") else {
      throw Failure(.conflict, "the hold is \(hold.state == .open ? "expired" : hold.state.rawValue)")
    }
    return hold
  }

  /// Gives back what a hold has and ends it.
  static func release(
    _ hold: LoyaltyVerdict.Hold, _ state: LoyaltyVerdict.Hold.State, _ kind: LoyaltyVerdict.Kind, at time: Instant,
    _ books: inout LoyaltyBooks, _ outcome: inout Outcome
  ) throws {
    var hold = hold
    let held = LoyaltyVerdict.Cause(.held, hold: hold.id, stand: hold.origin)
    try books.giveBack(hold.points, to: books.nets(hold: hold.id), at: time, kind, held)
    hold.state = state
    end(hold, &books, &outcome)
  }

  private static func end(_ hold: LoyaltyVerdict.Hold, _ books: inout LoyaltyBooks, _ outcome: inout Outcome) {
    books.note { $0.holds.append(hold) }
    let key = HoldEnd.key(of: hold.id)
    if !outcome.ended.contains(key) { outcome.ended.append(key) }
  }

  /// Releases the holds that have ended and whose timers have not fired yet, as of now: what has expired since then is not
  /// there any more to pay what has come to be owed since.
  static func lapse(
    of origins: Set<Origin.Number>, _ accounts: Set<LoyaltyVerdict.Account>, at time: Instant,
    _ books: inout LoyaltyBooks, _ outcome: inout Outcome
  ) throws {
    var origins = origins
    for account in accounts where account < 0 { origins.formUnion(try books.members(of: account)) }
    for hold in try books.openHolds(of: origins.sorted()) where hold.until <= time {
      try release(hold, .expired, .lapse, at: time, &books, &outcome)
    }
  }
}
