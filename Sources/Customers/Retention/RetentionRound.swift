package import Base
package import SQL

/// The daily run of a class of events: a timer that queues a job and sets itself anew.
package struct RetentionRound: TimedAct {
  package let kind = RetentionClass.documentKind
  /// At night where most shops of Europe are, in hours of Universal Time.
  static let hour: Int64 = 3

  private let clock: any Clock
  private let wake: @Sendable () -> Void

  /// - Parameter wake: told that a job is waiting, or will be when the transaction is committed.
  package init(clock: any Clock, wake: @escaping @Sendable () -> Void) {
    self.clock = clock
    self.wake = wake
  }

  /// Sets or ends the timer of a class whose document is stored.
  static func plan(_ rule: RetentionClass, at now: Instant, _ outcome: inout Outcome) {
    if rule.isActive {
      outcome.timers = [timer(rule.name, after: now)]
    } else {
      outcome.ended = [rule.source]
    }
  }

  private static func timer(_ name: String, after now: Instant) -> Outcome.Timer {
    var writer = JSONWriter()
    writer.object { $0.field("name", name) }
    return Outcome.Timer(
      key: RetentionClass.source(name), kind: RetentionClass.documentKind, due: next(after: now), payload: writer.bytes)
  }

  /// When a run is due next.
  static func next(after now: Instant) -> Instant {
    let today = ComputedCell.day(of: now.milliseconds) * ComputedCell.day + hour * 3_600_000
    return Instant(milliseconds: today > now.milliseconds ? today : today + ComputedCell.day)
  }

  /// Of a class's runs there is one a day, whose job is called after it; days on which nobody served are not made up for.
  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard let name = try JSONDocument(timer.payload).root["name"]?.string else { return nil }
    let now = clock.now
    outcome.timers = [Self.timer(name, after: now)]
    try JobStore.queue(
      .retention(name), author: RetentionClass.source(name), id: "\(kind)-\(name)-\(now.text.prefix(10))", at: now,
      in: session)
    wake()
    return nil
  }
}
