import Base
import TestKit
import Testing

@Test(arguments: [
  ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
  ("foobar", "Zm9vYmFy"),
])
func `base 64 is RFC 4648's, without padding`(plain: String, text: String) {
  #expect(Base64URL.text(Array(plain.utf8)) == text)
  #expect(Base64URL.bytes(text) == Array(plain.utf8))
  let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
  #expect(Base64URL.bytes(padded) == Array(plain.utf8))
}

@Test func `base 64 reads both alphabets and every byte comes back`() {
  #expect(Base64URL.bytes("-_-_") == Base64URL.bytes("+/+/"))
  let all = (0...255).map { UInt8($0) }
  #expect(Base64URL.bytes(Base64URL.text(all)) == all)
}

@Test(arguments: ["A", "AAAAA", "=", "AA=", "AA===", "AAAA=", "A===", "A=A=", "AA AA", "AA\nAA", "é", "AA.A"])
func `what is no base 64 is refused`(text: String) { #expect(Base64URL.bytes(text) == nil) }

@Test(arguments: [
  ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  (
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
  ),
])
func `SHA-256 is FIPS 180-4's`(text: String, digest: String) {
  #expect(Digest.hex(Digest.sha256(Array(text.utf8))) == digest)
}

@Test(
  arguments: [
    ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [], false), ([1, 2], [1], false),
    ([0, 1], [1, 0], false),
  ] as [([UInt8], [UInt8], Bool)])
func `secrets are compared whole`(a: [UInt8], b: [UInt8], equal: Bool) { #expect(Digest.isEqual(a, b) == equal) }

@Test func `names sort by the time that they were given out at`() {
  let clock = TurnedClock()
  let tokens = TokenSource(clock: clock, randomness: SeededRandomness(seed: 1))
  var names: [String] = []
  for _ in 0..<200 {
    names.append(tokens.next("cus_"))
    clock.advance(by: .milliseconds(1))
  }
  #expect(names == names.sorted())
  let alphabet = Set("0123456789abcdefghjkmnpqrstvwxyz")
  #expect(names.allSatisfy { $0.hasPrefix("cus_") && $0.count == 30 && alphabet.isSuperset(of: $0.dropFirst(4)) })
}

@Test func `a name spells its time in ten characters of Crockford's alphabet`() {
  struct Zeros: Randomness { func bytes(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) } }
  // The specification of ULID gives 01ARYZ6S41 for this time.
  let clock = TurnedClock(Instant(milliseconds: 1_469_918_176_385))
  #expect(TokenSource(clock: clock, randomness: Zeros()).next("") == "01aryz6s410000000000000000")
  let before = TurnedClock(Instant(milliseconds: -5))
  #expect(TokenSource(clock: before, randomness: Zeros()).next("") == "00000000000000000000000000")
}

@Test func `names and secrets of one moment are all different`() {
  let tokens = TokenSource(clock: TurnedClock(), randomness: SystemRandomness())
  #expect(Set((0..<10_000).map { _ in tokens.next("msg_") }).count == 10_000)
  #expect(Set((0..<1000).map { _ in tokens.secret() }).count == 1000)
  #expect(tokens.secret().count == 43)
  #expect(tokens.seed(16).count == 16)
}

@Test(arguments: [
  ([UInt8](repeating: 0x0B, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
  (
    Array("Jefe".utf8), "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
  ),
  (
    [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
  ),
])
func `HMAC is RFC 4231's`(key: [UInt8], text: String, code: String) {
  #expect(Digest.hex(Digest.hmac(Array(text.utf8), key: key)) == code)
}

@Test func `what is sealed opens under its key and purpose alone, and whole`() {
  let randomness = SeededRandomness(seed: 7)
  let (key, other) = (randomness.bytes(32), randomness.bytes(32))
  for secret in [[], Array("s".utf8), randomness.bytes(1000)] {
    let sealed = Sealing.seal(secret, for: "source:web", key: key, randomness: randomness)
    #expect(sealed.count == secret.count + 28)
    #expect(Sealing.open(sealed, for: "source:web", key: key) == secret)
    #expect(Sealing.open(sealed, for: "source:app", key: key) == nil)
    #expect(Sealing.open(sealed, for: "source:web", key: other) == nil)
    #expect(Sealing.open(sealed, for: "source:web", key: []) == nil)
    for index in sealed.indices where index < 20 || index > sealed.count - 20 {
      var damaged = sealed
      damaged[index] ^= 1
      #expect(Sealing.open(damaged, for: "source:web", key: key) == nil)
      #expect(Sealing.open(Array(sealed[..<index]), for: "source:web", key: key) == nil)
    }
    #expect(Sealing.seal(secret, for: "source:web", key: key, randomness: randomness) != sealed)
  }
}

@Test func `AES-256-GCM is NIST's`() {
  struct Nonce: Randomness { func bytes(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) } }
  let sealed = Sealing.seal(
    [UInt8](repeating: 0, count: 16), for: "", key: [UInt8](repeating: 0, count: 32), randomness: Nonce())
  // Test case 14 of the specification of GCM.
  let text = "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"
  #expect(Digest.hex(Array(sealed.dropFirst(12))) == text)
}
