import COpenSSL
import Glibc
import Synchronization

/// The certificate that new connections are given: one for all loops, or sessions would not resume.
///
/// When it is replaced, open connections keep the one that they began with, because OpenSSL counts references.
final class TLSContext: Sendable {
  // protected by the mutex that holds it; what it points to is locked by OpenSSL itself
  private struct Pointer: @unchecked Sendable {
    let context: OpaquePointer
  }

  private let configuration: TLSConfiguration
  private let current: Mutex<Pointer>

  /// - Throws: `TLSError` where the certificate or the key cannot be read, or do not belong together.
  init(_ configuration: TLSConfiguration) throws(TLSError) {
    self.configuration = configuration
    current = Mutex(Pointer(context: try Self.make(configuration)))
  }

  deinit { current.withLock { SSL_CTX_free($0.context) } }

  /// Reads the files again; where that fails nothing changes.
  func reload() throws(TLSError) {
    let fresh = Pointer(context: try Self.make(configuration))
    let old = current.withLock { current in
      defer { current = fresh }
      return current
    }
    SSL_CTX_free(old.context)
  }

  /// A session for a new connection.
  func makeSession() -> TLSSession? {
    current.withLock { SSL_new($0.context) }.map(TLSSession.init)
  }

  /// The first and the last second, since 1970, at which the certificate is valid.
  func validity() throws(TLSError) -> (first: Int, last: Int) {
    try current.withLock { (current) throws(TLSError) -> (first: Int, last: Int) in
      let certificate = SSL_CTX_get0_certificate(current.context)
      let (first, last) = (
        Self.seconds(X509_get0_notBefore(certificate)), Self.seconds(X509_get0_notAfter(certificate))
      )
      guard let first, let last else {
        throw Self.failure("the times of the certificate \(configuration.certificateChainFile) cannot be read")
      }
      return (first, last)
    }
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return timegm(&parts)
  }

  private static func make(_ configuration: TLSConfiguration) throws(TLSError) -> OpaquePointer {
    ERR_clear_error()
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw failure("TLS cannot be used") }
    do {
      try configure(context, configuration)
      return context
    } catch {
      SSL_CTX_free(context)
      throw error
    }
  }

  private static func configure(_ context: OpaquePointer, _ configuration: TLSConfiguration) throws(TLSError) {
    let oldest = configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(oldest), nil)
    // Partial writes and buffers that move suit memory BIOs; released buffers keep idle connections small.
    SSL_CTX_ctrl(
      context, SSL_CTRL_MODE,
      Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS), nil)
    // A client may not make the server do one handshake after another; the macro of this bit is not imported.
    let noRenegotiation = UInt64(1) << 30
    SSL_CTX_set_options(context, noRenegotiation)
    SSL_CTX_set_session_id_context(context, "throughline", 11)
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, chosen, length, offered, offeredLength, _ in
        TLSContext.chooseHTTP1(chosen, length, offered, offeredLength)
      }, nil)
    guard SSL_CTX_use_certificate_chain_file(context, configuration.certificateChainFile) == 1 else {
      throw failure("the certificate \(configuration.certificateChainFile) cannot be read")
    }
    guard SSL_CTX_use_PrivateKey_file(context, configuration.privateKeyFile, SSL_FILETYPE_PEM) == 1 else {
      throw failure("the key \(configuration.privateKeyFile) cannot be read")
    }
    guard SSL_CTX_check_private_key(context) == 1 else {
      throw failure("the key \(configuration.privateKeyFile) is not that of the certificate")
    }
  }

  /// Takes `http/1.1` where it is offered; a client that offers only others is told so (RFC 7301, 3.2).
  private static func chooseHTTP1(
    _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ length: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32
  ) -> Int32 {
    guard let chosen, let length, let offered else { return SSL_TLSEXT_ERR_NOACK }
    var at = 0
    while at < Int(offeredLength) {
      let count = Int(offered[at])
      guard at + 1 + count <= Int(offeredLength) else { break }
      if ByteScan.equal(offered + at + 1, count, "http/1.1") {
        chosen.pointee = offered + at + 1
        length.pointee = UInt8(count)
        return SSL_TLSEXT_ERR_OK
      }
      at += 1 + count
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }

  private static func failure(_ what: String) -> TLSError {
    let code = ERR_get_error()
    guard code != 0 else { return TLSError(description: what) }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return TLSError(description: "\(what): \(reason)")
  }
}
