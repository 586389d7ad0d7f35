import Base
import SQL

/// Decides with whom an event stands and what its identifiers tie together.
///
/// It reads and decides; `IdentityFold` writes. An event that proves several customers makes one of them, unless they
/// would have more of a type than one person, or a person told them apart: then it stands with the highest-priority one
/// and a review is opened.
struct Recognition {
  private let source: Source
  private let session: any Session
  private let numbers: OriginNumbers
  private let rules: Rules
  private var outcome = Outcome(.matched, origin: nil)
  /// The customers whom this event's claims have joined with the one that it stands with.
  private var joined: Set<Origin.Number> = []
  /// Whether what the event claims may tie anything: not where it stands with what a known customer has proved.
  private var carries = true

  /// Decides; the origins that it opens get their numbers from `numbers`.
  ///
  /// - Returns: what was decided, and the id of the customer whom the event will stand with, where that is plain
  ///   before the outcome is folded.
  static func decide(
    _ event: Event, from source: Source, numbers: OriginNumbers, in session: any Session
  ) throws -> (outcome: Outcome, customer: String?) {
    var recognition = Recognition(
      source: source, session: session, numbers: numbers, rules: try Rules.current(in: session))
    let stand = try recognition.decide(event)
    let outcome = recognition.outcome
    // A visitor who signs in follows the known customer; any other tie may make the other one lead.
    let isPlain = outcome.ties.allSatisfy { $0.rule == Rule.login } && !outcome.claims.contains { $0.isTied }
    return (outcome, isPlain ? stand?.publicID : nil)
  }

  private init(source: Source, session: any Session, numbers: OriginNumbers, rules: Rules) {
    self.rules = rules
    self.source = source
    self.session = session
    self.numbers = numbers
    outcome.sourceVersion = source.version
  }

  private mutating func decide(_ event: Event) throws -> Place? {
    outcome.traits = event.traits.map { $0.place }
    outcome.unusable = event.unusable
    let mentions = unblocked(source.proofs(of: event))
    let proved = mentions.filter { $0.isProved && $0.identifier.type != .anonymousID }
    let anonymous = mentions.first { $0.identifier.type == .anonymousID }
    let claims = mentions.filter { !$0.isProved && $0.identifier.type != .anonymousID }
    let stand: Place
    if !proved.isEmpty {
      var party: Party
      (stand, party) = try standProved(proved)
      if let anonymous {
        // What several people use signs nobody in.
        let signsIn = anonymous.isProved && !stand.isShared
        if signsIn { try login(anonymous, to: stand, &party) } else { try claim(anonymous, by: stand) }
      }
      for mention in claims { try claim(mention, by: stand) }
    } else if let anonymous {
      stand = try standVisitor(anonymous)
      for mention in claims { try claim(mention, by: stand) }
    } else if let first = claims.first {
      stand = try standClaim(first)
      for mention in claims.dropFirst() { try claim(mention, by: stand) }
    } else if outcome.rulings.isEmpty {
      throw Failure(.invalid, "the event says of nobody")
    } else {
      // All that it names is blocked: it is kept, and is nobody's.
      return nil
    }
    outcome.origin = stand.origin
    settleResult(stand, proved: !proved.isEmpty, claims: !claims.isEmpty)
    return stand
  }

