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
    let trimmed = raw.trimmed
    guard trimmed.utf8.count <= Self.longestSpelling, let at = trimmed.utf8.lastIndex(of: UInt8(ascii: "@")) else {
      return nil
    }
    let (local, domain) = (trimmed[..<at], trimmed[trimmed.utf8.index(after: at)...])
    if trimmed.utf8.allSatisfy({ $0 < 0x80 }) {
      guard Self.isLocalPart(local), Self.isDomain(domain), trimmed.utf8.count <= Self.longest else { return nil }
      text = trimmed.utf8.contains { (0x41...0x5A).contains($0) } ? trimmed.lowercased() : String(trimmed)
    } else {
      guard let local = String(local).caseFolded, let domain = Self.ascii(domain), Self.isLocalPart(local[...]),
        Self.isDomain(domain[...]), local.utf8.count + 1 + domain.utf8.count <= Self.longest
      else { return nil }
      text = local + "@" + domain
    }
  }

  /// Atoms with dots between them; quoted local parts are refused, for nobody has one.
  private static func isLocalPart(_ text: Substring) -> Bool {
    guard (1...longestLocalPart).contains(text.utf8.count) else { return false }
    var last = UInt8(ascii: ".")
    var isASCII = true
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "."): if last == byte { return false }
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "#")...UInt8(ascii: "'"),
        UInt8(ascii: "^")...UInt8(ascii: "`"),
        UInt8(ascii: "{")...UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"):
        break
      case 0x80...: isASCII = false
      default: return false
      }
      last = byte
    }
    return last != UInt8(ascii: ".") && (isASCII || text.unicodeScalars.allSatisfy(isVisible))
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
  private static func isDomain(_ text: Substring) -> Bool {
    var (labels, label, last) = (1, 0, UInt8(ascii: "."))
    for byte in text.utf8 {
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
