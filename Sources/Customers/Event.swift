package import Base

/// An immutable fact, as a channel adapter understood it: who, what, where and when, with the bytes that came.
package struct Event: Sendable {
  /// What kind of fact: the first six are Segment's, then comes a change of what decisions read, then what requests
  /// ask for.
  package enum Kind: String, Sendable, CaseIterable {
    case identify, track, page, screen, group, alias
    case document
    case consent, state, traits, identifier, merge, undo, review
    /// Ends the tokens that a customer was given.
    case signOut = "sign_out"
    case erasure
    /// What was set for a time, at that time, where nothing more particular is to be said.
    case timer
    /// What is left of old events of one kind.
    case summary
    /// What a run that made old events into summaries has done.
    case retention
    /// A newer numbering plan has a telephone number otherwise.
    case numbering
    /// What requests ask for of carts, orders, points and stock.
    case cart, order, points, stock

    /// Whether a source may send it; the others are made by requests alone.
    package var isSegments: Bool {
      switch self {
      case .identify, .track, .page, .screen, .group, .alias: true
      case .document, .consent, .state, .traits, .identifier, .merge, .undo, .review, .signOut, .erasure, .timer,
        .summary, .retention, .numbering, .cart, .order, .points, .stock:
        false
      }
    }
  }

  /// A name of the person, and whether the event itself shows that it is his (a signature, a caller's number); what a
  /// source proves by its document is added when the event is recognised.
  package struct Mention: Hashable, Sendable {
    package var identifier: Identifier
    package var isProved: Bool

    package init(_ identifier: Identifier, isProved: Bool) {
      self.identifier = identifier
      self.isProved = isProved
    }
  }

  /// A trait that the event reports, with its value as JSON.
  package struct Trait: Sendable {
    package var place: TraitPlace
    package var value: [UInt8]

    package init(_ place: TraitPlace, value: [UInt8]) {
      self.place = place
      self.value = value
    }
  }

  /// What the person's browser or app says that he allows, by Segment's `context.consent.categoryPreferences`.
  ///
  /// It is read when the event is decided about, and not kept beside the body that says it.
  package struct Preference: Sendable {
    package var purpose: String
    package var isGranted: Bool

    package init(purpose: String, isGranted: Bool) {
      self.purpose = purpose
      self.isGranted = isGranted
    }
  }

  /// What a page sends beside an event because its server gave it to it: Segment's `context`, with two members of ours.
  package struct Evidence: Sendable {
    /// The user id as it was sent.
    package var userID: String?
    /// The HMAC of the user id under the source's secret, in hexadecimal.
    package var userHash: String?
    /// A customer's token.
    package var token: String?

    package init(userID: String?, userHash: String?, token: String?) {
      self.userID = userID
      self.userHash = userHash
      self.token = token
    }
  }

  /// The name of a trait, and where in the event its value stands: so the log holds the value once.
  package struct TraitPlace: Sendable {
    package var name: String
    /// A JSON Pointer (RFC 6901) to the object in the body that has the value as a member, or after `envelope` in the
    /// envelope.
    package var parent: String
    /// The member's name there.
    package var member: String

    package init(name: String, parent: String, member: String) {
      self.name = name
      self.parent = parent
      self.member = member
    }

    /// What goes before a pointer into the envelope.
    package static let envelope = "envelope"

    /// The value at this place, or nil where there is none.
    func value(in body: JSON, envelope: JSON?) -> [UInt8]? {
      let isWithin = !parent.hasPrefix(Self.envelope)
      let object =
        isWithin ? body.value(at: parent) : envelope?.value(at: String(parent.dropFirst(Self.envelope.count)))
      return object?.member(member)?.bytes
    }
  }

  package var kind: Kind
  /// What a track call names its event, what a page or screen is called, or the kind of a document.
  package var name: String?
  /// Counts once per source, for ever.
  package var messageID: String
  /// When it happened by our best knowledge: the sender's time, corrected by the skew of his clock.
  package var at: Instant
  /// When it happened by the sender's clock.
  package var originalAt: Instant?
  /// When it was sent by the sender's clock.
  package var sentAt: Instant?
  package var receivedAt: Instant
  /// The JSON that came, less the key that came in it.
  package var body: [UInt8]
  /// What came once for a whole batch and holds for this event too.
  package var envelope: [UInt8]?
  package var mentions: [Mention]
  package var traits: [Trait]
  package var preferences: [Preference]
  /// Those among the traits `email` and `phone` that are no address and no number that anybody can be reached by.
  package var unusable: [String] = []
  /// What came with it to prove who it is of; it is looked at when the event comes, and not kept.
  package var evidence: Evidence?
  /// A customer's token that came with it, and was signed by us.
  package var token: PersonToken?

  package init(
    kind: Kind, name: String?, messageID: String, at: Instant, originalAt: Instant?, sentAt: Instant?,
    receivedAt: Instant, body: [UInt8], envelope: [UInt8]?, mentions: [Mention], traits: [Trait],
    preferences: [Preference] = []
  ) {
    self.kind = kind
    self.name = name
    self.messageID = messageID
    self.at = at
    self.originalAt = originalAt
    self.sentAt = sentAt
    self.receivedAt = receivedAt
    self.body = body
    self.envelope = envelope
    self.mentions = mentions
    self.traits = traits
    self.preferences = preferences
  }

  /// What stands before a key's name in the source of its requests; no source's name has a colon.
  package static let requestSource = "api:"

  /// What a request asks for, as an event that happened at `at`.
  package static func request(
    _ kind: Kind, name: String?, body: [UInt8], messageID: String, at: Instant
  ) -> Event {
    Event(
      kind: kind, name: name, messageID: messageID, at: at, originalAt: nil, sentAt: nil, receivedAt: at, body: body,
      envelope: nil, mentions: [], traits: [])
  }
}

extension Event {
  /// What stands before the digest in the id of a request whose Idempotency-Key another path has.
  private static let scopeMark: Character = "~"
  /// So many hexadecimal digits tell paths under one key from each other.
  private static let scopeDigits = 16
  /// An id is at most as long as any message's.
  private static let longestKeptID = 100 - 1 - scopeDigits

  /// The same request under an id of its own kind, name and place; nil where it has such an id already.
  func elsewhere(at origin: Origin.Number?) -> Event? {
    let scope = "\(kind.rawValue)\n\(name ?? "")\n\(origin.map { "\($0)" } ?? "")\n"
    if messageID.count > Self.scopeDigits, messageID.suffix(Self.scopeDigits + 1).first == Self.scopeMark { return nil }
    var event = self
    let digest = Digest.hex(Digest.sha256(Array((scope + messageID).utf8))).prefix(Self.scopeDigits)
    event.messageID = "\(messageID.prefix(Self.longestKeptID))\(Self.scopeMark)\(digest)"
    return event
  }
}

/// An event in its place in the log, with what was decided about it: all that a fold may read.
package struct LogEntry: Sendable {
  /// Its place: 1, 2, 3 …, in the order of the commits.
  package var sequence: Int64
  package var source: String
  package var channel: String
  package var event: Event
  package var outcome: Outcome
}