  /// What is left when the values are taken out that identify nobody in this shop.
  private mutating func unblocked(_ mentions: [Event.Mention]) -> [Event.Mention] {
    if rules.blocked.isEmpty { return mentions }
    let blocked = mentions.filter { rules.blocked.contains($0.identifier) }
    for mention in blocked { rule(mention, .blocked, nil) }
    return mentions.filter { !blocked.contains($0) }
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

  private mutating func standProved(_ proved: [Event.Mention]) throws -> (Place, Party) {
    let found = try proved.map { (mention: $0, place: try find($0, .own)) }
    // What several people use tells nobody apart, so it counts only where there is nothing else.
    let telling = found.filter { $0.place?.isShared != true }
    guard let first = telling.first else { return standShared(found) }
    var (stand, party) =
      try first.place.map { ($0, Party($0.customer, rules.limits, in: session)) } ?? begin(with: first.mention)
    rule(first.mention, .attached, stand.origin)
    for (mention, place) in telling.dropFirst() {
      if let place {
        try meet(mention, place, stand, &party)
      } else if try party.fits(mention.identifier.type) {
        let place = try open(mention, .own)
        tie(stand, place, Rule.oneEvent)
        party.add(mention.identifier.type)
        rule(mention, .attached, place.origin)
      } else {
        rule(mention, .parked, nil)
      }
    }
    for case (let mention, let place?) in found where place.isShared {
      rule(mention, .shared, place.origin)
      try note(place, of: stand)
    }
    if let known = party.customers.dropFirst().first, party.customers[0] == stand.origin { stand.customer = known }
    return (stand, party)
  }

  private mutating func begin(with mention: Event.Mention) throws -> (Place, Party) {
    let place = try open(mention, .own)
    return (place, Party(opened: outcome.opened[outcome.opened.count - 1], rules.limits, in: session))
  }

  /// One of those who use it, and nobody can say which: it stands at the identifier's own place.
  private mutating func standShared(_ found: [(mention: Event.Mention, place: Place?)]) -> (Place, Party) {
    let places = found.compactMap { $0.place }
    for (mention, place) in zip(found.map { $0.mention }, places) { rule(mention, .shared, place.origin) }
    return (places[0], Party(places[0].customer, rules.limits, in: session))
  }

  /// The event proves what another customer has proved too.
  private mutating func meet(_ mention: Event.Mention, _ place: Place, _ stand: Place, _ party: inout Party) throws {
    let type = mention.identifier.type
    if party.has(place.customer) { return rule(mention, .attached, place.origin) }
    // A store's tablet makes no family of all who use it.
    if type == .device, !party.isFresh {
      rule(mention, .claimed, place.origin)
      return try note(place, of: stand)
    }
    if let obstacle = try party.obstacle(to: place.customer) {
      rule(mention, .doubted, place.origin)
      return try doubt(stand, place, obstacle, type)
    }
    let merges = !party.isFresh
    tie(stand, place, Rule.oneEvent, merges: merges)
    if merges {
      outcome.result = .merged
      for customer in party.customers {
        outcome.decisions += try Review.settle(.merged, between: customer, place.customer, in: session)
      }
    }
    try party.join(place.customer)
    rule(mention, .attached, place.origin)
  }

  /// Opens a review of two customers, unless there is or was one of the same two places.
  private mutating func doubt(
    _ stand: Place, _ place: Place, _ obstacle: Party.Obstacle, _ type: IdentifierType
  ) throws {
    let pair = Outcome.Pair(first: min(stand.origin, place.origin), second: max(stand.origin, place.origin))
    let known = try session.first(of: ReviewStatement.find, .integer(pair.first), .integer(pair.second)) { _ in true }
    if known == true || outcome.reviews.contains(where: { $0.pair == pair }) { return }
    outcome.reviews.append(
      Outcome.Review(
        id: numbers.id("rev_"), pair: pair, reason: obstacle.reason, score: Review.score(type, obstacle)))
  }

  /// Ties the browser's own place to the customer who signed in on it.
  ///
  /// Where it is another customer's, or was told apart from this one, the browser has a new place from now on.
  private mutating func login(_ anonymous: Event.Mention, to stand: Place, _ party: inout Party) throws {
    let visitor = try find(anonymous, .own)
    if let visitor, party.has(visitor.customer) { return rule(anonymous, .attached, visitor.origin) }
    if let visitor, visitor.isKnown {
      let mine = try OriginStore.generations(of: anonymous.identifier, in: session).first { party.has($0.customer) }
      if let mine { return rule(anonymous, .attached, mine.origin) }
    }
    guard try party.fits(.anonymousID) else { return rule(anonymous, .parked, nil) }
    party.add(.anonymousID)
    if let visitor, !visitor.isKnown || !Protection.holds("identity.browser"),
      try !party.isApart(from: visitor.customer)
    {
      tie(stand, visitor, Rule.login, merges: true)
      outcome.result = .merged
      return rule(anonymous, .attached, visitor.origin)
    }
    let place = try open(anonymous, .own, generation: visitor.map { $0.generation + 1 } ?? 0)
    tie(stand, place, Rule.login)
    rule(anonymous, .attached, place.origin)
  }

  // MARK: Claims

  /// A visitor stands with his anonymous id, unless that is a known customer's by now: then with what this source
  /// merely claims of it.
  private mutating func standVisitor(_ anonymous: Event.Mention) throws -> Place {
    let own = try find(anonymous, .own) ?? open(anonymous, .own)
    guard own.isKnown else {
      rule(anonymous, .attached, own.origin)
      return own
    }
    let place = try claimPlace(anonymous, source: source.name)
    rule(anonymous, .claimed, place.origin)
    return place
  }

  /// What is only claimed stands at its own place, unless a person has tied that to a known customer: then with what
  /// this source merely claims of it.
  private mutating func standClaim(_ first: Event.Mention) throws -> Place {
    var place = try claimPlace(first)
    carries = try !place.isKnown && find(first, .own) == nil
    if place.isKnown { place = try claimPlace(first, source: source.name) }
    rule(first, .claimed, place.origin)
    return place
  }

  private mutating func claim(_ mention: Event.Mention, by stand: Place) throws {
    let place = try claimPlace(mention, source: mention.identifier.type == .anonymousID ? source.name : "")
    rule(mention, .claimed, place.origin)
    if try isNoted(place, of: stand) { return }
    let ties = try !stand.isKnown && !place.isKnown && mayTie(mention) && fitTogether(stand, place)
    if ties { joined.insert(place.customer) }
    outcome.claims.append(Outcome.Claim(claimant: stand.origin, claimed: place.origin, isTied: ties))
  }

  /// Notes, as evidence, that somebody uses what is not his alone.
  private mutating func note(_ place: Place, of stand: Place) throws {
    if try isNoted(place, of: stand) { return }
    outcome.claims.append(Outcome.Claim(claimant: stand.origin, claimed: place.origin, isTied: false))
  }

  private func isNoted(_ place: Place, of stand: Place) throws -> Bool {
    if place.origin == stand.origin || outcome.claims.contains(where: { $0.claimed == place.origin }) { return true }
    return try ClaimStatement.isNoted(place.origin, by: stand.origin, in: session)
  }

  /// Whether nobody known stands behind the claim: what a known customer has proved ties no two who claim it.
  private func mayTie(_ mention: Event.Mention) throws -> Bool { try carries && find(mention, .own) == nil }

  private func fitTogether(_ stand: Place, _ place: Place) throws -> Bool {
    let visitor = joined.union([stand.customer])
    if visitor.contains(place.customer) { return true }
    let counts = try counts(ofCustomers: visitor.union([place.customer]))
    return IdentifierType.all.allSatisfy { counts[$0.name, default: 0] <= rules.limits[$0] }
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
    let known = outcome.opened.last {
      $0.identifier == mention.identifier && $0.standing == standing && $0.source == source
    }
    if let known { return known.place }
    return try OriginStore.find(mention.identifier, standing, source: source, in: session)
  }

  /// Where what is merely claimed of an identifier stands.
  private mutating func claimPlace(_ mention: Event.Mention, source: String = "") throws -> Place {
    try find(mention, .claim, source: source) ?? open(mention, .claim, source: source)
  }

  private mutating func open(
    _ mention: Event.Mention, _ standing: Origin.Standing, source: String = "", generation: Int64 = 0
  ) throws -> Place {
    let (number, publicID) = try numbers.next(in: session)
    let origin = Origin(
      number: number, publicID: publicID, identifier: mention.identifier, standing: standing, source: source,
      generation: generation)
    outcome.opened.append(origin)
    return origin.place
  }

  private mutating func tie(_ a: Place, _ b: Place, _ rule: String, merges: Bool = false) {
    outcome.ties.append(
      Outcome.Tie(first: a.origin, second: b.origin, rule: rule, merge: merges ? numbers.id("mrg_") : nil))
  }

  private mutating func rule(_ mention: Event.Mention, _ became: Outcome.Became, _ origin: Origin.Number?) {
    outcome.rulings.append(Outcome.Ruling(mention: mention, became: became, origin: origin))
  }
}
