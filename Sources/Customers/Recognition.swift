import Base
import SQL

/// Decides with whom an event stands and what its identifiers tie together.
///
/// It reads and decides; `IdentityFold` writes. What it decides is right for an event that proves somebody we know, or
/// nobody we know. Where it proves several known customers at once, it stands with the highest-priority one, ties
/// nothing, and says `queued`.
struct Recognition {
  private let source: Source
  private let session: any Session
  private let numbers: OriginNumbers
  private var outcome = Outcome(.matched, origin: nil)
  /// The customers whom this event's claims have joined with the one that it stands with.
  private var joined: Set<Origin.Number> = []
  /// Whether what the event claims may tie anything: not where it stands with what a known customer has proved.
  private var carries = true

  /// How many of a type one customer may have: more is no person, but a shop's own address or a test.
  static func limit(_ type: IdentifierType) -> Int {
    switch type {
    case .userID, .card: 1
    case .email, .phone, .telegram, .whatsApp, .viber: 5
    case .device: 20
    default: 1000
    }
  }

  /// Decides; the origins that it opens get their numbers from `numbers`.
  ///
  /// - Returns: what was decided, and the id of the customer whom the event will stand with, where that is plain
  ///   before the outcome is folded.
  static func decide(
    _ event: Event, from source: Source, numbers: OriginNumbers, in session: any Session
  ) throws -> (outcome: Outcome, customer: String?) {
    var recognition = Recognition(source: source, session: session, numbers: numbers)
    let stand = try recognition.decide(event)
    let outcome = recognition.outcome
    // A visitor who signs in follows the known customer; any other tie may make the other one lead.
    let isPlain = outcome.ties.allSatisfy { $0.rule == Rule.login } && !outcome.claims.contains { $0.isTied }
    return (outcome, isPlain ? stand.publicID : nil)
  }

  private init(source: Source, session: any Session, numbers: OriginNumbers) {
    self.source = source
    self.session = session
    self.numbers = numbers
    outcome.sourceVersion = source.version
  }

  private mutating func decide(_ event: Event) throws -> Place {
    outcome.traits = event.traits.map { $0.place }
    let mentions = proofs(of: event).sorted { $0.identifier.type.priority < $1.identifier.type.priority }
    let proved = mentions.filter { $0.isProved && $0.identifier.type != .anonymousID }
    let anonymous = mentions.first { $0.identifier.type == .anonymousID }
    let claims = mentions.filter { !$0.isProved && $0.identifier.type != .anonymousID }
    let stand: Place
    if let first = proved.first {
      stand = try standProved(first, proved.dropFirst())
      if let anonymous {
        if anonymous.isProved { try login(anonymous, to: stand) } else { try claim(anonymous, by: stand) }
      }
      for mention in claims { try claim(mention, by: stand) }
    } else if let anonymous {
      stand = try standVisitor(anonymous)
      for mention in claims { try claim(mention, by: stand) }
    } else if let first = claims.first {
      stand = try find(first, .claim) ?? open(first, .claim)
      rule(first, .claimed, stand.origin)
      carries = try find(first, .own) == nil
      for mention in claims.dropFirst() { try claim(mention, by: stand) }
    } else {
      throw Failure(.invalid, "the event says of nobody")
    }
    outcome.origin = stand.origin
    settleResult(stand, proved: !proved.isEmpty, claims: !claims.isEmpty)
    return stand
  }

  /// The identifiers, each proved when the event itself or its source proves it.
  ///
  /// A browser's anonymous id is tied by the login: the user id beside it, proved by a source that speaks for the shop.
  private func proofs(of event: Event) -> [Event.Mention] {
    var mentions: [Event.Mention] = []
    for mention in event.mentions {
      let isProved = mention.isProved || source.proves.contains(mention.identifier.type)
      if let known = mentions.firstIndex(where: { $0.identifier == mention.identifier }) {
        mentions[known].isProved = mentions[known].isProved || isProved
      } else {
        mentions.append(Event.Mention(mention.identifier, isProved: isProved))
      }
    }
    guard source.tiesAnonymousID, mentions.contains(where: { $0.isProved && $0.identifier.type == .userID })
    else { return mentions }
    return mentions.map { mention in
      Event.Mention(mention.identifier, isProved: mention.isProved || mention.identifier.type == .anonymousID)
    }
  }

