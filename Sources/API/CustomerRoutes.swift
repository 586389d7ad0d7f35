import Base
import Customers
import HTTP
import SQL

/// Customers: the whole picture, and the timeline.
struct CustomerRoutes {
  let services: Services

  var picture: Endpoint {
    Endpoint(.get, "/v1/customers/{customer}", Documentation.customer, by: services) { [services] request, _ in
      try .reading(request, services) { _, leader, session in
        .json(try Profile.json(ofCustomer: leader, in: session))
      }
    }
  }

  var timeline: Endpoint {
    Endpoint(.get, "/v1/customers/{customer}/timeline", Documentation.timeline, by: services) {
      [services] request, _ in
      let query = try TimelineQuery(request)
      return try .reading(request, services) { name, leader, session in
        try query.answer(ofCustomer: leader, at: name, in: session)
      }
    }
  }
}

/// What is asked of a timeline.
private struct TimelineQuery {
  private var filter = Timeline.Filter()
  private let page: PageQuery

  init(_ request: borrowing Request) throws {
    page = try PageQuery(request)
    filter.channel = request.query("channel")
    filter.kind = request.query("type")
    filter.event = request.query("event")
    filter.from = page.from
    filter.to = page.to
  }

  func answer(ofCustomer leader: Int64, at name: String, in session: any Session) throws -> Response {
    let id = try Profile.publicID(of: leader, in: session)
    let events = try Timeline.page(
      ofCustomer: leader, before: page.cursor, filter: filter, limit: page.limit + 1, in: session)
    return try page.answer(events, at: "/v1/customers/\(id)/timeline", cursor: { $0.cursor }) { event, writer in
      try Timeline.write(event, ofCustomer: id, to: &writer)
    }
  }
}
