import COpenSSL

/// SHA-256 (FIPS 180-4) and HMAC over it (RFC 2104) by OpenSSL, and the comparison of secrets.
package enum Digest {
  // Fetched once: `SHA256` looks the algorithm up in every call, which takes longer than a short text's digest.
  // It is protected by nobody's ever changing or freeing it.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  /// The 32 bytes of SHA-256 over `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
      let isMade = EVP_Digest(bytes, bytes.count, output.baseAddress, nil, algorithm, nil)
      precondition(isMade == 1, "OpenSSL has no SHA-256")
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
