import Dispatch
import Testing

@testable import HTTP

@Suite struct ContentTests {
  private static let page = Array(String(repeating: "<p>a page of the console</p>", count: 200).utf8)
  private static let file = StaticFile(page, name: "index.html", headers: [Header("X-Frame-Options", "DENY")])
  private static let document = EntityTag("v17") ?? EntityTag(of: [])

  private static let routes: [Route] = [
    file.route("/index.html"),
    StaticFile([1, 2, 3], name: "a.woff2", cacheControl: StaticFile.immutable).route("/a.woff2"),
    Route(.get, "/json/{bytes}") { request, exchange in
      let count = Int(request.parameter("bytes") ?? "") ?? 0
      exchange.respond(.json([UInt8](repeating: 0x20, count: count)))
    },
    Route(.get, "/json-later") { _, exchange in
      DispatchQueue.global().async { @Sendable in
        exchange.respond(.json([UInt8](repeating: 0x20, count: 300_000)))
      }
    },
    Route(.get, "/raw", options: RouteOptions(compress: false)) { _, exchange in
      exchange.respond(.json([UInt8](repeating: 0x20, count: 5000)))
    },
    Route(.get, "/image") { _, exchange in
      exchange.respond(Response(.ok, contentType: "image/png", body: [UInt8](repeating: 0, count: 5000)))
    },
    Route(.get, "/document") { request, exchange in
      switch request.precondition(current: document, modified: 784_111_777) {
      case .proceed: exchange.respond(.json([UInt8](repeating: 0x20, count: 5000)).tagged(document))
      case .notModified: exchange.respond(.notModified(document))
      case .failed: exchange.respond(.preconditionFailed(document))
      }
    },
    Route(.put, "/document") { request, exchange in
      let precondition = request.precondition(current: document)
      exchange.respond(precondition == .proceed ? Response(.noContent) : .preconditionFailed(document))
    },
    Route(.put, "/new") { request, exchange in
      exchange.respond(request.precondition(current: nil) == .proceed ? Response(.created) : .preconditionFailed(nil))
    },
    Route(.get, "/odd") { _, exchange in
      exchange.respond(
        Response(.ok, headers: [Header("X-Odd", "a\r\nX-Evil: b\u{0}c")], contentType: "text/plain", body: []))
    },
    Route(.get, "/wrong") { _, exchange in
      exchange.respond(
        .problem(
          Problem(
            422, "It \"cannot\" be.\n", errors: [("/a/0", "too \u{1} small")], headers: [Header("Retry-After", "3")])))
    },
  ]

  private static let accepting: [(accept: String, isPacked: Bool)] = [
    ("gzip", true), ("gzip, deflate, br", true), ("*", true), ("deflate", false), ("", false), ("gzip;q=0", false),
    ("gzip;q=0.0, *", false), ("*;q=0, gzip;q=0.1", true), ("*;q=0", false), ("X-GZIP; q=1", true),
    ("br, gzipx", false),
  ]

