/// Names that we give out: 26 characters of Crockford's base 32, the first ten of which are the time.
///
/// Ids of one time lie side by side in an index, which costs a sixth of what random ones cost; 80 random bits follow.
/// The layout is that of a ULID, in lower case.
package struct TokenSource: Sendable {
  private let clock: any Clock
  private let randomness: any Randomness

  /// A source of names that takes time and chance from these two.
  package init(clock: any Clock, randomness: any Randomness) {
    self.clock = clock
    self.randomness = randomness
  }

  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// A new name, for example `cus_01kav3m2v8…`.
  package func next(_ prefix: StaticString) -> String {
    let time = UInt64(clamping: clock.now.milliseconds)
    let chance = randomness.bytes(16)
    return String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + 26) { buffer in
      var end = 0
      prefix.withUTF8Buffer { for byte in $0 { buffer[end] = byte; end += 1 } }
      for shift in stride(from: 45, through: 0, by: -5) {
        buffer[end] = Self.alphabet[Int(time >> UInt64(shift) & 31)]
        end += 1
      }
      for byte in chance {
        buffer[end] = Self.alphabet[Int(byte & 31)]
        end += 1
      }
      return end
    }
  }

  /// A secret of 256 bits, spelled in 43 characters of base64url.
  package func secret() -> String { Base64URL.text(randomness.bytes(32)) }

  /// That many random bytes, for seeds.
  package func seed(_ count: Int) -> [UInt8] { randomness.bytes(count) }
}
