package import Base
package import SQL

enum DeadLetterStatement: Int, StatementSet {
  case last, insert, forgetOld, sources, forgetSurplus, count, page

  var sql: String {
    switch self {
    case .last: "SELECT coalesce(max(number), 0) FROM dead_letter"
    case .insert:
      """
      INSERT INTO dead_letter (number, source, received_at, message_id, conflicts_with, reason, body)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """
    case .forgetOld: "DELETE FROM dead_letter WHERE received_at < ?1"
    case .sources: "SELECT DISTINCT source FROM dead_letter"
    case .forgetSurplus:
      """
      DELETE FROM dead_letter WHERE source = ?1 AND number <=
        (SELECT number FROM dead_letter WHERE source = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
      """
    case .page:
      """
      SELECT number, source, received_at, message_id, conflicts_with, reason, body FROM dead_letter
      WHERE number < ?1 AND (source = ?2 OR ?2 IS NULL) ORDER BY number DESC LIMIT ?3
      """
    case .count: "SELECT count(*) FROM dead_letter WHERE source = ?1"
    }
  }
}

/// What was refused of an authenticated source: nothing of his is dropped in silence.
package struct DeadLetter: Sendable {
  /// Kept for each source: enough to see what a broken adapter sends, too few to fill the disk.
  package static let keptPerSource: Int64 = 10_000
  /// Kept for 30 days: long enough for the one who mends the adapter to come back from a holiday.
  package static let kept: Duration = .seconds(30 * 86_400)
  /// The bound is applied once in so many letters; the list may be that much longer for a while.
  private static let sweep: Int64 = 100

  static func keep(
    _ refusal: Intake.Refusal, from source: String, conflictsWith sequence: Int64?, in session: any Session
  ) throws {
    let number = try (session.first(of: DeadLetterStatement.last) { $0.integer(0) } ?? 0) + 1
    try session.execute(
      DeadLetterStatement.insert, .integer(number), .text(source), .integer(refusal.receivedAt.milliseconds),
      .text(refusal.messageID), .integer(sequence), .text(refusal.reason), .utf8(refusal.body))
    if number % sweep == 0 {
      // Every source's: the one whose letter happens to be the hundredth need not be the one that has too many.
      for source in try session.rows(of: DeadLetterStatement.sources, map: { $0.text(0) }) {
        try session.execute(DeadLetterStatement.forgetSurplus, .text(source), .integer(keptPerSource))
      }
    }
  }

  /// Forgets those that are too old.
  static func sweep(at now: Instant, in session: any Session) throws {
    try session.execute(DeadLetterStatement.forgetOld, .integer((now - kept).milliseconds))
  }

  /// How many there are of a source.
  package static func count(of source: String, in session: any Session) throws -> Int64 {
    try session.first(of: DeadLetterStatement.count, .text(source)) { $0.integer(0) } ?? 0
  }

  // MARK: Reading them

  package var number: Int64
  package var source: String
  var receivedAt: Instant
  var messageID: String?
  /// The place in the log of the event that stands under the same id with another body.
  var conflictsWith: Int64?
  var reason: String
  var body: String

  /// Letters, of one source or of all, the newest first, from below a number.
  package static func page(
    of source: String?, below number: Int64, limit: Int, in session: any Session
  ) throws -> [DeadLetter] {
    try session.rows(of: DeadLetterStatement.page, .integer(number), .text(source), .integer(Int64(limit))) { row in
      DeadLetter(
        number: row.integer(0), source: row.text(1), receivedAt: Instant(milliseconds: row.integer(2)),
        messageID: row.optionalText(3), conflictsWith: row.optionalInteger(4), reason: row.text(5), body: row.text(6))
    }
  }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("number", number)
      writer.field("source", source)
      writer.field("receivedAt", receivedAt.text)
      writer.field("messageId", orNull: messageID)
      writer.key("conflictsWith")
      if let conflictsWith { writer.value(conflictsWith) } else { writer.null() }
      writer.field("reason", reason)
      writer.field("body", body)
    }
  }
}
