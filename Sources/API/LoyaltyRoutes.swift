import Base
import Commerce
import Customers
import HTTP
import SQL

/// Points: what a customer has and how it came, holds, what persons change, and what the shop owes.
struct LoyaltyRoutes {
  let services: Services

  private static let path = "/v1/customers/{customer}/loyalty"
  private static let holds = "/v1/loyalty/holds/{id}"
  /// A reason of a thousand characters, escaped.
  static let longestBody = 16 << 10
  private static let options = RouteOptions(maximumBody: longestBody)

  var all: [Endpoint] { [read, ledger, hold, capture, void, adjust, join, leave, liability] }

  private var read: Endpoint {
    Endpoint(
      .get, Self.path, Documentation.loyalty, options: RouteOptions(cors: TokenRoutes.cors), sharedBy: services,
      sharing: { [services] request, caller in
        let receipt = try Self.receipt(request)
        let now = services.clock.now
        var isTill = false
        if case .key(let key) = caller { isTill = key.role == .store }
        return try .reading(request, by: caller, services) { [isTill] person, session in
          var writer = JSONWriter(capacity: 4 << 10)
          try LoyaltyReading(ofCustomer: person.leader, now: now, in: session)
            .write(to: &writer, receipt: receipt, isTill: isTill)
          return .json(writer.bytes)
        }
      })
  }

  private static func receipt(_ request: borrowing Request) throws -> Money? {
    guard let text = request.query("receipt") else { return nil }
    guard let amount = Int64(text), (0...Money.most).contains(amount) else {
      throw PageQuery.wrong("receipt", "is no whole number of minor units")
    }
    guard let currency = request.query("currency").flatMap({ Currency($0) }) else {
      throw PageQuery.wrong("currency", "is no currency of ISO 4217")
    }
    return Money(amount, currency)
  }

  private var ledger: Endpoint {
    Endpoint(
      .get, Self.path + "/ledger", Documentation.loyaltyLedger, options: RouteOptions(cors: TokenRoutes.cors),
      sharedBy: services,
      sharing: { [services] request, caller in
        let page = try PageQuery(request)
        let isOwn = caller.isPerson
        return try .reading(request, by: caller, services) { person, session in
          let ledger = try LoyaltyLedger(
            ofCustomer: person.leader, before: page.cursor, limit: page.limit, in: session)
          let name = isOwn ? "me" : try Profile.publicID(of: person.leader, in: session)
          return try page.answer(ledger.rows, at: "/v1/customers/\(name)/loyalty/ledger", cursor: { $0.cursor }) {
            $0.write(to: &$1, isOwn: isOwn)
          }
        }
      })
  }

  // MARK: Holds

