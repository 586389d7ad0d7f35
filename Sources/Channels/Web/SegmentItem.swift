import Base
import Customers

/// One event of Segment's, read field by field; what is wrong is gathered, so that all of it is told at once.
struct SegmentItem {
  private let item: JSON
  private let batch: JSON?
  private let envelope: [UInt8]?
  private let country: String?
  private let isImport: Bool
  private var faults: [Failure.Fault] = []
  /// The traits among `email` and `phone` by which nobody can be reached.
  private var unusable: [String] = []

  init(_ item: JSON, batch: JSON? = nil, envelope: [UInt8]? = nil, country: String?, isImport: Bool = false) {
    self.item = item
    self.batch = batch
    self.envelope = envelope
    self.country = country
    self.isImport = isImport
  }

  /// - Parameter kind: the kind that the path names; none where the event names its own.
  func read(_ kind: Event.Kind?, receivedAt: Instant, tokens: TokenSource) -> SegmentCall.Item {
    var reader = self
    return reader.event(kind, receivedAt, tokens)
  }

  private mutating func event(_ kind: Event.Kind?, _ receivedAt: Instant, _ tokens: TokenSource) -> SegmentCall.Item {
    let body = item.withoutSecrets()
    let isTooLong = body.count > SegmentCall.longestEvent
    guard item.kind == .object else {
      return .refused(messageID: nil, faults: [.init("", "is no object")], body: isTooLong ? [] : body)
    }
    let messageID = readMessageID()
    if isTooLong {
      fault("", "is longer than \(SegmentCall.longestEvent) bytes")
      return .refused(messageID: messageID, faults: faults, body: [])
    }
    let kind = kind ?? readKind()
    let name = readName(kind)
    let mentions = readMentions(kind)
    let original = time("timestamp", of: item) ?? time("originalTimestamp", of: item)
    let sent = time("sentAt", of: item) ?? batch.flatMap { time("sentAt", of: $0) }
    for member in ["context", "properties", "integrations"] { checkObject(member) }
    let traits = kind == .identify ? readTraits() : []
    guard let kind, faults.isEmpty else { return .refused(messageID: messageID, faults: faults, body: body) }
    var event = Event(
      kind: kind, name: name, messageID: messageID ?? tokens.next("msg_"),
      at: EventTime.effective(original: original, sent: sent, received: receivedAt, isImport: isImport),
      originalAt: original, sentAt: sent, receivedAt: receivedAt, body: body, envelope: envelope,
      mentions: mentions, traits: traits, preferences: readPreferences())
    event.evidence = readEvidence()
    event.unusable = unusable
    return .event(event)
  }

  /// What the page's server gave it to prove whose the event is.
  private mutating func readEvidence() -> Event.Evidence? {
    let (hash, token) = (context("userHash")?.string, context("token")?.string)
    if hash == nil, token == nil { return nil }
    return Event.Evidence(userID: id("userId"), userHash: hash, token: token)
  }

  /// Notes what is wrong with a field, once.
  private mutating func fault(_ pointer: String, _ reason: String) {
    if faults.contains(where: { $0.pointer == pointer }) { return }
    faults.append(.init(pointer, reason))
  }

  // MARK: Fields

  private mutating func readKind() -> Event.Kind? {
    if let name = item["type"]?.string, let kind = Event.Kind(rawValue: name), kind.isSegments { return kind }
    fault("/type", "is none of identify, track, page, screen, group, alias")
    return nil
  }

  private mutating func readMessageID() -> String? {
    guard let id = id("messageId") else { return nil }
    if id.unicodeScalars.count > SegmentCall.longestMessageID || id.unicodeScalars.contains(where: { $0.value < 0x20 })
    {
      fault("/messageId", "has more than \(SegmentCall.longestMessageID) characters, or control characters")
      return nil
    }
    return id
  }

  /// A text or a number, which some senders use, without blanks around it; empty and null are none.
  private mutating func id(_ name: String) -> String? {
    guard let value = item.member(name), !value.isNull else { return nil }
    guard let text = value.string ?? value.number else {
      fault("/\(name)", "is no text")
      return nil
    }
    // No database keeps it in a text but SQLite's.
    if text.utf8.contains(0) { fault("/\(name)", "has the character U+0000") }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : String(trimmed)
  }

  private mutating func readName(_ kind: Event.Kind?) -> String? {
    switch kind {
    case .track:
      guard let event = id("event") else {
        fault("/event", "is missing")
        return nil
      }
      return event
    case .page, .screen: return id("name") ?? id("category")
    case .group:
      if id("groupId") == nil { fault("/groupId", "is missing") }
      return nil
    case .alias:
      if id("previousId") == nil { fault("/previousId", "is missing") }
      return nil
    case .identify, .document, .consent, .state, .traits, .identifier, .merge, .undo, .review, .signOut, .erasure,
      .timer, .summary, .retention, .numbering, .cart, .order, .points, .stock, nil:
      return nil
    }
  }

  private mutating func time(_ name: String, of object: JSON) -> Instant? {
    guard let value = object.member(name), !value.isNull else { return nil }
    if let time = value.string.flatMap({ Instant($0) }) { return time }
    fault("/\(name)", "is no time as in RFC 3339")
    return nil
  }

  private mutating func checkObject(_ name: String) {
    guard let value = item.member(name), !value.isNull, value.kind != .object else { return }
    fault("/\(name)", "is no object")
  }

  // MARK: Who

