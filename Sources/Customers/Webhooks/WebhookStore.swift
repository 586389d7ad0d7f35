package import Base
package import SQL

enum WebhookStatement: Int, StatementSet {
  case cursors, cursor, open, move, jump, rotate, close, attempt, ended, attempts, forgetAttempts, bury, letters,
    wanted,
    want, unwant, settle, count, closeAttempts, closeLetters

  private static let columns = "name, place, part, attempt, due, generation, rotated_at"

  var sql: String {
    switch self {
    case .cursors: "SELECT \(Self.columns) FROM webhook_cursor ORDER BY name"
    case .cursor: "SELECT \(Self.columns) FROM webhook_cursor WHERE name = ?1"
    case .open:
      """
      INSERT INTO webhook_cursor (name, place, part, attempt, due, generation) VALUES (?1, ?2, 0, 0, ?3, ?4)
      ON CONFLICT (name) DO NOTHING
      """
    case .move:
      """
      UPDATE webhook_cursor SET place = ?2, part = ?3, attempt = ?4, due = ?5 WHERE name = ?1 AND generation = ?6
      """
    case .jump:
      """
      UPDATE webhook_cursor SET place = ?2, part = 0, attempt = 0, due = ?3, generation = generation + 1 WHERE name = ?1
      """
    case .rotate: "UPDATE webhook_cursor SET rotated_at = ?2 WHERE name = ?1"
    case .close: "DELETE FROM webhook_cursor WHERE name = ?1"
    case .closeAttempts: "DELETE FROM webhook_attempt WHERE name = ?1"
    case .closeLetters: "DELETE FROM webhook_dead_letter WHERE name = ?1"
    case .attempt:
      """
      INSERT INTO webhook_attempt (name, sequence, part, attempt, at) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (name, sequence, part, attempt) DO UPDATE SET at = excluded.at, status = NULL
      """
    case .ended:
      "UPDATE webhook_attempt SET status = ?5 WHERE name = ?1 AND sequence = ?2 AND part = ?3 AND attempt = ?4"
    case .attempts:
      """
      SELECT sequence, part, attempt, at, status FROM webhook_attempt WHERE name = ?1
      ORDER BY sequence DESC, part DESC, attempt DESC LIMIT ?2
      """
    case .forgetAttempts: "DELETE FROM webhook_attempt WHERE name = ?1 AND sequence < ?2"
    case .bury:
      """
      INSERT INTO webhook_dead_letter (name, sequence, part, at, attempts, status, wanted)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
      ON CONFLICT (name, sequence, part) DO UPDATE SET at = excluded.at, attempts = excluded.attempts,
        status = excluded.status, wanted = 0
      """
    case .letters:
      """
      SELECT sequence, part, at, attempts, status, wanted FROM webhook_dead_letter
      WHERE name = ?1 AND (sequence, part) > (?2, ?3) ORDER BY sequence, part LIMIT ?4
      """
    case .wanted:
      """
      SELECT sequence, part, at, attempts, status, wanted FROM webhook_dead_letter
      WHERE name = ?1 AND wanted = 1 ORDER BY sequence, part LIMIT 1
      """
    case .want: "UPDATE webhook_dead_letter SET wanted = 1 WHERE name = ?1"
    case .unwant: "UPDATE webhook_dead_letter SET wanted = 0 WHERE name = ?1"
    case .settle: "DELETE FROM webhook_dead_letter WHERE name = ?1 AND sequence = ?2 AND part = ?3"
    case .count: "SELECT count(*) FROM webhook_dead_letter WHERE name = ?1"
    }
  }
}

