import Base
package import SQL

enum LogStatement: Int, StatementSet {
  case last, append, read, from, received

  var sql: String {
    switch self {
    case .last: "SELECT coalesce(max(sequence), 0) FROM event"
    case .append:
      """
      INSERT INTO event (sequence, origin, at, kind, name, source, channel, message_id, original_at, sent_at,
        received_at, body, envelope, outcome)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
      """
    case .read: "SELECT \(Self.columns) FROM event WHERE sequence = ?1"
    case .from: "SELECT \(Self.columns) FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2"
    case .received: "SELECT received_at FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT 1"
    }
  }

  static let columns = """
    sequence, at, kind, name, source, channel, message_id, original_at, sent_at, received_at, body, envelope, outcome
    """
}

/// The log: the one thing that is written first, and from which everything else can be made anew.
package enum EventLog {
  /// The place of the newest entry, as the transaction that appends it knows without asking again.
  private enum Last: TransactionKey { typealias Value = Int64 }

  /// The place of the newest entry; 0 for an empty log.
  package static func last(in session: any Session) throws -> Int64 {
    if let last = session.memory[Last.self] { return last }
    return try session.first(of: LogStatement.last) { $0.integer(0) } ?? 0
  }

  static func append(_ entry: LogEntry, in session: any Session) throws {
    try put(entry, in: session)
    if entry.event.kind == .document { try note(.documents, in: session) }
    session.memory[Last.self] = entry.sequence
  }

  /// Puts an entry in a place where there is none.
  static func put(_ entry: LogEntry, in session: any Session) throws {
    let event = entry.event
    try session.execute(
      LogStatement.append, .integer(entry.sequence), .integer(entry.outcome.origin), .integer(event.at.milliseconds),
      .text(event.kind.rawValue), .text(event.name), .text(entry.source), .text(entry.channel),
      .text(event.messageID), .integer(event.originalAt?.milliseconds), .integer(event.sentAt?.milliseconds),
      .integer(event.receivedAt.milliseconds), .utf8(event.body), .utf8(event.envelope), .utf8(entry.outcome.json))
  }

  /// The entry at that place, or nil.
  package static func entry(_ sequence: Int64, in session: any Session) throws -> LogEntry? {
    try session.first(of: LogStatement.read, .integer(sequence)) { try entry($0) }
  }

  /// When the entry at that place was received, or nil where the log ends before it.
  static func received(_ sequence: Int64, in session: any Session) throws -> Instant? {
    try session.first(of: LogStatement.received, .integer(sequence)) { Instant(milliseconds: $0.integer(0)) }
  }

  /// How many entries are read at a time, so that a walk through the log needs little memory.
  private static let page: Int64 = 1000

  /// Entries after a place, in order.
  static func entries(after sequence: Int64, limit: Int64, in session: any Session) throws -> [LogEntry] {
    try session.rows(of: LogStatement.from, .integer(sequence + 1), .integer(limit)) { try entry($0) }
  }

  /// Hands over every entry, in order.
  package static func forEach(in session: any Session, _ body: (LogEntry) throws -> Void) throws {
    var last: Int64 = 0
    while true {
      let entries = try entries(after: last, limit: page, in: session)
      guard let newest = entries.last else { return }
      for entry in entries { try body(entry) }
      last = newest.sequence
    }
  }

  /// Puts an entry in its own place, for an erasure: its place, its times and where it stands do not change.
  static func rewrite(_ entry: LogEntry, in session: any Session) throws {
    try note(.rewrites, in: session)
    let event = entry.event
    try session.execute(
      ErasureStatement.rewrite, .integer(entry.sequence), .text(event.name), .text(event.messageID),
      .integer(event.originalAt?.milliseconds), .integer(event.sentAt?.milliseconds), .utf8(event.body),
      .utf8(event.envelope), .utf8(entry.outcome.json), .text(entry.source))
  }

  /// Removes the entry at that place, for a summary that has it.
  static func remove(_ sequence: Int64, in session: any Session) throws {
    try note(.rewrites, in: session)
    try session.execute(RetentionStatement.remove, .integer(sequence))
  }

  /// What this transaction has counted.
  private enum Counted: TransactionKey { typealias Value = Set<Setting.Counter> }

  /// Counts this transaction, once.
  private static func note(_ counter: Setting.Counter, in session: any Session) throws {
    guard session.memory[Counted.self, default: []].contains(counter) == false else { return }
    try Setting.keep(Setting.count(counter, in: session) + 1, counter, in: session)
    session.memory[Counted.self] = session.memory[Counted.self, default: []].union([counter])
  }

  /// How many transactions have changed or removed entries that stood in the log: between two snapshots with one answer
  /// none of the entries that both have was changed.
  static func rewrites(in session: any Session) throws -> Int64 { try Setting.count(.rewrites, in: session) }

  /// How many transactions have stored documents: two snapshots with one answer have the same documents.
  package static func documents(in session: any Session) throws -> Int64 { try Setting.count(.documents, in: session) }

  private static func entry(_ row: any Row) throws -> LogEntry {
    let outcome = try Outcome(json: row.bytes(12))
    guard let kind = Event.Kind(rawValue: row.text(2)) else {
      throw Failure(.internal, "the log is damaged", cause: "an event of no kind", hint: "throughline verify")
    }
    return LogEntry(
      sequence: row.integer(0), source: row.text(4), channel: row.text(5),
      event: Event(
        kind: kind, name: row.optionalText(3), messageID: row.text(6), at: Instant(milliseconds: row.integer(1)),
        originalAt: row.optionalInteger(7).map { Instant(milliseconds: $0) },
        sentAt: row.optionalInteger(8).map { Instant(milliseconds: $0) },
        receivedAt: Instant(milliseconds: row.integer(9)), body: row.bytes(10), envelope: row.optionalBytes(11),
        mentions: outcome.rulings.map { $0.mention },
        traits: try traits(outcome.traits, body: row.bytes(10), envelope: row.optionalBytes(11))),
      outcome: outcome)
  }

  private static func traits(
    _ places: [Event.TraitPlace], body: [UInt8], envelope: [UInt8]?
  ) throws -> [Event.Trait] {
    if places.isEmpty { return [] }
    let body = try JSONDocument(body).root
    let envelope = try envelope.map { try JSONDocument($0).root }
    return places.compactMap { place in
      place.value(in: body, envelope: envelope).map { Event.Trait(place, value: $0) }
    }
  }
}
