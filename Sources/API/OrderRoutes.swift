import Base
import Commerce
import Customers
import HTTP
import SQL

/// Orders: placed, looked at, and moved on.
struct OrderRoutes {
  let services: Services

  static let list = "/v1/orders"
  static let path = "/v1/orders/{id}"
  /// A thousand lines with serial numbers and what the courier should know.
  static let longestBody = 1 << 20

  var place: Endpoint {
    Endpoint(
      .post, Self.list, Documentation.postOrder, options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try JSONDocument(request.copyBody()).root
      let draft = try OrderDraft(body, now: asked.now)
      if key.role == .storefront, draft.lines.contains(where: { $0.fulfilment == .counter }) {
        throw Failure(
          .forbidden, "what is handed over at once is for a store to say",
          faults: [.init("/fulfilment/type", "is for keys of stores and of people")])
      }
      guard let name = CustomerName(body["customer"]?.string ?? "", country: try services.country(of: request)) else {
        throw Failure(
          .invalid, "a customer is named by an id or as type:value",
          faults: [.init("/customer", "is no name of a customer")])
      }
      let id = draft.id ?? OrderID.made(by: asked.author, asked.messageID)
      let event = Event.request(
        .order, name: OrderAct.place.rawValue, body: Self.body(body, "id", id), messageID: asked.messageID,
        at: asked.now)
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        let leader = try Self.customer(name, in: session)
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        let subjects = [try Audit.Subject(leader, in: session)]
        do {
          let taken = try services.intake.record(event, at: stand, author: asked.author, in: session) { outcome in
            let placing = Orders.Placing(id: id, at: stand, now: asked.now, channel: "web")
            try services.orders.place(draft, placing, into: &outcome, in: session)
          }
          let response = try asked.answer(taken) { try Self.answer(taken.sequence, isOwn: false, session) }
          return Disclosure.Shown(response: response, subjects: subjects)
        } catch let shortfall as OrderShortfall {
          return Disclosure.Shown(
            response: Self.problem(shortfall, skus: draft.lines.map { $0.sku }), subjects: subjects)
        }
      }
    }
  }

  var read: Endpoint {
    Endpoint(
      .get, Self.path, Documentation.order, options: RouteOptions(cors: TokenRoutes.cors), sharedBy: services,
      sharing: { request, caller in
        let id = request.parameter("id") ?? ""
        let conditions = Conditions(request)
        return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request), isShort: true)) { session in
          let order = try Self.find(id, for: caller, in: session)
          let tag = EntityTag(version: order.version)
          let response: Response =
            switch conditions.judge(current: tag) {
            case .proceed:
              try Self.answer(OrderStore.stored(order.number, in: session), isOwn: caller.isPerson, session)
            case .notModified: .notModified(tag)
            case .failed: .preconditionFailed(tag)
            }
          return Disclosure.Shown(response: response, subjects: try Self.subjects([order], session))
        }
      })
  }

  /// The pickup code as an image that a till's scanner reads.
  var qr: Endpoint {
    Endpoint(
      .get, "/v1/orders/{id}/qr", Documentation.orderQR, options: RouteOptions(cors: TokenRoutes.cors),
      sharedBy: services,
      sharing: { request, caller in
        let id = request.parameter("id") ?? ""
        return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
          let order = try Self.find(id, for: caller, in: session)
          guard let code = order.code else { throw Failure(.notFound, "the order is not to be collected") }
          let response = Response(.ok, contentType: "image/svg+xml", body: try PickupCode.svg(of: code))
          return Disclosure.Shown(response: response, subjects: try Self.subjects([order], session))
        }
      })
  }

  /// What a store has to do, the oldest first.
  var all: Endpoint {
    Endpoint(.get, Self.list, Documentation.orders, by: services) { request, _ in
      let page = try PageQuery(request)
      let after = request.query("cursor") == nil ? nil : page.cursor
      let store = request.query("store")
      var states = OrderState.allCases.filter { $0.isInStore }
      var wanted: OrderState?
      if let text = request.query("status") {
        guard let state = OrderState(rawValue: text) else {
          throw PageQuery.wrong(
            "status", "is none of \(OrderState.allCases.map { $0.rawValue }.joined(separator: ", "))")
        }
        (states, wanted) = ([state], state)
      }
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { [states, wanted] session in
        var rows: [(at: Int64, number: Int64)] = []
        var numbers: Set<Int64> = []
        for state in states {
          // One with lines in several states is there once.
          rows += try OrderStore.list(store: store, state, after: after, limit: page.limit + 1, in: session)
            .filter { numbers.insert($0.number).inserted }
        }
        rows.sort { $0 < $1 }
        let stored = try rows.prefix(page.limit).map { try OrderStore.stored($0.number, in: session) }
        let views = try stored.map { try OrderView($0, in: session) }
        let next =
          rows.count > page.limit
          ? Timeline.Cursor(at: rows[page.limit - 1].at, sequence: rows[page.limit - 1].number) : nil
        let response = try page.answer(at: Self.list, next: next) { writer in
          for view in views { view.write(to: &writer, store: store, state: wanted) }
        }
        return Disclosure.Shown(response: response, subjects: try Self.subjects(stored.map { $0.order }, session))
      }
    }
  }

  // MARK: What they share

  /// The order that the path names, if the caller may know of it.
  static func find(_ id: String, for caller: Caller, in session: any Session) throws -> Order {
    let missing = Failure(.notFound, "there is no such order")
    guard let order = try OrderStore.find(id, in: session) else { throw missing }
    if case .person(let token) = caller {
      guard let person = try token.person(in: session) else { throw Caller.unknown }
      // A visitor sees what stands at his own place, and nothing that claims tie to it.
      let isHis = try order.origin.map { origin in
        try person.reach == .customer ? Lookup.leader(of: origin, in: session) == person.leader : origin == person.stand
      }
      guard isHis ?? false else { throw missing }
    }
    return order
  }

  static func subjects(_ orders: [Order], _ session: any Session) throws -> [Audit.Subject] {
    let leaders = Set(try orders.compactMap { $0.origin }.map { try Lookup.leader(of: $0, in: session) })
    return try leaders.sorted().map { try Audit.Subject($0, in: session) }
  }

  /// What a write answers: the order as that entry left it, however often it is asked again.
  static func answer(_ sequence: Int64, isOwn: Bool, _ session: any Session) throws -> Response {
    let entry = try EventLog.entry(sequence, in: session)
    guard let verdict = entry.flatMap({ OrderVerdict(of: $0.outcome) }) else {
      throw Failure(.internal, "the log is damaged", cause: "a request without a verdict", hint: "throughline verify")
    }
    let number = verdict.placing == nil ? verdict.order ?? sequence : sequence
    let stored = try OrderStore.stored(number, upTo: sequence, in: session)
    var response = try answer(stored, isOwn: isOwn, session)
    if verdict.placing != nil { response.status = .created }
    return response
  }

  static func answer(
    _ stored: OrderStore.Stored, isOwn: Bool, _ session: any Session, more: (inout JSONWriter) throws -> Void = { _ in }
  ) throws -> Response {
    let view = try OrderView(stored, in: session)
    var writer = JSONWriter(capacity: 4 << 10)
    view.write(to: &writer, isOwn: isOwn)
    return Response.json(writer.bytes).tagged(EntityTag(version: stored.order.version))
  }

  /// A request's body with one more member, which tells requests to different paths from each other.
  static func body(_ body: JSON, _ name: String, _ value: String) -> [UInt8] {
    var writer = JSONWriter(capacity: body.range.count + 64)
    writer.object { writer in
      writer.field(name, value)
      for member in body.members where member.key != name { writer.field(member.key, member.value) }
    }
    return writer.bytes
  }

  private static func customer(_ name: CustomerName, in session: any Session) throws -> Origin.Number {
    switch try Lookup.find(name, in: session) {
    case .customer(let leader): return leader
    case .nobody: throw try Lookup.missing(name, in: session)
    case .claimed:
      throw Failure(
        .conflict, "nobody has proved this name and several claim it",
        faults: [.init("/customer", "is claimed by several")])
    }
  }

  /// What is short and where it is.
  static func problem(_ shortfall: OrderShortfall, skus: [String]) -> Response {
    var writer = JSONWriter()
    let text = "not all of it can be promised"
    writer.object { writer in
      writer.field("type", "about:blank")
      writer.field("title", "Conflict")
      writer.field("status", 409)
      writer.field("detail", text)
      writer.field("code", "conflict")
      writer.field("message", text)
      writer.key("errors")
      writer.array { writer in
        for line in shortfall.lines {
          writer.object { writer in
            // A request that names no lines asks for all.
            writer.field("pointer", skus.isEmpty ? "" : "/lines/\(skus.firstIndex(of: line.sku) ?? 0)/quantity")
            writer.field("reason", "is \(line.asked.decimal), and \(line.available.decimal) can be promised")
          }
        }
      }
      writer.key("short")
      writer.array { writer in
        for line in shortfall.lines {
          writer.object { writer in
            writer.field("sku", line.sku)
            writer.field("asked", line.asked)
            writer.field("available", line.available)
            writer.key("stores")
            writer.array { writer in for store in line.stores { writer.value(store) } }
          }
        }
      }
    }
    return Response(.conflict, contentType: "application/problem+json", body: writer.bytes)
  }
}

extension Services {
  /// What sells.
  ///
  /// - Throws: `unavailable` where nothing is sold here.
  var commerce: Commerce {
    get throws {
      for feature in intake.features {
        if let commerce = feature as? Commerce { return commerce }
      }
      throw Failure(.unavailable, "this server sells nothing")
    }
  }

  /// What decides about orders.
  var orders: Orders { get throws { try commerce.orders } }
}