/// Where a webhook is in the log.
package struct WebhookCursor: Sendable {
  package var name: String
  /// What is looked at next.
  package var place: WebhookMessage.Place
  /// How often the message there was tried.
  package var attempt: Int64
  /// When it is tried next.
  package var due: Instant
  /// Changed by whoever sends it elsewhere, and never one that a former webhook of the name had.
  package var generation: Int64
  /// When it got the secret that it has, in the place of another.
  package var rotatedAt: Instant?

  fileprivate init(_ row: any Row) {
    name = row.text(0)
    place = WebhookMessage.Place(sequence: row.integer(1), part: row.integer(2))
    (attempt, due, generation) = (row.integer(3), Instant(milliseconds: row.integer(4)), row.integer(5))
    rotatedAt = row.optionalInteger(6).map { Instant(milliseconds: $0) }
  }
}

/// A message that was not delivered in any attempt.
package struct WebhookDeadLetter: Sendable {
  package var place: WebhookMessage.Place
  /// When it was given up.
  package var at: Instant
  package var attempts: Int64
  /// What the last attempt was answered; 0 for nothing.
  package var status: Int64
  /// Whether it is to be tried once more.
  package var isWanted: Bool

  fileprivate init(_ row: any Row) {
    place = WebhookMessage.Place(sequence: row.integer(0), part: row.integer(1))
    (at, attempts) = (Instant(milliseconds: row.integer(2)), row.integer(3))
    (status, isWanted) = (row.integer(4), row.integer(5) == 1)
  }
}

/// An attempt to deliver a message.
package struct WebhookAttempt: Sendable {
  package var place: WebhookMessage.Place
  package var number: Int64
  package var at: Instant
  /// What it was answered; 0 for nothing, none where it is not known.
  package var status: Int64?
}

