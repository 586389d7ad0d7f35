package import Base
package import SQL

enum ExportStatement: Int, StatementSet {
  case event

  var sql: String {
    switch self {
    case .event:
      """
      SELECT kind, name, source, channel, message_id, at, original_at, sent_at, received_at, body, envelope, outcome
      FROM event WHERE sequence = ?1
      """
    }
  }
}

/// Everything that is kept of one person, as a document to hand to him.
///
/// It is written piece by piece, so that a customer with 100,000 events needs no more memory than one with ten.
package struct Export: Sendable {
  /// How a person's data is written down.
  package enum Form: Sendable, Equatable {
    /// All of it in one document.
    case json
    /// One table of it, for a spreadsheet.
    case csv(ExportTable)

    /// What a file of it is called after its name.
    package var suffix: String {
      switch self {
      case .json: "json"
      case .csv: "csv"
      }
    }

    package var contentType: String {
      switch self {
      case .json: "application/json"
      case .csv: "text/csv; charset=utf-8"
      }
    }
  }

  /// How much is written at a time.
  static let piece = 256 << 10

  private let folds: [any Fold]

  /// - Parameter folds: every fold of the log.
  package init(folds: [any Fold]) { self.folds = folds }

  /// Writes down the person of these origins.
  ///
  /// - Parameters:
  ///   - time: when it is written, which the document tells.
  ///   - sink: takes the next bytes.
  package func write(
    _ origins: [Origin.Number], as form: Form, at time: Instant, in session: any Session,
    to sink: ([UInt8]) throws -> Void
  ) throws {
    switch form {
    case .json: try writeDocument(origins, time, session, sink)
    case .csv(let table): try table.write(origins, self, in: session, to: sink)
    }
  }

  private func writeDocument(
    _ origins: [Origin.Number], _ time: Instant, _ session: any Session, _ sink: ([UInt8]) throws -> Void
  ) throws {
    var writer = JSONWriter(capacity: Self.piece)
    try writer.object { writer in
      writer.field("exportedAt", time.text)
      try writeFolds(of: origins, to: &writer, in: session)
      writer.key("events")
      try writer.array { writer in
        try forEachEvent(of: origins, in: session) { event in
          writer.raw(event)
          if writer.bytes.count >= Self.piece { try sink(writer.drain()) }
        }
      }
    }
    try sink(writer.bytes)
  }

  /// Writes what the folds have of the person, as members of an object that is open already.
  func writeFolds(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    for fold in folds { try fold.export(of: origins, to: &writer, in: session) }
  }

  /// Hands over the person's events in the order in which they happened, each as JSON with what came as it came.
  func forEachEvent(
    of origins: [Origin.Number], in session: any Session, _ body: ([UInt8]) throws -> Void
  ) throws {
    for sequence in try EventOrder(of: origins, in: session) {
      if let event = try session.first(of: ExportStatement.event, .integer(sequence), map: { try Self.event($0) }) {
        try body(event)
      }
    }
  }

  /// What was written here, read again: a few containers stand around what came, which may be as deep as any.
  static func document(_ bytes: [UInt8]) throws -> JSON {
    try JSONDocument(bytes, maximumDepth: JSONDocument.maximumDepth + 8).root
  }

  private static func event(_ row: any Row) throws -> [UInt8] {
    let (body, envelope) = (row.bytes(9), row.optionalBytes(10))
    let kind = row.text(0)
    let identifiers = (try? JSONDocument(row.bytes(11)).root)?["identifiers"]
    var writer = JSONWriter(capacity: body.count + (envelope?.count ?? 0) + 512)
    writer.object { writer in
      writer.field("messageId", row.text(4))
      writer.field("type", kind)
      writer.field(kind == Event.Kind.track.rawValue ? "event" : "name", ifPresent: row.optionalText(1))
      writer.field("channel", row.text(3))
      writer.field("source", row.text(2))
      writer.field("timestamp", Instant(milliseconds: row.integer(5)).text)
      for (name, column) in [("originalTimestamp", 6), ("sentAt", 7), ("receivedAt", 8)] {
        writer.field(name, ifPresent: row.optionalInteger(column).map { Instant(milliseconds: $0).text })
      }
      writer.key("identifiers")
      if let identifiers { writer.raw(identifiers) } else { writer.array { _ in } }
      writer.key("body")
      writer.raw(body)
      if let envelope {
        writer.key("envelope")
        writer.raw(envelope)
      }
    }
    return writer.bytes
  }
}
