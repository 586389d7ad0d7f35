import Base
import Customers
import HTTP
import SQL
import TestKit
import Testing

@testable import API

@Suite struct OpenAPITests {
  private static func document() throws -> JSON {
    try JSONDocument(OpenAPI.document(of: Routes.all(Fixture.services()))).root
  }

  @Test func `every route is described, each under an id of its own`() throws {
    let endpoints = Routes.all(try Fixture.services())
    let paths = try #require(try Self.document()["paths"])
    var ids: Set<String> = []
    for endpoint in endpoints {
      let method = endpoint.route.method.name.lowercased()
      let operation = try #require(paths.member(endpoint.route.pattern)?.member(method), "\(endpoint.route.pattern)")
      let id = try #require(operation["operationId"]?.string)
      #expect(ids.insert(id).inserted, "\(id) comes twice")
      #expect((operation["responses"]?.count ?? 0) > 0, "\(id) answers nothing")
      for parameter in endpoint.route.pattern.split(separator: "/") where parameter.hasPrefix("{") {
        let name = String(parameter.dropFirst().dropLast())
        let names = operation["parameters"]?.elements.compactMap { $0["name"]?.string } ?? []
        #expect(names.contains(name), "\(id) does not describe \(name)")
      }
    }
    #expect(paths.members.reduce(0) { $0 + $1.value.count } == endpoints.count)
  }

  @Test func `every kind of document is described, and its example is one`() throws {
    for kind in DocumentKind.all {
      let description = DocumentDescription.of(kind)
      let schema = try JSONDocument(Array(description.json.utf8)).root
      let draft = try kind.draft(JSONDocument(Array(description.example.utf8)).root)
      // A document as it is kept has every member that the schema names and that is not left out for null.
      let named = Set(schema["properties"]?.members.map { $0.key } ?? [])
      #expect(Set(draft.body.members.map { $0.key }).isSubset(of: named), "\(kind.name)")
      #expect(schema["additionalProperties"]?.bool == false, "\(kind.name)")
    }
  }

  @Test func `every route of a customer says that it shows him, and so is audited`() throws {
    let endpoints = Routes.all(try Fixture.services())
    let shown = endpoints.filter { $0.operation.showsCustomers }
    // `Endpoint` lets no route be described so that does not disclose, nor the other way round.
    let ofCustomers = [
      "/v1/customers", "/v1/merges", "/v1/reviews", "/v1/orders", "/v1/loyalty/holds", "/v1/jobs/{id}/result",
    ]
    #expect(
      shown.map { $0.route.pattern }
        == endpoints.map { $0.route.pattern }.filter { pattern in
          ["/v1/quality", "/v1/dead-letters"].contains(pattern) || ofCustomers.contains { pattern.contains($0) }
        })
    #expect(shown.count >= 11)
    let paths = try #require(try Self.document()["paths"])
    for endpoint in endpoints {
      let method = endpoint.route.method.name.lowercased()
      let told = paths.member(endpoint.route.pattern)?.member(method)?.member("x-shows-customers")?.bool ?? false
      #expect(told == endpoint.operation.showsCustomers, "\(endpoint.route.pattern)")
    }
  }

  @Test func `a route that shows customers cannot be made without the audit`() async {
    await #expect(processExitsWith: .failure) {
      _ = Endpoint(.get, "/v1/customers/{customer}", Documentation.customer) { _, _ in }
    }
    await #expect(processExitsWith: .failure) {
      _ = Endpoint(.get, "/healthz", Documentation.health, by: try Fixture.services()) { _, _ in
        Disclosure(road: .reading(minimum: nil)) { _ in .init(response: .text(""), subjects: []) }
      }
    }
  }

  @Test func `every reference leads to a schema`() throws {
    let document = try Self.document()
    let schemas = try #require(document["components"]?["schemas"])
    var references: [String] = []
    func gather(_ json: JSON) {
      for (name, value) in json.members {
        if name == "$ref", let reference = value.string { references.append(reference) } else { gather(value) }
      }
      for element in json.elements { gather(element) }
    }
    gather(document)
    #expect(references.count > 20)
    for reference in Set(references) {
      let name = try #require(reference.split(separator: "/").last)
      #expect(schemas.member(String(name)) != nil, "\(reference) leads nowhere")
    }
  }
}

@Suite struct RateLimiterTests {
  private static func source(_ rate: Int64?) throws -> Source {
    var source = try Source(name: "s", channel: "web", trust: .verified)
    source.eventsPerSecond = rate
    return source
  }

  @Test func `a source gets its rate, then waits, then gets it again`() throws {
    let limiter = RateLimiter()
    let source = try Self.source(10)
    let start = Instant(milliseconds: 0)
    try limiter.take(10, of: source, now: start)
    #expect { try limiter.take(1, of: source, now: start) } throws: { error in
      (error as? Failure)?.code == .limited && (error as? Failure)?.retryAfter == .seconds(1)
    }
    try limiter.take(1, of: source, now: start + .seconds(1))
  }

  @Test func `a batch above the rate passes once and is paid for afterwards`() throws {
    let limiter = RateLimiter()
    let source = try Self.source(10)
    let start = Instant(milliseconds: 0)
    try limiter.take(50, of: source, now: start)
    #expect(throws: Failure.self) { try limiter.take(1, of: source, now: start + .seconds(4)) }
    try limiter.take(1, of: source, now: start + .milliseconds(4100))
  }

  @Test func `a source without a rate is not held back`() throws {
    let limiter = RateLimiter()
    for _ in 0..<100 { try limiter.take(2500, of: try Self.source(nil), now: Instant(milliseconds: 0)) }
  }
}

@Suite struct ProblemTests {
  @Test(arguments: [
    (Failure.Code.invalid, 400), (.unauthorized, 401), (.forbidden, 403), (.notFound, 404), (.conflict, 409),
    (.tooLarge, 413), (.limited, 429), (.unavailable, 503), (.internal, 500),
  ])
  func `each code has its status`(code: Failure.Code, status: Int) {
    #expect(Problem(Failure(code, "words")).status.rawValue == status)
  }

  @Test(arguments: [
    (SQLFailure.Code.overloaded, 503, "1"), (.busy, 503, "1"), (.full, 503, "30"), (.readOnly, 503, "30"),
  ])
  func `what passes is answered 503 with a time to come back`(code: SQLFailure.Code, status: Int, wait: String) {
    let problem = Problem(Failure(telling: SQLFailure(code, "words of the engine")))
    #expect(problem.status.rawValue == status)
    #expect(problem.headers.first { $0.name == "Retry-After" }?.value == wait)
    #expect(problem.detail?.contains("words of the engine") == false)
  }
}
