package import Base
package import SQL

enum ConsentStatement: Int, StatementSet {
  case insert, ofOrigin, last, erase, eraseStand

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO consent (origin, purpose, channel, at, source, message_id, state, stand, legal_basis, text_version,
        proof, sequence, expires_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """
    case .ofOrigin:
      """
      SELECT purpose, channel, at, source, message_id, state, stand, legal_basis, text_version, proof, sequence,
        expires_at
      FROM consent WHERE origin = ?1
      """
    case .last:
      """
      SELECT state, source FROM consent WHERE origin = ?1 AND purpose = ?2 AND channel = '' AND at <= ?3
      ORDER BY at DESC, source DESC, message_id DESC LIMIT 1
      """
    case .erase: "DELETE FROM consent WHERE origin = ?1"
    case .eraseStand: "DELETE FROM consent WHERE stand = ?1"
    }
  }
}

/// The consent ledger: every change of consent at each origin that it is for, for good.
package struct ConsentFold: Fold {
  package let name = "consents"
  package let tables = [
    FoldTable(
      "consent", key: ["origin", "purpose", "channel", "at", "source", "message_id"], owner: "origin",
      origins: ["stand"], entries: ["sequence"])
  ]
  package var checks: [any Check] { [ConsentCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let stand = entry.outcome.origin else { return }
    let ruling = entry.outcome.consent
    // What an erased person said for others too stands with them alone.
    if entry.outcome.result == .erased, ruling.covers.isEmpty { return }
    let changes =
      entry.event.kind == .consent
      ? try Self.changes(of: entry.event)
      : ruling.granted.map { Consent(purpose: $0, .granted) }
        + ruling.withdrawn.map { Consent(purpose: $0, .withdrawn) }
    for change in changes {
      for origin in ruling.covers.isEmpty ? [stand] : ruling.covers {
        try session.execute(
          ConsentStatement.insert, .integer(origin), .text(change.purpose), .text(change.channel ?? ""),
          .integer((change.at ?? entry.event.at).milliseconds), .text(entry.source), .text(entry.event.messageID),
          .text(change.state.rawValue), .integer(stand), .text(change.basis?.rawValue), .text(change.textVersion),
          .utf8(change.proof), .integer(entry.sequence),
          .integer(change.expiresAt?.milliseconds))
      }
    }
  }

  static func changes(of event: Event) throws -> [Consent] {
    guard let list = (try? JSONDocument(event.body).root)?["changes"] else {
      throw Failure(.internal, "the log is damaged", cause: "a consent that is none", hint: "throughline verify")
    }
    return list.elements.compactMap { Consent(recorded: $0) }
  }

  /// Writes the person's consents, as they are and as they came, as the member `consents` of his export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let ledger = try ConsentLedger(of: origins, in: session)
    writer.key("consents")
    writer.object { writer in
      writer.key("state")
      writer.array { for entry in ledger.current { entry.write(to: &$0, withSequence: false) } }
      writer.key("history")
      writer.array { for entry in ledger.history { entry.write(to: &$0, withSequence: false) } }
    }
  }

  /// Removes what stands at these origins, and what was said there for others: of that, the rewritten entries say what
  /// stays.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins {
      try session.execute(ConsentStatement.erase, .integer(origin))
      try session.execute(ConsentStatement.eraseStand, .integer(origin))
    }
  }
}

extension Consent {
  /// What an event's own preference says: by no channel, for no reason told.
  fileprivate init(purpose: String, _ state: State) {
    self.purpose = purpose
    self.state = state
  }
}
