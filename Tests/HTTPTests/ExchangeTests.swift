import Dispatch
import Glibc
import HTTP
import Synchronization
import Testing

@Suite struct ExchangeTests {
  /// Collects exchanges until somebody answers them all.
  private final class Waiting: Sendable {
    private let exchanges = Mutex<[Exchange]>([])

    var count: Int { exchanges.withLock { $0.count } }

    func add(_ exchange: Exchange) { exchanges.withLock { $0.append(exchange) } }

    func take() -> [Exchange] {
      exchanges.withLock { exchanges in
        defer { exchanges = [] }
        return exchanges
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `many are answered at once`(readiness: ServerConfiguration.Readiness) throws {
    let waiting = Waiting()
    let route = Route(.get, "/wait") { _, exchange in waiting.add(exchange) }
    try withServer(readiness, routes: [route]) { server in
      let clients = try (0..<50).map { _ in try server.client() }
      for client in clients {
        client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
      }
      #expect(server.eventually { waiting.count == 50 })
      for exchange in waiting.take() { exchange.respond(.text("batch")) }
      for client in clients {
        let first = try client.reply()
        let second = try client.reply()
        #expect(first.text == "batch" && second.text == "hello")
      }
    }
  }

  /// With the other loop at rest a second request had better go to another thread; with none it is done here.
  @Test(arguments: [(2, "false"), (1, "true")])
  func `a loop has time for what comes when it waits, and for no more than one where another waits`(
    loops: Int, second: String
  ) throws {
    let route = Route(.get, "/time") { _, exchange in exchange.respond(.text("\(exchange.hasTime)")) }
    try withServer(.epoll, routes: [route], loops: loops) { server in
      let client = try server.client()
      for _ in 0..<20 {
        // Until the other loop has begun to wait.
        usleep(5000)
        client.send("GET /time HTTP/1.1\r\nHost: x\r\n\r\nGET /time HTTP/1.1\r\nHost: x\r\n\r\n")
        let times = [try client.reply().text, try client.reply().text]
        #expect(times == ["true", second])
      }
    }
  }

  @Test(arguments: everyReadiness, [63, 64, 65])
  func `answers that are gathered go out together, or when many wait`(
    readiness: ServerConfiguration.Readiness, count: Int
  ) throws {
    let waiting = Waiting()
    let route = Route(.get, "/wait") { _, exchange in waiting.add(exchange) }
    try withServer(readiness, routes: [route], loops: 1) { server in
      let clients = try (0..<count).map { _ in try server.client() }
      for client in clients { client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n") }
      #expect(server.eventually { waiting.count == count })
      let before = server.server.statistics.answered
      AnswerGathering.gather {
        AnswerGathering.gather { for exchange in waiting.take() { exchange.respond(.text("together")) } }
        let early = count / 64 * 64
        #expect(server.eventually { server.server.statistics.answered == before + early })
        usleep(20_000)
        #expect(server.server.statistics.answered == before + early)
      }
      for client in clients { #expect(try client.reply().text == "together") }
    }
  }

  @Test(arguments: everyReadiness)
  func `a handler may answer those who wait on other connections`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    let waiting = Waiting()
    let routes = [
      Route(.get, "/wait") { _, exchange in waiting.add(exchange) },
      Route(.post, "/go") { _, exchange in
        for other in waiting.take() { other.respond(.text("go")) }
        exchange.respond(.text("gone"))
      },
    ]
    try withServer(readiness, routes: routes) { server in
      let clients = try (0..<20).map { _ in try server.client() }
      for client in clients { client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n") }
      #expect(server.eventually { waiting.count == 20 })
      #expect(try server.exchange("POST /go HTTP/1.1\r\nHost: x\r\n\r\n").text == "gone")
      for client in clients {
        let reply = try client.reply()
        #expect(reply.text == "go")
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `an answer to a client that has gone is dropped`(readiness: ServerConfiguration.Readiness) throws {
    let waiting = Waiting()
    let route = Route(.get, "/wait") { _, exchange in waiting.add(exchange) }
    try withServer(readiness, routes: [route]) { server in
      var client: Client? = try server.client()
      client?.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(server.eventually { waiting.count == 1 })
      client?.resetOnClose()
      client = nil
      #expect(server.eventually { server.server.statistics.openConnections == 0 })
      for exchange in waiting.take() { exchange.respond(.text("late")) }
      #expect(try server.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
    }
  }

  #if DEBUG
  @Test func `a second answer is trapped in debug builds`() async {
    await #expect(processExitsWith: .failure) {
      try withServer(
        .epoll,
        routes: [
          Route(.get, "/twice") { _, exchange in
            exchange.respond(.text("1"))
            exchange.respond(.text("2"))
          }
        ]
      ) { server in _ = try server.exchange("GET /twice HTTP/1.1\r\nHost: x\r\n\r\n") }
    }
  }
  #endif

  @Test(arguments: everyReadiness)
  func `the peer is known`(readiness: ServerConfiguration.Readiness) throws {
    let path = "/tmp/http-test-\(UInt64.random(in: 0 ... .max))"
    let route = Route(.get, "/peer") { request, exchange in
      exchange.respond(.text("\(request.peer) \(request.isSecure)"))
    }
    try withServer(readiness, routes: [route], unixPath: path) { server in
      let request = "GET /peer HTTP/1.1\r\nHost: x\r\n\r\n"
      let overTCP = try server.exchange(request)
      let overUnix = try Client(path: path).exchange(request)
      #expect(overTCP.text == "tcp(\"127.0.0.1\") false" && overUnix.text == "unix false")
    }
  }
}
