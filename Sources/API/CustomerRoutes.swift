import Base
import Customers
import HTTP
import SQL

/// Customers: the whole picture, and the timeline, as they are now or were at a moment of the log.
struct CustomerRoutes {
  let services: Services

  var picture: Endpoint {
    Endpoint(
      .get, "/v1/customers/{customer}", Documentation.customer, options: RouteOptions(cors: TokenRoutes.cors),
      sharedBy: services,
      sharing: { [services] request, caller in
        if let moment = try Self.moment(request, caller) {
          return try .recalling(request, services, .everything, asOf: moment) { past, leader, _ in
            .json(try past.profile(of: leader))
          }
        }
        return try .reading(request, by: caller, services) { person, session in
          .json(
            try Profile.json(
              ofCustomer: person.leader, now: services.clock.now, isOwn: caller.isPerson,
              features: services.intake.features, in: session))
        }
      })
  }

  var timeline: Endpoint {
    Endpoint(
      .get, "/v1/customers/{customer}/timeline", Documentation.timeline, options: RouteOptions(cors: TokenRoutes.cors),
      sharedBy: services,
      sharing: { [services] request, caller in
        let query = try TimelineQuery(request, isOwn: caller.isPerson)
        if let moment = try Self.moment(request, caller) {
          return try .recalling(request, services, .identity, asOf: moment) { past, leader, _ in
            try query.answer(ofCustomer: leader, asOf: past)
          }
        }
        return try .reading(request, by: caller, services) { person, session in
          try query.answer(ofCustomer: person.leader, in: session)
        }
      })
  }

  /// Which moment of the log is asked for; none for now.
  ///
  /// - Throws: `forbidden` for a customer: what was merged with him by mistake then is not his to see.
  private static func moment(_ request: borrowing Request, _ caller: Caller) throws -> AsOf.Name? {
    guard let text = request.query("asOf") else { return nil }
    if caller.isPerson { throw Failure(.forbidden, "asOf is for those who serve customers") }
    guard let moment = AsOf.Name(text) else {
      throw PageQuery.wrong("asOf", "is neither a place in the log nor a time as in RFC 3339")
    }
    return moment
  }
}

/// What is asked of a timeline.
private struct TimelineQuery {
  private var filter = Timeline.Filter()
  private let page: PageQuery
  private let isOwn: Bool

  init(_ request: borrowing Request, isOwn: Bool) throws {
    filter.isOwn = isOwn
    self.isOwn = isOwn
    page = try PageQuery(request)
    filter.channel = request.query("channel")
    filter.kind = request.query("type")
    filter.event = request.query("event")
    filter.phrase = try request.query("q").map { try Timeline.Phrase($0) }
    filter.from = page.from
    filter.to = page.to
  }

  func answer(ofCustomer leader: Int64, in session: any Session) throws -> Response {
    try answer(
      Profile.publicID(of: leader, in: session), asOf: nil,
      Timeline.page(ofCustomer: leader, before: page.cursor, filter: filter, limit: page.limit, in: session))
  }

  func answer(ofCustomer leader: Int64, asOf past: Past) throws -> Response {
    try answer(
      past.publicID(of: leader), asOf: past.moment,
      past.timeline(of: leader, before: page.cursor, filter: filter, limit: page.limit))
  }

  private func answer(_ id: String, asOf moment: AsOf?, _ events: Timeline.Page) throws -> Response {
    try page.answer(at: "/v1/customers/\(isOwn ? "me" : id)/timeline", next: events.next) { writer in
      moment?.write(to: &writer)
    } rows: { writer in
      for event in events.events { event.write(ofCustomer: id, to: &writer) }
    }
  }
}
