/// A random source that gives the same numbers for the same seed on every machine (SplitMix64).
struct JSONSeed: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A random value that can be spelled in many ways.
indirect enum JSONSample {
  case object([(name: String, value: JSONSample)])
  case array([JSONSample])
  case string(String)
  /// An integer times a power of ten.
  case number(Int, exponent: Int)
  case word(String)

  static func random(_ seed: inout JSONSeed, depth: Int = 0) -> JSONSample {
    switch Int.random(in: depth > 4 ? 2..<8 : 0..<8, using: &seed) {
    case 0:
      var names: Set<[UInt8]> = []
      let members = (0..<Int.random(in: 0..<20, using: &seed)).map { _ in
        (name: randomString(&seed), value: random(&seed, depth: depth + 1))
      }
      return .object(members.filter { names.insert(Array($0.name.utf8)).inserted })
    case 1: return .array((0..<Int.random(in: 0..<6, using: &seed)).map { _ in random(&seed, depth: depth + 1) })
    case 2, 3, 4: return .string(randomString(&seed))
    case 5: return .number(Int.random(in: -1_000_000...1_000_000, using: &seed), exponent: 0)
    case 6:
      let digits = Int.random(in: 0...62, using: &seed)
      return .number(
        Int.random(in: -(1 << digits)...(1 << digits), using: &seed), exponent: Int.random(in: -30...30, using: &seed))
    default: return .word(["true", "false", "null"].randomElement(using: &seed) ?? "")
    }
  }

  private static func randomString(_ seed: inout JSONSeed) -> String {
    let alphabet = Array("abcXYZ019 _-.\"\\/\n\t\u{0}\u{1F}\u{7F}éЖя€😀\u{2028}\u{FEFF}\u{301}".unicodeScalars)
    let scalars = (0..<Int.random(in: 0..<24, using: &seed)).compactMap { _ in alphabet.randomElement(using: &seed) }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Spells the value in one of its ways: other white space, order of members, escapes and powers of ten.
  func spelled(_ seed: inout JSONSeed) -> String {
    func space() -> String { ["", "", "", " ", "\n\t", "\r\n  "].randomElement(using: &seed) ?? "" }
    switch self {
    case .object(let members):
      let spelled = members.shuffled(using: &seed).map { name, value in
        space() + JSONSample.string(name).spelled(&seed) + space() + ":" + space() + value.spelled(&seed) + space()
      }
      return spelled.isEmpty ? "{\(space())}" : "{\(spelled.joined(separator: ","))}"
    case .array(let elements):
      let spelled = elements.map { space() + $0.spelled(&seed) + space() }
      return spelled.isEmpty ? "[\(space())]" : "[\(spelled.joined(separator: ","))]"
    case .string(let string):
      return "\"" + string.unicodeScalars.map { JSONSample.spelled($0, &seed) }.joined() + "\""
    case .number(let mantissa, let exponent):
      let zeros = mantissa == 0 ? 0 : Int.random(in: 0...3, using: &seed)
      var digits = "\(mantissa)" + String(repeating: "0", count: zeros)
      var shift = exponent - zeros
      let places = Int.random(in: 0..<digits.drop { $0 == "-" }.count, using: &seed)
      if places > 0 {
        digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -places))
        shift += places
      }
      return shift == 0 && Bool.random(using: &seed) ? digits : "\(digits)\(["e", "E"][zeros & 1])\(shift)"
    case .word(let word): return word
    }
  }

  private static func spelled(_ scalar: Unicode.Scalar, _ seed: inout JSONSeed) -> String {
    if scalar.value >= 0x20, scalar != "\"", scalar != "\\", Int.random(in: 0..<6, using: &seed) > 0 {
      return String(scalar)
    }
    return String(scalar).utf16.map { unit in
      let digits = String(unit, radix: 16, uppercase: Bool.random(using: &seed))
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
