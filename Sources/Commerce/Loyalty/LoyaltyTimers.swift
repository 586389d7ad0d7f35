import Base
package import Customers
package import SQL

/// The end of a hold: what it has goes back.
package struct HoldEnd: TimedAct {
  private static let timerKind = "points.hold"
  package let kind = Self.timerKind

  package init() {}

  static func key(of id: String) -> String { "points:hold:\(id)" }

  static func timer(of id: String, due: Instant) -> Outcome.Timer {
    var writer = JSONWriter()
    writer.object { $0.field("hold", id) }
    return Outcome.Timer(key: key(of: id), kind: timerKind, due: due, payload: writer.bytes)
  }

  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard let id = try JSONDocument(timer.payload).root["hold"]?.string else { throw LoyaltyBooks.damaged }
    var books = try LoyaltyBooks(outcome, in: session)
    guard let hold = try books.hold(id), hold.state == .open else { return nil }
    try Loyalty.release(hold, .expired, .lapse, at: timer.due, &books, &outcome)
    try books.write(to: &outcome)
    return TimedEvent(.points, name: "Hold Expired", body: timer.payload)
  }
}

/// The expiry of an account's points: one timer for the account, at the end of the lot that ends next.
package struct LoyaltyExpiry: TimedAct {
  private static let timerKind = "points.expiry"
  package let kind = Self.timerKind

  package init() {}

  static func key(of account: LoyaltyVerdict.Account) -> String { "points:expiry:\(account)" }

  /// The account that a timer is for: its key says it, for a payload goes out with a person's export.
  static func account(of timer: PendingTimer) throws -> LoyaltyVerdict.Account {
    guard let account = timer.key.split(separator: ":").last.flatMap({ Int64($0) }) else { throw LoyaltyBooks.damaged }
    return account
  }

  /// Sees to it that an account's new lot expires, and that it is told before.
  static func plan(
    _ account: LoyaltyVerdict.Account, _ expiresAt: Instant?, _ programme: LoyaltyProgramme,
    _ outcome: inout Outcome, in session: any Session
  ) throws {
    guard let expiresAt else { return }
    try set(account, expiresAt, &outcome, in: session)
    guard programme.noticeDays > 0 else { return }
    try set(
      LoyaltyNotice.key(of: account), LoyaltyNotice.timerKind, expiresAt - .days(programme.noticeDays),
      &outcome, in: session)
  }

  /// Sees to it that an account's points expire at that time.
  static func set(
    _ account: LoyaltyVerdict.Account, _ expiresAt: Instant, _ outcome: inout Outcome, in session: any Session
  ) throws {
    try set(key(of: account), timerKind, expiresAt, &outcome, in: session)
  }

  /// Sets the timer unless it is set for an earlier time.
  private static func set(
    _ key: String, _ kind: String, _ due: Instant, _ outcome: inout Outcome, in session: any Session
  ) throws {
    let set = try outcome.timers.last { $0.key == key }?.due ?? PendingTimer.find(key, in: session)?.due
    if let set, set <= due { return }
    outcome.timers.append(Outcome.Timer(key: key, kind: kind, due: due))
  }

  /// Sets an account's timers as its lots say.
  static func planAgain(
    _ account: LoyaltyVerdict.Account, after time: Instant, _ outcome: inout Outcome, in session: any Session
  ) throws {
    for (key, kind, ahead) in [
      (key(of: account), timerKind, Duration.zero),
      (LoyaltyNotice.key(of: account), LoyaltyNotice.timerKind, try LoyaltyNotice.ahead(in: session)),
    ] where ahead > .zero || kind == timerKind {
      guard let next = try nextEnd(of: account, after: time + ahead, in: session) else { continue }
      outcome.timers.append(Outcome.Timer(key: key, kind: kind, due: next - ahead))
    }
  }

  /// When the next lot of an account ends, empty or not: what comes back to it ends then too.
  static func nextEnd(
    of account: LoyaltyVerdict.Account, after time: Instant, in session: any Session
  ) throws -> Instant? {
    try session.first(of: LoyaltyStatement.nextEnd, .integer(account), .integer(time.milliseconds)) {
      $0.optionalInteger(0).map { Instant(milliseconds: $0) }
    } ?? nil
  }

  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    let account = try Self.account(of: timer)
    var books = try LoyaltyBooks(outcome, in: session)
    let points = try books.expire(account, at: timer.due)
    try books.write(to: &outcome)
    if let next = try Self.nextEnd(of: account, after: timer.due, in: session) {
      outcome.timers.append(
        Outcome.Timer(key: timer.key, kind: Self.timerKind, due: next))
    }
    if points == 0 { return nil }
    var writer = JSONWriter()
    writer.object { $0.field("points", points) }
    return TimedEvent(.points, name: "Points Expired", body: writer.bytes)
  }
}

/// The word that points expire soon, as an event `Points Expiring` for webhooks and whoever writes to customers.
package struct LoyaltyNotice: TimedAct {
  static let timerKind = "points.notice"
  package let kind = Self.timerKind

  package init() {}

  static func key(of account: LoyaltyVerdict.Account) -> String { "points:notice:\(account)" }

  /// How long before the end it comes.
  static func ahead(in session: any Session) throws -> Duration {
    .days(try LoyaltyProgramme.current(in: session)?.noticeDays ?? 0)
  }

  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    let account = try LoyaltyExpiry.account(of: timer)
    let ahead = try Self.ahead(in: session)
    if ahead == .zero { return nil }
    if let next = try LoyaltyExpiry.nextEnd(of: account, after: timer.due + ahead, in: session) {
      outcome.timers.append(
        Outcome.Timer(key: timer.key, kind: Self.timerKind, due: next - ahead))
    }
    let books = try LoyaltyBooks(outcome, in: session)
    let ending = try books.ending(account, after: timer.due, upTo: timer.due + ahead)
    guard let first = ending.first, timer.origin != nil else { return nil }
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("type", "track")
      writer.field("event", "Points Expiring")
      writer.key("properties")
      writer.object { writer in
        writer.field("value", ending.reduce(0) { $0 + $1.remaining })
        writer.field("at", (first.expiresAt ?? .latest).text)
      }
    }
    return TimedEvent(.track, name: "Points Expiring", body: writer.bytes)
  }
}
