import COpenSSL

/// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), by OpenSSL.
package enum Digest {
  /// The 32 bytes of SHA-256 over `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
      _ = SHA256(bytes, bytes.count, output.baseAddress)
      count = 32
    }
  }

  /// The 32 bytes of HMAC-SHA-256 over `message` under `key`.
  package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
      var length: UInt32 = 32
      _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, output.baseAddress, &length)
      count = Int(length)
    }
  }

  /// Whether both are the same, in a time that tells nothing of where they differ.
  package static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }
}
