import COpenSSL

/// SHA-256 (FIPS 180-4) by OpenSSL, and the comparison of secrets.
package enum Digest {
  // Fetched once: `SHA256` looks the algorithm up in every call, which takes longer than a short text's digest. It is
  // never changed or freed.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  /// The 32 bytes of SHA-256 over `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
      let isMade = EVP_Digest(bytes, bytes.count, output.baseAddress, nil, algorithm, nil)
      precondition(isMade == 1, "OpenSSL has no SHA-256")
      count = 32
    }
  }

  /// Whether both are the same, in a time that tells nothing of where they differ.
  package static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }
}
