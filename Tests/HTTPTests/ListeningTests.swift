import HTTP
import Testing

@Suite struct ListeningTests {
  private static func server(
    _ listeners: [ServerConfiguration.Listener], sharesPort: Bool = false
  ) throws -> Server {
    try Server(
      configuration: ServerConfiguration(listeners: listeners, loops: 2, serverName: "tests", sharesPort: sharesPort),
      router: Router(commonRoutes))
  }

  private static let hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

  @Test func `a port that is taken is refused`() throws {
    let first = try Self.server([.tcp("127.0.0.1", 0)])
    try first.start()
    defer { first.stop() }
    #expect(throws: SocketError.self) { try Self.server([.tcp("127.0.0.1", first.port)]).start() }
    #expect(throws: SocketError.self) { try Server.check("127.0.0.1", first.port) }
    let reply = try Client(port: first.port).exchange(Self.hello)
    #expect(reply.text == "hello" && reply.header("Server") == "tests")
  }

  @Test func `a host without an address is told by the resolver's words`() throws {
    let failure = #expect(throws: SocketError.self) { try Self.server([.tcp("nowhere.invalid", 0)]).start() }
    #expect(failure?.resolution?.isEmpty == false)
    #expect(failure?.description.hasPrefix("resolve nowhere.invalid: ") == true)
    #expect(throws: Never.self) { try Server.check("127.0.0.1", 0) }
  }

  @Test func `a port may be shared, so that a restart has no gap`() throws {
    let first = try Self.server([.tcp("127.0.0.1", 0)])
    try first.start()
    let second = try Self.server([.tcp("127.0.0.1", first.port)], sharesPort: true)
    try second.start()
    defer { second.stop() }
    first.stop()
    #expect(try Client(port: second.port).exchange(Self.hello).text == "hello")
  }

  @Test func `a socket that was left behind is replaced, and one in use is not`() throws {
    let path = "/tmp/http-test-\(UInt64.random(in: 0 ... .max))"
    let first = try Self.server([.unix(path)])
    try first.start()
    #expect(first.port == 0 && first.addresses == [.unix(path)])
    #expect(throws: SocketError.self) { try Self.server([.unix(path)]).start() }
    #expect(try Client(path: path).exchange(Self.hello).text == "hello")
    first.stop()
    LeftSocket.leave(path)
    let second = try Self.server([.unix(path)])
    try second.start()
    defer { second.stop() }
    #expect(try Client(path: path).exchange(Self.hello).text == "hello")
  }

  @Test(arguments: [
    ServerConfiguration.Listener.tcp("no such host", 0), .tcp("192.0.2.1", 0), .unix("/nowhere/socket"),
    .unix("/tmp/" + String(repeating: "a", count: 200)),
  ])
  func `where nobody can listen is an error`(listener: ServerConfiguration.Listener) throws {
    let server = try Self.server([.tcp("127.0.0.1", 0), listener])
    #expect(throws: SocketError.self) { try server.start() }
    server.stop()
  }

  @Test func `a name is listened on`() throws {
    let server = try Self.server([.tcp("localhost", 0)])
    try server.start()
    defer { server.stop() }
    #expect(try Client(port: server.port).exchange(Self.hello).text == "hello")
  }
}