  @Test(arguments: everyReadiness)
  func `an answer is packed where the client takes it`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let client = try server.client()
      for (accept, isPacked) in Self.accepting {
        for (path, size) in [("/json/5000", 5000), ("/json-later", 300_000), ("/index.html", Self.page.count)] {
          let reply = try client.exchange("GET \(path) HTTP/1.1\r\nHost: x\r\nAccept-Encoding: \(accept)\r\n\r\n")
          #expect(reply.header("Content-Encoding") == (isPacked ? "gzip" : nil), "\(accept)")
          #expect(reply.header("Vary") == "Accept-Encoding")
          #expect((isPacked ? Packer.unpack(reply.body) : reply.body).count == size)
        }
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `an answer is not packed where that does not pay or is not wanted`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, routes: Self.routes) { server in
      for (path, varies) in [
        ("/json/1023", false), ("/json/1024", true), ("/raw", false), ("/image", false), ("/document", false),
        ("/json/300000", true),
      ] {
        let reply = try server.exchange("GET \(path) HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        #expect((reply.header("Content-Encoding") == "gzip") == (path == "/json/1024"), "\(path)")
        #expect((reply.header("Vary") == "Accept-Encoding") == varies, "\(path)")
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `a file in memory is tagged, kept and asked for again`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let client = try server.client()
      let plain = try client.exchange("GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(plain.body == Self.page && plain.header("Content-Type") == "text/html; charset=utf-8")
      #expect(plain.header("Cache-Control") == "no-cache" && plain.header("X-Frame-Options") == "DENY")
      let packed = try client.exchange("GET /index.html HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
      let tags = [plain.header("ETag") ?? "", packed.header("ETag") ?? ""]
      #expect(tags[0] != tags[1] && tags[0].count > 10)
      for (fields, status) in [
        ("If-None-Match: \(tags[0])", 304), ("If-None-Match: \(tags[1])", 200), ("If-None-Match: W/\(tags[0])", 304),
        ("If-None-Match: \"x\", \(tags[0])", 304), ("If-None-Match: *", 304),
        ("If-None-Match: \(tags[1])\r\nAccept-Encoding: gzip", 304), ("If-Match: \"other\"", 412),
      ] {
        let reply = try client.exchange("GET /index.html HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n")
        #expect(reply.status == status, "\(fields)")
        #expect(status != 304 || reply.header("Content-Length") == nil && reply.header("ETag") != nil)
      }
      client.send("HEAD /index.html HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try client.reply(toHead: true).header("Content-Length") == "\(Self.page.count)")
      let font = try client.exchange("GET /a.woff2 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
      #expect(font.body == [1, 2, 3] && font.header("Content-Type") == "font/woff2" && font.header("Vary") == nil)
      #expect(font.header("Cache-Control") == "public, max-age=31536000, immutable")
    }
  }

  private static let conditions: [(method: String, fields: String, status: Int)] = [
    ("GET", "", 200), ("GET", "If-None-Match: \"v17\"", 304), ("GET", "If-None-Match: W/\"v17\"", 304),
    ("GET", "If-None-Match: \"v16\"", 200), ("GET", "If-None-Match: nonsense", 200),
    ("GET", "If-Match: \"v17\"", 200), ("GET", "If-Match: \"v16\"", 412), ("GET", "If-Match: *", 200),
    ("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 304),
    ("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 200),
    ("GET", "If-Modified-Since: 1994-11-06", 200),
    ("GET", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412),
    ("PUT", "If-Match: \"v17\"", 204), ("PUT", "If-Match: W/\"v17\"", 412),
    ("PUT", "If-Match: \"v1\", \"v17\"", 204), ("PUT", "If-Match: nonsense", 412), ("PUT", "If-None-Match: *", 412),
    ("PUT", "If-None-Match: \"v16\"", 204),
  ]

  @Test(arguments: everyReadiness)
  func `conditions are weighed`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let client = try server.client()
      for (method, fields, status) in Self.conditions {
        let lines = fields.isEmpty ? "" : fields + "\r\n"
        let reply = try client.exchange("\(method) /document HTTP/1.1\r\nHost: x\r\n\(lines)\r\n")
        #expect(reply.status == status, "\(method) \(fields)")
        #expect(status == 204 || reply.header("ETag") == "\"v17\"")
      }
    }
  }

  @Test(arguments: everyReadiness) func `what is not there yet can be created, and not changed`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, routes: Self.routes) { server in
      for (fields, status) in [("", 201), ("If-None-Match: *\r\n", 201), ("If-Match: *\r\n", 412)] {
        let reply = try server.exchange("PUT /new HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
        #expect(reply.status == status)
      }
    }
  }

  @Test(arguments: everyReadiness) func `nothing can be smuggled into an answer`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let reply = try server.exchange("GET /odd HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(reply.header("X-Odd") == "a  X-Evil: b c" && reply.header("X-Evil") == nil)
    }
  }

  @Test(arguments: everyReadiness) func `a problem is told in JSON`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, routes: Self.routes) { server in
      let reply = try server.exchange("GET /wrong HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(reply.status == 422 && reply.header("Retry-After") == "3")
      #expect(reply.header("Content-Type") == "application/problem+json")
      #expect(
        reply.text == #"{"type":"about:blank","title":"Unprocessable Content","status":422,"#
          + #""detail":"It \"cannot\" be.\n","code":"unprocessable-content","message":"It \"cannot\" be.\n","#
          + #""errors":[{"pointer":"/a/0","reason":"too \u0001 small"}]}"#)
    }
  }

  @Test(arguments: ["", "a b", "a:b", "\u{e9}", "a\r\n"])
  func `a header name is a token`(text: String) { #expect(HeaderName(text) == nil) }

  @Test func `header names are equal in any spelling`() {
    let name: HeaderName = "x-Retry-COUNT"
    let other: HeaderName = "X-RETRY-COUNT"
    #expect(name == "X-Retry-Count" && name.hashValue == other.hashValue && name != "X-Retry")
  }
}