/// What is kept of webhooks beside their documents: work in hand, and no part of the log.
package enum WebhookStore {
  /// Attempts are kept for so many places in the log behind the newest one.
  package static let keptPlaces: Int64 = 1000

  /// Every webhook that a document names, those taken away too, with the document.
  package static func all(in session: any Session) throws -> [(webhook: Webhook, document: Document)] {
    try DocumentStore.list(Webhook.documentKind, in: session).map { document in
      (try Webhook(document: JSONDocument(document.body).root), document)
    }
  }

  /// The webhook of that name; nil where there is none, or it was taken away.
  package static func find(_ name: String, in session: any Session) throws -> (webhook: Webhook, document: Document)? {
    guard let document = try DocumentStore.find(Webhook.documentKind, name, in: session) else { return nil }
    let webhook = try Webhook(document: JSONDocument(document.body).root)
    return webhook.isDeleted ? nil : (webhook, document)
  }

  /// Its bits count how often a webhook was sent elsewhere; those above are the place at which it began, so that no two
  /// of one name are taken for each other.
  private static let jumps: Int64 = 20

  // MARK: Cursors

  package static func cursors(in session: any Session) throws -> [WebhookCursor] {
    try session.rows(of: WebhookStatement.cursors) { WebhookCursor($0) }
  }

  package static func cursor(of name: String, in session: any Session) throws -> WebhookCursor? {
    try session.first(of: WebhookStatement.cursor, .text(name)) { WebhookCursor($0) }
  }

  /// Has a webhook begin at a place, unless it has begun.
  package static func open(_ name: String, at place: Int64, now: Instant, in session: any Session) throws {
    try session.execute(
      WebhookStatement.open, .text(name), .integer(place), .integer(now.milliseconds), .integer(place << jumps))
  }

  /// Notes where a webhook is; nothing happens where it was sent elsewhere since.
  ///
  /// - Returns: whether it was noted.
  package static func move(_ cursor: WebhookCursor, in session: any Session) throws -> Bool {
    try session.execute(
      WebhookStatement.move, .text(cursor.name), .integer(cursor.place.sequence), .integer(cursor.place.part),
      .integer(cursor.attempt), .integer(cursor.due.milliseconds), .integer(cursor.generation)) == 1
  }

  /// Sends a webhook to a place; what is on its way counts no more.
  package static func jump(_ name: String, to place: Int64, now: Instant, in session: any Session) throws {
    try session.execute(WebhookStatement.jump, .text(name), .integer(place), .integer(now.milliseconds))
  }

  /// Notes when a webhook got another secret.
  package static func rotate(_ name: String, at now: Instant?, in session: any Session) throws {
    try session.execute(WebhookStatement.rotate, .text(name), .integer(now?.milliseconds))
  }

  /// Forgets a webhook.
  package static func close(_ name: String, in session: any Session) throws {
    try session.execute(WebhookStatement.close, .text(name))
    try session.execute(WebhookStatement.closeAttempts, .text(name))
    try session.execute(WebhookStatement.closeLetters, .text(name))
  }

  // MARK: Attempts

  /// Notes an attempt that is about to be made.
  package static func begin(
    _ attempt: Int64, of place: WebhookMessage.Place, by name: String, at now: Instant, in session: any Session
  ) throws {
    try session.execute(
      WebhookStatement.attempt, .text(name), .integer(place.sequence), .integer(place.part), .integer(attempt),
      .integer(now.milliseconds))
    try session.execute(
      WebhookStatement.forgetAttempts, .text(name), .integer(place.sequence - keptPlaces))
  }

  /// Notes how an attempt has ended.
  package static func end(
    _ attempt: Int64, of place: WebhookMessage.Place, by name: String, status: Int64, in session: any Session
  ) throws {
    try session.execute(
      WebhookStatement.ended, .text(name), .integer(place.sequence), .integer(place.part), .integer(attempt),
      .integer(status))
  }

  /// The newest attempts, by the place in the log.
  package static func attempts(of name: String, limit: Int64, in session: any Session) throws -> [WebhookAttempt] {
    try session.rows(of: WebhookStatement.attempts, .text(name), .integer(limit)) { row in
      WebhookAttempt(
        place: WebhookMessage.Place(sequence: row.integer(0), part: row.integer(1)), number: row.integer(2),
        at: Instant(milliseconds: row.integer(3)), status: row.optionalInteger(4))
    }
  }

  // MARK: Dead letters

  /// Keeps a message that is not tried any more.
  package static func bury(
    _ place: WebhookMessage.Place, of name: String, attempts: Int64, status: Int64, at now: Instant,
    in session: any Session
  ) throws {
    try session.execute(
      WebhookStatement.bury, .text(name), .integer(place.sequence), .integer(place.part), .integer(now.milliseconds),
      .integer(attempts), .integer(status))
  }

  /// Dead letters behind a place, in the order of the log.
  package static func deadLetters(
    of name: String, after place: WebhookMessage.Place, limit: Int, in session: any Session
  ) throws -> [WebhookDeadLetter] {
    try session.rows(
      of: WebhookStatement.letters, .text(name), .integer(place.sequence), .integer(place.part), .integer(Int64(limit))
    ) { WebhookDeadLetter($0) }
  }

  package static func countDeadLetters(of name: String, in session: any Session) throws -> Int64 {
    try session.first(of: WebhookStatement.count, .text(name)) { $0.integer(0) } ?? 0
  }

  /// The first dead letter that is to be tried once more.
  package static func wanted(of name: String, in session: any Session) throws -> WebhookDeadLetter? {
    try session.first(of: WebhookStatement.wanted, .text(name)) { WebhookDeadLetter($0) }
  }

  /// Has every dead letter tried once more, or none of them any more.
  ///
  /// - Returns: how many there are.
  @discardableResult
  package static func want(_ isWanted: Bool, of name: String, in session: any Session) throws -> Int {
    try session.execute(isWanted ? WebhookStatement.want : .unwant, .text(name))
  }

  /// Takes a dead letter away, because it was delivered or is there no more.
  package static func settle(_ place: WebhookMessage.Place, of name: String, in session: any Session) throws {
    try session.execute(WebhookStatement.settle, .text(name), .integer(place.sequence), .integer(place.part))
  }
}
