import Dispatch
import HTTP
import Synchronization
import Testing

/// Many who mean no good beside one good client that must notice nothing.
@Suite struct HostileTests {
  private static let limits = {
    var limits = Limits()
    limits.headTime = .milliseconds(300)
    limits.bodyTime = .milliseconds(300)
    limits.writeTime = .milliseconds(300)
    limits.idleTime = .seconds(5)
    limits.lingerTime = .milliseconds(300)
    limits.minimumRate = 1 << 20
    return limits
  }()

  enum Attack: CaseIterable {
    case silent
    case slowHead
    case slowBody
    case halfClosed
    case reset
    case flood
    case neverReading
    case garbage
    case endlessBody

    /// Begins it; what more it does at each beat.
    func begin(_ client: Client) {
      switch self {
      case .silent: break
      case .slowHead: client.send("GET /hello HTTP/1.1\r\nHost: x\r\nA: ")
      case .slowBody: client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
      case .halfClosed:
        client.send("GET /hello HTTP/1.1\r\n")
        client.endSending()
      case .reset:
        client.send("GET /slow/50 HTTP/1.1\r\nHost: x\r\n\r\nGET /big/100000 HTTP/1.1\r\nHost: x\r\n\r\n")
        client.resetOnClose()
      case .flood: client.send(String(repeating: "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", count: 500))
      case .neverReading: client.send(String(repeating: "GET /big/500000 HTTP/1.1\r\nHost: x\r\n\r\n", count: 20))
      case .garbage: client.send((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* $0) })
      case .endlessBody: client.send("POST /size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      }
    }

    func goOn(_ client: Client) {
      switch self {
      case .slowHead: client.send("a")
      case .slowBody: client.send("b")
      case .endlessBody: client.send("1\r\nc\r\n")
      default: break
      }
    }
  }

  @Test(arguments: everyReadiness, Attack.allCases)
  func `a hundred of them do not disturb one good client`(
    readiness: ServerConfiguration.Readiness, attack: Attack
  ) throws {
    try withServer(readiness, limits: Self.limits) { server in
      let good = try server.client()
      // At once, because a connection that says nothing is closed before the attackers are all there.
      #expect(try good.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
      var attackers = try (0..<100).map { _ in try server.client(receiveBuffer: 4096) }
      for attacker in attackers { attack.begin(attacker) }
      if attack == .reset { attackers = [] }
      let clock = ContinuousClock()
      let start = clock.now
      var slowest = Duration.zero
      while clock.now - start < .milliseconds(400) {
        let before = clock.now
        #expect(try good.exchange("GET /later/good HTTP/1.1\r\nHost: x\r\n\r\n").text == "good")
        slowest = max(slowest, clock.now - before)
        for attacker in attackers { attack.goOn(attacker) }
        try clockSleep(20)
      }
      // Far beyond what it takes, and far below what any of the attacks could hold it up for.
      #expect(slowest < .seconds(1))
      if attack != .flood {
        // All are gone but the good one, which is idle by now.
        #expect(server.eventually { server.server.statistics.openConnections <= 1 })
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `a flood of pipelined requests is answered to the last one`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try withServer(readiness) { server in
      let client = try server.client(receiveBuffer: 4096)
      let count = 20_000
      let requests = String(repeating: "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", count: count)
      let sender = DispatchGroup()
      let descriptor = client.descriptor
      Thread.start(in: sender) {
        var rest = Array(requests.utf8)[...]
        while !rest.isEmpty {
          let sent = rest.withUnsafeBytes { sendBytes(descriptor, $0) }
          if sent <= 0 { return }
          rest = rest.dropFirst(sent)
        }
      }
      try clockSleep(200)
      var answered = 0
      while answered < count {
        let reply = try client.reply()
        if reply.text != "hello" { break }
        answered += 1
      }
      sender.wait()
      #expect(answered == count)
    }
  }

  @Test(arguments: everyReadiness)
  func `connections that come and go leave nothing behind`(readiness: ServerConfiguration.Readiness) throws {
    try withServer(readiness) { server in
      for _ in 0..<500 {
        let client = try server.client()
        client.resetOnClose()
        client.send("GET /later/x HTTP/1.1\r\nHost: x\r\n\r\n")
      }
      #expect(server.eventually { server.server.statistics.openConnections == 0 })
      #expect(try server.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
    }
  }
}
