import Glibc
import HTTP
import TestKit
import Testing

@Suite struct FileBodyTests {
  /// Bytes of which none stands where another one should, until they come again after 64 KiB.
  private static func bytes(_ count: Int) -> [UInt8] {
    let period = (0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += period.prefix(count - bytes.count) }
    return bytes
  }

  private static func route(_ path: String) -> Route {
    Route(.get, "/file") { _, exchange in
      guard let file = FileBody(path: path) else { return exchange.respond(Response(.notFound)) }
      exchange.respond(.file(file, contentType: "application/octet-stream"))
    }
  }

  private static let request = "GET /file HTTP/1.1\r\nHost: x\r\n\r\n"

  @Test(arguments: everyReadiness, [0, 1, 128 << 10, 128 << 10 + 1, 9 << 20])
  func `a file is the body, and the next answer stands behind it`(
    readiness: ServerConfiguration.Readiness, count: Int
  ) throws {
    let directory = TemporaryDirectory()
    directory.write(Self.bytes(count), to: "f")
    try withServer(readiness, routes: [Self.route(directory.file("f"))]) { server in
      let client = try server.client()
      client.send(Array((Self.request + Self.request + "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").utf8))
      for _ in 1...2 {
        let reply = try client.reply()
        #expect(reply.status == 200 && reply.body == Self.bytes(count))
      }
      #expect(try client.reply().text == "hello")
      client.send(Array("HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      #expect(try client.reply(toHead: true).header("Content-Length") == "\(count)")
    }
  }

  @Test(arguments: everyReadiness)
  func `a file is what was opened, though its name is taken away`(readiness: ServerConfiguration.Readiness) throws {
    let directory = TemporaryDirectory()
    directory.write(Self.bytes(9 << 20), to: "f")
    try withServer(readiness, routes: [Self.route(directory.file("f"))]) { server in
      let client = try server.client(receiveBuffer: 4096)
      client.send(Array(Self.request.utf8))
      usleep(100_000)
      unlink(directory.file("f"))
      #expect(try client.reply().body == Self.bytes(9 << 20))
      #expect(try server.exchange(Self.request).status == 404)
    }
  }

  @Test(arguments: everyReadiness)
  func `a file that got shorter ends the connection, so that nobody takes it for whole`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    let directory = TemporaryDirectory()
    directory.write(Self.bytes(32 << 20), to: "f")
    try withServer(readiness, routes: [Self.route(directory.file("f"))]) { server in
      let client = try server.client(receiveBuffer: 4096)
      client.send(Array(Self.request.utf8))
      usleep(200_000)
      truncate(directory.file("f"), 100)
      #expect(throws: (any Error).self) { try client.reply() }
      #expect(try server.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
    }
  }
}
