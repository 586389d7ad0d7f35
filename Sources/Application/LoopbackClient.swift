import Base
import CLinux
import Glibc
import HTTP

/// Asks a server over one connection that stays open, and waits for each answer: HTTP/1.1
/// (RFC 9112) as far as our own server speaks it.
final class LoopbackClient {
  /// An answer.
  struct Answer {
    var status: Int
    var retryAfter: Int?
    var body: [UInt8]
  }

  /// How long to wait for an answer before giving up, in seconds.
  private static let patience = 60
  /// How often a request is sent again that the server cannot take now.
  private static let tries = 30
  private static let headEnd = Array("\r\n\r\n".utf8)

  private let host: String
  private let port: String
  /// What is done between a request and its answer.
  private let afterSending: () -> Void
  private var descriptor: Int32 = -1
  private let isEncrypted: Bool
  private var tls: TLSClient?

  /// - Parameters:
  ///   - url: where the server listens.
  ///   - isPublic: whether that is its public name, for which its certificate is.
  /// - Throws: `conflict` where it speaks TLS, and that is not its public name.
  init(_ url: String, isPublic: Bool = false, afterSending: @escaping () -> Void = {}) throws {
    isEncrypted = url.hasPrefix("https://")
    guard !isEncrypted || isPublic, let colon = url.lastIndex(of: ":") else {
      throw Failure(
        .conflict, "the running server speaks TLS, which is not spoken here: it needs an address http://HOST:PORT")
    }
    self.afterSending = afterSending
    let named = url[..<colon].dropFirst((isEncrypted ? "https://" : "http://").count)
      .filter { $0 != "[" && $0 != "]" }
    // Who listens on all of a machine's networks is reached here too.
    host = ["0.0.0.0", "::"].contains(named) ? "localhost" : String(named)
    port = String(url[url.index(after: colon)...])
  }

  deinit { hangUp() }

  private func hangUp() {
    tls = nil
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Sends a request until the server takes it.
  ///
  /// - Parameters:
  ///   - key: the sender's, as a bearer.
  ///   - idempotencyKey: under which it counts once, for what has no id of its own.
  ///   - ifMatch: the tag of the state that it is about.
  /// - Throws: `unavailable` where it does not answer, or never has time; `conflict` where it cannot be trusted.
  func send(
    _ method: String, _ path: String, _ body: [UInt8] = [], key: String, idempotencyKey: String? = nil,
    ifMatch: String? = nil
  ) throws -> Answer {
    var fields = "Authorization: Bearer \(key)\r\n"
    if let idempotencyKey { fields += "Idempotency-Key: \(idempotencyKey)\r\n" }
    if let ifMatch { fields += "If-Match: \(ifMatch)\r\n" }
    let bytes = head(method, path, fields, body) + body
    for _ in 0..<Self.tries {
      let answer = try exchange(bytes)
      guard [429, 503].contains(answer.status) else { return answer }
      sleep(UInt32(clamping: max(answer.retryAfter ?? 1, 1)))
    }
    throw Failure(.unavailable, "the server has no time for \(method) \(path)")
  }

  /// Sends the first half of a request and hangs up.
  func abandon(_ method: String, _ path: String, _ body: [UInt8], key: String) throws {
    hangUp()
    try connect()
    let bytes = head(method, path, "Authorization: Bearer \(key)\r\n", body) + body.prefix(body.count / 2)
    try put(bytes)
    hangUp()
  }

  private func head(_ method: String, _ path: String, _ fields: String, _ body: [UInt8]) -> [UInt8] {
    let lines = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)"
    return Array("\(lines)Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
  }

  /// Everything that is sent counts once, so what has no answer is sent again on a new connection.
  private func exchange(_ request: [UInt8]) throws -> Answer {
    let isOld = descriptor >= 0
    if !isOld { try connect() }
    do {
      return try exchangeOnce(request)
    } catch {
      hangUp()
      guard isOld else { throw error }
      try connect()
      return try exchangeOnce(request)
    }
  }

  private func connect() throws {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, port, &hints, &list) == 0 else {
      throw Failure(.unavailable, "the running server's address \(host) cannot be resolved")
    }
    defer { freeaddrinfo(list) }
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      let made = socket(entry.pointee.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard made >= 0 else { continue }
      if Glibc.connect(made, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(made, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        descriptor = made
        if isEncrypted {
          do { tls = try TLSClient(made, host: host) } catch {
            hangUp()
            throw error
          }
        }
        return
      }
      close(made)
    }
    throw Failure(.unavailable, "the running server cannot be reached at \(host):\(port)")
  }

  private func put(_ request: [UInt8]) throws {
    var sent = 0
    while sent < request.count {
      let count = request.withUnsafeBytes { bytes in
        guard let place = bytes.baseAddress?.advanced(by: sent) else { return 0 }
        let left = bytes.count - sent
        return tls?.write(place, left) ?? Glibc.send(descriptor, place, left, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Self.silence }
      sent += count
    }
  }

  private func exchangeOnce(_ request: [UInt8]) throws -> Answer {
    try put(request)
    afterSending()
    var text: [UInt8] = []
    var end: Int?
    while end == nil {
      try receive(&text)
      end = text.firstRange(of: Self.headEnd)?.upperBound
    }
    guard let end else { throw Self.silence }
    let lines = String(decoding: text[..<end], as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Self.silence
    }
    func field(_ name: String) -> Int? {
      let line = lines.first { $0.lowercased().hasPrefix("\(name):") }
      return line.flatMap { Int(String($0.dropFirst(name.count + 1)).trimmed) }
    }
    let length = field("content-length") ?? 0
    while text.count < end + length { try receive(&text) }
    return Answer(status: status, retryAfter: field("retry-after"), body: Array(text[end..<end + length]))
  }

  private func receive(_ text: inout [UInt8]) throws {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = tls?.read(&buffer, buffer.count) ?? recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw Self.silence }
    text += buffer[..<count]
  }

  private static let silence = Failure(.unavailable, "the running server does not answer")
}
