package import Base
package import SQL

/// What a person or a storefront says about one identifier of a customer: that it is his, that several people use it,
/// or that it is not his.
///
/// The rules are those of a proof in an event: limits hold, and what another customer has is not taken from him. Only a
/// person makes an identifier shared or takes it away, and both can part what was tied.
package struct Attaching {
  private let session: any Session
  private let tokens: TokenSource

  package init(tokens: TokenSource, in session: any Session) {
    self.tokens = tokens
    self.session = session
  }

  /// Another customer has the identifier.
  package struct Taken: Error {
    /// The origin that leads him.
    package var owner: Origin.Number
    /// The id under which he is known.
    package var publicID: String
  }

  // MARK: It is his

  /// Proves an identifier for the customer of `stand`.
  ///
  /// A browser's anonymous id is joined as by a login. What he has already stays as it is.
  ///
  /// - Throws: `Taken` where another customer has it; `conflict` where a limit would be exceeded, or several people use
  ///   it; `invalid` where it identifies nobody.
  package func attach(_ identifier: Identifier, to stand: Origin.Number, into outcome: inout Outcome) throws {
    let leader = try leader(of: stand)
    let limits = try checked(identifier)
    if let own = try place(of: identifier, ofCustomer: leader.number) {
      return rule(identifier, .attached, own, &outcome)
    }
    var party = Party(leader.number, limits, in: session)
    let place = try OriginStore.find(identifier, .own, in: session)
    if let place, identifier.type != .anonymousID {
      if place.isShared {
        throw Failure(.conflict, "several people use it: `shared: true` notes that this customer does")
      }
      throw Taken(owner: place.customer, publicID: place.publicID)
    }
    guard try party.fits(identifier.type) else { throw Self.exceeded(identifier.type, limits) }
    // What claims tie to a visitor stays with those claims.
    if let place, !place.isKnown, try !party.isApart(from: place.customer) {
      if !leader.isKnown, let obstacle = try party.obstacle(to: place.customer) {
        guard case .limit(let type) = obstacle else { throw Failure(.conflict, "a person told them apart") }
        throw Self.exceeded(type, limits)
      }
      tie(stand, place.origin, Recognition.Rule.login, merge: tokens.next("mrg_"), &outcome)
      outcome.result = .merged
      return rule(identifier, .attached, place.origin, &outcome)
    }
    let number = try open(identifier, generation: place.map { $0.generation + 1 } ?? 0, &outcome)
    tie(stand, number, place == nil ? Merging.rule : Recognition.Rule.login, merge: nil, &outcome)
    rule(identifier, .attached, number, &outcome)
  }

  // MARK: Several people use it

  /// Makes an identifier one that several people use, and notes that the customer of `stand` is one of them.
  ///
  /// Whoever had it alone uses it too from now on.
  ///
  /// - Returns: the leading origin of the other customer who had it alone, if there was one.
  /// - Throws: `conflict` where somebody has nothing else; `invalid` where it identifies nobody, or one browser or
  ///   account alone.
  package func share(
    _ identifier: Identifier, with stand: Origin.Number, into outcome: inout Outcome
  ) throws -> Origin.Number? {
    _ = try checked(identifier)
    guard ![.userID, .anonymousID].contains(identifier.type) else {
      throw Failure(
        .invalid, "an account or a browser is one person's",
        faults: [.init("/shared", "is not for the type \(identifier.type.name)")])
    }
    let leader = try leader(of: stand)
    let place = try OriginStore.find(identifier, .own, in: session)
    let origin = try place?.origin ?? open(identifier, generation: 0, &outcome)
    rule(identifier, .shared, origin, &outcome)
    var users = [stand]
    if place?.isShared != true {
      outcome.sharings.append(Outcome.Sharing(origin: origin, isShared: true))
      if place != nil {
        let (neighbours, rest) = try cut(origin, &outcome)
        users = neighbours + (stand == origin ? [rest] : [stand])
      }
    }
    var noted: Set<Origin.Number> = []
    for user in users where try noted.insert(user).inserted && !ClaimStatement.isNoted(origin, by: user, in: session) {
      outcome.claims.append(Outcome.Claim(claimant: user, claimed: origin, isTied: false))
    }
    return place.flatMap { $0.isShared || $0.customer == leader.number ? nil : $0.customer }
  }

  // MARK: It is not his

  /// Takes an identifier away from the customer whom `leader` leads: it is a customer of its own from now on, with what
  /// stands at it, and no rule brings the two together again.
  ///
  /// - Throws: `notFound` where he has no such identifier of his own; `conflict` where he has nothing else.
  package func detach(_ identifier: Identifier, from leader: Origin.Number, into outcome: inout Outcome) throws {
    guard let origin = try place(of: identifier, ofCustomer: leader) else { throw Self.isNotHis }
    let (_, rest) = try cut(origin, &outcome)
    outcome.separations.append(Outcome.Pair(first: min(origin, rest), second: max(origin, rest)))
  }

  /// Where a request stands that takes an identifier away: where it names, unless that is the identifier's own place;
  /// then with the strongest of the rest, or where it did when the same request came before.
  package func stand(
    _ named: Origin.Number, without identifier: Identifier, ofCustomer leader: Origin.Number
  ) throws -> Origin.Number {
    guard try place(of: identifier, ofCustomer: leader) == named else { return named }
    let forest = try Forest(around: named, in: session)
    if let rest = try Forest.strongest(of: forest.side(of: named).subtracting([named]), in: session) { return rest }
    let apart = try session.first(of: SeparationStatement.newest, .integer(named)) { row in
      row.integer(0) == named ? row.integer(1) : row.integer(0)
    }
    return apart ?? named
  }

  private static let isNotHis = Failure(
    .notFound, "the customer has no such identifier of his own; what somebody claims, or shares, stays noted")

  /// Cuts an origin off from its customer, whose rest stays together.
  ///
  /// - Returns: what was tied to it, and the strongest of the rest.
  private func cut(
    _ origin: Origin.Number, _ outcome: inout Outcome
  ) throws -> (neighbours: [Origin.Number], rest: Origin.Number) {
    var forest = try Forest(around: origin, in: session)
    guard let rest = try Forest.strongest(of: forest.side(of: origin).subtracting([origin]), in: session) else {
      throw Failure(.conflict, "it is all that its customer has")
    }
    let neighbours = forest.remove(origin)
    outcome.cuts = forest.cuts
    outcome.ties += forest.added
    outcome.undone += forest.undone
    let customer = try OriginStore.leader(of: origin, in: session).number
    outcome.decisions += try Review.part(of: customer, by: forest, in: session)
    return (neighbours, rest)
  }

  // MARK: What they share

  /// The rules of identifiers, where this one may identify somebody.
  private func checked(_ identifier: Identifier) throws -> IdentifierLimits {
    let rules = try Rules.current(in: session)
    guard !identifier.isMeaningless, !rules.blocked.contains(identifier) else {
      throw Failure(.invalid, "the value identifies nobody", faults: [.init("/value", "identifies nobody")])
    }
    return rules.limits
  }

  private static func exceeded(_ type: IdentifierType, _ limits: IdentifierLimits) -> Failure {
    Failure(.conflict, "a customer has at most \(limits[type]) of the type \(type.name)")
  }

  /// The leader of the customer to whom `stand` belongs, who is one person.
  private func leader(of stand: Origin.Number) throws -> Origin {
    let leader = try OriginStore.leader(of: stand, in: session)
    if leader.isShared {
      throw Failure(.conflict, "several people use the identifier that names the customer, so it is nobody's alone")
    }
    return leader
  }

  /// The own place of an identifier that belongs to a customer, or nil.
  private func place(of identifier: Identifier, ofCustomer leader: Origin.Number) throws -> Origin.Number? {
    try OriginStore.generations(of: identifier, in: session).first { $0.customer == leader }?.origin
  }

  private func open(_ identifier: Identifier, generation: Int64, _ outcome: inout Outcome) throws -> Origin.Number {
    let (number, publicID) = try OriginNumbers(tokens: tokens).next(in: session)
    outcome.opened.append(
      Origin(
        number: number, publicID: publicID, identifier: identifier, standing: .own, source: "", generation: generation))
    return number
  }

  private func tie(
    _ stand: Origin.Number, _ origin: Origin.Number, _ rule: String, merge: String?, _ outcome: inout Outcome
  ) {
    outcome.ties.append(Outcome.Tie(first: stand, second: origin, rule: rule, merge: merge))
  }

  private func rule(
    _ identifier: Identifier, _ became: Outcome.Became, _ origin: Origin.Number, _ outcome: inout Outcome
  ) {
    outcome.rulings.append(Outcome.Ruling(mention: .init(identifier, isProved: true), became: became, origin: origin))
  }
}
