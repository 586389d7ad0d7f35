package import Base
package import Customers
package import SQL

/// Points: what is earned and spent, decided in the transaction of the entry that earns or spends.
///
/// An account is an origin, unless a person has made a household of several. A customer spends what all of his origins'
/// accounts and his households have, first expiring first, so a merge moves nothing and an undo settles only what one
/// side took from the other. A request never takes a balance below zero; a fact may, and then a shortage says what is
/// owed and the next points pay it.
package enum Loyalty {
  /// A request moves at most so many points: more is a typing mistake.
  package static let mostPoints: Int64 = 1_000_000_000
  /// A hold ends after a quarter of an hour unless the request says otherwise: as long as somebody stands at a till.
  package static let usualHold: Duration = .seconds(900)
  /// The longest hold: until a parcel is picked up.
  package static let longestHold: Duration = .days(30)

  /// Books what a purchase earns: once for each order, nothing without a programme or in a foreign currency.
  ///
  /// - Parameters:
  ///   - amount: what is due, in minor units.
  ///   - isPromise: whether nothing was handed over yet: then nothing is booked, and what it will earn is shown as
  ///     pending until `handOver` books it, part by part.
  ///   - time: when; from then on what was sold pends, and expires.
  package static func earn(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, category: String?, total: Int64)],
    at origin: Origin.Number, isPromise: Bool = false, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    guard let programme = try LoyaltyProgramme.current(in: session) else { return }
    var books = try LoyaltyBooks(outcome, in: session)
    if let known = try books.order(order), known.rated > 0 { return }
    var sums = LoyaltyVerdict.OrderSums(order: order, origin: origin, at: time)
    sums.rated = isPromise ? LoyaltyVerdict.OrderSums.isPromised : 1
    if currency == programme.currency {
      let points = try points(for: amount, lines, programme, at: origin, time, &books, outcome, in: session)
      if isPromise {
        sums.promised = points
      } else {
        (sums.amount, sums.earned) = (max(amount, 0), points)
        try issue(sums, programme, time, &books, &outcome, in: session)
      }
    }
    books.note { verdict in
      verdict.version = programme.version
      verdict.orders.append(sums)
    }
    try books.write(to: &outcome)
  }

  /// What a purchase earns by the customer's tier of that time.
  private static func points(
    for amount: Int64, _ lines: [(sku: String, category: String?, total: Int64)], _ programme: LoyaltyProgramme,
    at origin: Origin.Number, _ time: Instant, _ books: inout LoyaltyBooks, _ outcome: Outcome, in session: any Session
  ) throws -> Int64 {
    let origins = try CustomerParts.origins(with: origin, after: outcome, in: session)
    let tier = programme.tier(of: try LoyaltyTier.spent(by: origins, programme, at: time, in: session))
    let percent = tier?.percent ?? 100
    books.note { $0.tierPercent = percent }
    return programme.points(for: amount, lines: lines, percent: percent)
  }

  /// Adds to what an order that was promised points will earn, for what it gets beyond that.
  ///
  /// - Parameter amount: what is due for that, in minor units.
  package static func promiseMore(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, category: String?, total: Int64)],
    at origin: Origin.Number, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    guard let programme = try LoyaltyProgramme.current(in: session), currency == programme.currency else { return }
    var books = try LoyaltyBooks(outcome, in: session)
    guard let known = try books.order(order), known.rated > 0 else {
      return try earn(
        order: order, amount: amount, currency: currency, lines: lines, at: origin, isPromise: true, time: time,
        into: &outcome, in: session)
    }
    guard known.rated == LoyaltyVerdict.OrderSums.isPromised, try !Erasure.isErased(known.origin, in: session) else {
      return
    }
    var sums = LoyaltyVerdict.OrderSums(order: order, origin: known.origin, at: known.at)
    sums.promised = try points(for: amount, lines, programme, at: origin, time, &books, outcome, in: session)
    books.note { verdict in
      verdict.version = programme.version
      verdict.orders.append(sums)
    }
    try books.write(to: &outcome)
  }

  /// Opens the lot of what an order earns now.
  private static func issue(
    _ sums: LoyaltyVerdict.OrderSums, _ programme: LoyaltyProgramme?, _ time: Instant, _ books: inout LoyaltyBooks,
    _ outcome: inout Outcome, in session: any Session
  ) throws {
    guard sums.earned > 0 else { return }
    let account = try books.account(of: sums.origin)
    let (availableFrom, expiresAt) = programme?.life(from: time) ?? (time, nil)
    try books.open(
      sums.earned, of: account, from: availableFrom, to: expiresAt, .earn,
      LoyaltyVerdict.Cause(.issued, order: sums.order, stand: sums.origin))
    try books.settle(account, at: time)
    if let programme { try LoyaltyExpiry.plan(account, expiresAt, programme, &outcome, in: session) }
  }

  /// Books what an order that was promised points has earned by now: that share of the promise, less what was withdrawn
  /// of it.
  ///
  /// It tells how far the order has come, and not how far it went: what is told twice counts once, parts sum to the whole,
  /// and what the customer does not keep is taken back. An order that was sold as a fact has earned already.
  ///
  /// - Parameters:
  ///   - part: what is paid and in the customer's hands, in the units of `whole`.
  ///   - paid: how much money that is, which counts for his tier.
  ///   - time: of the hand-over; from then on it pends, and expires.
  package static func handOver(
    order: String, part: Int64, of whole: Int64, paid: Int64, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    guard whole > 0, let known = try books.order(order), known.rated == LoyaltyVerdict.OrderSums.isPromised,
      try !Erasure.isErased(known.origin, in: session)
    else { return }
    let share = Money.share(known.promised, min(max(part, 0), whole), of: whole) ?? 0
    let taken = Protection.holds("loyalty.parts") ? known.taken : 0
    let points = min(share, known.promised - known.withdrawn) - (known.earned - taken)
    var sums = LoyaltyVerdict.OrderSums(order: order, origin: known.origin, at: known.at)
    sums.amount = paid - known.amount
    if points > 0 { sums.earned = points }
    if points < 0, Protection.holds("loyalty.refund") { sums.taken = -points }
    if sums.amount == 0, sums.earned == 0, sums.taken == 0 { return }
    let programme = try LoyaltyProgramme.current(in: session)
    try issue(sums, programme, time, &books, &outcome, in: session)
    try takeBack(sums, time, &books)
    books.note { verdict in
      verdict.version = programme?.version ?? 0
      verdict.orders.append(sums)
    }
    try books.write(to: &outcome)
  }

  /// Takes back what an order has earned and does not earn any more.
  private static func takeBack(
    _ sums: LoyaltyVerdict.OrderSums, _ time: Instant, _ books: inout LoyaltyBooks
  ) throws {
    let earned = LoyaltyVerdict.Cause(.issued, order: sums.order, stand: sums.origin)
    let (rest, account) = try books.takeBack(sums.taken, earnedBy: sums.order, earned)
    guard rest > 0 else { return }
    let debtor = try account ?? books.account(of: sums.origin)
    try books.charge(rest, to: [debtor], debtor: debtor, at: time, .refund, earned)
  }

  /// Pays for an order with points.
  ///
  /// - Parameters:
  ///   - isFact: whether it has happened already: then what is not there is owed.
  ///   - receipt: what the order costs, where the programme's share of it is to be kept to.
  /// - Throws: `conflict` where it is a request and there are not so many, or not so many may be spent.
  package static func burn(
    points: Int64, order: String, at origin: Origin.Number, isFact: Bool, time: Instant, receipt: Money? = nil,
    into outcome: inout Outcome, in session: any Session
  ) throws {
    guard points > 0 else { return }
    var books = try LoyaltyBooks(outcome, in: session)
    let cause = LoyaltyVerdict.Cause(.redeemed, order: order, stand: origin)
    try spend(points, .burn, cause, at: origin, isFact: isFact, time: time, receipt, &books, &outcome, in: session)
    var sums = LoyaltyVerdict.OrderSums(order: order, origin: origin, at: time)
    sums.burnt = points
    try keepOrigin(of: &sums, in: books)
    books.note { $0.orders.append(sums) }
    try books.write(to: &outcome)
  }

  /// The sums of an order that is known stand where it stands.
  static func keepOrigin(of sums: inout LoyaltyVerdict.OrderSums, in books: LoyaltyBooks) throws {
    guard let known = try books.order(sums.order) else { return }
    (sums.origin, sums.at) = (known.origin, known.at)
  }

  static func spend(
    _ points: Int64, _ kind: LoyaltyVerdict.Kind, _ cause: LoyaltyVerdict.Cause, at origin: Origin.Number,
    isFact: Bool, time: Instant, _ receipt: Money?, _ books: inout LoyaltyBooks, _ outcome: inout Outcome,
    in session: any Session
  ) throws {
    let origins = try CustomerParts.origins(with: origin, after: outcome, in: session)
    let accounts = try books.accounts(of: origins)
    try lapse(of: origins, accounts, at: time, &books, &outcome)
    if isFact || !Protection.holds("loyalty.balance") {
      try books.charge(points, to: accounts, debtor: books.account(of: origin), at: time, kind, cause)
      return
    }
    try check(points)
    let programme = try LoyaltyProgramme.current(in: session)
    let balance = try books.balance(of: accounts, at: time)
    guard points <= balance else {
      throw Failure(
        .conflict, "there are not so many points",
        faults: [.init("/points", "is above the balance, \(max(balance, 0))")])
    }
    if let receipt, let programme {
      let cap = programme.cap(of: receipt)
      guard points <= cap else {
        throw Failure(
          .conflict, "so many points may not pay for this receipt", faults: [.init("/points", "is above \(cap)")])
      }
    }
    let lots = try books.lots(of: accounts).filter { $0.isAvailable(at: time) }
    guard try books.take(points, from: lots, kind, cause) == 0 else { throw LoyaltyBooks.damaged }
    if let programme { books.note { $0.version = programme.version } }
  }

  static func check(_ points: Int64) throws {
    guard (1...mostPoints).contains(points) else {
      throw Failure(
        .invalid, "points are whole and above 0",
        faults: [.init("/points", "is no whole number from 1 to \(mostPoints)")])
    }
  }

  /// Takes back that share of what an order earned, or withdraws it from what it was promised, and restores that share of
  /// what it was paid with; the parts sum to the whole, however many there are.
  ///
  /// - Parameters:
  ///   - part: what is given back now, in the units of `whole`; more than is left counts as what is left.
  ///   - whole: what the order cost; all is given back where that is nothing.
  package static func refund(
    order: String, part: Int64, of whole: Int64, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    guard part > 0 || whole <= 0, let known = try books.order(order) else { return }
    // Whom this entry sees for the first time is in no table yet: his refund came before his order.
    let isNew = outcome.opened.contains { $0.number == known.origin }
    if try !isNew && Erasure.isErased(known.origin, in: session) { return }
    let whole = max(whole, 1)
    let refunded = min(known.refunded + max(part, 1), max(whole, known.refunded))
    func share(of sum: Int64) -> Int64 { Money.share(sum, min(refunded, whole), of: whole) ?? sum }
    var sums = LoyaltyVerdict.OrderSums(order: order, origin: known.origin, at: known.at)
    sums.refunded = refunded - known.refunded
    // What was given back under another whole is given back.
    if known.rated == LoyaltyVerdict.OrderSums.isPromised {
      // What of it was booked already, `handOver` takes back.
      sums.withdrawn = max(share(of: known.promised) - known.withdrawn, 0)
    } else {
      sums.returned = max(share(of: known.amount) - known.returned, 0)
      if Protection.holds("loyalty.refund") { sums.taken = max(share(of: known.earned) - known.taken, 0) }
    }
    sums.restored = max(share(of: known.burnt) - known.restored, 0)
    if sums.refunded == 0 { return }
    let burnt = LoyaltyVerdict.Cause(.redeemed, order: order, stand: known.origin)
    try books.giveBack(sums.restored, to: try books.nets(order: order), at: time, .refund, burnt)
    try takeBack(sums, time, &books)
    books.note { $0.orders.append(sums) }
    try books.write(to: &outcome)
  }

  // MARK: What persons do

  /// Gives or takes points by a person's word.
  ///
  /// - Returns: the balance after it.
  /// - Throws: `conflict` where it would take the balance below zero, `invalid` for no points or too many.
  package static func adjust(
    _ points: Int64, at origin: Origin.Number, now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    try check(points < 0 ? -max(points, -Int64.max) : points)
    var books = try LoyaltyBooks(outcome, in: session)
    let programme = try LoyaltyProgramme.current(in: session)
    let cause = LoyaltyVerdict.Cause(.adjusted, stand: origin)
    if points < 0 {
      try spend(-points, .adjust, cause, at: origin, isFact: false, time: now, nil, &books, &outcome, in: session)
    } else {
      let account = try books.account(of: origin)
      let end = programme?.expiryDays.map { now + .days($0) }
      try books.open(points, of: account, from: now, to: end, .adjust, cause)
      try books.settle(account, at: now)
      if let programme { try LoyaltyExpiry.plan(account, end, programme, &outcome, in: session) }
    }
    let origins = try CustomerParts.origins(with: origin, after: outcome, in: session)
    let balance = try books.balance(of: books.accounts(of: origins), at: now)
    books.note { verdict in
      verdict.version = programme?.version ?? 0
      verdict.balance = balance
    }
    try books.write(to: &outcome)
  }
}
