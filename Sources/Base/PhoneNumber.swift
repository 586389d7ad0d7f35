/// A telephone number in the form of ITU-T E.164: `+`, the country's code, the number, at most 15 digits.
package struct PhoneNumber: Hashable, Sendable {
  /// The number as `+79161234567`.
  package let text: String

  /// E.164 allows 15 digits; no country's numbers have fewer than 7 with its code.
  private static let digits = 7...15

  /// The number that `raw` spells, or nil where it is none.
  ///
  /// Blanks, dots, dashes, slashes and brackets do not count; `00` before the country's code is `+`. A number without
  /// its country's code names no subscriber.
  package init?(_ raw: String) {
    var digits = ""
    var international = false
    // Scalars, not characters: a digit with an accent upon it would lie between "0" and "9" too.
    for scalar in raw.trimmed.unicodeScalars {
      switch scalar {
      case "0"..."9": digits.unicodeScalars.append(scalar)
      case "+" where digits.isEmpty && !international: international = true
      case " ", "\u{A0}", "-", "\u{2010}", "\u{2011}", "\u{2013}", ".", "/", "(", ")": continue
      default: return nil
      }
    }
    if !international, digits.hasPrefix("00") {
      digits.removeFirst(2)
      international = true
    }
    guard international, digits.first != "0", Self.digits.contains(digits.count) else { return nil }
    text = "+" + digits
  }
}
