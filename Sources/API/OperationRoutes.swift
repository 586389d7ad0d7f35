import Base
import Channels
import Customers
import HTTP
import SQL

/// What the operator's tools ask.
struct OperationRoutes {
  let services: Services

  private static let ok = Response.json(Array(#"{"status":"ok"}"#.utf8))
  private static let practice = Response.json(Array(#"{"status":"ok","practice":true}"#.utf8))

  var health: Endpoint {
    Endpoint(.get, "/healthz", Documentation.health) { _, exchange in exchange.respond(Self.ok) }
  }

  var ready: Endpoint {
    Endpoint(.get, "/readyz", Documentation.ready) { [services] _, exchange in
      services.read(exchange) { session in
        _ = try EventLog.last(in: session)
        return try Setting.isPractice(in: session) ? Self.practice : Self.ok
      }
    }
  }

  var metrics: Endpoint {
    Endpoint(.get, "/metrics", Documentation.metrics) { [services] _, exchange in
      let text = services.metrics.text(
        database: services.database.counters, live: services.live, webhooks: services.webhooks.counts,
        now: services.clock.now)
      exchange.respond(
        Response(.ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8)))
    }
  }

  /// The document of `endpoints` and of itself.
  static func openAPI(describing endpoints: [Endpoint]) -> Endpoint {
    func endpoint(_ document: [UInt8]) -> Endpoint {
      let file = StaticFile(document, name: "openapi.json")
      return Endpoint(.get, "/openapi.json", Documentation.openAPI) { request, exchange in
        exchange.respond(file.response(to: request))
      }
    }
    return endpoint(OpenAPI.document(of: endpoints + [endpoint([])]))
  }
}
