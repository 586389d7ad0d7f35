import Base
import Customers
import HTTP
import SQL

/// What customers and visitors bring instead of keys: given out, ended, and the login that joins the two.
struct TokenRoutes {
  let services: Services

  private static let path = "/v1/customers/{customer}/tokens"
  /// `{"expiresIn": 86400}` or `{"anonymousId": "…"}` of the longest, and white space.
  private static let longestBody = 2 << 10
  /// Pages and apps call from other origins; a token is no cookie, so no page has it that was not given it.
  static let cors = CORSPolicy(
    origins: .any, allowedHeaders: CORSPolicy.usualHeaders + ["if-match", "if-none-match", "idempotency-key"],
    exposedHeaders: ["ETag", "Retry-After", "Throughline-Sequence"])

  // MARK: Visitors

  var open: Endpoint {
    Endpoint(
      .post, "/v1/visitors", Documentation.openVisitor,
      options: RouteOptions(maximumBody: Self.longestBody, cors: Self.cors)
    ) { [services] request, exchange in
      do { try open(request, exchange) } catch { exchange.respond(services.problem(error)) }
    }
  }

  /// The visitor's first event opens his place in the log, as any event with a new anonymous id does.
  private func open(_ request: borrowing Request, _ exchange: Exchange) throws {
    let now = services.clock.now
    let bytes = request.bodyCount == 0 ? Array("{}".utf8) : request.copyBody()
    var sender: Source?
    let (source, _) = try Authentication(services).source(of: request, isBeacon: false, sender: &sender) {
      try JSONDocument(bytes).root
    }
    let key = try Self.signingKey(services)
    try services.limiter.take(1, of: source, now: now)
    let id = services.tokens.next("vis_")
    var body = JSONWriter()
    body.object { $0.field("anonymousId", id) }
    var event = Event.request(
      .identify, name: nil, body: body.bytes, messageID: services.tokens.next("msg_"), at: now)
    event.mentions = [Identifier(.anonymousID, id)].compactMap { $0 }.map { .init($0, isProved: false) }
    services.intake.submit([event], from: source.name) { [services] result in
      services.answer(exchange) {
        let taken = try result.get()
        let token = PersonToken(.visitor, id, epoch: taken.sequence, now: now, life: PersonToken.visitorLife)
        return Self.answer(token, signedBy: key, ("anonymousId", id), at: taken.sequence)
      }
    }
  }

  // MARK: Customers

  var give: Endpoint {
    Endpoint(
      .post, Self.path, Documentation.giveToken, options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let life = try Self.life(request.bodyCount == 0 ? nil : JSONDocument(request.copyBody()).root)
      let name = try Disclosure.customer(request, services).name
      let signingKey = try Self.signingKey(services)
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        var taker = try PersonToken.taker(name, in: session)
        if case .newUser(let user) = taker {
          let event = Self.event(naming: [.init(user, isProved: true)], as: "userId", user.value, asked)
          let taken = try services.intake.recognise(event, at: nil, author: asked.author, in: session)
          if case .conflict = taken { return Disclosure.Shown(response: CustomerRequest.taken, subjects: []) }
          taker = try PersonToken.taker(.identifier(user), in: session)
        }
        guard case .customer(let id, let leader) = taker else {
          throw Failure(.internal, "a customer was made and is not there")
        }
        let epoch = try EventLog.last(in: session)
        let token = PersonToken(.customer, id, epoch: epoch, now: asked.now, life: life)
        return Disclosure.Shown(
          response: Self.answer(token, signedBy: signingKey, ("customer", id), at: epoch),
          subjects: [try Audit.Subject(leader, in: session)])
      }
    }
  }

  /// The sign-out: ends every token that the customer was given, wherever he is signed in.
  var end: Endpoint {
    Endpoint(
      .delete, Self.path, Documentation.endTokens, options: RouteOptions(cors: Self.cors), sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try CustomerRequest(request, by: caller, services)
        return try .writing(request, by: caller, services) { person, session in
          let event = Event.request(
            .signOut, name: nil, body: Array("{}".utf8), messageID: asked.messageID, at: asked.now)
          let taken = try services.intake.record(event, at: person.stand, author: asked.author, in: session)
          return try asked.answer(taken) { Response(.noContent) }
        }
      })
  }

  /// The login: the browser's place is tied to the customer, as if the shop's server had sent both.
  ///
  /// What came of it is told to nobody who only knows an anonymous id: it may be another customer's browser.
  var login: Endpoint {
    Endpoint(
      .post, "/v1/customers/me/identifiers", Documentation.login,
      options: RouteOptions(maximumBody: Self.longestBody, cors: Self.cors), sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try CustomerRequest(request, by: caller, services)
        let anonymous = try Self.anonymousID(JSONDocument(request.copyBody()).root)
        return try .writing(request, by: caller, services) { person, session in
          let own = try Lookup.identifier(of: person.stand, in: session)
          let event = Self.event(
            naming: [.init(own, isProved: true), .init(anonymous, isProved: true)], as: "anonymousId", anonymous.value,
            asked)
          let taken = try services.intake.recognise(event, at: person.stand, author: asked.author, in: session)
          return try asked.answer(taken) {
            var writer = JSONWriter()
            writer.object { $0.field("anonymousId", anonymous.value) }
            return .json(writer.bytes)
          }
        }
      })
  }

  // MARK: What they share

  private static func event(
    naming mentions: [Event.Mention], as field: String, _ value: String, _ asked: CustomerRequest
  ) -> Event {
    var body = JSONWriter()
    body.object { $0.field(field, value) }
    var event = Event.request(.identify, name: nil, body: body.bytes, messageID: asked.messageID, at: asked.now)
    event.mentions = mentions
    return event
  }

  private static func signingKey(_ services: Services) throws -> [UInt8] {
    guard let key = try services.vault.signingKey() else {
      throw Failure(.unavailable, "tokens cannot be given out now", cause: "there is no key to sign them with")
    }
    return key
  }

  private static func life(_ body: JSON?) throws -> Duration {
    guard let given = body?["expiresIn"] else { return PersonToken.usualLife }
    guard let seconds = given.integer, (1...PersonToken.longestLife.components.seconds).contains(seconds) else {
      let reason = "is no whole number of seconds from 1 to \(PersonToken.longestLife.components.seconds)"
      throw Failure(.invalid, "expiresIn \(reason)", faults: [.init("/expiresIn", reason)])
    }
    return .seconds(seconds)
  }

  private static func anonymousID(_ body: JSON) throws -> Identifier {
    guard let id = body["anonymousId"]?.string.flatMap({ Identifier(.anonymousID, $0) }), !id.isMeaningless else {
      throw Failure(
        .invalid, "an anonymousId is needed", faults: [.init("/anonymousId", "is missing or identifies nobody")])
    }
    return id
  }

  private static func answer(
    _ token: PersonToken, signedBy key: [UInt8], _ subject: (name: String, id: String), at sequence: Int64
  ) -> Response {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field(subject.name, subject.id)
      writer.field("token", token.signed(by: key))
      writer.field("expiresAt", token.expiresAt.text)
    }
    var response = Response.json(writer.bytes, status: .created)
    response.set("Throughline-Sequence", "\(sequence)")
    response.set("Cache-Control", "no-store")
    return response
  }
}
