import Base
import Commerce
import Customers
import HTTP
import SQL

/// What things cost, worked out once for every door, and kept for its time.
struct QuoteRoutes {
  let services: Services

  private static let path = "/v1/quotes"
  private static let one = "/v1/quotes/{id}"
  private static let ofCustomer = "/v1/customers/{customer}/quotes"
  /// A thousand lines, and what stands beside them.
  private static let longest = 256 << 10

  private var make: Endpoint {
    Endpoint(
      .post, Self.path, Documentation.postQuote, options: RouteOptions(maximumBody: Self.longest)
    ) { [services] request, exchange in
      services.authorising(Documentation.postQuote.access.roles, request, exchange) { key in
        let asked = try CustomerRequest(request, by: key, services)
        let wanted = try QuoteRequest(JSONDocument(request.copyBody()).root)
        services.database.write(weight: request.bodyCount) { session in
          try keep(wanted, asked, at: nil, customer: nil, session)
        } then: { (result: Result<Response, any Error>) in
          services.answer(exchange) { try result.get() }
        }
      }
    }
  }

  private var makeForCustomer: Endpoint {
    Endpoint(
      .post, Self.ofCustomer, Documentation.postCustomerQuote,
      options: RouteOptions(maximumBody: Self.longest, cors: TokenRoutes.cors), sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try CustomerRequest(request, by: caller, services)
        let wanted = try QuoteRequest(JSONDocument(request.copyBody()).root)
        return try .writing(request, by: caller, services) { person, session in
          // A visitor is nobody yet, and reaches nothing that is tied to him.
          let customer = person.reach == .customer ? person.leader : nil
          return try keep(wanted, asked, at: person.stand, customer: customer, session)
        }
      })
  }

  /// The routes of quotes.
  var all: [Endpoint] { [make, makeForCustomer, read] }

  private func keep(
    _ wanted: QuoteRequest, _ asked: CustomerRequest, at stand: Origin.Number?, customer: Origin.Number?,
    _ session: any Session
  ) throws -> Response {
    let event = Event.request(
      .cart, name: Quotes.eventName, body: wanted.body, messageID: asked.messageID, at: asked.now)
    let taken = try services.intake.record(event, at: stand, author: asked.author, in: session) { outcome in
      let quote = try Pricing.quote(
        lines: wanted.lines, context: wanted.context(of: customer, now: asked.now), in: session)
      try Quotes.keep(quote, id: services.tokens.next("quo_"), now: asked.now, into: &outcome, in: session)
    }
    return try asked.answer(taken) {
      guard let kept = try Quotes.find(at: taken.sequence, in: session) else {
        throw Failure(.internal, "the log is damaged", cause: "a quote that is not kept", hint: "throughline verify")
      }
      return Self.answer(kept, status: .created)
    }
  }

  private var read: Endpoint {
    Endpoint(.get, Self.one, Documentation.quote) { [services] request, exchange in
      let id = request.parameter("id") ?? ""
      services.authorising(Documentation.quote.access.roles, request, exchange) { _ in
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          guard let kept = try Quotes.find(id, in: session) else {
            throw Failure(.notFound, "there is no such quote")
          }
          return Self.answer(kept, status: .ok)
        }
      }
    }
  }

  private static func answer(_ kept: KeptQuote, status: Status) -> Response {
    var writer = JSONWriter()
    kept.write(to: &writer)
    return .json(writer.bytes, status: status)
  }
}
