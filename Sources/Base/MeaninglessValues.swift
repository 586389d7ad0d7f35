/// Values that senders put where an id is wanted and that identify nobody: a customer of each would swallow all others.
///
/// They are blocked everywhere, whatever a shop blocks besides. A value is compared in its normalised spelling, without regard to case and to quotes around it.
package struct MeaninglessValues: Sendable {
  /// Blocked for every type.
  package var all: Set<String>
  /// Blocked for one type.
  package var ofType: [IdentifierType: Set<String>]
  /// What stands before the `@` of addresses that no person reads as his own.
  package var mailboxes: Set<String>

  /// The values that Segment and PostHog block, what programs write for nothing, and what people type to get on.
  package static let standard = MeaninglessValues(
    all: [
      "", "-1", "null", "(null)", "nil", "(nil)", "none", "undefined", "nan", "n/a", "void", "empty", "unknown",
      "unset",
      "true", "false", "[object object]", "{}", "[]", "id", "userid", "user_id", "anonymousid", "anonymous_id",
      "distinctid", "distinct_id", "email", "phone", "anonymous", "anon", "guest", "not_authenticated", "test",
      "abc123",
    ],
    ofType: [
      // What Android 2.2 gave as the id of every device of some makers, and what iOS and Android give for any MAC address.
      .device: ["9774d56d682e549c", "02:00:00:00:00:00"],
      .card: ["1234567890", "123456789", "12345678", "1234567890123"],
      // The rows of digits that people type, where they are a number.
      .phone: ["+79123456789", "+79012345678", "+12345678901"],
    ],
    mailboxes: [
      "team", "test", "null", "none", "undefined", "unknown", "anonymous", "guest", "noreply", "no-reply", "donotreply",
      "do-not-reply", "noemail", "no-email", "nomail", "mailer-daemon", "postmaster",
    ])

  /// Longer values are on no list, so they need not be compared.
  private static let longestWord = 32

  /// A list of one's own.
  package init(all: Set<String>, ofType: [IdentifierType: Set<String>], mailboxes: Set<String>) {
    self.all = all
    self.ofType = ofType
    self.mailboxes = mailboxes
  }

  /// Whether the identifier names nobody.
  package func contains(_ identifier: Identifier) -> Bool {
    let value = identifier.value
    // Segment's `^[0-]*$`, and so the UUID of zeros.
    if value.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "-") }) { return true }
    switch identifier.type {
    case .email:
      let mailbox = value.utf8.prefix { $0 != UInt8(ascii: "@") }
      if mailbox.count <= Self.longestWord, mailboxes.contains(String(Substring(mailbox))) { return true }
    case .phone, .whatsApp:
      // Only what ends like one is worth being read again.
      if Self.isOneDigit(value.utf8.suffix(6)), let number = PhoneNumber(value), Self.isOneDigit(number.national) {
        return true
      }
    case .card: if value.utf8.count >= Self.shortestRepeatedCard, Self.isOneDigit(value.utf8[...]) { return true }
    case .device, .anonymousID:
      if value.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || $0 | 0x20 == UInt8(ascii: "f") }) { return true }
    default: break
    }
    guard value.utf8.count <= Self.longestWord else { return false }
    let word = Self.word(value)
    return all.contains(word) || ofType[identifier.type]?.contains(word) ?? false
  }

  /// A card may have the number 77; nobody has 7777777.
  private static let shortestRepeatedCard = 6

  private static func isOneDigit(_ digits: Substring.UTF8View) -> Bool {
    digits.allSatisfy { $0 == digits.first }
  }

  /// The value in lower case, without quotes around it.
  private static func word(_ value: String) -> String {
    var word = value[...]
    if let first = value.utf8.first, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'"), value.utf8.count >= 2,
      first == value.utf8.last
    {
      word = value.dropFirst().dropLast()
    }
    return word.utf8.contains { (0x41...0x5A).contains($0) || $0 >= 0x80 } ? word.lowercased() : String(word)
  }
}

extension Identifier {
  /// Whether it names nobody, as programs and people write when they have no id.
  package var isMeaningless: Bool {
    Protection.holds("identity.meaningless") && MeaninglessValues.standard.contains(self)
  }
}
