import Base
import Customers

/// One event of Segment's, read field by field; what is wrong is gathered, so that all of it is told at once.
struct SegmentItem {
  private let item: JSON
  private let batch: JSON?
  private let isImport: Bool
  private var faults: [Failure.Fault] = []

  init(_ item: JSON, batch: JSON?, isImport: Bool) {
    self.item = item
    self.batch = batch
    self.isImport = isImport
  }

  /// - Parameter kind: the kind that the path names; none where the event names its own.
  func read(_ kind: Event.Kind?, receivedAt: Instant, tokens: TokenSource) -> SegmentCall.Item {
    var reader = self
    return reader.event(kind, receivedAt, tokens)
  }

  private mutating func event(_ kind: Event.Kind?, _ receivedAt: Instant, _ tokens: TokenSource) -> SegmentCall.Item {
    let body = item.without("writeKey")
    guard item.kind == .object else {
      return .refused(messageID: nil, faults: [.init("", "is no object")], body: body)
    }
    let messageID = readMessageID()
    guard body.count <= SegmentCall.longestEvent else {
      faults.append(.init("", "is longer than \(SegmentCall.longestEvent) bytes"))
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
    return .event(
      Event(
        kind: kind, name: name, messageID: messageID ?? tokens.next("msg_"),
        at: EventTime.effective(original: original, sent: sent, received: receivedAt, isImport: isImport),
        originalAt: original, sentAt: sent, receivedAt: receivedAt, body: body, envelope: envelope(),
        mentions: mentions, traits: traits))
  }

  // MARK: Fields

  private mutating func readKind() -> Event.Kind? {
    if let name = item["type"]?.string, let kind = Event.Kind(rawValue: name), kind != .document { return kind }
    faults.append(.init("/type", "is none of identify, track, page, screen, group, alias"))
    return nil
  }

  private mutating func readMessageID() -> String? {
    guard let id = id("messageId") else { return nil }
    if id.count > SegmentCall.longestMessageID || id.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      faults.append(
        .init("/messageId", "has more than \(SegmentCall.longestMessageID) characters, or control characters"))
      return nil
    }
    return id
  }

  /// A text or a number, which some senders use, without blanks around it; empty and null are none.
  private mutating func id(_ name: String) -> String? {
    guard let value = item.member(name), !value.isNull else { return nil }
    guard let text = value.string ?? value.number else {
      faults.append(.init("/\(name)", "is no text"))
      return nil
    }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : String(trimmed)
  }

  private mutating func readName(_ kind: Event.Kind?) -> String? {
    switch kind {
    case .track:
      guard let event = id("event") else {
        faults.append(.init("/event", "is missing"))
        return nil
      }
      return event
    case .page, .screen: return id("name") ?? id("category")
    case .group:
      if id("groupId") == nil { faults.append(.init("/groupId", "is missing")) }
      return nil
    case .alias:
      if id("previousId") == nil { faults.append(.init("/previousId", "is missing")) }
      return nil
    case .identify, .document, nil: return nil
    }
  }

  private mutating func time(_ name: String, of object: JSON) -> Instant? {
    guard let value = object.member(name), !value.isNull else { return nil }
    if let time = value.string.flatMap({ Instant($0) }) { return time }
    faults.append(.init("/\(name)", "is no time as in RFC 3339"))
    return nil
  }

  private mutating func checkObject(_ name: String) {
    guard let value = item.member(name), !value.isNull, value.kind != .object else { return }
    faults.append(.init("/\(name)", "is no object"))
  }

  // MARK: Who

  private mutating func readMentions(_ kind: Event.Kind?) -> [Event.Mention] {
    var mentions: [Event.Mention] = []
    func add(_ type: IdentifierType, _ value: String?) {
      guard let identifier = value.flatMap({ Identifier(type, $0) }) else { return }
      let mention = Event.Mention(identifier, isProved: false)
      if !mentions.contains(mention) { mentions.append(mention) }
    }
    let user = who("userId", .userID)
    let anonymous = kind == .alias ? who("previousId", .anonymousID) : who("anonymousId", .anonymousID)
    if user == nil, anonymous == nil, !faults.contains(where: { ["/userId", "/anonymousId"].contains($0.pointer) }) {
      faults.append(.init("", "has neither a userId nor an anonymousId"))
    }
    add(.userID, user)
    add(.anonymousID, anonymous)
    if kind == .identify {
      for traits in [context("traits"), item["traits"]].compactMap({ $0 }) {
        add(.email, traits["email"]?.string)
        add(.phone, traits["phone"].flatMap { $0.string ?? $0.number })
      }
    }
    add(.device, context("device")?["id"]?.string)
    for external in context("externalIds")?.elements.map({ $0 }) ?? [] {
      if let type = external["type"]?.string.flatMap({ IdentifierType($0) }), type != .anonymousID {
        add(type, external["id"].flatMap { $0.string ?? $0.number })
      }
    }
    return mentions
  }

  private mutating func who(_ name: String, _ type: IdentifierType) -> String? {
    guard let value = id(name) else { return nil }
    if Identifier(type, value) != nil { return value }
    faults.append(.init("/\(name)", "has more than \(Identifier.longestValue) bytes, or control characters"))
    return nil
  }

  /// A member of the context; the event's own goes before the batch's.
  private func context(_ name: StaticString) -> JSON? { item["context"]?[name] ?? batch?["context"]?[name] }

  // MARK: What

  /// Traits in either place: RudderStack's Python SDK puts all of them into the context.
  ///
  /// The event's own win.
  private mutating func readTraits() -> [Event.Trait] {
    var traits: [(name: String, value: JSON)] = []
    for (pointer, object) in [("/context/traits", context("traits")), ("/traits", item["traits"])] {
      guard let object, !object.isNull else { continue }
      guard object.kind == .object else {
        faults.append(.init(pointer, "is no object"))
        continue
      }
      for (name, value) in object.members {
        let name = Self.reserved[name] ?? name
        traits.removeAll { $0.name == name }
        traits.append((name, value))
      }
    }
    return traits.map { Event.Trait(name: $0.name, value: $0.value.bytes) }
  }

  /// Both spellings of the reserved traits are legal; this is the one that we keep.
  private static let reserved = ["first_name": "firstName", "last_name": "lastName", "created_at": "createdAt"]

  /// What came once for the batch and holds for the event too.
  private func envelope() -> [UInt8]? {
    guard let batch, batch["context"] != nil || batch["integrations"] != nil else { return nil }
    var writer = JSONWriter()
    writer.object { writer in
      for name in ["context", "integrations"] {
        guard let value = batch.member(name) else { continue }
        writer.key(name)
        writer.raw(value)
      }
    }
    return writer.bytes
  }
}

extension JSON {
  /// The value as it came, but without that member: a key is no part of what is said.
  fileprivate func without(_ name: StaticString) -> [UInt8] {
    guard self[name] != nil else { return bytes }
    var writer = JSONWriter(capacity: range.count)
    writer.object { writer in
      for (key, value) in rawMembers where !key.isString(name) {
        key.withStringBytes { writer.key($0) }
        writer.raw(value)
      }
    }
    return writer.bytes
  }
}
