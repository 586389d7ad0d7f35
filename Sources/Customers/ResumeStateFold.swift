package import Base
package import SQL

enum ResumeStateStatement: Int, StatementSet {
  case upsert, ofOrigin, erase

  var sql: String {
    switch self {
    case .upsert:
      """
      INSERT INTO resume_state (origin, key, at, source, message_id, value, device, expires_at, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      ON CONFLICT (origin, key) DO UPDATE SET at = excluded.at, source = excluded.source,
        message_id = excluded.message_id, value = excluded.value, device = excluded.device,
        expires_at = excluded.expires_at, sequence = excluded.sequence
      WHERE (excluded.at, excluded.source, excluded.message_id)
        > (resume_state.at, resume_state.source, resume_state.message_id)
      """
    case .ofOrigin:
      "SELECT key, at, source, message_id, value, device, expires_at, sequence FROM resume_state WHERE origin = ?1"
    case .erase: "DELETE FROM resume_state WHERE origin = ?1"
    }
  }
}

/// The newest state under each key at each origin, by the time it was so; a deletion is a row without a value, so that
/// it also hides what stands at the customer's other origins.
package struct ResumeStateFold: Fold {
  package let name = "states"
  package let tables = [
    FoldTable("resume_state", key: ["origin", "key"], owner: "origin", entries: ["sequence"])
  ]
  package var checks: [any Check] { [StateCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard entry.event.kind == .state, let key = entry.event.name, let origin = entry.outcome.origin else { return }
    guard let body = try? JSONDocument(entry.event.body).root else {
      throw Failure(.internal, "the log is damaged", cause: "a state that is none", hint: "throughline verify")
    }
    try session.execute(
      ResumeStateStatement.upsert, .integer(origin), .text(key), .integer(entry.event.at.milliseconds),
      .text(entry.source), .text(entry.event.messageID), .utf8(body["value"]?.bytes), .text(body["device"]?.string),
      .integer(body["expiresAt"]?.string.flatMap { Instant($0) }?.milliseconds), .integer(entry.sequence))
  }

  /// Writes the person's states as the member `states` of his export, those too that have ended.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let states = try ResumeStates(of: origins, in: session).kept
    writer.key("states")
    writer.array { for state in states { state.write(to: &$0, withVersion: false) } }
  }

  /// Removes what stands at these origins.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins { try session.execute(ResumeStateStatement.erase, .integer(origin)) }
  }
}

/// The states of a customer: of each key the newest over all of his origins.
package struct ResumeStates: Sendable {
  private struct Row {
    var at: Int64
    var source: String
    var messageID: String
    var state: ResumeState?

    func isNewer(than other: Row) -> Bool {
      if at != other.at { return at > other.at }
      let (mine, theirs) = ([source, messageID], [other.source, other.messageID])
      return theirs.lexicographicallyPrecedes(mine) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  private let newest: [String: Row]

  /// The states of the customer that `leader` leads.
  package init(ofCustomer leader: Origin.Number, in session: any Session) throws {
    try self.init(of: OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }, in: session)
  }

  /// The states of the customer whose origins these are.
  init(of origins: [Origin.Number], in session: any Session) throws {
    var newest: [String: Row] = [:]
    for origin in origins {
      try session.forEachRow(of: ResumeStateStatement.ofOrigin, [.integer(origin)]) { row in
        let key = row.text(0)
        let at = Instant(milliseconds: row.integer(1))
        let end = row.optionalInteger(6).map { Instant(milliseconds: $0) } ?? at + ResumeState.usualLife
        let state = row.optionalBytes(4).map { value in
          ResumeState(
            key: key, value: value, version: row.integer(7), device: row.optionalText(5), at: at, expiresAt: end)
        }
        let stored = Row(at: at.milliseconds, source: row.text(2), messageID: row.text(3), state: state)
        if let other = newest[key], !stored.isNewer(than: other) { return true }
        newest[key] = stored
        return true
      }
    }
    self.newest = newest
  }

  /// Those that were not deleted, by key.
  var kept: [ResumeState] { newest.values.compactMap { $0.state }.sorted { $0.key < $1.key } }

  /// Those that have not ended, by key.
  package func live(_ now: Instant) -> [ResumeState] { kept.filter { $0.expiresAt > now } }

  /// The one under that key, unless it has ended.
  package func find(_ key: String, now: Instant) -> ResumeState? {
    newest[key]?.state.flatMap { $0.expiresAt > now ? $0 : nil }
  }

  /// When the next change under that key is made, if it is made now: after everything that its author could see, also
  /// within one millisecond.
  package func moment(_ key: String, _ now: Instant) -> Instant {
    guard let last = newest[key]?.at, last >= now.milliseconds else { return now }
    return Instant(milliseconds: last + 1)
  }

  /// - Throws: `conflict` where one more would be too many.
  package func checkRoom(for key: String, now: Instant) throws {
    guard find(key, now: now) == nil, live(now).count >= ResumeState.mostKeys else { return }
    throw Failure(.conflict, "the customer has \(ResumeState.mostKeys) states; delete one, or let one end")
  }
}
