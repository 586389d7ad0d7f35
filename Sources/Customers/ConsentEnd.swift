import Base
package import SQL

enum ConsentEndStatement: Int, StatementSet {
  case later, grant, newest

  var sql: String {
    switch self {
    case .later:
      """
      SELECT sequence FROM consent WHERE origin = ?1 AND stand = ?1 AND purpose = ?2 AND channel = ?3
        AND (at, source, message_id) > (?4, ?5, ?6) LIMIT 1
      """
    case .grant: "SELECT at FROM consent WHERE origin = ?1 AND purpose = ?2 AND channel = ?3 AND sequence = ?4"
    case .newest:
      """
      SELECT sequence FROM consent WHERE origin = ?1 AND purpose = ?2 AND channel = ?3
      ORDER BY at DESC, source DESC, message_id DESC LIMIT 1
      """
    }
  }
}

/// The end of a grant that was given for a time: a timer, and a withdrawal when it is due.
///
/// The withdrawal stands where the grant stands, and there alone: it takes back that grant, and nothing that others said
/// who were one customer with him. Where something newer holds there by then, such as a grant by another name of the same
/// customer, it is placed at the grant's own time, right behind it (the source of a timer's event is greater than that of
/// a request): so it says nothing against what is newer, and an undo does not bring the old grant back to life.
package struct ConsentEnd: TimedAct {
  private static let timerKind = "consent"
  package let kind = Self.timerKind

  package init() {}

  /// What tells the timer of one purpose and channel at one place from others.
  private static func key(_ purpose: String, _ channel: String, at origin: Origin.Number) -> String {
    "\(timerKind):\(origin):\(purpose):\(channel)"
  }

  /// Decides what a request's changes of consent come to.
  ///
  /// - Parameters:
  ///   - event: made by `Consent.event`.
  ///   - author: the request's source.
  ///   - stand: where the event stands.
  package static func decide(
    _ event: Event, by author: String, at stand: Origin.Number, _ outcome: inout Outcome, in session: any Session
  ) throws {
    outcome.consent = try ConsentRuling(requestAt: stand, in: session)
    for change in try ConsentFold.changes(of: event) {
      let (purpose, channel) = (change.purpose, change.channel ?? "")
      let isSuperseded = try session.first(
        of: ConsentEndStatement.later, .integer(stand), .text(purpose), .text(channel),
        .integer((change.at ?? event.at).milliseconds), .text(author), .text(event.messageID)
      ) { _ in true }
      if isSuperseded == true { continue }
      let key = key(purpose, channel, at: stand)
      if let end = change.expiresAt {
        var writer = JSONWriter()
        writer.object { writer in
          writer.field("purpose", purpose)
          writer.field("channel", ifPresent: change.channel)
        }
        outcome.timers.append(Outcome.Timer(key: key, kind: timerKind, due: end, payload: writer.bytes))
      } else if try PendingTimer.find(key, in: session) != nil {
        outcome.ended.append(key)
      }
    }
  }

  package func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    guard let origin = timer.origin, let payload = try? JSONDocument(timer.payload).root,
      let purpose = payload["purpose"]?.string
    else { throw Failure(.internal, "the table of timers is damaged", hint: "throughline verify") }
    let channel = payload["channel"]?.string
    let place: [SQLValue] = [.integer(origin), .text(purpose), .text(channel ?? "")]
    var granted: Instant?
    try session.forEachRow(of: ConsentEndStatement.grant, place + [.integer(timer.sequence)]) { row in
      granted = Instant(milliseconds: row.integer(0))
      return false
    }
    guard let granted else { return nil }
    var newest: Int64?
    try session.forEachRow(of: ConsentEndStatement.newest, place) { row in
      newest = row.integer(0)
      return false
    }
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("changes")
      writer.array { writer in
        writer.object { writer in
          writer.field("purpose", purpose)
          writer.field("channel", ifPresent: channel)
          writer.field("state", Consent.State.withdrawn.rawValue)
          if newest != timer.sequence { writer.field("at", granted.text) }
        }
      }
    }
    return TimedEvent(.consent, body: writer.bytes)
  }
}
