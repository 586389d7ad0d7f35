package import Base
package import SQL

/// A version of a document.
package struct Document: Sendable {
  package let kind: String
  package let id: String
  /// 1, 2, 3 … of this id.
  package let version: Int64
  /// Its place in the log.
  package let sequence: Int64
  package let body: [UInt8]

  /// Whether this version says that it was taken away.
  var isDeleted: Bool { get throws { try JSONDocument(body).root["deleted"]?.bool == true } }
}

/// Documents, version by version, and their change.
package enum DocumentStore {
  /// What a change came to.
  package enum Change: Sendable {
    /// It is the first version.
    case created(Document)
    /// It is a newer version than `from`.
    case changed(Document, from: Document)
    /// The newest version says the same already, so there is no new one.
    case unchanged(Document)

    /// The newest version after the change.
    package var document: Document {
      switch self {
      case .created(let document), .changed(let document, _), .unchanged(let document): document
      }
    }
  }

  /// The newest version, or nil.
  package static func find(_ kind: String, _ id: String, in session: any Session) throws -> Document? {
    try session.first(of: DocumentStatement.current, .text(kind), .text(id)) { document($0, kind) }
  }

  /// The newest version of each document of that kind, by id.
  package static func list(_ kind: String, in session: any Session) throws -> [Document] {
    try session.rows(of: DocumentStatement.list, .text(kind)) { document($0, kind) }
  }

  /// The newest version of each document of that kind that comes after `id`, by id, at most `limit` of them.
  package static func page(
    _ kind: String, after id: String, limit: Int, in session: any Session
  ) throws -> [Document] {
    try session.rows(of: DocumentStatement.page, .text(kind), .text(id), .integer(Int64(limit))) { document($0, kind) }
  }

  /// The version of each document of that kind that was the newest at a place in the log, by id.
  static func list(_ kind: String, upTo sequence: Int64, in session: any Session) throws -> [Document] {
    try session.rows(of: DocumentStatement.listUpTo, .text(kind), .integer(sequence)) { document($0, kind) }
  }

  /// A version with who stored it, and when.
  package struct Recorded: Sendable {
    package let document: Document
    /// The source of the change, such as `api:ann` or `cli`.
    package let author: String
    package let at: Instant
  }

  /// At most `limit` versions below `version`, newest first.
  package static func versions(
    _ kind: String, _ id: String, below version: Int64, limit: Int, in session: any Session
  ) throws -> [Recorded] {
    try session.rows(
      of: DocumentStatement.versions, .text(kind), .text(id), .integer(version), .integer(Int64(limit))
    ) { row in
      Recorded(
        document: document(row, kind), author: row.text(4), at: Instant(milliseconds: row.integer(5)))
    }
  }

  private static func document(_ row: any Row, _ kind: String) -> Document {
    Document(kind: kind, id: row.text(3), version: row.integer(0), sequence: row.integer(2), body: row.bytes(1))
  }

  /// What storing `draft` would come to, beside the newest version as it is now.
  ///
  /// - Returns: the newest version, and whether it says the same.
  package static func compare(
    _ draft: DocumentDraft, in session: any Session
  ) throws -> (current: Document?, isSame: Bool) {
    guard let current = try find(draft.kind.name, draft.id, in: session) else { return (nil, false) }
    return (current, try JSONDocument(current.body).root.isEqual(to: draft.body))
  }

  /// Stores `draft` as a new version, unless the newest one says the same.
  ///
  /// - Parameter author: the source of the change, such as `api:ann` or `cli`.
  package static func put(
    _ draft: DocumentDraft, author: String, at: Instant, through intake: Intake, in session: any Session
  ) throws -> Change {
    let (current, isSame) = try compare(draft, in: session)
    if let current, isSame { return .unchanged(current) }
    if current == nil, let most = draft.kind.most,
      try list(draft.kind.name, in: session).count(where: { try !$0.isDeleted }) >= most
    {
      throw Failure(.conflict, "there are \(most) documents of the kind \(draft.kind.name), and may not be more")
    }
    let sequence = try intake.store(
      kind: draft.kind.name, id: draft.id, body: draft.body.bytes, author: author, at: at, create: false, in: session
    ) { outcome in try draft.kind.plan(draft.body, at, &outcome) }
    let document = Document(
      kind: draft.kind.name, id: draft.id, version: (current?.version ?? 0) + 1, sequence: sequence,
      body: draft.body.bytes)
    return current.map { .changed(document, from: $0) } ?? .created(document)
  }
}
