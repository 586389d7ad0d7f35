import HTTP
import Testing

@Suite struct BodyTests {
  private static func post(_ path: String, _ fields: String, _ body: [UInt8]) -> [UInt8] {
    Array("POST \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n".utf8) + body
  }

  private static func chunked(_ body: [UInt8], size: Int) -> [UInt8] {
    var result: [UInt8] = []
    for start in stride(from: 0, to: body.count, by: size) {
      let chunk = body[start..<min(start + size, body.count)]
      result += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
    }
    return result + Array("0\r\n\r\n".utf8)
  }

  private static func echo(
    _ readiness: ServerConfiguration.Readiness, _ request: [UInt8]
  ) throws -> (Client.Reply, Bool) {
    try withServer(readiness) { server in
      let client = try server.client()
      client.send(request)
      let reply = try client.reply()
      let next =
        reply.header("Connection") == "close" ? nil : try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
      return (reply, next?.text == "hello")
    }
  }

  static let text = Array(String(repeating: "all the customers of the shop ", count: 3000).utf8)

  @Test(arguments: everyReadiness, [1, 1000, 70_000])
  func `a body in chunks is put together`(readiness: ServerConfiguration.Readiness, size: Int) throws {
    let body = size == 1 ? Array(Self.text.prefix(2000)) : Self.text
    let request = Self.post("/echo", "Transfer-Encoding: chunked", Self.chunked(body, size: size))
    let (reply, isOpen) = try Self.echo(readiness, request)
    #expect(reply.body == body && isOpen)
  }

  @Test(arguments: everyReadiness, [Packer.gzip, .zlib, .bareDeflate, .twoMembers])
  func `a packed body is unpacked`(readiness: ServerConfiguration.Readiness, packer: Packer) throws {
    let packed = packer.pack(Self.text)
    let coding = packer == .gzip || packer == .twoMembers ? "gzip" : "deflate"
    let fixed = Self.post("/echo", "Content-Encoding: \(coding)\r\nContent-Length: \(packed.count)", packed)
    let (reply, isOpen) = try Self.echo(readiness, fixed)
    #expect(reply.body == (packer == .twoMembers ? Self.text + Self.text : Self.text) && isOpen)
    let chunks = Self.post(
      "/echo", "Content-Encoding: \(coding)\r\nTransfer-Encoding: chunked", Self.chunked(packed, size: 7))
    #expect(try Self.echo(readiness, chunks).0.body == reply.body)
  }

  @Test(arguments: everyReadiness)
  func `an empty body needs no packing`(readiness: ServerConfiguration.Readiness) throws {
    let (reply, isOpen) = try Self.echo(
      readiness, Self.post("/echo", "Content-Encoding: gzip\r\nContent-Length: 0", []))
    #expect(reply.status == 200 && reply.body.isEmpty && isOpen)
  }

  @Test(arguments: everyReadiness)
  func `a broken, truncated, unknown or exploding packed body is refused`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    let packed = Packer.gzip.pack(Self.text)
    let bomb = Packer.gzip.pack([UInt8](repeating: 0, count: 2 << 20))
    let rows: [(String, [UInt8], Int)] = [
      ("gzip", Array(packed.dropLast()), 400), ("gzip", packed + [1], 400), ("gzip", Array("not gzip".utf8), 400),
      ("deflate", Array("not zlib".utf8), 400), ("br", packed, 415), ("gzip, gzip", packed, 415), ("gzip", bomb, 413),
    ]
    for (coding, body, status) in rows {
      let (reply, _) = try Self.echo(
        readiness, Self.post("/echo", "Content-Encoding: \(coding)\r\nContent-Length: \(body.count)", body))
      #expect(reply.status == status, "\(coding) \(body.count)")
      #expect(reply.header("Connection") == "close")
      #expect(reply.header("Accept-Encoding") == (status == 415 ? "gzip, deflate" : nil))
    }
  }

  @Test(arguments: everyReadiness)
  func `a body may be as large as the route allows and no larger`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    for (count, status) in [(1000, 200), (1001, 413)] {
      let body = [UInt8](repeating: 0x61, count: count)
      let fixed = try Self.echo(readiness, Self.post("/size", "Content-Length: \(count)", body))
      #expect(fixed.0.status == status)
      let chunks = Self.post("/size", "Transfer-Encoding: chunked", Self.chunked(body, size: 300))
      #expect(try Self.echo(readiness, chunks).0.status == status)
      let packed = Packer.gzip.pack(body)
      let unpacked = Self.post("/size", "Content-Encoding: gzip\r\nContent-Length: \(packed.count)", packed)
      #expect(try Self.echo(readiness, unpacked).0.status == status)
    }
  }

  @Test(arguments: everyReadiness)
  func `100 is said where the request is wanted, and the refusal where it is not`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    let rows: [(String, [Int])] = [
      ("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", [100, 200]),
      ("POST /size HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n", [413]),
      ("POST /nothing HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", [404]),
      ("PUT /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", [405]),
      ("POST /private HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", [401]),
      (
        "POST /private HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
        [100, 200]
      ),
      ("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", [200]),
    ]
    try withServer(readiness) { server in
      for (request, statuses) in rows {
        let client = try server.client()
        var seen = [try client.exchange(request).status]
        if seen == [100] {
          client.send("abc")
          seen.append(try client.reply().status)
        }
        #expect(seen == statuses, "\(request)")
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `an early refusal is read by a client that first sends all`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness) { server in
      for path in ["/private", "/size", "/nothing"] {
        let client = try server.client()
        client.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
        for _ in 0..<20 { client.send([UInt8](repeating: 0, count: 100_000)) }
        let reply = try client.reply()
        #expect([401, 413, 404].contains(reply.status) && reply.header("Connection") == "close")
        #expect(client.seesEnd())
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `queries and fields are decoded`(readiness: ServerConfiguration.Readiness) throws {
    let route = Route(.get, "/query/{id}") { request, exchange in
      let items = request.queryItems.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
      let fields = "\(request.header("X-Many") ?? "-") \(request.header("x-none") ?? "-")"
      let id = request.parameter("id") ?? ""
      exchange.respond(.text("\(request.query("q") ?? "-");\(items);\(fields);\(id);\(request.path);\(request.route)"))
    }
    try withServer(readiness, routes: [route]) { server in
      let reply = try server.exchange(
        "GET /query/%D0%AF%2F1?a=b&q=%D0%90+b%2B&=x&c&%ff=1&q=2 HTTP/1.1\r\nhost: x\r\nx-many: 1\r\nX-MANY: 2\r\n\r\n")
      #expect(reply.text == "А b+;a=b|q=А b+|=x|c=|q=2;1, 2 -;Я/1;/query/%D0%AF%2F1;/query/{id}")
    }
  }
}
