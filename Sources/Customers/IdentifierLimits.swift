package import Base
package import SQL

/// How many identifiers of each type one customer may have: the document of the kind `limits`.
///
/// ```json
/// {"user_id": 1, "card": 1, "email": 5, "phone": 5, "anonymous_id": 1000}
/// ```
/// Types that the document does not name have their usual limit.
package struct IdentifierLimits: Sendable, Hashable {
  package static let documentKind = "limits"
  /// None would refuse everybody; more than ten thousand is a shared device or a fault, never a person.
  package static let range: ClosedRange<Int64> = 1...10_000

  private var counts: [IdentifierType: Int64]

  /// The usual limits.
  package init() {
    counts = [
      .userID: 1, .card: 1, .email: 5, .phone: 5, .telegram: 5, .whatsApp: 5, .viber: 5, .device: 20,
      .anonymousID: 1000,
    ]
  }

  /// The limits that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault; an unknown type is one.
  package init(document: JSON) throws {
    self.init()
    guard document.kind == .object else {
      throw Failure(.invalid, "limits are an object", faults: [.init("", "is no object")])
    }
    var faults: [Failure.Fault] = []
    for (name, value) in document.members {
      if let type = IdentifierType(name) {
        if let count = value.integer, Self.range.contains(count) {
          counts[type] = count
        } else {
          faults.append(
            .init("/\(name)", "is no whole number from \(Self.range.lowerBound) to \(Self.range.upperBound)"))
        }
      } else {
        faults.append(.init("/\(JSON.pointerToken(name))", "is no type of identifier"))
      }
    }
    if !faults.isEmpty { throw Failure(.invalid, "a limit is wrong", faults: faults) }
  }

  /// The limits in force.
  package init(in session: any Session) throws {
    guard let document = try DocumentStore.find(Self.documentKind, DocumentKind.onlyID, in: session) else {
      self.init()
      return
    }
    try self.init(document: JSONDocument(document.body).root)
  }

  /// How many of that type one customer may have.
  package subscript(_ type: IdentifierType) -> Int { Int(counts[type] ?? Self.range.lowerBound) }

  /// The document that holds the limits.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      for type in IdentifierType.all { writer.field(type.name, Int64(self[type])) }
    }
    return writer.bytes
  }
}
