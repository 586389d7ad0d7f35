import Base
import CLinux
import Glibc

/// Asks a running server over its Unix socket and waits for the answer.
struct ControlClient {
  private let descriptor: Int32

  /// How long to wait for an answer before giving up.
  private static let patience = 30
  /// An answer is a key, or what became of each document of a file: twice as long as the file may be.
  private static let longestAnswer = 2 * Control.longestDocuments

  /// A connection to the server that serves the directory, or nil where none does.
  init?(_ directory: DataDirectory) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(directory.socket.utf8)
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else {
      close(descriptor)
      return nil
    }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    self.descriptor = descriptor
  }

  /// Posts `fields` and answers the body.
  ///
  /// - Throws: `invalid` with the server's words where the fields are wrong, `conflict` with them where it cannot be
  ///   done, `unavailable` where it does not answer.
  func post(_ path: String, _ fields: [(name: String, value: String?)]) throws -> String {
    defer { close(descriptor) }
    var body = JSONWriter()
    body.object { writer in
      for field in fields { writer.field(field.name, ifPresent: field.value) }
    }
    var request = Array(
      """
      POST \(path) HTTP/1.1\r\nHost: control\r\nConnection: close\r\nContent-Type: application/json\r
      Content-Length: \(body.bytes.count)\r\n\r\n
      """.utf8)
    request += body.bytes
    var sent = 0
    while sent < request.count {
      let count = request.withUnsafeBytes { bytes in
        send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(.unavailable, "the running server does not take the command") }
      sent += count
    }
    return try read()
  }

  private func read() throws -> String {
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while answer.count < Self.longestAnswer {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count >= 0 else { throw Failure(.unavailable, "the running server does not answer") }
      if count == 0 { break }
      answer += buffer[..<count]
    }
    guard answer.count < Self.longestAnswer else { throw Failure(.internal, "the running server's answer is too long") }
    let text = String(decoding: answer, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else {
      throw Failure(.unavailable, "the running server does not answer")
    }
    let body = String(text[end.upperBound...])
    guard text.hasPrefix("HTTP/1.1 200") else {
      throw Failure(text.hasPrefix("HTTP/1.1 400") ? .invalid : .conflict, body)
    }
    return body
  }
}
