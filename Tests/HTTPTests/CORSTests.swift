import HTTP
import Testing

@Suite struct CORSTests {
  private static let routes: [Route] = [
    Route(.post, "/v1/t", options: RouteOptions(maximumBody: 10, cors: CORSPolicy(origins: .any))) {
      $1.respond(.json(Array("{}".utf8)))
    },
    Route(
      .get, "/v1/cart",
      options: RouteOptions(
        cors: CORSPolicy(
          origins: .list(["https://shop.example"]), allowsCredentials: true, exposedHeaders: ["ETag", "Link"]))
    ) { _, exchange in exchange.respond(.json(Array("{}".utf8))) },
    Route(.put, "/v1/cart") { _, exchange in exchange.respond(Response(.noContent)) },
    Route(
      .get, "/v1/matching", options: RouteOptions(cors: CORSPolicy(origins: .matching { $0.hasSuffix(".example") }))
    ) { _, exchange in exchange.respond(.text("")) },
  ]

  private static func preflight(_ path: String, _ origin: String, _ method: String) -> String {
    "OPTIONS \(path) HTTP/1.1\r\nHost: x\r\nOrigin: \(origin)\r\nAccess-Control-Request-Method: \(method)\r\n"
      + "Access-Control-Request-Headers: authorization,x-retry-count\r\n\r\n"
  }

  @Test(arguments: everyReadiness)
  func `a preflight is answered by the policy of the route that it asks about`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let client = try server.client()
      let reply = try client.exchange(Self.preflight("/v1/t", "https://a.example", "POST"))
      #expect(reply.status == 204 && reply.header("Access-Control-Allow-Origin") == "https://a.example")
      #expect(reply.header("Access-Control-Allow-Methods") == "POST, OPTIONS")
      #expect(reply.header("Access-Control-Allow-Headers") == "authorization, content-type, x-retry-count")
      #expect(reply.header("Access-Control-Max-Age") == "600")
      #expect(reply.header("Access-Control-Allow-Credentials") == nil)
      #expect(reply.header("Vary")?.contains("Origin") == true)
      let listed = try client.exchange(Self.preflight("/v1/cart", "https://shop.example", "GET"))
      #expect(listed.header("Access-Control-Allow-Origin") == "https://shop.example")
      #expect(listed.header("Access-Control-Allow-Credentials") == "true")
      for (path, origin, method) in [
        ("/v1/cart", "https://evil.example", "GET"), ("/v1/cart", "https://shop.example", "PUT"),
        ("/v1/cart", "https://shop.example", "BREW"), ("/hello", "https://shop.example", "GET"),
      ] {
        let refused = try client.exchange(Self.preflight(path, origin, method))
        #expect(refused.status == 204 && refused.header("Access-Control-Allow-Origin") == nil)
      }
      #expect(try client.exchange(Self.preflight("/nothing", "https://a.example", "GET")).status == 404)
    }
  }

  @Test(arguments: everyReadiness)
  func `an answer names the origin that may read it, refusals too`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let rows: [(request: String, origin: String?, vary: String?)] = [
        ("POST /v1/t HTTP/1.1\r\nHost: x\r\nOrigin: null\r\n\r\n", "null", "Origin"),
        ("POST /v1/t HTTP/1.1\r\nHost: x\r\n\r\n", nil, "Origin"),
        ("POST /v1/t HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\nContent-Length: 11\r\n\r\n", "https://a", "Origin"),
        ("GET /v1/cart HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n\r\n", nil, "Origin"),
        ("GET /v1/matching HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n", "https://a.example", "Origin"),
        ("GET /hello HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n", nil, nil),
      ]
      for row in rows {
        let reply = try server.exchange(row.request)
        #expect(reply.header("Access-Control-Allow-Origin") == row.origin, "\(row.request)")
        #expect(reply.header("Vary") == row.vary, "\(row.request)")
      }
      let cart = try server.exchange("GET /v1/cart HTTP/1.1\r\nHost: x\r\nOrigin: https://shop.example\r\n\r\n")
      #expect(cart.header("Access-Control-Expose-Headers") == "ETag, Link")
    }
  }
}
