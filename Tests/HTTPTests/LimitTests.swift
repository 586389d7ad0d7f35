import HTTP
import Testing

@Suite struct LimitTests {
  private static func limits(_ change: (inout Limits) -> Void) -> Limits {
    var limits = Limits()
    limits.headTime = .milliseconds(300)
    limits.bodyTime = .milliseconds(300)
    limits.writeTime = .milliseconds(300)
    limits.idleTime = .milliseconds(300)
    limits.answerTime = .milliseconds(300)
    limits.lingerTime = .milliseconds(300)
    limits.minimumRate = 1 << 20
    change(&limits)
    return limits
  }

  @Test(arguments: everyReadiness)
  func `a doubtful frame is refused and the connection closed`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, limits: Self.limits { $0.headBytes = 1000 }) { server in
      for (request, status) in HeadParserTests.bad {
        let client = try server.client()
        let reply = try client.exchange(request + "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(reply.status == status && reply.header("Connection") == "close", "\(request)")
        #expect(reply.header("Content-Type") == "application/problem+json")
        #expect(status != 405 || reply.header("Allow") != nil)
        #expect(client.seesEnd() && client.buffer.isEmpty, "\(request)")
      }
      for (body, status) in ChunkedDecoderTests.bad where body.utf8.count < 20 {
        let client = try server.client()
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let reply = try client.exchange(head + body + "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(reply.status == status && reply.header("Connection") == "close", "\(body)")
        #expect(client.seesEnd() && client.buffer.isEmpty, "\(body)")
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `a head may be as large as the limits and no larger`(readiness: ServerConfiguration.Readiness) throws {
    let limits = Self.limits {
      $0.headBytes = 500
      $0.headers = 5
      $0.targetBytes = 100
    }
    func head(_ bytes: Int) -> String {
      let start = "GET /hello HTTP/1.1\r\nHost: x\r\nA: "
      return start + String(repeating: "a", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
    }
    func fields(_ count: Int) -> String {
      "GET /hello HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: count - 1) + "\r\n"
    }
    func target(_ bytes: Int) -> String {
      "GET /hello?" + String(repeating: "a", count: bytes - 7) + " HTTP/1.1\r\nHost: x\r\n\r\n"
    }
    try withServer(readiness, limits: limits) { server in
      for (request, status) in [
        (head(500), 200), (head(501), 431), (fields(5), 200), (fields(6), 431), (target(100), 200), (target(101), 414),
      ] {
        #expect(try server.exchange(request).status == status, "\(request)")
        let slow = try server.client()
        slow.send(String(request.prefix(request.count / 2)))
        #expect(try slow.exchange(String(request.suffix(request.count - request.count / 2))).status == status)
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `a silent connection and an idle one are closed without a word`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, limits: Self.limits { _ in }) { server in
      let silent = try server.client()
      let idle = try server.client()
      #expect(try idle.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
      #expect(silent.seesEnd() && silent.buffer.isEmpty)
      #expect(idle.seesEnd() && idle.buffer.isEmpty)
    }
  }

  @Test(
    arguments: everyReadiness,
    [
      ("GET /hello HTTP/1.1\r\nHost: x\r\n", "A: b\r\n"),
      ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "a"),
      ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
    ])
  func `bytes that trickle do not renew the deadline`(
    readiness: ServerConfiguration.Readiness, row: (start: String, more: String)
  ) throws {
    try withServer(readiness, limits: Self.limits { $0.headers = 1000 }) { server in
      let client = try server.client()
      client.send(row.start)
      let clock = ContinuousClock()
      let start = clock.now
      while clock.now - start < .seconds(5), client.send(row.more), server.server.statistics.refused == 0 {
        try? clockSleep(20)
      }
      #expect(clock.now - start < .seconds(2))
      #expect(try client.reply().status == 408)
      #expect(client.seesEnd())
    }
  }

  @Test(arguments: everyReadiness)
  func `a body that comes at the slowest rate or faster is waited for`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness, limits: Self.limits { $0.minimumRate = 1000 }) { server in
      let client = try server.client()
      client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1500\r\n\r\n")
      for _ in 0..<15 {
        client.send([UInt8](repeating: 0x61, count: 100))
        try clockSleep(60)
      }
      #expect(try client.reply().body.count == 1500)
    }
  }

  @Test(arguments: everyReadiness)
  func `a handler that does not answer is answered for`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, limits: Self.limits { _ in }) { server in
      let client = try server.client()
      let reply = try client.exchange("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(reply.status == 503 && reply.header("Retry-After") == "1")
      #expect(client.seesEnd())
      #expect(server.log.notes == ["no answer in time on /never"])
      let late = try server.client()
      #expect(try late.exchange("GET /slow/700 HTTP/1.1\r\nHost: x\r\n\r\n").status == 503)
      try clockSleep(600)
      #expect(try server.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
    }
  }

  @Test(arguments: everyReadiness)
  func `a client that does not read is cut off`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness, limits: Self.limits { _ in }) { server in
      let client = try server.client(receiveBuffer: 4096)
      client.send("GET /big/20000000 HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(server.eventually { server.server.statistics.slowReaders == 1 })
      #expect(server.eventually { server.server.statistics.openConnections == 0 })
    }
  }

  @Test(arguments: everyReadiness)
  func `who is one too many is told so`(readiness: ServerConfiguration.Readiness) throws {
    for isPerAddress in [true, false] {
      let limits = Self.limits {
        $0.connectionsPerAddress = isPerAddress ? 3 : 100
        if !isPerAddress { $0.connections = 3 }
        $0.idleTime = .seconds(10)
        $0.headTime = .seconds(10)
      }
      try withServer(readiness, limits: limits) { server in
        var clients = try (0..<3).map { _ in try server.client() }
        for client in clients { #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200) }
        let fourth = try server.client()
        let reply = try fourth.reply()
        #expect(reply.status == 503 && reply.header("Retry-After") == "1")
        #expect(fourth.seesEnd())
        clients.removeLast()
        #expect(server.eventually { server.server.statistics.openConnections == 2 })
        #expect(try server.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        #expect(server.server.statistics.turnedAway == 1)
      }
    }
  }
}
