import CLinux
import Glibc

/// An HTTP client for tests: a blocking socket, and no more understanding than a test needs.
final class Client {
  /// Longer than any answer may take, shorter than a test may hang.
  static let patience = 10

  struct Reply: Equatable {
    var status = 0
    var head = ""
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of the fields of that name, joined.
    func header(_ name: String) -> String? {
      let values = head.split(separator: "\r\n").dropFirst().compactMap { line -> String? in
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
        return String(parts[1].drop { $0 == " " })
      }
      return values.isEmpty ? nil : values.joined(separator: ", ")
    }
  }

  struct Gone: Error {}

  let descriptor: Int32
  private(set) var buffer: [UInt8] = []
  private(set) var hasEnded = false

  init(port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
    var time = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result != 0 {
      Glibc.close(descriptor)
      throw Gone()
    }
  }

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result != 0 {
      Glibc.close(descriptor)
      throw Gone()
    }
  }

  deinit { Glibc.close(descriptor) }

  /// Sends all bytes; false where the server has closed.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var at = 0
      while at < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[at...])
        let sent = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if sent <= 0 { return false }
        at += sent
      }
      return true
    }
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Says that it sends no more.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Makes closing send a reset.
  func resetOnClose() {
    var reset = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout.size(ofValue: reset)))
  }

  /// Reads once; false at the end.
  @discardableResult
  func receive() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count <= 0 {
      hasEnded = true
      return false
    }
    buffer += chunk[0..<count]
    return true
  }

  /// Whether the server closes, after whatever it still sends.
  func seesEnd() -> Bool {
    while receive() {}
    return hasEnded && (errno != EAGAIN || recv(descriptor, nil, 0, 0) == 0)
  }

  /// Reads until the text has come.
  func receive(until text: String) throws -> String {
    while true {
      let all = String(decoding: buffer, as: UTF8.self)
      if all.contains(text) { return all }
      guard receive() else { throw Gone() }
    }
  }

  /// Reads one answer.
  func reply(toHead: Bool = false) throws -> Reply {
    var reply = Reply()
    var end: Int?
    while true {
      end = Self.find([13, 10, 13, 10], in: buffer)
      if end != nil { break }
      guard receive() else { throw Gone() }
    }
    guard let end else { throw Gone() }
    reply.head = String(decoding: buffer[0..<end], as: UTF8.self)
    buffer.removeFirst(end + 4)
    let words = reply.head.split(separator: " ", maxSplits: 2)
    reply.status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    if toHead || reply.status == 204 || reply.status == 304 || reply.status < 200 { return reply }
    if let length = reply.header("Content-Length").flatMap({ Int($0) }) {
      try need(length)
      reply.body = Array(buffer[0..<length])
      buffer.removeFirst(length)
    } else if reply.header("Transfer-Encoding") == "chunked" {
      reply.body = try chunks()
    } else {
      while receive() {}
      reply.body = buffer
      buffer = []
    }
    return reply
  }

  /// Sends a request and reads its answer.
  func exchange(_ request: String) throws -> Reply {
    send(request)
    return try reply()
  }

  private func need(_ count: Int) throws {
    while buffer.count < count { guard receive() else { throw Gone() } }
  }

  private func chunks() throws -> [UInt8] {
    var body: [UInt8] = []
    while true {
      var end = Self.find([13, 10], in: buffer)
      while end == nil {
        guard receive() else { throw Gone() }
        end = Self.find([13, 10], in: buffer)
      }
      guard let end, let size = Int(String(decoding: buffer[0..<end], as: UTF8.self), radix: 16) else { throw Gone() }
      try need(end + 2 + size + 2)
      body += buffer[end + 2..<end + 2 + size]
      buffer.removeFirst(end + 2 + size + 2)
      if size == 0 { return body }
    }
  }

  private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= needle.count else { return nil }
    return (0...bytes.count - needle.count).first { at in
      bytes[at] == needle[0] && bytes[at..<at + needle.count].elementsEqual(needle)
    }
  }
}

/// Sends what the socket takes; for threads that may not hold the client.
func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
}
