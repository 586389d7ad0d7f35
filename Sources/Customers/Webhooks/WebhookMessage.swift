import Base
package import SQL

enum WebhookLogStatement: Int, StatementSet {
  case scan, event

  var sql: String {
    switch self {
    // The ids of merges begin so; most entries make none, and are not looked into.
    case .scan:
      """
      SELECT sequence, kind, name, CASE WHEN outcome LIKE '%"mrg_%' THEN 1 ELSE 0 END
      FROM event WHERE sequence >= ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3
      """
    case .event:
      """
      SELECT e.sequence, e.at, 1, e.kind, e.name, e.source, e.channel, e.message_id, e.original_at, e.sent_at,
        e.received_at, e.body, e.outcome, l.public_id
      FROM event e LEFT JOIN origin o ON o.number = e.origin LEFT JOIN origin l ON l.number = o.customer
      WHERE e.sequence = ?1
      """
    }
  }
}

/// One message of the log to a webhook.
///
/// An entry is one message, of the type `event.` and its kind, and one more of the type `customer.merged` for each merge
/// that it made; a merge by a person is that alone. Documents are the shop's own, and not sent.
package struct WebhookMessage: Sendable {
  /// Which message it is: a place in the log, and the how manieth of it.
  package struct Place: Hashable, Comparable, Sendable {
    package var sequence: Int64
    package var part: Int64

    package init(sequence: Int64, part: Int64) {
      self.sequence = sequence
      self.part = part
    }

    package static func < (a: Place, b: Place) -> Bool { (a.sequence, a.part) < (b.sequence, b.part) }

    /// What may come next.
    package var next: Place { Place(sequence: sequence, part: part + 1) }

    /// The message's id, the same in every attempt and to every receiver.
    package var id: String { part == 0 ? "msg_\(sequence)" : "msg_\(sequence)_\(part)" }
  }

  package var place: Place
  package var type: String
  /// What is sent, as JSON.
  package var body: [UInt8]

  /// How many entries one look passes.
  static let longestLook: Int64 = 500

  /// The next message from a place on that a webhook wants.
  ///
  /// - Parameter last: the newest place that may be told.
  /// - Returns: the message, or where the next look begins.
  package static func next(
    for webhook: Webhook, from start: Place, upTo last: Int64, in session: any Session
  ) throws -> (message: WebhookMessage?, end: Place) {
    var found: (place: Place, type: String, merge: String?)?
    var end = Place(sequence: last + 1, part: 0)
    var count: Int64 = 0
    try session.forEachRow(
      of: WebhookLogStatement.scan, [.integer(start.sequence), .integer(last), .integer(longestLook)]
    ) { row in
      let (sequence, kind, name) = (row.integer(0), row.text(1), row.optionalText(2))
      let parts = try parts(kind, at: sequence, hasMerges: row.integer(3) == 1, in: session)
      for (index, part) in parts.enumerated() {
        let place = Place(sequence: sequence, part: Int64(index))
        guard place >= start, webhook.wants(part.type, kind: kind, event: name) else { continue }
        found = (place, part.type, part.merge)
        return false
      }
      count += 1
      if count == longestLook { end = Place(sequence: sequence + 1, part: 0) }
      return true
    }
    guard let found else { return (nil, max(start, end)) }
    return (try message(found.place, found.type, found.merge, in: session), found.place)
  }

  /// The message at a place, or nil where it is there no more.
  package static func at(_ place: Place, in session: any Session) throws -> WebhookMessage? {
    var found: (type: String, merge: String?)?
    try session.forEachRow(
      of: WebhookLogStatement.scan, [.integer(place.sequence), .integer(place.sequence), .integer(1)]
    ) { row in
      let parts = try parts(row.text(1), at: place.sequence, hasMerges: row.integer(3) == 1, in: session)
      if parts.indices.contains(Int(place.part)) { found = parts[Int(place.part)] }
      return false
    }
    return try found.flatMap { try message(place, $0.type, $0.merge, in: session) }
  }

  private static func parts(
    _ kind: String, at sequence: Int64, hasMerges: Bool, in session: any Session
  ) throws -> [(type: String, merge: String?)] {
    var parts: [(type: String, merge: String?)] = []
    switch Event.Kind(rawValue: kind) {
    case .document, nil: return []
    case .merge, .undo: break
    case .erasure: parts.append(("customer.erased", nil))
    case let kind?: parts.append(("event.\(kind.rawValue)", nil))
    }
    guard hasMerges, let entry = try EventLog.entry(sequence, in: session) else { return parts }
    for id in entry.outcome.undone { parts.append(("customer.unmerged", id)) }
    for id in entry.outcome.ties.compactMap({ $0.merge }) {
      // A tie may only take the place of another one of a merge that was made before.
      let made = try session.first(of: LiveStatement.merge, .text(id)) { $0.integer(3) }
      if made == sequence { parts.append(("customer.merged", id)) }
    }
    return parts
  }

  // MARK: What it says

  private static func message(
    _ place: Place, _ type: String, _ merge: String?, in session: any Session
  ) throws -> WebhookMessage? {
    let stored = try session.first(of: WebhookLogStatement.event, .integer(place.sequence)) { row in
      (event: Timeline.StoredEvent(row), customer: row.optionalText(13).flatMap { ErasedName.isID($0) ? nil : $0 })
    }
    guard let (event, customer) = stored else { return nil }
    var writer = JSONWriter(capacity: event.body.count + 512)
    try writer.object { writer in
      writer.field("type", type)
      writer.field("timestamp", Instant(milliseconds: event.at).text)
      writer.key("data")
      if let merge {
        guard let merge = try Merge.find(merge, in: session) else { return writer.object { _ in } }
        writer.object { writer in
          writer.field("sequence", place.sequence)
          writer.field("customer", orNull: customer)
          merge.write(to: &writer)
        }
      } else if type == "customer.erased" {
        let names = try JSONDocument(event.body).root["customers"]
        writer.object { writer in
          writer.field("sequence", place.sequence)
          writer.key("customers")
          if let names { writer.raw(names) } else { writer.array { _ in } }
        }
      } else if let customer, try !isErased(event) {
        try Timeline.ShownEvent(event).write(ofCustomer: customer, to: &writer)
      } else {
        try writeBare(event, to: &writer)
      }
    }
    return WebhookMessage(place: place, type: type, body: writer.bytes)
  }

  private static func isErased(_ event: Timeline.StoredEvent) throws -> Bool {
    try JSONDocument(event.outcome).root["result"]?.string == Outcome.Result.erased.rawValue
  }

  /// An event of nobody, or of somebody who was erased: that it was.
  private static func writeBare(_ event: Timeline.StoredEvent, to writer: inout JSONWriter) throws {
    let isErased = try isErased(event)
    writer.object { writer in
      writer.field("sequence", event.sequence)
      writer.field("type", event.kind)
      writer.field("channel", event.channel)
      writer.field("timestamp", Instant(milliseconds: event.at).text)
      writer.key("customer")
      writer.null()
      if isErased { writer.field("erased", true) }
    }
  }
}
