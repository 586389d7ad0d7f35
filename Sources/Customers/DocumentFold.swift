import Base
package import SQL

enum DocumentStatement: Int, StatementSet {
  case current, list, listUpTo, page, versions, insert, version

  var sql: String {
    switch self {
    case .current:
      "SELECT version, body, sequence, id FROM document WHERE kind = ?1 AND id = ?2 ORDER BY version DESC LIMIT 1"
    case .list:
      """
      SELECT d.version, d.body, d.sequence, d.id FROM document d
      WHERE d.kind = ?1 AND d.version = (SELECT max(version) FROM document WHERE kind = d.kind AND id = d.id)
      ORDER BY d.id
      """
    case .listUpTo:
      """
      SELECT d.version, d.body, d.sequence, d.id FROM document d
      WHERE d.kind = ?1 AND d.version = (
        SELECT max(version) FROM document WHERE kind = d.kind AND id = d.id AND sequence <= ?2)
      ORDER BY d.id
      """
    case .page:
      """
      SELECT d.version, d.body, d.sequence, d.id FROM document d
      WHERE d.kind = ?1 AND d.id > ?2
        AND d.version = (SELECT max(version) FROM document WHERE kind = d.kind AND id = d.id)
      ORDER BY d.id LIMIT ?3
      """
    case .versions:
      """
      SELECT d.version, d.body, d.sequence, d.id, e.source, e.received_at
      FROM document d JOIN event e ON e.sequence = d.sequence
      WHERE d.kind = ?1 AND d.id = ?2 AND d.version < ?3 ORDER BY d.version DESC LIMIT ?4
      """
    case .insert: "INSERT INTO document (kind, id, version, body, sequence) VALUES (?1, ?2, ?3, ?4, ?5)"
    case .version: "SELECT coalesce(max(version), 0) FROM document WHERE kind = ?1 AND id = ?2"
    }
  }
}

/// What decisions read, version by version: each is an event of the kind `document`.
package struct DocumentFold: Fold {
  package let name = "documents"
  package let tables = [FoldTable("document", key: ["kind", "id", "version"], entries: ["sequence"])]
  package var checks: [any Check] { [DocumentCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard entry.event.kind == .document, let kind = entry.event.name else { return }
    let (id, body) = try Self.content(of: entry.event)
    let version = try session.first(of: DocumentStatement.version, .text(kind), .text(id)) { $0.integer(0) } ?? 0
    try session.execute(
      DocumentStatement.insert, .text(kind), .text(id), .integer(version + 1), .utf8(body), .integer(entry.sequence))
  }

  /// Documents are the shop's own.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}

  static func content(of event: Event) throws -> (id: String, body: [UInt8]) {
    guard let root = try? JSONDocument(event.body).root, let id = root["id"]?.string, let body = root["document"] else {
      throw Failure(.internal, "the log is damaged", cause: "a document that is none", hint: "throughline verify")
    }
    return (id, body.bytes)
  }

  /// The event that stores a document.
  static func event(kind: String, id: String, body: [UInt8], messageID: String, at: Instant) -> Event {
    var writer = JSONWriter(capacity: body.count + 64)
    writer.object { writer in
      writer.field("id", id)
      writer.key("document")
      writer.raw(body)
    }
    return .request(.document, name: kind, body: writer.bytes, messageID: messageID, at: at)
  }

  /// The source of that name as its newest document has it, or nil.
  package static func source(_ name: String, in session: any Session) throws -> Source? {
    try session.first(of: DocumentStatement.current, .text(Source.documentKind), .text(name)) { try source($0) }
  }

  /// Every source as its newest document has it.
  package static func sources(in session: any Session) throws -> [Source] {
    try session.rows(of: DocumentStatement.list, .text(Source.documentKind)) { try source($0) }
  }

  private static func source(_ row: any Row) throws -> Source {
    do {
      var source = try Source(document: JSONDocument(row.bytes(1)).root)
      source.version = row.integer(0)
      return source
    } catch let failure as JSONFailure {
      throw Failure(.internal, "a document is damaged", cause: failure.reason, hint: "throughline verify")
    }
  }
}
