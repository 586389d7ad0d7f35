/// A telephone number that a country's numbering plan has, in the form of ITU-T E.164: `+`, the country's code, the
/// number.
package struct PhoneNumber: Hashable, Sendable {
  /// The number as `+79161234567`.
  package let text: String

  /// The number that `raw` spells, or nil where it is none.
  ///
  /// Punctuation, words before it and an extension after it do not count, and digits are read in every script. `+` and
  /// `00` go before a country's code; without them the number is one as people dial in `region`, and where no region is
  /// given it names no subscriber.
  ///
  /// - Parameter region: two letters of ISO 3166-1; a region that has no plan is none.
  package init?(_ raw: String, region: String? = nil) {
    guard let spelling = PhoneSpelling(raw), let number = Self.read(spelling, region.flatMap { PhonePlan(region: $0) })
    else { return nil }
    self = number
  }

  /// Whether numbers of that region, two letters of ISO 3166-1, can be read.
  package static func isRegion(_ region: String) -> Bool { PhonePlan(region: region) != nil }

  /// Whether these are ASCII's digits and begin with the code of a country.
  static func hasCountry(_ text: String) -> Bool {
    var digits = DigitString()
    for byte in text.utf8 {
      guard (0x30...0x39).contains(byte), digits.append(byte - 0x30) else { return false }
    }
    return PhonePlan.international(digits) != nil
  }

  /// Which plans numbers are read by: another version may have other numbers.
  package static var tableVersion: String { PhonePlanTable.version }

  /// The digits after the country's code.
  var national: Substring.UTF8View {
    var digits = DigitString()
    for byte in text.utf8.dropFirst() { _ = digits.append(byte - 0x30) }
    return text.utf8.suffix(PhonePlan.international(digits)?.national.count ?? 0)
  }

  /// A number that was found valid.
  init(code: Int, national: DigitString) {
    var code = code
    var digits = DigitString()
    while code > 0 {
      _ = digits.append(UInt8(code % 10))
      code /= 10
    }
    text = String(unsafeUninitializedCapacity: 1 + digits.count + national.count) { text in
      text[0] = UInt8(ascii: "+")
      for index in 0..<digits.count { text[digits.count - index] = UInt8(ascii: "0") + digits[index] }
      for index in 0..<national.count { text[1 + digits.count + index] = UInt8(ascii: "0") + national[index] }
      return text.count
    }
  }

  private static func read(_ spelling: PhoneSpelling, _ home: PhonePlan?) -> PhoneNumber? {
    let digits = spelling.digits
    if spelling.hasPlus {
      guard digits.count > 2 else { return nil }
      if let (plan, national) = PhonePlan.international(digits) { return plan.complete(national) }
      // A plus by mistake: what follows it is dialled at home, but names its country.
      guard case .abroad(let plan, let national) = home?.reading(digits) else { return nil }
      return plan.complete(national)
    }
    if let home {
      switch home.reading(digits) {
      case .abroad(let plan, let national): if let number = plan.complete(national) { return number }
      case .home: if let number = home.complete(digits) { return number }
      case .nowhere: break
      }
    }
    // The prefix that most countries dial, and that people write everywhere (ITU-T E.164, section 7.2).
    guard digits.count > 4, digits[0] == 0, digits[1] == 0,
      let (plan, national) = PhonePlan.international(digits.dropping(2))
    else { return nil }
    return plan.complete(national)
  }
}
