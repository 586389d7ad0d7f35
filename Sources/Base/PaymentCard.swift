/// Tells numbers of payment cards (ISO/IEC 7812), which are nobody's identifiers and are not kept.
package enum PaymentCard {
  /// No number of a payment card is shorter.
  package static let fewestDigits = 13
  /// No number of a payment card is longer.
  package static let mostDigits = 19

  /// The first digits of the issuers' numbers, and how long these are.
  ///
  /// From the networks' public ranges. A shop's own cards are not among them: their numbers begin with 7 or 9, with 2
  /// (the shop's own range of EAN), or with 6 outside of these. A network that is missing here lets its cards pass as
  /// loyalty cards, so a new one belongs here.
  private static let issuers: [(first: ClosedRange<Int>, lengths: ClosedRange<Int>)] = [
    (4...4, 13...13), (4...4, 16...16), (4...4, 18...19),  // Visa
    (51...55, 16...16), (2221...2720, 16...16),  // Mastercard
    (34...34, 15...15), (37...37, 15...15),  // American Express
    (300...305, 14...19), (3095...3095, 14...19), (36...36, 14...19), (38...39, 14...19),  // Diners Club
    (6011...6011, 16...19), (644...659, 16...19),  // Discover
    (62...62, 16...19), (81...81, 16...19),  // UnionPay
    (3528...3589, 16...19),  // JCB
    (5018...5018, 13...19), (5020...5020, 13...19), (5038...5038, 13...19), (56...58, 13...19),  // Maestro
    (6304...6304, 13...19), (67...67, 13...19),
    (2200...2204, 16...19),  // Mir
    (506...508, 16...19), (60...60, 16...16), (82...82, 16...16),  // Verve, RuPay
    (8600...8600, 16...16), (9860...9860, 16...16),  // Uzcard, Humo
    (9792...9792, 16...16),  // Troy
  ]

  /// Whether `number` may be the number of a payment card: of 13 to 19 digits, an issuer's, with the right last digit.
  package static func isNumber(_ number: String) -> Bool {
    guard (fewestDigits...mostDigits).contains(number.utf8.count),
      number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else {
      return false
    }
    return isLuhn(number)
      && issuers.contains { issuer in
        guard issuer.lengths.contains(number.utf8.count) else { return false }
        let digits = "\(issuer.first.lowerBound)".utf8.count
        return Int(number.prefix(digits)).map { issuer.first.contains($0) } ?? false
      }
  }

  /// The check of ISO/IEC 7812-1, annex B.
  private static func isLuhn(_ number: String) -> Bool {
    var sum = 0
    for (index, byte) in number.utf8.reversed().enumerated() {
      let digit = Int(byte - 0x30) << (index & 1)
      sum += digit > 9 ? digit - 9 : digit
    }
    return sum % 10 == 0
  }
}
