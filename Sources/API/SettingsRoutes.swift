import Base
import Customers
import HTTP

/// What Segment's browser SDK (analytics-next) asks the host that it was loaded from before it sends anything.
struct SettingsRoutes {
  let services: Services

  /// A page asks on each view: for five minutes its browser need not.
  ///
  /// A key that ends meanwhile is refused where events are posted.
  private static let freshness = 300

  var read: Endpoint {
    Endpoint(
      .get, "/v1/projects/{writeKey}/settings", Documentation.browserSettings,
      options: RouteOptions(cors: CORSPolicy(origins: .any), allowsTrailingSlash: true)
    ) { [services] request, exchange in
      services.answer(exchange) { try answer(request) }
    }
  }

  private func answer(_ request: borrowing Request) throws -> Response {
    let key = request.parameter("writeKey") ?? ""
    try Authentication(services).requirePage(key)
    guard let host = request.header("Host"), !host.isEmpty else {
      throw Failure(.invalid, "the request has no Host: the answer names it")
    }
    var response = Response.json(Self.settings(key: key, host: host, isSecure: Self.isSecure(request)))
    // Kept by the browser alone: what a cache between would keep names the host by which one client came.
    response.set("Cache-Control", "private, max-age=\(Self.freshness)")
    return response
  }

  /// Whether the page reaches this server over TLS, if not by this connection then by a proxy's.
  ///
  /// A page that came over TLS may call nothing else, whatever the proxy says or leaves out.
  private static func isSecure(_ request: borrowing Request) -> Bool {
    request.isSecure || request.header("X-Forwarded-Proto") == "https"
      || request.header("Origin")?.hasPrefix("https://") == true
  }

  private static func settings(key: String, host: String, isSecure: Bool) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("integrations")
      writer.object { writer in
        writer.key("Segment.io")
        writer.object { writer in
          writer.field("apiKey", key)
          writer.field("apiHost", "\(host)/v1")
          writer.field("protocol", isSecure ? "https" : "http")
          writer.key("unbundledIntegrations")
          writer.array { _ in }
        }
      }
      writer.key("plan")
      writer.object { writer in
        for kind in ["track", "identify", "group"] {
          writer.key(kind)
          writer.raw(Array(#"{"__default":{"enabled":true}}"#.utf8))
        }
      }
      // Else the SDK tells Segment's own host how it fares.
      writer.key("metrics")
      writer.raw(Array(#"{"sampleRate":0}"#.utf8))
    }
    return writer.bytes
  }
}
