import COpenSSL
import Glibc

/// The encryption of one connection, between two memory BIOs: it touches no socket.
final class TLSSession {
  /// What deciphering came to.
  enum Reading: Equatable {
    case bytes(Int)
    /// More must come first.
    case blocked
    /// The client has said that it sends no more.
    case ended
    case failed
  }

  /// What is encrypted before it is sent: some records.
  static let slice = 64 << 10

  private let session: OpaquePointer
  private let input = BIO_new(BIO_s_mem())
  private let output = BIO_new(BIO_s_mem())

  init(_ session: OpaquePointer) {
    self.session = session
    // An empty BIO means "not yet", not "the end".
    BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
    SSL_set_bio(session, input, output)
    SSL_set_accept_state(session)
  }

  // Frees the BIOs too.
  deinit { SSL_free(session) }

  /// Whether ciphertext waits to be sent.
  var hasOutput: Bool { BIO_ctrl_pending(output) > 0 }

  /// Takes ciphertext that came.
  func receive(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    BIO_write(input, bytes, Int32(count)) == Int32(count)
  }

  /// Deciphers into `bytes`; handshakes go on by themselves.
  func read(_ bytes: UnsafeMutableRawPointer, _ capacity: Int) -> Reading {
    ERR_clear_error()
    let count = SSL_read(session, bytes, Int32(clamping: capacity))
    if count > 0 { return .bytes(Int(count)) }
    switch SSL_get_error(session, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
    case SSL_ERROR_ZERO_RETURN: return .ended
    default: return .failed
    }
  }

  /// Enciphers bytes; how many it took, or -1.
  func write(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    ERR_clear_error()
    let taken = SSL_write(session, bytes, Int32(min(count, Self.slice)))
    if taken > 0 { return Int(taken) }
    let error = SSL_get_error(session, taken)
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1
  }

  /// Says that no more is sent.
  func sayGoodbye() {
    ERR_clear_error()
    SSL_shutdown(session)
  }

  /// Sends ciphertext that waits; false where the socket failed.
  func flush(to descriptor: Int32) -> Bool {
    while hasOutput {
      var pointer: UnsafeMutableRawPointer?
      let count = BIO_ctrl(output, BIO_CTRL_INFO, 0, &pointer)
      guard count > 0, let pointer else { return true }
      let sent = send(descriptor, pointer, count, Int32(MSG_NOSIGNAL))
      if sent < 0 { return errno == EAGAIN || errno == EINTR }
      drop(sent)
      if sent < count { return true }
    }
    return true
  }

  private func drop(_ count: Int) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      var rest = count
      while rest > 0 {
        let read = BIO_read(output, buffer.baseAddress, Int32(min(rest, buffer.count)))
        guard read > 0 else { return }
        rest -= Int(read)
      }
    }
  }
}
