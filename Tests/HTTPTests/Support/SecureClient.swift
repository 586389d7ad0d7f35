import COpenSSL
import Glibc

/// A TLS client for tests over a blocking socket.
final class SecureClient {
  struct Failed: Error {}

  private let client: Client
  private let session: OpaquePointer
  private let context: OpaquePointer

  /// Shakes hands; `protocols` are offered by ALPN, `resuming` is a session of an earlier client.
  init(port: Int, version: Int32? = nil, protocols: [String] = [], resuming: OpaquePointer? = nil) throws {
    client = try Client(port: port)
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failed() }
    self.context = context
    if let version {
      SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
      SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
    }
    guard let session = SSL_new(context) else { throw Failed() }
    self.session = session
    let offered = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    if !offered.isEmpty { SSL_set_alpn_protos(session, offered, UInt32(offered.count)) }
    if let resuming { SSL_set_session(session, resuming) }
    SSL_set_fd(session, client.descriptor)
    guard SSL_connect(session) == 1 else { throw Failed() }
  }

  deinit {
    // Otherwise OpenSSL holds the session to be broken off, and does not resume it.
    SSL_set_quiet_shutdown(session, 1)
    SSL_shutdown(session)
    SSL_free(session)
    SSL_CTX_free(context)
  }

  /// The name in the server's certificate.
  var serverName: String {
    guard let certificate = SSL_get1_peer_certificate(session) else { return "" }
    defer { X509_free(certificate) }
    var text = [CChar](repeating: 0, count: 100)
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, &text, 100)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var isResumed: Bool { SSL_session_reused(session) == 1 }

  var chosenProtocol: String {
    var bytes: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(session, &bytes, &count)
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }

  /// The session, to be resumed by another client; to be freed with `SSL_SESSION_free`.
  func takeSession() -> OpaquePointer? { SSL_get1_session(session) }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count) else { throw Failed() }
  }

  /// Reads until `count` bytes have come, or the end.
  func receive(atLeast count: Int) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while all.count < count {
      let read = SSL_read(session, &chunk, Int32(chunk.count))
      if read <= 0 { break }
      all += chunk[0..<Int(read)]
    }
    return all
  }

  /// Sends a request and reads to the end of the answer, which ends in `ending`.
  func exchange(_ request: String, ending: String) throws -> String {
    try send(request)
    var text = ""
    while !text.hasSuffix(ending) {
      let bytes = receive(atLeast: 1)
      if bytes.isEmpty { throw Failed() }
      text += String(decoding: bytes, as: UTF8.self)
    }
    return text
  }
}
