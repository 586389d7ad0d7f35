import COpenSSL

/// The one place that random bytes come from, so that a test can put its own in.
package protocol Randomness: Sendable {
  /// That many bytes that nobody can guess.
  func bytes(_ count: Int) -> [UInt8]
}

/// OpenSSL's generator, seeded by the kernel.
package struct SystemRandomness: Randomness {
  /// A source of the system's random bytes.
  package init() {}

  package func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let drawn = RAND_bytes(buffer.baseAddress, Int32(count))
      precondition(drawn == 1, "the system gives no random bytes")
      filled = count
    }
  }
}
