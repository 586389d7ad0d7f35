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
    Endpoint(.get, "/v1/customers", Documentation.findCustomers, by: services) { request, _ in
      let question = try SearchQuestion(request)
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        try question.answer(linking: true, in: session)
      }
    }
  }

  /// The same with the words in the body, because addresses of requests end in the logs of proxies.
  var search: Endpoint {
    Endpoint(
      .post, "/v1/customers/search", Documentation.searchCustomers,
      options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { request, _ in
      let question = try SearchQuestion(body: JSONDocument(request.copyBody()).root)
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        try question.answer(linking: false, in: session)
      }
    }
  }

  var lookup: Endpoint {
    Endpoint(
      .post, "/v1/customers/lookup", Documentation.lookupCustomer,
      options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, _ in
      let body = try JSONDocument(request.copyBody()).root
      let identifier = try LookupQuestion(body: body, country: services.country(of: request)).identifier
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        let (json, shown) = try Lookup.json(of: identifier, in: session)
        return Disclosure.Shown(response: .json(json), subjects: try shown.map { try Audit.Subject($0, in: session) })
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

  func answer(linking: Bool, in session: any Session) throws -> Disclosure.Shown {
    let (json, shown, next) = try CustomerSearch.json(of: query, after: cursor, limit: limit, in: session)
    var response = Response.json(json)
    if linking, let next {
      let asked = [("q", text), ("limit", "\(limit)"), ("cursor", next.text)]
      let query = asked.map { "\($0.0)=\(PercentEncoding.text($0.1))" }.joined(separator: "&")
      response.set("Link", "</v1/customers?\(query)>; rel=\"next\"")
    }
    return Disclosure.Shown(response: response, subjects: try shown.map { try Audit.Subject($0, in: session) })
  }
}

/// Whose identifier is looked up.
private struct LookupQuestion {
  let identifier: Identifier

  /// - Parameter country: where a telephone number is dialled that names no country, unless the body says it.
  init(body: JSON, country: String?) throws {
    guard body.kind == .object else {
      throw Failure(.invalid, "the body is no object", faults: [.init("", "is no object")])
    }
    for (name, _) in body.members where !["type", "value", "country"].contains(name) {
      throw Self.wrong(name, "is not known")
    }
    guard let type = body["type"]?.string.flatMap({ IdentifierType($0) }) else {
      throw Self.wrong("type", "is none of \(IdentifierType.all.map { $0.name }.joined(separator: ", "))")
    }
    var country = country
    if let named = body["country"], !named.isNull {
      guard let code = named.string, PhoneNumber.isRegion(code) else {
        throw Self.wrong("country", "is no country's two letters")
      }
      country = code
    }
    guard let raw = body["value"].flatMap({ $0.string ?? $0.number }),
      let identifier = Identifier(type, raw, region: country)
    else { throw Self.wrong("value", "is no \(type.name)") }
    self.identifier = identifier
  }

  private static func wrong(_ name: String, _ reason: String) -> Failure {
    Failure(.invalid, "the look-up's \(name) \(reason)", faults: [.init("/\(name)", reason)])
  }
}