  private mutating func settleResult(_ stand: Place, proved: Bool, claims: Bool) {
    if outcome.rulings.contains(where: { $0.became == .doubted }) {
      outcome.result = .queued
    } else if outcome.result != .merged, outcome.opened.contains(where: { $0.number == stand.origin }),
      stand.customer == stand.origin
    {
      outcome.result = .created
    } else if outcome.result != .merged, !proved, claims {
      outcome.result = .claimed
    }
  }

  /// Why two origins were tied.
  enum Rule {
    /// One event proved both.
    static let oneEvent = "one event proved both"
    /// A shop's server sent the anonymous id of the browser that signed in.
    static let login = "login"
  }

  // MARK: Proofs

  private mutating func standProved(_ first: Event.Mention, _ others: ArraySlice<Event.Mention>) throws -> Place {
    let found = try others.map { (mention: $0, place: try find($0, .own)) }
    let firstPlace = try find(first, .own)
    let known = Set(([firstPlace] + found.map { $0.place }).compactMap { $0?.customer })
    let joins = try known.count <= 1 && (firstPlace != nil || fits(first, with: known.first))
    var stand = try firstPlace ?? open(first, .own)
    rule(first, .attached, stand.origin)
    if joins, firstPlace == nil, let other = found.compactMap({ $0.place }).first {
      tie(stand, other, Rule.oneEvent)
      stand = Place(
        origin: stand.origin, customer: other.customer, publicID: other.publicID, isKnown: true)
    }
    for (mention, place) in found {
      if let place {
        let isSame = joins || place.customer == stand.customer
        rule(mention, isSame ? .attached : .doubted, place.origin)
      } else if try fits(mention, with: firstPlace?.customer ?? (joins ? known.first : nil)) {
        let place = try open(mention, .own)
        tie(stand, place, Rule.oneEvent)
        rule(mention, .attached, place.origin)
      } else {
        rule(mention, .parked, nil)
      }
    }
    return stand
  }

  /// Whether one more of that type, with those that this event has attached, keeps within the customer's limit.
  private func fits(_ mention: Event.Mention, with customer: Origin.Number?) throws -> Bool {
    let type = mention.identifier.type
    let opened = outcome.opened.count { $0.identifier.type == type && $0.standing == .own }
    let isFresh = outcome.opened.contains { $0.number == customer }
    guard let customer, !isFresh else { return opened < Self.limit(type) }
    let present = try OriginStore.counts(ofCustomer: customer, in: session)[type.name] ?? 0
    return present + opened < Self.limit(type)
  }

  /// Ties the browser's own place to the customer who signed in on it.
  private mutating func login(_ anonymous: Event.Mention, to stand: Place) throws {
    guard let visitor = try find(anonymous, .own) else {
      guard try fits(anonymous, with: stand.customer) else { return rule(anonymous, .parked, nil) }
      let place = try open(anonymous, .own)
      tie(stand, place, Rule.login)
      return rule(anonymous, .attached, place.origin)
    }
    if visitor.customer == stand.customer { return rule(anonymous, .attached, visitor.origin) }
    if visitor.isKnown { return rule(anonymous, .doubted, visitor.origin) }
    guard try fits(anonymous, with: stand.customer) else { return rule(anonymous, .parked, nil) }
    tie(stand, visitor, Rule.login)
    outcome.result = .merged
    rule(anonymous, .attached, visitor.origin)
  }

  // MARK: Claims

  /// A visitor stands with his anonymous id, unless that is a known customer's by now: then with what this source
  /// merely claims of it.
  private mutating func standVisitor(_ anonymous: Event.Mention) throws -> Place {
    guard let own = try find(anonymous, .own) else {
      let place = try open(anonymous, .own)
      rule(anonymous, .attached, place.origin)
      return place
    }
    guard own.isKnown else {
      rule(anonymous, .attached, own.origin)
      return own
    }
    let place = try find(anonymous, .claim, source: source.name) ?? open(anonymous, .claim, source: source.name)
    rule(anonymous, .claimed, place.origin)
    return place
  }

