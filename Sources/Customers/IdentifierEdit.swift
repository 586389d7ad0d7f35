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
    guard body.kind == .object else {
      throw Failure(.invalid, "an identifier is an object with type and value", faults: [.init("", "is no object")])
    }
    let known: Set = removes ? ["type", "value", "reason"] : ["type", "value", "reason", "shared"]
    var faults = body.members.filter { !known.contains($0.key) }.map {
      Failure.Fault("/\(JSON.pointerToken($0.key))", "is unknown")
    }
    func given(_ name: StaticString) -> JSON? { body[name].flatMap { $0.isNull ? nil : $0 } }
    var identifier: Identifier?
    if let type = body["type"]?.string.flatMap({ IdentifierType($0) }) {
      identifier = body["value"].flatMap { $0.string ?? $0.number }.flatMap { Identifier(type, $0, region: region) }
      if identifier == nil { faults.append(.init("/value", "is no \(type.name)")) }
    } else {
      let names = IdentifierType.all.map { $0.name }.joined(separator: ", ")
      faults.append(.init("/type", "is none of \(names)"))
    }
    let shared = given("shared")
    if let shared, shared.bool == nil { faults.append(.init("/shared", "is neither true nor false")) }
    reason = given("reason")?.string
    if given("reason") != nil, reason?.isPlainText(upTo: Self.longestReason) != true {
      faults.append(.init("/reason", "has not 1 to \(Self.longestReason) characters, or control characters"))
    }
    guard faults.isEmpty, let identifier else { throw Failure(.invalid, "the identifier is wrong", faults: faults) }
    self.identifier = identifier
    act = removes ? .removed : shared?.bool == true ? .shared : .added
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