  private mutating func readMentions(_ kind: Event.Kind?) -> [Event.Mention] {
    var mentions: [Event.Mention] = []
    var region: String??
    @discardableResult func add(_ identifier: Identifier?) -> Bool {
      guard let identifier, !identifier.isMeaningless else { return false }
      let mention = Event.Mention(identifier, isProved: false)
      if !mentions.contains(mention) { mentions.append(mention) }
      return true
    }
    @discardableResult func add(_ type: IdentifierType, _ value: String?) -> Bool {
      guard let value else { return false }
      if type == .phone || type == .whatsApp, region == nil { region = .some(dialledIn) }
      return add(Identifier(type, value, region: region ?? nil))
    }
    let before = kind == .alias ? "previousId" : "anonymousId"
    let (user, anonymous) = (who("userId", .userID), who(before, .anonymousID))
    if user == nil, anonymous == nil,
      !faults.contains(where: { ["/userId", "/anonymousId", "/previousId"].contains($0.pointer) })
    {
      fault("", "has neither a userId nor an anonymousId")
    }
    add(user)
    add(anonymous)
    if kind == .identify {
      for (contact, value) in [(ContactTrait.email, trait("email")), (.phone, trait("phone"))] {
        guard let value, ContactTrait.isGiven(value) else { continue }
        if !add(contact.type, value.string ?? value.number) { unusable.append(contact.rawValue) }
      }
    }
    add(.device, context("device")?["id"]?.string)
    let externals = context("externalIds")
    if let externals, externals.count > SegmentCall.mostExternalIDs {
      fault("/context/externalIds", "has more than \(SegmentCall.mostExternalIDs) ids")
    }
    for external in externals?.elements.map({ $0 }) ?? [] {
      if let type = external["type"]?.string.flatMap({ IdentifierType($0) }), type != .anonymousID {
        add(type, external["id"].flatMap { $0.string ?? $0.number })
      }
    }
    // What identifies nobody is kept in the event; without another name it is nobody's.
    if mentions.isEmpty {
      for (name, identifier) in [("userId", user), (before, anonymous)] where identifier?.isMeaningless == true {
        fault("/\(name)", "is a value that identifies nobody")
      }
    }
    return mentions
  }

  private mutating func who(_ name: String, _ type: IdentifierType) -> Identifier? {
    guard let value = id(name) else { return nil }
    if let identifier = Identifier(type, value) { return identifier }
    fault("/\(name)", "has more than \(Identifier.longestValue) bytes, or control characters")
    return nil
  }

  /// Where a telephone number of the event that names no country is dialled.
  ///
  /// An address whose country we cannot tell is no reason to take another country's.
  private var dialledIn: String? {
    guard let named = trait("address")?["country"], !named.isNull, named.string?.trimmed.isEmpty != true else {
      return country
    }
    return named.string.map { String($0.trimmed) }
  }

  /// A member of the context; the event's own goes before the batch's.
  private func context(_ name: StaticString) -> JSON? { item["context"]?[name] ?? batch?["context"]?[name] }

  /// A trait of the person; the event's own goes before the context's.
  private func trait(_ name: StaticString) -> JSON? { item["traits"]?[name] ?? context("traits")?[name] }

  // MARK: What

  /// Traits in either place: RudderStack's Python SDK puts all of them into the context.
  ///
  /// The event's own win.
  private mutating func readTraits() -> [Event.Trait] {
    let ownContext = item["context"]?["traits"]
    let contextParent = ownContext == nil ? Event.TraitPlace.envelope + "/context/traits" : "/context/traits"
    var traits: [Event.Trait] = []
    // By the bytes of the name: an event may have thousands of traits.
    var places: [[UInt8]: Int] = [:]
    for (field, parent, object) in [
      ("/context/traits", contextParent, context("traits")), ("/traits", "/traits", item["traits"]),
    ] {
      guard let object, !object.isNull else { continue }
      guard object.kind == .object else {
        fault(field, "is no object")
        continue
      }
      for (member, value) in object.members {
        let name = Self.reserved[member] ?? member
        if name.utf8.contains(0) { fault(field, "has a name with the character U+0000") }
        let place = Event.TraitPlace(name: name, parent: parent, member: member)
        let trait = Event.Trait(place, value: value.bytes)
        if let index = places[Array(name.utf8)] {
          traits[index] = trait
        } else {
          places[Array(name.utf8)] = traits.count
          traits.append(trait)
        }
      }
    }
    return traits
  }

  /// Segment's `context.consent.categoryPreferences`: by category, whether the person allows it.
  ///
  /// A category is a purpose by its name in small letters. What cannot be one stays in the body alone, because no event
  /// is refused for it.
  private func readPreferences() -> [Event.Preference] {
    guard let categories = context("consent")?["categoryPreferences"],
      categories.count <= SegmentCall.mostPreferences
    else { return [] }
    var preferences: [String: Bool] = [:]
    for (category, value) in categories.members {
      let purpose = category.lowercased()
      guard let isGranted = value.bool, Consent.isPurpose(purpose) else { continue }
      // Of two spellings of one category the stricter counts.
      preferences[purpose] = isGranted && preferences[purpose] ?? true
    }
    return preferences.sorted { $0.key < $1.key }.map { .init(purpose: $0.key, isGranted: $0.value) }
  }

  /// Both spellings of the reserved traits are legal; this is the one that we keep.
  private static let reserved = ["first_name": "firstName", "last_name": "lastName", "created_at": "createdAt"]
}