  private var hold: Endpoint {
    Endpoint(.post, Self.path + "/holds", Documentation.postLoyaltyHold, options: Self.options, by: services) {
      [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try LoyaltyRequest(request, fields: ["points", "until", "receipt"])
      let points = try body.points()
      let until = try body.until(asked.now)
      let receipt = try body.receipt()
      return try .writing(request, services) { name, leader, session in
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        let taken = try services.intake.record(
          body.event("Hold", asked), at: stand, author: asked.author, in: session
        ) { outcome in
          try Loyalty.hold(
            services.tokens.next("hld_"), points: points, until: until, receipt: receipt, at: stand, now: asked.now,
            into: &outcome, in: session)
        }
        return try Self.answer(taken, asked, .created, in: session)
      }
    }
  }

  private var capture: Endpoint {
    Endpoint(.post, Self.holds + "/capture", Documentation.captureLoyaltyHold, options: Self.options, by: services) {
      [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try LoyaltyRequest(request, fields: ["points", "order"])
      let points = try body.has("points") ? body.points(from: 0) : nil
      let order = try body.order()
      return try Self.acting(
        on: request, "Capture", body, asked, services,
        isDone: { hold in
          hold.state == .captured && hold.captured == points ?? hold.captured
        }
      ) { id, outcome, session in
        try Loyalty.capture(
          id, points: points, order: order.map(OrderID.key), now: asked.now,
          into: &outcome, in: session)
      }
    }
  }

  private var void: Endpoint {
    Endpoint(.post, Self.holds + "/void", Documentation.voidLoyaltyHold, options: Self.options, by: services) {
      [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try LoyaltyRequest(request, fields: [])
      return try Self.acting(on: request, "Void", body, asked, services, isDone: { $0.state == .voided }) {
        id, outcome, session in
        try Loyalty.void(id, now: asked.now, into: &outcome, in: session)
      }
    }
  }

  /// The hold has ended as this request wants it to end.
  private struct Done: Error {}

  /// What ends a hold; one that has ended so already is answered as it ended, and nothing is written.
  private static func acting(
    on request: borrowing Request, _ name: String, _ body: LoyaltyRequest, _ asked: CustomerRequest,
    _ services: Services, isDone: @escaping @Sendable (LoyaltyVerdict.Hold) -> Bool,
    _ decide: @escaping @Sendable (String, inout Outcome, any Session) throws -> Void
  ) throws -> Disclosure {
    let id = request.parameter("id") ?? ""
    return Disclosure(road: .writing(weight: request.bodyCount)) { session in
      guard let hold = try Loyalty.hold(id, in: session), try !Erasure.isErased(hold.origin, in: session) else {
        throw Failure(.notFound, "there is no such hold")
      }
      let leader = try Lookup.leader(of: hold.origin, in: session)
      let subjects = [try Audit.Subject(leader, in: session)]
      let event = body.event(name, asked, about: id)
      do {
        let taken = try services.intake.record(event, at: hold.origin, author: asked.author, in: session) { outcome in
          if isDone(hold) { throw Done() }
          try decide(id, &outcome, session)
        }
        return Disclosure.Shown(response: try Self.answer(taken, asked, .ok, in: session), subjects: subjects)
      } catch is Done {
        var response = Self.response(hold, .ok)
        response.set("Throughline-Sequence", "\(try EventLog.last(in: session))")
        return Disclosure.Shown(response: response, subjects: subjects)
      }
    }
  }

  /// The hold as the request left it, whatever became of it since.
  private static func answer(
    _ taken: Intake.Answer, _ asked: CustomerRequest, _ status: Status, in session: any Session
  ) throws -> Response {
    try asked.answer(taken) {
      guard let entry = try EventLog.entry(taken.sequence, in: session),
        let hold = try LoyaltyVerdict(of: entry.outcome)?.holds.last
      else { throw Failure(.internal, "the log is damaged", cause: "a hold without one", hint: "throughline verify") }
      return response(hold, status)
    }
  }

  private static func response(_ hold: LoyaltyVerdict.Hold, _ status: Status) -> Response {
    var writer = JSONWriter()
    hold.write(to: &writer)
    return .json(writer.bytes, status: status)
  }

  // MARK: What persons change

  private var adjust: Endpoint {
    Endpoint(
      .post, Self.path + "/adjustments", Documentation.postLoyaltyAdjustment, options: Self.options, by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try LoyaltyRequest(request, fields: ["points", "reason"])
      let points = try body.points(from: -Loyalty.mostPoints)
      try body.checkReason()
      return try .writing(request, services) { name, leader, session in
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        let taken = try services.intake.record(
          body.event("Adjustment", asked), at: stand, author: asked.author, in: session
        ) { outcome in
          try Loyalty.adjust(points, at: stand, now: asked.now, into: &outcome, in: session)
        }
        return try asked.answer(taken) {
          let verdict = try EventLog.entry(taken.sequence, in: session).flatMap { try LoyaltyVerdict(of: $0.outcome) }
          var writer = JSONWriter()
          writer.object { writer in
            writer.field("points", points)
            writer.field("balance", verdict?.balance ?? 0)
            writer.field("sequence", taken.sequence)
          }
          return .json(writer.bytes)
        }
      }
    }
  }

  private var join: Endpoint {
    Endpoint(.post, Self.path + "/household", Documentation.joinHousehold, options: Self.options, by: services) {
      [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try LoyaltyRequest(request, fields: ["with", "reason"])
      try body.checkReason()
      let country = try services.country(of: request)
      let with = try body.customer("with", country: country)
      return try .writing(request, services) { name, leader, others, session in
        guard case .customer(let other) = try Lookup.find(with, in: session),
          let id = try Lookup.id(of: with, in: session)
        else { throw Failure(.invalid, "with names no customer", faults: [.init("/with", "is no customer")]) }
        others.append(other)
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        // The other's id would stay with this one when the other is erased; nobody finds one by its hash.
        let hash = Digest.hex(Digest.sha256(Array(id.utf8)))
        let event = body.event("Household Joined", asked, about: hash, without: "with")
        let taken = try services.intake.record(event, at: stand, author: asked.author, in: session) { outcome in
          try Loyalty.join(stand, with: other, id: services.tokens.next("hsh_"), into: &outcome, in: session)
        }
        return try Self.households(taken, asked, of: leader, in: session)
      }
    }
  }

  private var leave: Endpoint {
    Endpoint(.delete, Self.path + "/household", Documentation.leaveHousehold, options: Self.options, by: services) {
      [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      return try .writing(request, services) { name, leader, session in
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        let event = Event.request(
          .points, name: "Household Left", body: Array("{}".utf8), messageID: asked.messageID, at: asked.now)
        let taken = try services.intake.record(event, at: stand, author: asked.author, in: session) { outcome in
          try Loyalty.leave(stand, into: &outcome, in: session)
        }
        return try Self.households(taken, asked, of: leader, in: session)
      }
    }
  }

  private static func households(
    _ taken: Intake.Answer, _ asked: CustomerRequest, of leader: Int64, in session: any Session
  ) throws -> Response {
    try asked.answer(taken) {
      var writer = JSONWriter()
      let households = try Loyalty.households(of: leader, in: session)
      writer.object { writer in
        writer.key("households")
        writer.array { for household in households { $0.value(household) } }
      }
      return .json(writer.bytes)
    }
  }

  // MARK: The shop

  /// It shows no customer, so nothing of it is audited.
  private var liability: Endpoint {
    Endpoint(.get, "/v1/loyalty/liability", Documentation.loyaltyLiability) { [services] request, exchange in
      do {
        _ = try Authentication(services).require(Documentation.loyaltyLiability.access.roles, of: request)
        let now = services.clock.now
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          .json(try LoyaltyLiability(now: now, in: session).json)
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }
}