  private mutating func claim(_ mention: Event.Mention, by stand: Place) throws {
    let source = mention.identifier.type == .anonymousID ? source.name : ""
    let place = try find(mention, .claim, source: source) ?? open(mention, .claim, source: source)
    rule(mention, .claimed, place.origin)
    if place.origin == stand.origin || outcome.claims.contains(where: { $0.claimed == place.origin }) { return }
    let claim: [SQLValue] = [.integer(stand.origin), .integer(place.origin)]
    var isRecorded = false
    try session.forEachRow(of: ClaimStatement.find, claim) { _ in
      isRecorded = true
      return false
    }
    if isRecorded { return }
    let ties = try !stand.isKnown && !place.isKnown && mayTie(mention) && fitTogether(stand, place)
    if ties { joined.insert(place.customer) }
    outcome.claims.append(Outcome.Claim(claimant: stand.origin, claimed: place.origin, isTied: ties))
  }

  /// Whether nobody known stands behind the claim: what a known customer has proved ties no two who claim it.
  private func mayTie(_ mention: Event.Mention) throws -> Bool { try carries && find(mention, .own) == nil }

  private func fitTogether(_ stand: Place, _ place: Place) throws -> Bool {
    let visitor = joined.union([stand.customer])
    if visitor.contains(place.customer) { return true }
    let counts = try counts(ofCustomers: visitor.union([place.customer]))
    return IdentifierType.all.allSatisfy { counts[$0.name, default: 0] <= Self.limit($0) }
  }

  /// How many of each type these customers have together, with the origins that this event opens.
  private func counts(ofCustomers customers: Set<Origin.Number>) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for origin in outcome.opened where customers.contains(origin.number) {
      counts[origin.identifier.type.name, default: 0] += 1
    }
    for customer in customers {
      counts.merge(try OriginStore.counts(ofCustomer: customer, in: session), uniquingKeysWith: +)
    }
    return counts
  }

  // MARK: Places

  private func find(_ mention: Event.Mention, _ standing: Origin.Standing, source: String = "") throws -> Place? {
    let known = outcome.opened.first {
      $0.identifier == mention.identifier && $0.standing == standing && $0.source == source
    }
    if let known { return known.place }
    return try OriginStore.find(mention.identifier, standing, source: source, in: session)
  }

  private mutating func open(
    _ mention: Event.Mention, _ standing: Origin.Standing, source: String = ""
  ) throws -> Place {
    let (number, publicID) = try numbers.next(in: session)
    let origin = Origin(
      number: number, publicID: publicID, identifier: mention.identifier, standing: standing, source: source)
    outcome.opened.append(origin)
    return origin.place
  }

  private mutating func tie(_ a: Place, _ b: Place, _ rule: String) {
    outcome.ties.append(Outcome.Tie(first: a.origin, second: b.origin, rule: rule))
  }

  private mutating func rule(_ mention: Event.Mention, _ became: Outcome.Became, _ origin: Origin.Number?) {
    outcome.rulings.append(Outcome.Ruling(mention: mention, became: became, origin: origin))
  }
}

extension Origin {
  /// An origin that nothing is tied to yet is a customer by itself.
  var place: Place { Place(origin: number, customer: number, publicID: publicID, isKnown: isKnown) }
}

/// The numbers and ids that one transaction gives to the origins it opens.
struct OriginNumbers {
  private enum Last: TransactionKey { typealias Value = Origin.Number }

  private let tokens: TokenSource

  init(tokens: TokenSource) { self.tokens = tokens }

  func next(in session: any Session) throws -> (Origin.Number, publicID: String) {
    let last = try session.memory[Last.self] ?? session.first(of: OriginStatement.last) { $0.integer(0) } ?? 0
    session.memory[Last.self] = last + 1
    return (last + 1, tokens.next("cus_"))
  }
}
