import Dispatch
import HTTP
import Synchronization
import Testing

@Suite struct StopTests {
  @Test(arguments: everyReadiness)
  func `a request that has begun is finished`(readiness: ServerConfiguration.Readiness) throws {
    let server = try Server(
      configuration: ServerConfiguration(listeners: [.tcp("127.0.0.1", 0)], loops: 2, readiness: readiness),
      router: Router(commonRoutes))
    try server.start()
    let port = server.port
    let working = try Client(port: port)
    working.send("GET /slow/1000 HTTP/1.1\r\nHost: x\r\n\r\n")
    let sending = try Client(port: port)
    sending.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
    let idle = try Client(port: port)
    #expect(try idle.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
    let stopping = DispatchGroup()
    Thread.start(in: stopping) { server.stop(grace: .seconds(5)) }
    while (try? Client(port: port)) != nil { try clockSleep(10) }
    sending.send("def")
    let late = try sending.reply()
    #expect(late.text == "abcdef" && late.header("Connection") == "close")
    let slow = try working.reply()
    #expect(slow.text == "slow" && slow.header("Connection") == "close")
    #expect(idle.seesEnd() && working.seesEnd() && sending.seesEnd())
    stopping.wait()
  }

  @Test(arguments: everyReadiness)
  func `what is not finished in time is closed`(readiness: ServerConfiguration.Readiness) throws {
    let clock = ContinuousClock()
    let server = try Server(
      configuration: ServerConfiguration(listeners: [.tcp("127.0.0.1", 0)], loops: 2, readiness: readiness),
      router: Router(commonRoutes))
    try server.start()
    let client = try Client(port: server.port)
    client.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    try clockSleep(100)
    let start = clock.now
    server.stop(grace: .milliseconds(300))
    #expect(clock.now - start < .seconds(3))
    #expect(client.seesEnd() && client.buffer.isEmpty)
  }

  /// Clients keep asking while the server stops: whatever was counted by a handler is answered, whole.
  @Test(arguments: everyReadiness)
  func `no request is lost when a busy server stops`(readiness: ServerConfiguration.Readiness) throws {
    let handled = Atomic<Int>(0)
    let answered = Atomic<Int>(0)
    let broken = Atomic<Int>(0)
    let queue = DispatchQueue(label: "tests.writer")
    let routes = [
      Route(.post, "/write") { _, exchange in
        queue.async { @Sendable in
          handled.add(1, ordering: .relaxed)
          exchange.respond(.text("ok"))
        }
      }
    ]
    let server = try Server(
      configuration: ServerConfiguration(listeners: [.tcp("127.0.0.1", 0)], loops: 2, readiness: readiness),
      router: Router(routes))
    try server.start()
    let port = server.port
    let clients = DispatchGroup()
    for _ in 0..<16 {
      Thread.start(in: clients) {
        guard let client = try? Client(port: port) else { return }
        while client.send("POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab") {
          guard let reply = try? client.reply() else {
            if !client.buffer.isEmpty { broken.add(1, ordering: .relaxed) }
            return
          }
          answered.add(1, ordering: .relaxed)
          if reply.text != "ok" { broken.add(1, ordering: .relaxed) }
          if reply.header("Connection") == "close" { return }
        }
      }
    }
    try clockSleep(300)
    server.stop(grace: .seconds(10))
    clients.wait()
    #expect(broken.load(ordering: .relaxed) == 0)
    #expect(handled.load(ordering: .relaxed) == answered.load(ordering: .relaxed))
    #expect(answered.load(ordering: .relaxed) > 100)
  }
}
