package import Base
package import SQL

/// What somebody who speaks with a customer changes of his traits: an event like any other, by the source that his key
/// is.
///
/// ```json
/// {"traits": {"name": "Ann Lee", "size": 42, "nickname": null}}
/// ```
/// A `null` removes the trait, whoever said it before; what a source says of it later counts again.
package struct TraitEdit: Sendable {
  /// A form that is saved at once has a few dozen fields; each is a row, in one transaction.
  package static let mostTraits = 100
  /// A name stands in documents, segments and templates, in characters.
  package static let longestName = 100
  /// A trait is a word, a number or an address, in bytes of JSON; notes belong into the conversation.
  package static let longestValue = 4 << 10

  private let traits: [Event.Trait]
  private let unusable: [String]
  private let body: [UInt8]

  /// The edit that a request asks for.
  ///
  /// - Parameter country: two letters of ISO 3166-1: where a telephone number is dialled that names no country.
  /// - Throws: `invalid` with every field at fault, `tooLarge` for more than `mostTraits`.
  package init(_ body: JSON, country: String? = nil) throws {
    guard body.kind == .object, let object = body["traits"], object.kind == .object, object.count > 0 else {
      throw Failure(.invalid, "traits are an object", faults: [.init("/traits", "is no object with traits")])
    }
    guard object.count <= Self.mostTraits else {
      throw Failure(
        .tooLarge, "a request changes at most \(Self.mostTraits) traits",
        faults: [.init("/traits", "has more than \(Self.mostTraits) members")])
    }
    var fields = try FieldReader(body, "a change of traits", known: ["traits"])
    var traits: [Event.Trait] = []
    for (name, value) in object.members {
      let pointer = "/traits/\(JSON.pointerToken(name))"
      fields.check(
        name.isPlainText(upTo: Self.longestName), pointer,
        "has a name of not 1 to \(Self.longestName) characters, or control characters")
      fields.check(
        value.range.count <= Self.longestValue, pointer, "has more than \(Self.longestValue) bytes")
      traits.append(.init(.init(name: name, parent: "/traits", member: name), value: value.bytes))
    }
    try fields.finish()
    self.traits = traits
    unusable = ContactTrait.unusable(among: traits, region: country)
    self.body = body.bytes
  }

  /// The event that the edit is, of the customer whom `leader` leads: after everything that was said of these traits,
  /// so that it wins.
  package func event(
    ofCustomer leader: Origin.Number, messageID: String, now: Instant, in session: any Session
  ) throws -> Event {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    let at = try TraitSet(of: origins, in: session).moment(traits.map { $0.place.name }, now: now)
    var event = Event.request(.traits, name: nil, body: body, messageID: messageID, at: at)
    event.traits = traits
    return event
  }

  /// Says where in the event the values stand.
  ///
  /// - Throws: `conflict` where a trait is computed.
  package func decide(_ outcome: inout Outcome, in session: any Session) throws {
    let computed = Set(try ComputedTrait.all(in: session).map { $0.trait.name })
    if let name = traits.map({ $0.place.name }).first(where: computed.contains) {
      throw Failure(
        .conflict, "the trait \(name) is computed",
        faults: [.init("/traits/\(JSON.pointerToken(name))", "is computed of the customer's events")])
    }
    outcome.traits = traits.map { $0.place }
    outcome.unusable = unusable
  }
}
