import Base
import Customers
import HTTP
import SQL

/// Finding customers: by what is known of them, and by one value of an identifier.
struct SearchRoutes {
  let services: Services

  /// A query, or an identifier, is a few words.
  private static let longestBody = 4 << 10

  var find: Endpoint {
    Endpoint(.get, "/v1/customers", Documentation.findCustomers) { [services] request, exchange in
      services.searching(request, exchange, Authentication.searchers) {
        let question = try SearchQuestion(request)
        return { session in try question.answer(linking: true, in: session) }
      }
    }
  }

  /// The same with the words in the body, because addresses of requests end in the logs of proxies.
  var search: Endpoint {
    Endpoint(
      .post, "/v1/customers/search", Documentation.searchCustomers,
      options: RouteOptions(maximumBody: Self.longestBody)
    ) { [services] request, exchange in
      let body = request.copyBody()
      services.searching(request, exchange, Authentication.searchers) {
        let question = try SearchQuestion(body: JSONDocument(body).root)
        return { session in try question.answer(linking: false, in: session) }
      }
    }
  }

  var lookup: Endpoint {
    Endpoint(
      .post, "/v1/customers/lookup", Documentation.lookupCustomer,
      options: RouteOptions(maximumBody: Self.longestBody)
    ) { [services] request, exchange in
      let body = request.copyBody()
      services.searching(request, exchange, Authentication.readers) {
        let identifier = try LookupQuestion(body: JSONDocument(body).root).identifier
        return { session in try .json(Lookup.json(of: identifier, in: session)) }
      }
    }
  }
}

/// What is asked of a search.
private struct SearchQuestion {
  private var text: String
  private var query: SearchQuery
  private var limit = CustomerSearch.usualPage
  private var cursor: CustomerSearch.Cursor?

  private static let badLimit = "is no whole number from 1 to \(CustomerSearch.longestPage)"
  private static let badCursor = "is none that a former page answered"

  init(_ request: borrowing Request) throws {
    guard let text = request.query("q") else { throw Self.wrong("q", "is missing") }
    try self.init(text, cursor: request.query("cursor"))
    if let text = request.query("limit") { try take(limit: Int(text)) }
  }

  init(body: JSON) throws {
    guard body.kind == .object else {
      throw Failure(.invalid, "the body is no object", faults: [.init("", "is no object")])
    }
    for (name, _) in body.members where !["q", "limit", "cursor"].contains(name) {
      throw Self.wrong(name, "is not known")
    }
    guard let text = body["q"]?.string else { throw Self.wrong("q", "is no text") }
    if let cursor = body["cursor"], !cursor.isNull, cursor.string == nil { throw Self.wrong("cursor", Self.badCursor) }
    try self.init(text, cursor: body["cursor"]?.string)
    if let limit = body["limit"], !limit.isNull { try take(limit: limit.integer.map { Int($0) }) }
  }

  private init(_ text: String, cursor: String?) throws {
    self.text = text
    query = try SearchQuery(text)
    if let cursor {
      guard let cursor = CustomerSearch.Cursor(cursor) else { throw Self.wrong("cursor", Self.badCursor) }
      self.cursor = cursor
    }
  }

  private mutating func take(limit: Int?) throws {
    guard let limit, (1...CustomerSearch.longestPage).contains(limit) else { throw Self.wrong("limit", Self.badLimit) }
    self.limit = limit
  }

  private static func wrong(_ name: String, _ reason: String) -> Failure {
    Failure(.invalid, "the query's \(name) \(reason)", faults: [.init("/\(name)", reason)])
  }

  func answer(linking: Bool, in session: any Session) throws -> Response {
    let (json, next) = try CustomerSearch.json(of: query, after: cursor, limit: limit, in: session)
    var response = Response.json(json)
    if linking, let next {
      let asked = [("q", text), ("limit", "\(limit)"), ("cursor", next.text)]
      let query = asked.map { "\($0.0)=\(PercentEncoding.text($0.1))" }.joined(separator: "&")
      response.set("Link", "</v1/customers?\(query)>; rel=\"next\"")
    }
    return response
  }
}

/// Whose identifier is looked up.
private struct LookupQuestion {
  let identifier: Identifier

  init(body: JSON) throws {
    guard body.kind == .object else {
      throw Failure(.invalid, "the body is no object", faults: [.init("", "is no object")])
    }
    for (name, _) in body.members where !["type", "value", "country"].contains(name) {
      throw Self.wrong(name, "is not known")
    }
    guard let type = body["type"]?.string.flatMap({ IdentifierType($0) }) else {
      throw Self.wrong("type", "is none of \(IdentifierType.all.map { $0.name }.joined(separator: ", "))")
    }
    if let country = body["country"], !country.isNull {
      guard let code = country.string, code.utf8.count == 2, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
      else { throw Self.wrong("country", "is no code of ISO 3166-1 such as RU") }
    }
    guard let raw = body["value"].flatMap({ $0.string ?? $0.number }), let identifier = Identifier(type, raw) else {
      throw Self.wrong("value", "is no \(type.name)")
    }
    self.identifier = identifier
  }

  private static func wrong(_ name: String, _ reason: String) -> Failure {
    Failure(.invalid, "the look-up's \(name) \(reason)", faults: [.init("/\(name)", reason)])
  }
}

extension Services {
  /// Authenticates, then reads what the question asks.
  fileprivate func searching(
    _ request: borrowing Request, _ exchange: Exchange, _ roles: Set<Role>,
    _ question: () throws -> (@Sendable (any Session) throws -> Response)
  ) {
    do {
      _ = try Authentication(self).require(roles, of: request)
      let answer = try question()
      read(exchange, minimum: try minimumSequence(request)) { session in
        var response = try answer(session)
        response.set("Cache-Control", "no-store")
        return response
      }
    } catch {
      exchange.respond(problem(error))
    }
  }
}
