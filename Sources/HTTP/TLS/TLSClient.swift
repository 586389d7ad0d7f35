package import Base
import COpenSSL

/// One connection to a server over TLS, on a socket that blocks and stays the caller's.
///
/// The server's certificate must be for the host that was asked for, and from an authority that this machine trusts:
/// OpenSSL's usual ones, or those of the file that `SSL_CERT_FILE` names.
package final class TLSClient {
  private let session: OpaquePointer

  /// Makes the connection.
  ///
  /// - Throws: `conflict` where its certificate cannot be trusted, `unavailable` where it does not answer in TLS.
  package init(_ descriptor: Int32, host: String) throws(Failure) {
    ERR_clear_error()
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure(.unavailable, "TLS cannot be used") }
    // A session holds its context.
    defer { SSL_CTX_free(context) }
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    SSL_CTX_set_default_verify_paths(context)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    guard let session = SSL_new(context) else { throw Failure(.unavailable, "TLS cannot be used") }
    self.session = session
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) != 1 {
      SSL_set1_host(session, host)
      // Which of its names is asked for, RFC 6066, 3; an address is none.
      host.withCString { name in
        _ = SSL_ctrl(
          session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), UnsafeMutableRawPointer(mutating: name)
        )
      }
    }
    SSL_set_fd(session, descriptor)
    guard SSL_connect(session) == 1 else {
      let verdict = SSL_get_verify_result(session)
      let reason = Int32(clamping: verdict) == X509_V_OK ? nil : X509_verify_cert_error_string(verdict)
      guard let reason else { throw Failure(.unavailable, "\(host) does not answer in TLS") }
      throw Failure(.conflict, "\(host) cannot be trusted by its certificate: \(String(cString: reason))")
    }
  }

  deinit { SSL_free(session) }

  /// Deciphers into `bytes` as much as there is, and waits where there is nothing; how much, or not above 0 at the end or
  /// after the socket's own time.
  package func read(_ bytes: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
    ERR_clear_error()
    return Int(SSL_read(session, bytes, Int32(clamping: capacity)))
  }

  /// Enciphers and sends; how much, or not above 0 where it cannot be sent.
  package func write(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    ERR_clear_error()
    return Int(SSL_write(session, bytes, Int32(clamping: count)))
  }
}
