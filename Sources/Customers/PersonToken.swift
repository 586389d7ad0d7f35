package import Base
package import SQL

/// What a person's own program brings in the place of a key: a signed statement of whose it is (RFC 7519).
///
/// It holds no right by itself: whether it has ended is asked of the log each time that it is used, because a sign-out,
/// an undone merge and a login end tokens that were given out before.
package struct PersonToken: Sendable {
  /// Whose it is; a token for one is never taken for the other.
  package enum Holder: String, Sendable, CaseIterable {
    /// A known customer: `subject` is his id.
    case customer
    /// Whoever uses a browser that nobody has signed in on: `subject` is the anonymous id that the server made for it.
    case visitor
  }

  package var holder: Holder
  package var subject: String
  /// The newest place in the log when it was given out.
  package var epoch: Int64
  /// Whole seconds, as the token spells it.
  package var expiresAt: Instant

  /// A customer's token is good for an hour unless the shop asks for more: its server is asked for another one easily.
  package static let usualLife: Duration = .seconds(3600)
  /// The longest that a shop may ask for: an app that its user opens once a month stays signed in.
  package static let longestLife: Duration = .seconds(30 * 86_400)
  /// A visitor comes back within a month, or is forgotten as what he has begun is.
  package static let visitorLife: Duration = .seconds(30 * 86_400)

  private static let issuer = "throughline"

  /// A token that is given out at `now`.
  package init(_ holder: Holder, _ subject: String, epoch: Int64, now: Instant, life: Duration) {
    self.holder = holder
    self.subject = subject
    self.epoch = epoch
    let end = now + life
    expiresAt = Instant(milliseconds: end.milliseconds - end.milliseconds % 1000)
  }

  /// The token that `text` spells; nil where it was not signed under `key`, or its time is over.
  package init?(_ text: [UInt8], key: [UInt8], now: Instant) {
    guard let claims = JSONWebToken.claims(of: text, key: key), claims["iss"]?.isString("throughline") == true,
      let holder = claims["aud"]?.string.flatMap(Holder.init), let subject = claims["sub"]?.string,
      let epoch = claims["epoch"]?.integer, let end = claims["exp"]?.integer,
      end > now.milliseconds / 1000, end < Int64.max / 1000
    else { return nil }
    (self.holder, self.subject, self.epoch) = (holder, subject, epoch)
    expiresAt = Instant(milliseconds: end * 1000)
  }

  /// The token's text.
  package func signed(by key: [UInt8]) -> String {
    var writer = JSONWriter(capacity: 200)
    writer.object { writer in
      writer.field("iss", Self.issuer)
      writer.field("aud", holder.rawValue)
      writer.field("sub", subject)
      writer.field("epoch", epoch)
      writer.field("exp", expiresAt.milliseconds / 1000)
    }
    return JSONWebToken.sign(writer.bytes, key: key)
  }

  /// The source of what its holder writes.
  ///
  /// A message counts once per source, so each customer and visitor is one; an anonymous id is no name for others to see.
  package var author: String {
    switch holder {
    case .customer: Self.author(.customer, subject)
    case .visitor: Self.author(.visitor, Digest.hex(Array(Digest.sha256(Array(subject.utf8)).prefix(16))))
    }
  }

  private static func author(_ holder: Holder, _ id: String) -> String { "\(holder.rawValue):\(id)" }

  /// The source of what was written by a token of somebody who is erased; any other source is told as it is.
  static func erased(author: String, at origin: Origin.Number) -> String {
    guard let holder = Holder.allCases.first(where: { author.hasPrefix(Self.author($0, "")) }) else { return author }
    return Self.author(holder, ErasedName.id(of: origin))
  }

  /// Whom it speaks of now; nil where it has ended.
  package func person(in session: any Session) throws -> Person? {
    switch holder {
    case .customer:
      guard let origin = try Lookup.origin(ofID: subject, in: session) else { return nil }
      let leader = try OriginStore.leader(of: origin, in: session)
      guard leader.isKnown, !leader.isShared,
        try TokenFold.lastEnd(ofCustomer: leader.number, in: session) <= epoch
      else { return nil }
      return Person(leader: leader.number, stand: origin, reach: .customer)
    case .visitor:
      // A second place of the browser is opened when somebody has signed in on the first one.
      guard let id = Identifier(.anonymousID, subject), let place = try OriginStore.find(id, .own, in: session),
        place.generation == 0, !place.isKnown, try TokenFold.lastEnd(of: place.origin, in: session) <= epoch
      else { return nil }
      return Person(leader: place.customer, stand: place.origin, reach: .stand)
    }
  }

  /// What an event that brings this token proves: the name under which its customer was given it, and which of `names`
  /// are his already.
  func proofs(among names: [Event.Mention], in session: any Session) throws -> [Event.Mention] {
    guard holder == .customer, let person = try person(in: session) else { return [] }
    let own = try OriginStore.origin(person.stand, in: session)
    guard own.isKnown, !own.isShared else { return [] }
    let his = try names.filter { name in
      guard name.identifier.type != .anonymousID, let place = try OriginStore.find(name.identifier, .own, in: session)
      else { return false }
      return place.customer == person.leader
    }
    return [Event.Mention(own.identifier, isProved: true)] + his.map { Event.Mention($0.identifier, isProved: true) }
  }
}

/// Whom a request is about, and how much of him it reaches.
package struct Person: Sendable {
  /// How far a request reaches.
  package enum Reach: Sendable {
    /// To all that the customer has.
    case customer
    /// To the place where it stands, and to nothing that is tied to it.
    case stand
  }

  /// The origin that leads the customer.
  package let leader: Origin.Number
  /// Where what the request writes stands.
  package let stand: Origin.Number
  package let reach: Reach

  package init(leader: Origin.Number, stand: Origin.Number, reach: Reach) {
    self.leader = leader
    self.stand = stand
    self.reach = reach
  }

  /// The states that the request reaches.
  package func states(in session: any Session) throws -> ResumeStates {
    switch reach {
    case .customer: try ResumeStates(ofCustomer: leader, in: session)
    case .stand: try ResumeStates(of: [stand], in: session)
    }
  }
}
