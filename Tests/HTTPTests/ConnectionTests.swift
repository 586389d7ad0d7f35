import HTTP
import Testing

@Suite struct ConnectionTests {
  @Test(arguments: everyReadiness)
  func `a connection serves one request after the other`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      for _ in 0..<3 {
        let reply = try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(reply.status == 200 && reply.text == "hello" && reply.header("Connection") == nil)
        #expect(reply.header("Date").flatMap(HTTPDate.parse) != nil)
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `pipelined requests are answered in order, whoever answers them`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      var requests = ""
      var expected: [String] = []
      for index in 0..<200 {
        switch index % 4 {
        case 0:
          requests += "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
          expected.append("hello")
        case 1:
          requests += "GET /later/\(index) HTTP/1.1\r\nHost: x\r\n\r\n"
          expected.append("\(index)")
        case 2:
          requests +=
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
          expected.append("abc")
        default:
          requests += "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\(10000 + index)"
          expected.append("\(10000 + index)")
        }
      }
      client.send(requests)
      var answers: [String] = []
      for _ in expected { answers.append(try client.reply().text) }
      #expect(answers == expected)
    }
  }

  @Test(arguments: everyReadiness)
  func `a request may come in any slices`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let request = Array(
        "\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
          .utf8)
      let client = try server.client()
      for length in [1, 2, 3, 7, 50] {
        for start in stride(from: 0, to: request.count, by: length) {
          client.send(Array(request[start..<min(start + length, request.count)]))
        }
        let first = try client.reply()
        let second = try client.reply()
        #expect(first.text == "abc" && second.text == "hello")
      }
    }
  }

  @Test(
    arguments: everyReadiness,
    [
      ("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close"),
      ("GET /hello HTTP/1.0\r\n\r\n", "close"),
      ("GET /later/x HTTP/1.0\r\n\r\n", "close"),
    ])
  func `a client that wants the connection closed sees it closed`(
    readiness: ServerConfiguration.Readiness, row: (request: String, connection: String)
  ) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      let reply = try client.exchange(row.request)
      #expect(reply.status == 200 && reply.header("Connection") == row.connection)
      #expect(client.seesEnd())
    }
  }

  @Test(arguments: everyReadiness)
  func `an old client may keep its connection`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      for _ in 0..<2 {
        let reply = try client.exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(reply.text == "hello" && reply.header("Connection") == "keep-alive")
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `a client that sends no more still gets its answers`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      client.send("GET /later/a HTTP/1.1\r\nHost: x\r\n\r\nGET /slow/100 HTTP/1.1\r\nHost: x\r\n\r\n")
      client.endSending()
      #expect(try client.reply().text == "a")
      #expect(try client.reply().text == "slow")
      #expect(client.seesEnd())
    }
  }

  @Test(arguments: everyReadiness)
  func `HEAD gets the fields of GET and no body`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
      let head = try client.reply(toHead: true)
      #expect(head.status == 200 && head.header("Content-Length") == "5")
      #expect(try client.reply().text == "hello")
    }
  }

  @Test(
    arguments: everyReadiness,
    [
      ("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, nil),
      ("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "GET, HEAD, OPTIONS"),
      ("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 405, "GET, HEAD, OPTIONS"),
      ("OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n", 204, "GET, HEAD, OPTIONS"),
      ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
      ("GET /later/%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400, nil),
      ("GET http://x/later/abs HTTP/1.1\r\nHost: y\r\n\r\n", 200, nil),
    ] as [(String, Int, String?)])
  func `the router's own answers leave the connection open`(
    readiness: ServerConfiguration.Readiness, row: (request: String, status: Int, allow: String?)
  ) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      let reply = try client.exchange(row.request)
      #expect(reply.status == row.status && reply.header("Allow") == row.allow)
      if row.status >= 400 { #expect(reply.header("Content-Type") == "application/problem+json") }
      #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
    }
  }

  @Test(arguments: everyReadiness)
  func `many clients at once each get their own answers`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let clients = try (0..<200).map { _ in try server.client() }
      for round in 0..<3 {
        for (index, client) in clients.enumerated() {
          client.send("GET /later/\(round)-\(index) HTTP/1.1\r\nHost: x\r\n\r\n")
        }
        for (index, client) in clients.enumerated() { #expect(try client.reply().text == "\(round)-\(index)") }
      }
      #expect(server.server.statistics.openConnections == 200)
      #expect(server.server.statistics.answered == 600)
    }
  }

  @Test(arguments: everyReadiness)
  func `a large answer arrives whole`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let client = try server.client(receiveBuffer: 4096)
      client.send("GET /big/3000000 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
      let reply = try client.reply()
      #expect(reply.body.count == 3_000_000 && reply.body.allSatisfy { $0 == 0x41 })
      #expect(try client.reply().text == "hello")
    }
  }

  @Test(arguments: everyReadiness)
  func `a Unix socket is served for its owner and removed at the end`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    let path = "/tmp/http-test-\(UInt64.random(in: 0 ... .max))"
    try withServer(readiness, unixPath: path) { _ in
      let client = try Client(path: path)
      #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
      #expect(FileMode.of(path) == 0o600)
    }
    #expect(FileMode.of(path) == nil)
  }

  @Test(arguments: everyReadiness)
  func `the observer learns templates and sizes`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      let client = try server.client()
      _ = try client.exchange("GET /later/secret HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = try client.exchange("POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
      _ = try client.exchange("nonsense\r\n\r\n")
      let seen = server.log.exchanges
      #expect(seen.map(\.route) == ["/later/{text}", "/size", ""])
      #expect(seen.map(\.status.rawValue) == [200, 200, 400])
      #expect(seen.map(\.method) == [.get, .post, nil])
      #expect(seen[1].bytesIn == 51 + 3 && seen[1].bytesOut > 3)
    }
  }
}
