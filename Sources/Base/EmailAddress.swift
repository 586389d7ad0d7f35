import CIDN2

/// An address of electronic mail (RFC 5321, section 4.1.2; RFC 6531 beyond ASCII), folded to the spelling by which we
/// compare.
///
/// Case is folded on both sides of the `@`: in theory the left side is the receiver's own business, in practice no shop
/// has two customers who differ by it, and many who spell themselves both ways. A domain beyond ASCII is folded to what
/// is asked of the name servers (IDNA2008 after UTS #46, non-transitional).
package struct EmailAddress: Hashable, Sendable {
  /// The address in lower case, without blanks around it, its domain in ASCII.
  package let text: String

  /// RFC 5321, section 4.5.3.1: 64 bytes before the `@`, 254 in all.
  private static let longestLocalPart = 64
  private static let longest = 254
  /// RFC 1035, section 2.3.4.
  private static let longestLabel = 63
  /// A domain of 254 letters in ASCII may stand for as many characters of four bytes; no mapping makes texts much shorter.
  private static let longestSpelling = 4 * longest

  /// The address that `raw` spells, or nil where mail could not be sent to it.
  package init?(_ raw: String) {
    let trimmed = String(raw.trimmed)
    guard trimmed.utf8.count <= Self.longestSpelling else { return nil }
    if trimmed.utf8.allSatisfy({ $0 < 0x80 }) {
      guard Self.isAddress(trimmed) else { return nil }
      text = trimmed.utf8.contains { (0x41...0x5A).contains($0) } ? trimmed.lowercased() : trimmed
    } else {
      guard let at = trimmed.utf8.lastIndex(of: UInt8(ascii: "@")), let local = String(trimmed[..<at]).caseFolded,
        let domain = Self.ascii(trimmed[trimmed.utf8.index(after: at)...]), Self.isAddress(local + "@" + domain),
        local.unicodeScalars.allSatisfy(Self.isVisible)
      else { return nil }
      text = local + "@" + domain
    }
  }

  /// Whether the text is an address, each part of its length.
  private static func isAddress(_ text: String) -> Bool {
    let bytes = text.utf8.span
    guard bytes.count <= longest, let at = bytes.indices.last(where: { bytes[$0] == UInt8(ascii: "@") }) else {
      return false
    }
    return isLocalPart(bytes.extracting(..<at)) && isDomain(bytes.extracting((at + 1)...))
  }

  /// Atoms with dots between them; quoted local parts are refused, for nobody has one.
  private static func isLocalPart(_ bytes: Span<UInt8>) -> Bool {
    guard (1...longestLocalPart).contains(bytes.count) else { return false }
    var last = UInt8(ascii: ".")
    for index in bytes.indices {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "."): if last == byte { return false }
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "#")...UInt8(ascii: "'"),
        UInt8(ascii: "^")...UInt8(ascii: "`"),
        UInt8(ascii: "{")...UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"), 0x80...:
        break
      default: return false
      }
      last = byte
    }
    return last != UInt8(ascii: ".")
  }

  /// Two that look the same must be the same, so nothing that cannot be seen is a part of one.
  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator:
      false
    default: true
    }
  }

  /// Two labels and more, of letters, digits and dashes.
  private static func isDomain(_ bytes: Span<UInt8>) -> Bool {
    var (labels, label, last) = (1, 0, UInt8(ascii: "."))
    for index in bytes.indices {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "."):
        guard label > 0, last != UInt8(ascii: "-") else { return false }
        (labels, label) = (labels + 1, 0)
      case UInt8(ascii: "-") where label == 0: return false
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        label += 1
        guard label <= longestLabel else { return false }
      default: return false
      }
      last = byte
    }
    return labels >= 2 && label > 0 && last != UInt8(ascii: "-")
  }

  /// The domain as it is asked of the name servers, or nil where there can be none of that name.
  private static func ascii(_ domain: Substring) -> String? {
    if domain.utf8.allSatisfy({ $0 < 0x80 }) { return domain.lowercased() }
    // The library reads up to a zero.
    guard !domain.utf8.contains(0) else { return nil }
    // Not the rule of STD 3: the library would leave out what breaks it, so that another domain comes out.
    let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
    var result: UnsafeMutablePointer<UInt8>?
    guard idn2_lookup_u8(Array(domain.utf8) + [0], &result, flags) == IDN2_OK.rawValue, let result else { return nil }
    defer { idn2_free(result) }
    return String(cString: result)
  }
}
