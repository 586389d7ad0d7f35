package import Base
package import SQL

/// Documents of several kinds that are stored together or not at all.
///
/// ```json
/// {"source": [{"name": "web-shop", "channel": "web"}], "limits": {"email": 3}}
/// ```
/// By kind, one document or a list of them; or a list of such objects.
package struct DocumentSet: Sendable {
  /// What becomes, or would become, of one document.
  package struct Line: Sendable {
    package enum Effect: String, Sendable {
      case created, changed, unchanged
    }

    package let effect: Effect
    package let kind: String
    package let id: String
    /// Where a changed one differs from the version before.
    package let differences: [JSONDifference]
  }

  private let drafts: [DocumentDraft]

  /// How many documents are stored in one transaction: a shop's own are tens; so many change in well under a second.
  package static let most = 10_000

  /// Checks every document.
  ///
  /// - Parameter kinds: every kind that there is.
  /// - Throws: `invalid` with every fault, each pointed to from the root, after words that name kind and id.
  package init(_ json: JSON, kinds: [DocumentKind]) throws {
    var drafts: [DocumentDraft] = []
    var seen: Set<[String]> = []
    var faults: [Failure.Fault] = []
    func take(_ body: JSON, _ kind: DocumentKind, _ pointer: String) {
      let called = "\(kind.name) \(kind.id(of: body) ?? "without a name")"
      do {
        let draft = try kind.draft(body)
        guard seen.insert([draft.kind.name, draft.id]).inserted else {
          return faults.append(.init(pointer, "\(called) comes twice"))
        }
        drafts.append(draft)
      } catch let failure as Failure where failure.code == .invalid {
        for fault in failure.faults {
          let field = fault.pointer.isEmpty ? "it" : fault.pointer
          faults.append(.init(pointer + fault.pointer, "\(called): \(field) \(fault.reason)"))
        }
      } catch {
        faults.append(.init(pointer, "\(called): \(error)"))
      }
    }
    func takeKinds(_ object: JSON, _ pointer: String) {
      guard object.kind == .object else { return faults.append(.init(pointer, "is no object of documents by kind")) }
      for (name, value) in object.members {
        let place = "\(pointer)/\(JSON.pointerToken(name))"
        guard let kind = kinds.first(where: { $0.name == name }) else {
          let known = kinds.map { $0.name }.joined(separator: ", ")
          faults.append(.init(place, "\(name) is no kind of document; the kinds are \(known)"))
          continue
        }
        guard value.kind == .array else {
          take(value, kind, place)
          continue
        }
        for (index, body) in value.elements.enumerated() { take(body, kind, "\(place)/\(index)") }
      }
    }
    if json.kind == .array {
      for (index, object) in json.elements.enumerated() { takeKinds(object, "/\(index)") }
    } else {
      takeKinds(json, "")
    }
    if drafts.count > Self.most {
      faults.append(.init("", "there are more than \(Self.most) documents"))
    }
    if !faults.isEmpty { throw Failure(.invalid, "a document is wrong", faults: faults) }
    self.drafts = drafts
  }

  /// What storing them would come to.
  package func preview(in session: any Session) throws -> [Line] {
    try drafts.map { draft in
      let (current, isSame) = try DocumentStore.compare(draft, in: session)
      return try Self.line(draft, current, isSame: isSame)
    }
  }

  /// Stores them; those that say what the newest version says make no new one.
  ///
  /// - Parameter author: the source of the change, such as `cli`.
  package func store(
    author: String, at: Instant, through intake: Intake, in session: any Session
  ) throws -> [Line] {
    try drafts.map { draft in
      switch try DocumentStore.put(draft, author: author, at: at, through: intake, in: session) {
      case .created: try Self.line(draft, nil, isSame: false)
      case .changed(_, let from): try Self.line(draft, from, isSame: false)
      case .unchanged(let current): try Self.line(draft, current, isSame: true)
      }
    }
  }

  private static func line(_ draft: DocumentDraft, _ current: Document?, isSame: Bool) throws -> Line {
    guard let current else { return Line(effect: .created, kind: draft.kind.name, id: draft.id, differences: []) }
    if isSame { return Line(effect: .unchanged, kind: draft.kind.name, id: draft.id, differences: []) }
    return Line(
      effect: .changed, kind: draft.kind.name, id: draft.id,
      differences: draft.body.differences(from: try JSONDocument(current.body).root))
  }
}
