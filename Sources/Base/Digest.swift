import COpenSSL
import Glibc

/// SHA-256 (FIPS 180-4) and HMAC over it (RFC 2104) by OpenSSL, and the comparison of secrets.
package enum Digest {
  // Fetched once: `SHA256` looks the algorithm up in every call, which takes longer than a short text's digest.
  // It is protected by nobody's ever changing or freeing it.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  // Where each thread finds its own context; protected by nobody's ever changing it.
  private static let contexts: pthread_key_t = {
    var key = pthread_key_t()
    let code = pthread_key_create(&key) { context in EVP_MD_CTX_free(context.map { OpaquePointer($0) }) }
    precondition(code == 0, "the process has no room for another thread's own value")
    return key
  }()

  /// What the calling thread works digests out in: to make it anew takes as long as a short text's digest.
  private static var context: OpaquePointer? {
    if let context = pthread_getspecific(contexts) { return OpaquePointer(context) }
    let context = EVP_MD_CTX_new()
    pthread_setspecific(contexts, context.map { UnsafeRawPointer($0) })
    return context
  }

  /// The 32 bytes of SHA-256 over `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
      let context = context
      let isMade =
        EVP_DigestInit_ex2(context, algorithm, nil) == 1 && EVP_DigestUpdate(context, bytes, bytes.count) == 1
        && EVP_DigestFinal_ex(context, output.baseAddress, nil) == 1
      precondition(isMade, "OpenSSL has no SHA-256")
      count = 32
    }
  }

  /// The 32 bytes of HMAC-SHA256 over `bytes` under `key`.
  package static func hmac(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
      var length: UInt32 = 0
      let made = HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, output.baseAddress, &length)
      precondition(made != nil && length == 32, "OpenSSL has no HMAC-SHA256")
      count = 32
    }
  }

  /// The bytes in hexadecimal, in small letters.
  package static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Whether both are the same, in a time that tells nothing of where they differ.
  package static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }
}
