package import Base
package import SQL

enum TimerStatement: Int, StatementSet {
  case set, end, find, due, ofOrigin, erase

  private static let columns = "key, kind, due, origin, payload, sequence"

  var sql: String {
    switch self {
    case .set:
      """
      INSERT INTO timer (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, due = excluded.due, origin = excluded.origin,
        payload = excluded.payload, sequence = excluded.sequence
      """
    case .end: "DELETE FROM timer WHERE key = ?1"
    case .find: "SELECT \(Self.columns) FROM timer WHERE key = ?1"
    case .due: "SELECT \(Self.columns) FROM timer WHERE due <= ?1 ORDER BY due, key LIMIT ?2"
    case .ofOrigin: "SELECT \(Self.columns) FROM timer WHERE origin = ?1"
    case .erase: "DELETE FROM timer WHERE origin = ?1"
    }
  }
}

/// A timer that has not fired yet.
package struct PendingTimer: Sendable {
  package let key: String
  package let kind: String
  package let due: Instant
  /// The place to which it belongs; none for the shop's own.
  package let origin: Origin.Number?
  /// What its kind needs to know, as JSON.
  package let payload: [UInt8]
  /// The place in the log of the event that set it.
  package let sequence: Int64

  fileprivate init(_ row: any Row) {
    key = row.text(0)
    kind = row.text(1)
    due = Instant(milliseconds: row.integer(2))
    origin = row.optionalInteger(3)
    payload = row.bytes(4)
    sequence = row.integer(5)
  }

  /// The one of that key, or nil.
  package static func find(_ key: String, in session: any Session) throws -> PendingTimer? {
    try session.first(of: TimerStatement.find, .text(key)) { PendingTimer($0) }
  }

  /// At most `limit` that are due, the longest due first.
  static func due(at now: Instant, limit: Int, in session: any Session) throws -> [PendingTimer] {
    try session.rows(of: TimerStatement.due, .integer(now.milliseconds), .integer(Int64(limit))) { PendingTimer($0) }
  }
}

/// The timers that are pending: what outcomes have set and no later one has ended, in the order of the log.
package struct TimerFold: Fold {
  package let name = "timers"
  package let tables = [FoldTable("timer", key: ["key"], owner: "origin", entries: ["sequence"])]
  package var checks: [any Check] { [TimerCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    let outcome = entry.outcome
    for key in outcome.ended { try session.execute(TimerStatement.end, .text(key)) }
    for timer in outcome.timers {
      try session.execute(
        TimerStatement.set, .text(timer.key), .text(timer.kind), .integer(timer.due.milliseconds),
        .integer(outcome.origin), .utf8(timer.payload), .integer(entry.sequence))
    }
  }

  /// Writes what is to be done for the person later, as the member `timers` of his export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    var timers = try origins.flatMap { origin in
      try session.rows(of: TimerStatement.ofOrigin, .integer(origin)) { PendingTimer($0) }
    }
    timers.sort { one, other in
      if one.due != other.due { return one.due < other.due }
      if one.kind != other.kind { return one.kind < other.kind }
      return one.payload.lexicographicallyPrecedes(other.payload)
    }
    writer.key("timers")
    writer.array { writer in
      for timer in timers {
        writer.object { writer in
          writer.field("kind", timer.kind)
          writer.field("due", timer.due.text)
          writer.key("payload")
          writer.raw(timer.payload)
        }
      }
    }
  }

  /// Removes what is pending for these origins: the rewritten entries end it.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins { try session.execute(TimerStatement.erase, .integer(origin)) }
  }
}
