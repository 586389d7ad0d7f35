package import Base

/// What documents of one kind hold, and who may see and change them.
package struct DocumentKind: Sendable {
  /// What tells one document of a kind from another.
  package enum Identity: Sendable {
    /// The text of that member.
    case member(String)
    /// What several of its members come to; nil for one that is wrong.
    case derived(@Sendable (JSON) -> String?)
    /// There is one alone, under `onlyID`.
    case only
  }

  /// The kind's name in paths, in files and in the log.
  package let name: String
  /// Who may read documents of this kind.
  package let readers: Set<Role>
  /// Who may change them.
  package let writers: Set<Role>
  /// The document that holds as long as nobody has stored one, for kinds of which there is one alone.
  package let defaults: [UInt8]?
  /// How many there may be; nil for any number.
  let most: Int?
  private let identity: Identity
  /// What is to happen later because of a document, set in the outcome of its event.
  let plan: @Sendable (JSON, Instant, inout Outcome) throws -> Void
  /// The document as it is kept: every member spelled out, so that equal ones are equal.
  private let validated: @Sendable (JSON) throws -> [UInt8]

  /// The id of a document that is the only one of its kind.
  package static let onlyID = "default"

  package static let administrators: Set<Role> = [.owner, .admin]
  /// Who works with customers' records, and so may ask by which rules they were told apart.
  package static let staff: Set<Role> = [.owner, .admin, .marketer, .agent, .readonly]

  package static let source = DocumentKind(
    name: Source.documentKind, readers: administrators, writers: administrators, defaults: nil,
    identity: .member("name")
  ) { try Source(document: $0).document }

  package static let limits = DocumentKind(
    name: IdentifierLimits.documentKind, readers: staff, writers: administrators, defaults: IdentifierLimits().document,
    identity: .only
  ) { try IdentifierLimits(document: $0).document }

  package static let blockedValues = DocumentKind(
    name: BlockedValues.documentKind, readers: staff, writers: administrators, defaults: BlockedValues().document,
    identity: .only
  ) { try BlockedValues(document: $0).document }

  package static let computedTrait = DocumentKind(
    name: ComputedTrait.documentKind, readers: staff, writers: administrators.union([.marketer]), defaults: nil,
    most: ComputedTrait.most, identity: .member("name")
  ) { try ComputedTrait(document: $0).document }

  package static let retention = DocumentKind(
    name: RetentionClass.documentKind, readers: staff, writers: administrators, defaults: nil,
    most: RetentionClass.most, identity: .member("name"),
    plan: { try RetentionRound.plan(RetentionClass(document: $0), at: $1, &$2) }
  ) { try RetentionClass(document: $0).document }

  package static let webhook = DocumentKind(
    name: Webhook.documentKind, readers: administrators, writers: administrators, defaults: nil, most: Webhook.most,
    identity: .member("name")
  ) { try Webhook(document: $0).document }

  /// Every kind of this floor; the floors above add theirs to a list of their own.
  package static let groundFloor = [source, limits, blockedValues, computedTrait, retention, webhook]

  /// - Parameters:
  ///   - most: how many there may be; nil for any number.
  ///   - plan: sets in the outcome of a document's event what is to happen later because of it.
  ///   - validated: the document as it is kept, every member spelled out; throws `invalid` with the fields at fault.
  package init(
    name: String, readers: Set<Role>, writers: Set<Role>, defaults: [UInt8]?, most: Int? = nil,
    identity: Identity, plan: @escaping @Sendable (JSON, Instant, inout Outcome) throws -> Void = { _, _, _ in },
    validated: @escaping @Sendable (JSON) throws -> [UInt8]
  ) {
    self.name = name
    self.readers = readers
    self.writers = writers
    self.defaults = defaults
    self.most = most
    self.identity = identity
    self.plan = plan
    self.validated = validated
  }

  /// Whether there is one document of the kind, under `onlyID`.
  package var isSingle: Bool {
    if case .only = identity { true } else { false }
  }

  /// What `body` would be called, as far as that can be told of one that may be wrong.
  func id(of body: JSON) -> String? {
    switch identity {
    case .only: Self.onlyID
    case .member(let name): body.member(name)?.string
    case .derived(let id): id(body)
    }
  }

  /// Checks a document.
  ///
  /// - Throws: `invalid` with the fields at fault.
  package func draft(_ body: JSON) throws -> DocumentDraft {
    let kept = try JSONDocument(try validated(body)).root
    guard let id = id(of: kept) else { preconditionFailure("a valid \(name) without an id") }
    return DocumentDraft(kind: self, id: id, body: kept)
  }

  /// Checks a document that is to have that id.
  ///
  /// - Throws: `invalid` with the fields at fault.
  package func draft(_ body: JSON, id: String) throws -> DocumentDraft {
    let draft = try draft(body)
    guard draft.id == id else {
      switch identity {
      case .only: throw Failure(.notFound, "there is no such \(name)")
      case .member(let member):
        throw Failure(
          .invalid, "the path names another \(name)", faults: [.init("/\(member)", "is not the path's")])
      case .derived:
        throw Failure(.invalid, "the path names another \(name)", faults: [.init("", "has the id \(draft.id)")])
      }
    }
    return draft
  }
}

/// A checked document that is not stored yet.
package struct DocumentDraft: Sendable {
  package let kind: DocumentKind
  package let id: String
  package let body: JSON
}
