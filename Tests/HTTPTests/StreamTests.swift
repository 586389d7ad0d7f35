import Dispatch
import HTTP
import Synchronization
import Testing

@Suite struct StreamTests {
  /// Keeps the stream of the last request, for the test to write on.
  private final class Keeper: Sendable {
    private let kept = Mutex<EventStream?>(nil)
    let closes = Atomic<Int>(0)

    var stream: EventStream? { kept.withLock { $0 } }

    func route(isLater: Bool = false, bufferBytes: Int? = nil) -> Route {
      Route(.get, "/live", options: RouteOptions(cors: CORSPolicy(origins: .any))) { request, exchange in
        let last = request.lastEventID
        @Sendable func begin() {
          let stream = exchange.stream(
            headers: [Header("X-Last", last ?? "none")], retry: .seconds(3), bufferBytes: bufferBytes)
          stream.onClose { self.closes.add(1, ordering: .relaxed) }
          self.kept.withLock { $0 = stream }
        }
        if isLater { DispatchQueue.global().async { @Sendable in begin() } } else { begin() }
      }
    }
  }

  private static let request = "GET /live HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\nLast-Event-ID: 41\r\n\r\n"

  @Test(arguments: everyReadiness, [false, true])
  func `events arrive as they are sent, and the connection goes on after the stream`(
    readiness: ServerConfiguration.Readiness, isLater: Bool
  ) throws {
    let keeper = Keeper()
    try withServer(readiness, routes: [keeper.route(isLater: isLater)]) { server in
      let client = try server.client()
      client.send(Self.request)
      let head = try client.receive(until: "retry: 3000\n\n")
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.contains("Content-Type: text/event-stream\r\n"))
      #expect(head.contains("X-Last: 41\r\n") && head.contains("Cache-Control: no-store\r\n"))
      #expect(head.contains("Access-Control-Allow-Origin: https://a\r\n"))
      // The head may be here before the handler's thread has kept what sent it.
      #expect(server.eventually { keeper.stream != nil })
      let stream = try #require(keeper.stream)
      #expect(stream.send(id: "42\nevil: 1", event: "cart", data: "a\nb\r\nc\rd"))
      let event = "id: 42evil: 1\nevent: cart\ndata: a\ndata: b\ndata: c\ndata: d\n\n"
      _ = try client.receive(until: event)
      #expect(stream.comment("note"))
      _ = try client.receive(until: ": note\n")
      #expect(server.server.statistics.openStreams == 1)
      for number in 0..<100 { stream.send(data: "\(number)") }
      stream.close()
      let reply = try client.reply()
      #expect(reply.text.hasSuffix("data: 98\n\ndata: 99\n\n"))
      #expect(!stream.send(data: "late") && stream.isClosed)
      #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
      #expect(keeper.closes.load(ordering: .relaxed) == 1 && server.server.statistics.openStreams == 0)
    }
  }

  @Test(arguments: everyReadiness)
  func `an old client reads until the end`(readiness: ServerConfiguration.Readiness) throws {
    let keeper = Keeper()
    try withServer(readiness, routes: [keeper.route()]) { server in
      let client = try server.client()
      client.send("GET /live HTTP/1.0\r\n\r\n")
      _ = try client.receive(until: "\n\n")
      keeper.stream?.send(data: "x")
      keeper.stream?.close()
      let reply = try client.reply()
      #expect(reply.text == "retry: 3000\n\ndata: x\n\n" && reply.header("Transfer-Encoding") == nil)
    }
  }

  @Test(arguments: everyReadiness)
  func `a reader that leaves is noticed`(readiness: ServerConfiguration.Readiness) throws {
    let keeper = Keeper()
    try withServer(readiness, routes: [keeper.route()]) { server in
      var client: Client? = try server.client()
      client?.send(Self.request)
      _ = try client?.receive(until: "retry")
      #expect(keeper.stream?.isClosed == false)
      client = nil
      #expect(server.eventually { keeper.stream?.isClosed == true })
      #expect(keeper.closes.load(ordering: .relaxed) == 1)
      let isTold = Atomic<Bool>(false)
      keeper.stream?.onClose { isTold.store(true, ordering: .relaxed) }
      let wasTold = isTold.load(ordering: .relaxed)
      #expect(wasTold)
    }
  }

  @Test(arguments: everyReadiness)
  func `a quiet stream has a heartbeat`(readiness: ServerConfiguration.Readiness) throws {
    let keeper = Keeper()
    var limits = Limits()
    limits.heartbeat = .milliseconds(200)
    try withServer(readiness, limits: limits, routes: [keeper.route()]) { server in
      let client = try server.client()
      client.send(Self.request)
      _ = try client.receive(until: "3\r\n:\n\n\r\n3\r\n:\n\n\r\n")
      keeper.stream?.send(data: "x")
      _ = try client.receive(until: "data: x")
    }
  }

  @Test(arguments: everyReadiness)
  func `a slow reader is cut off and costs no more than the bound`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    let keeper = Keeper()
    try withServer(readiness, routes: [keeper.route(bufferBytes: 100_000)]) { server in
      let client = try server.client(receiveBuffer: 4096)
      client.send(Self.request)
      _ = try client.receive(until: "retry")
      let stream = try #require(keeper.stream)
      let data = String(repeating: "x", count: 10_000)
      var sent = 0
      while stream.send(data: data), sent < 10_000 { sent += 1 }
      #expect(sent < 10_000)
      #expect(server.eventually { server.server.statistics.openConnections == 0 })
      #expect(server.server.statistics.slowReaders == 1 && keeper.closes.load(ordering: .relaxed) == 1)
    }
  }

  @Test(arguments: everyReadiness)
  func `a reader that pauses gets everything in order`(readiness: ServerConfiguration.Readiness) throws {
    let keeper = Keeper()
    try withServer(readiness, routes: [keeper.route(bufferBytes: 30_000_000)]) { server in
      let client = try server.client(receiveBuffer: 4096)
      client.send(Self.request)
      _ = try client.receive(until: "retry")
      let stream = try #require(keeper.stream)
      let filler = String(repeating: "x", count: 10_000)
      for number in 0..<700 { #expect(stream.send(id: "\(number)", data: filler)) }
      stream.close()
      try clockSleep(100)
      let ids = try client.reply().text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
      #expect(ids == (0..<700).map { "id: \($0)" })
    }
  }

  @Test(arguments: everyReadiness)
  func `streams end when the server stops`(readiness: ServerConfiguration.Readiness) throws {
    let keeper = Keeper()
    let client = try withServer(readiness, routes: [keeper.route()]) { server in
      let client = try server.client()
      client.send(Self.request)
      _ = try client.receive(until: "retry")
      return client
    }
    #expect(try client.reply().text == "retry: 3000\n\n")
    #expect(keeper.closes.load(ordering: .relaxed) == 1)
  }
}
