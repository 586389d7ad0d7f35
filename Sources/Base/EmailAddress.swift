/// An address of electronic mail (RFC 5321, section 4.1.2), folded to the spelling by which we compare.
///
/// Case is folded on both sides of the `@`: in theory the left side is the receiver's own business, in practice no shop
/// has two customers who differ by it, and many who spell themselves both ways.
package struct EmailAddress: Hashable, Sendable {
  /// The address in lower case, without blanks around it.
  package let text: String

  /// RFC 5321, section 4.5.3.1: 64 bytes before the `@`, 254 in all.
  private static let longestLocalPart = 64
  private static let longest = 254

  /// The address that `raw` spells, or nil where mail could not be sent to it.
  package init?(_ raw: String) {
    let text = raw.trimmed.lowercased()
    guard text.utf8.count <= Self.longest, let at = text.lastIndex(of: "@") else { return nil }
    let local = text[..<at]
    let domain = text[text.index(after: at)...]
    guard (1...Self.longestLocalPart).contains(local.utf8.count), Self.isLocalPart(local), Self.isDomain(domain)
    else { return nil }
    self.text = text
  }

  private static func isLocalPart(_ text: Substring) -> Bool {
    let atom = Set("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~".unicodeScalars)
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part.unicodeScalars.allSatisfy { $0.value >= 0x80 || atom.contains($0) }
    }
  }

  private static func isDomain(_ text: Substring) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.count >= 2
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.allSatisfy { $0 == "-" || $0.isLetter || $0.isNumber }
      }
  }
}
