package import Base

/// What somebody says about one identifier of a customer.
///
/// ```json
/// {"type": "phone", "value": "+7 916 123-45-67", "shared": true, "reason": "a family's"}
/// ```
package struct IdentifierEdit: Sendable {
  package enum Act: String, Sendable {
    case added, shared, removed
  }

  /// Why somebody says so is a sentence or two, in characters.
  package static let longestReason = 1000

  package let identifier: Identifier
  package let act: Act
  private let reason: String?

  /// - Parameters:
  ///   - removes: whether it takes the identifier away.
  ///   - region: two letters of ISO 3166-1: where a telephone number is dialled that names no country.
  /// - Throws: `invalid` with every field at fault.
  package init(_ body: JSON, removes: Bool, region: String?) throws {
    let known: Set = ["type", "value", "reason"]
    var fields = try FieldReader(body, "an identifier", known: removes ? known : known.union(["shared"]))
    var identifier: Identifier?
    if let type = body["type"]?.string.flatMap({ IdentifierType($0) }) {
      identifier = body["value"].flatMap { $0.string ?? $0.number }.flatMap { Identifier(type, $0, region: region) }
      fields.check(identifier != nil, "/value", "is no \(type.name)")
    } else {
      let names = IdentifierType.all.map { $0.name }.joined(separator: ", ")
      fields.fault("/type", "is none of \(names)")
    }
    let isShared = fields.flag("shared", usual: false)
    reason = fields.text("reason", upTo: Self.longestReason)
    try fields.finish()
    guard let identifier else { preconditionFailure("what names no identifier has a fault") }
    self.identifier = identifier
    act = removes ? .removed : isShared ? .shared : .added
  }

  /// The event that it is.
  package func event(messageID: String, at: Instant) -> Event {
    var writer = JSONWriter()
    writer.object { writer in
      // Under a name of its own: `type` alone is a field of transport.
      writer.key("identifier")
      writer.object { writer in
        writer.field("type", identifier.type.name)
        writer.field("value", identifier.value)
      }
      writer.field("reason", ifPresent: reason)
    }
    return .request(.identifier, name: act.rawValue, body: writer.bytes, messageID: messageID, at: at)
  }
}
