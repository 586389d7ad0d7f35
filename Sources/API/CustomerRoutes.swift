import Base
import Customers
import HTTP
import SQL

/// Customers: the whole picture, and the timeline.
struct CustomerRoutes {
  let services: Services

  /// How many events a page has when the caller does not say, and at most.
  static let usualPage = 50
  static let longestPage = 500

  var picture: Endpoint {
    Endpoint(.get, "/v1/customers/{customer}", Documentation.customer) { [services] request, exchange in
      services.reading(request, exchange) { name, leader, session in
        .json(try Profile.json(ofCustomer: leader, in: session))
      }
    }
  }

  var timeline: Endpoint {
    Endpoint(.get, "/v1/customers/{customer}/timeline", Documentation.timeline) { [services] request, exchange in
      do {
        let query = try TimelineQuery(request)
        services.reading(request, exchange) { name, leader, session in
          try query.answer(ofCustomer: leader, at: name, in: session)
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }
}

/// What is asked of a timeline.
private struct TimelineQuery {
  private var filter = Timeline.Filter()
  private var cursor = Timeline.Cursor.newest
  private var limit = CustomerRoutes.usualPage
  private var asked: [(name: String, value: String)] = []

  init(_ request: borrowing Request) throws {
    filter.channel = request.query("channel")
    filter.kind = request.query("type")
    filter.event = request.query("event")
    filter.from = try Self.time("from", request)
    filter.to = try Self.time("to", request)
    if let text = request.query("cursor") {
      guard let cursor = Timeline.Cursor(text) else {
        throw Self.wrong("cursor", "is none that a former page answered")
      }
      self.cursor = cursor
    }
    if let text = request.query("limit") {
      guard let limit = Int(text), (1...CustomerRoutes.longestPage).contains(limit) else {
        throw Self.wrong("limit", "is no whole number from 1 to \(CustomerRoutes.longestPage)")
      }
      self.limit = limit
    }
    asked = request.queryItems.filter { $0.name != "cursor" && $0.name != "minSequence" }
  }

  private static func time(_ name: String, _ request: borrowing Request) throws -> Instant? {
    guard let text = request.query(name) else { return nil }
    guard let time = Instant(text) else { throw wrong(name, "is no time as in RFC 3339") }
    return time
  }

  private static func wrong(_ name: String, _ reason: String) -> Failure {
    Failure(.invalid, "the query's \(name) \(reason)", faults: [.init("/\(name)", reason)])
  }

  func answer(ofCustomer leader: Int64, at name: String, in session: any Session) throws -> Response {
    let id = try Profile.publicID(of: leader, in: session)
    let page = try Timeline.page(
      ofCustomer: leader, before: cursor, filter: filter, limit: limit + 1, in: session)
    let next = page.count > limit ? page[limit - 1].cursor.text : nil
    var writer = JSONWriter(capacity: 32 << 10)
    try writer.object { writer in
      writer.key("data")
      try writer.array { writer in
        for event in page.prefix(limit) { try Timeline.write(event, ofCustomer: id, to: &writer) }
      }
      writer.field("next", orNull: next)
    }
    var response = Response.json(writer.bytes)
    if let next {
      let query = (asked + [("cursor", next)]).map { "\(PercentEncoding.text($0.0))=\(PercentEncoding.text($0.1))" }
      response.set("Link", "</v1/customers/\(id)/timeline?\(query.joined(separator: "&"))>; rel=\"next\"")
    }
    return response
  }
}

extension Services {
  /// Authenticates a reader, finds the customer that the path names, and answers what `work` makes.
  fileprivate func reading(
    _ request: borrowing Request, _ exchange: Exchange,
    _ work: @escaping @Sendable (_ name: String, _ leader: Int64, any Session) throws -> Response
  ) {
    do {
      _ = try Authentication(self).require(Authentication.readers, of: request)
      let text = request.parameter("customer") ?? ""
      guard let name = CustomerName(text) else {
        throw Failure(
          .notFound, "there is no such customer: a customer is named by an id or as type:value, percent-encoded")
      }
      read(exchange, minimum: try minimumSequence(request)) { session in
        switch try Lookup.find(name, in: session) {
        case .nobody: throw Failure(.notFound, "there is no such customer")
        case .customer(let leader):
          var response = try work(text, leader, session)
          response.set("Cache-Control", "no-store")
          return response
        case .claimed(let leaders):
          let ids = try leaders.map { try Profile.publicID(of: $0, in: session) }
          throw Failure(
            .conflict, "nobody has proved it and several claim it: \(ids.joined(separator: ", "))")
        }
      }
    } catch {
      exchange.respond(problem(error))
    }
  }

  /// The place in the log that the answer must hold, from the query.
  func minimumSequence(_ request: borrowing Request) throws -> Int64? {
    guard let text = request.query("minSequence") else { return nil }
    guard let minimum = Int64(text), minimum >= 0 else {
      throw Failure(
        .invalid, "minSequence is no place in the log", faults: [.init("/minSequence", "is no whole number")])
    }
    return minimum
  }
}
