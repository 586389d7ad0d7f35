import COpenSSL
import HTTP
import Testing

@Suite struct TLSTests {
  private static let hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

  private static func withSecureServer(
    _ readiness: ServerConfiguration.Readiness, minimum: TLSConfiguration.Version = .tls12,
    limits: Limits = Limits(), _ use: (TestServer, Certificate) throws -> Void
  ) throws {
    let certificate = try Certificate(name: "first")
    defer { certificate.remove() }
    let tls = TLSConfiguration(
      certificateChainFile: certificate.chainFile, privateKeyFile: certificate.keyFile, minimumVersion: minimum)
    let secure = Route(.get, "/secure") { request, exchange in exchange.respond(.text("\(request.isSecure)")) }
    try withServer(readiness, limits: limits, routes: [secure], tls: tls) { try use($0, certificate) }
  }

  @Test(arguments: everyReadiness, [TLS1_2_VERSION, TLS1_3_VERSION])
  func `requests are served over TLS`(readiness: ServerConfiguration.Readiness, version: Int32) throws {
    try Self.withSecureServer(readiness) { server, _ in
      let client = try SecureClient(port: server.port, version: version, protocols: ["h2", "http/1.1"])
      #expect(client.chosenProtocol == "http/1.1" && client.serverName == "first")
      #expect(try client.exchange("GET /secure HTTP/1.1\r\nHost: x\r\n\r\n", ending: "true").contains("200 OK"))
      for number in 0..<3 {
        #expect(try client.exchange("GET /later/n\(number) HTTP/1.1\r\nHost: x\r\n\r\n", ending: "n\(number)") != "")
      }
      try client.send("GET /big/2000000 HTTP/1.1\r\nHost: x\r\n\r\n" + Self.hello)
      let all = client.receive(atLeast: 2_000_100)
      #expect(all.filter { $0 == 0x41 }.count >= 2_000_000)
      let body = String(repeating: "b", count: 300_000)
      let echo = try client.exchange(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n\(body)",
        ending: String(repeating: "b", count: 1000))
      #expect(echo.contains("200 OK"))
      try client.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      _ = client.receive(atLeast: .max)
    }
  }

  @Test(arguments: everyReadiness, [TLS1_2_VERSION, TLS1_3_VERSION])
  func `sessions resume on every loop`(readiness: ServerConfiguration.Readiness, version: Int32) throws {
    try Self.withSecureServer(readiness) { server, _ in
      let first = try SecureClient(port: server.port, version: version)
      _ = try first.exchange(Self.hello, ending: "hello")
      let session = try #require(first.takeSession())
      defer { SSL_SESSION_free(session) }
      for _ in 0..<8 {
        let next = try SecureClient(port: server.port, version: version, resuming: session)
        #expect(next.isResumed)
        #expect(try next.exchange(Self.hello, ending: "hello") != "")
      }
    }
  }

  @Test(arguments: everyReadiness)
  func `a new certificate is taken up without closing anything`(readiness: ServerConfiguration.Readiness) throws {
    try Self.withSecureServer(readiness) { server, certificate in
      let old = try SecureClient(port: server.port)
      _ = try old.exchange(Self.hello, ending: "hello")
      try certificate.write(name: "second")
      try server.server.reloadCertificates()
      #expect(try SecureClient(port: server.port).serverName == "second")
      #expect(try old.exchange(Self.hello, ending: "hello") != "")
      certificate.remove()
      #expect(throws: TLSError.self) { try server.server.reloadCertificates() }
      #expect(try SecureClient(port: server.port).serverName == "second")
    }
  }

  @Test(arguments: everyReadiness)
  func `who speaks something else is refused, and others notice nothing`(
    readiness: ServerConfiguration.Readiness
  ) throws {
    try Self.withSecureServer(readiness, minimum: .tls13) { server, _ in
      #expect(throws: (any Error).self) { try SecureClient(port: server.port, version: TLS1_2_VERSION) }
      #expect(throws: (any Error).self) { try SecureClient(port: server.port, protocols: ["h2"]) }
      let plain = try server.client()
      plain.send(Self.hello)
      #expect(plain.seesEnd())
      let garbage = try server.client()
      garbage.send((0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
      #expect(garbage.seesEnd())
      let client = try SecureClient(port: server.port)
      #expect(try client.exchange(Self.hello, ending: "hello") != "")
    }
  }

  @Test(arguments: everyReadiness)
  func `a handshake that never ends is ended`(readiness: ServerConfiguration.Readiness) throws {
    var limits = Limits()
    limits.headTime = .milliseconds(300)
    try Self.withSecureServer(readiness, limits: limits) { server, _ in
      let silent = try server.client()
      let half = try server.client()
      half.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
      #expect(silent.seesEnd() && half.seesEnd())
    }
  }

  @Test func `the times of a certificate are read from it`() throws {
    let certificate = try Certificate(name: "one")
    defer { certificate.remove() }
    let configuration = TLSConfiguration(
      certificateChainFile: certificate.chainFile, privateKeyFile: certificate.keyFile)
    let validity = try configuration.validity()
    #expect(validity.last - validity.first == 86400 + 3600)
    #expect(abs(validity.first + 3600 - time(nil)) < 60)
  }

  @Test func `a certificate that cannot be read is an error at once`() throws {
    let tls = TLSConfiguration(certificateChainFile: "/nowhere/cert.pem", privateKeyFile: "/nowhere/key.pem")
    #expect(throws: TLSError.self) {
      try Server(configuration: ServerConfiguration(listeners: [.tcp("127.0.0.1", 0)], tls: tls), router: Router([]))
    }
  }
}
