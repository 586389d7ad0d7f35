package import Base

/// A configured origin of events: a document of the kind `source`.
///
/// ```json
/// {"name": "web-shop", "channel": "web", "trust": "verified", "proves": ["user_id"], "tiesAnonymousId": true,
///  "country": "RU", "eventsPerSecond": 500}
/// {"name": "till-17", "kind": "till", "channel": "store", "trust": "verified"}
/// ```
package struct Source: Sendable, Hashable {
  /// Whether the sender can keep a secret.
  package enum Trust: String, Sendable, CaseIterable {
    /// A server, a till, a provider that signs.
    case verified
    /// A page or an app that anybody can read the key of.
    case anonymous
  }

  /// What a sender speaks that posts to `/hooks/{source}`; Segment's words are taken from every source.
  package enum Kind: String, Sendable, CaseIterable {
    /// A till's receipts.
    case till
  }

  package var name: String
  /// What it speaks beside Segment's words.
  package var kind: Kind?
  /// Which door: web, app, site, chat, email, sms, phone, store, push.
  package var channel: String
  package var trust: Trust
  /// The types that it proves in each event that carries them.
  package var proves: Set<IdentifierType>
  /// Whether an anonymous id that comes with a proved user id is that user's browser: a login.
  package var tiesAnonymousID: Bool
  /// Two letters of ISO 3166-1: where telephone numbers are dialled that name no country.
  ///
  /// None: where the configuration says.
  package var country: String?
  /// How many events a second it may send; more is answered 429.
  ///
  /// None: as many as the server takes.
  package var eventsPerSecond: Int64?
  /// Which version of the document this is; 0 before it is stored.
  package var version: Int64 = 0

  package static let documentKind = "source"
  package static let channels = ["web", "app", "site", "chat", "email", "sms", "phone", "store", "push"]
  /// A source's name stands in tables, paths and logs: 1 to 64 of `a–z`, `0–9`, `-`, `_`, `.`.
  package static let longestName = 64

  /// A source that proves what its channel and trust stand for.
  ///
  /// - Throws: `invalid` with the field at fault.
  package init(name: String, channel: String, trust: Trust) throws {
    guard Self.isName(name) else {
      throw Failure(
        .invalid, "a source's name has 1 to \(Self.longestName) of a-z, 0-9, '-', '_', '.'",
        faults: [.init("/name", "is not a source's name")])
    }
    guard Self.channels.contains(channel) else {
      throw Failure(
        .invalid, "a source's channel is one of \(Self.channels.joined(separator: ", "))",
        faults: [.init("/channel", "is not a channel")])
    }
    self.name = name
    self.channel = channel
    self.trust = trust
    proves = trust == .verified ? Self.defaultProofs(channel) : []
    tiesAnonymousID = trust == .verified && ["web", "app", "site"].contains(channel)
  }

  package static func isName(_ name: String) -> Bool {
    (1...longestName).contains(name.utf8.count)
      && name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || "-_.".contains($0)) }
  }

  private static func defaultProofs(_ channel: String) -> Set<IdentifierType> {
    switch channel {
    case "store": [.userID, .card]
    case "phone": [.userID, .phone]
    case "chat": [.userID, .telegram, .whatsApp, .viber]
    default: [.userID]
    }
  }

  // MARK: The document

  /// The source that a document holds.
  ///
  /// - Throws: `invalid` with the field at fault; an unknown field is one.
  package init(document: JSON) throws {
    let known: Set = ["name", "kind", "channel", "trust", "proves", "tiesAnonymousId", "country", "eventsPerSecond"]
    try FieldReader(document, "a source", known: known).finish()
    guard let name = document["name"]?.string else {
      throw Failure(.invalid, "a source needs a name", faults: [.init("/name", "is missing or no text")])
    }
    guard let channel = document["channel"]?.string else {
      throw Failure(.invalid, "a source needs a channel", faults: [.init("/channel", "is missing or no text")])
    }
    var trust = Trust.anonymous
    if let given = document["trust"] {
      guard let value = given.string.flatMap(Trust.init(rawValue:)) else {
        throw Failure(.invalid, "trust is verified or anonymous", faults: [.init("/trust", "is neither")])
      }
      trust = value
    }
    try self.init(name: name, channel: channel, trust: trust)
    if let given = document["kind"], !given.isNull {
      guard let value = given.string.flatMap(Kind.init(rawValue:)) else {
        let kinds = Kind.allCases.map { $0.rawValue }.joined(separator: ", ")
        throw Failure(.invalid, "kind is one of \(kinds)", faults: [.init("/kind", "is none of \(kinds)")])
      }
      kind = value
    }
    if let list = document["proves"] {
      proves = try Self.proofs(list)
    }
    if let ties = document["tiesAnonymousId"] {
      guard let ties = ties.bool else {
        throw Failure(
          .invalid, "tiesAnonymousId is true or false", faults: [.init("/tiesAnonymousId", "is neither")])
      }
      tiesAnonymousID = ties
    }
    if let country = document["country"], !country.isNull {
      guard let country = country.string, PhoneNumber.isRegion(country) else {
        throw Failure(
          .invalid, "country is two letters of ISO 3166-1", faults: [.init("/country", "is no country's two letters")])
      }
      self.country = country.uppercased()
    }
    if let rate = document["eventsPerSecond"], !rate.isNull {
      guard let rate = rate.integer, rate > 0 else {
        throw Failure(
          .invalid, "eventsPerSecond is a whole number above 0",
          faults: [.init("/eventsPerSecond", "is no whole number above 0")])
      }
      eventsPerSecond = rate
    }
    if trust == .anonymous, !proves.isEmpty || tiesAnonymousID {
      throw Failure(
        .invalid, "an anonymous source proves nothing", faults: [.init("/trust", "is anonymous, yet it proves")])
    }
  }

  private static func proofs(_ list: JSON) throws -> Set<IdentifierType> {
    guard list.kind == .array else {
      throw Failure(.invalid, "proves is a list of types", faults: [.init("/proves", "is no list")])
    }
    return Set(
      try list.elements.enumerated().map { index, element in
        guard let type = element.string.flatMap({ IdentifierType($0) }), type != .anonymousID else {
          throw Failure(
            .invalid, "proves is a list of types", faults: [.init("/proves/\(index)", "is no type that can be proved")])
        }
        return type
      })
  }

  /// The document that holds the source.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("name", name)
      writer.field("kind", ifPresent: kind?.rawValue)
      writer.field("channel", channel)
      writer.field("trust", trust.rawValue)
      writer.key("proves")
      writer.array { writer in
        for type in IdentifierType.all where proves.contains(type) { writer.value(type.name) }
      }
      writer.field("tiesAnonymousId", tiesAnonymousID)
      writer.field("country", ifPresent: country)
      writer.field("eventsPerSecond", ifPresent: eventsPerSecond)
    }
    return writer.bytes
  }
}
