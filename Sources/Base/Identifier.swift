/// A kind of name under which a person is known somewhere.
///
/// The types are the field's: `user_id`, `anonymous_id`, `email`, `phone`, `card` (the loyalty card's number, never a
/// payment card's), `device` and the messengers' own.
package struct IdentifierType: Hashable, Sendable {
  /// The type's name, as tables and API spell it.
  package let name: String
  /// Which one an event stands with when it proves several: 0 goes first.
  package let priority: Int

  /// No two types have one priority, so that is all that need be compared.
  package static func == (a: IdentifierType, b: IdentifierType) -> Bool { a.priority == b.priority }

  package func hash(into hasher: inout Hasher) { hasher.combine(priority) }

  private init(_ name: String, _ priority: Int) {
    self.name = name
    self.priority = priority
  }

  package static let userID = IdentifierType("user_id", 0)
  package static let card = IdentifierType("card", 1)
  package static let email = IdentifierType("email", 2)
  package static let phone = IdentifierType("phone", 3)
  package static let telegram = IdentifierType("telegram", 4)
  package static let whatsApp = IdentifierType("whatsapp", 5)
  package static let viber = IdentifierType("viber", 6)
  package static let device = IdentifierType("device", 7)
  package static let anonymousID = IdentifierType("anonymous_id", 8)

  /// Every type, by priority.
  package static let all = [userID, card, email, phone, telegram, whatsApp, viber, device, anonymousID]
  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The type of that name, or nil.
  package init?(_ name: String) {
    guard let type = Self.byName[name] else { return nil }
    self = type
  }
}

/// A normalised name of a person: two spellings of one value are one identifier.
package struct Identifier: Hashable, Sendable {
  package let type: IdentifierType
  /// The value in its one spelling: E.164 for phones, a folded address for mail, else trimmed and composed.
  package let value: String

  /// The longest value that is taken, in bytes: an address of mail may have 254 (RFC 5321), and longer ids are errors.
  package static let longestValue = 256
  /// The longest number of a card, in characters: a UUID without its dashes has 32, and barcodes have fewer.
  package static let longestCard = 32
  /// The largest id of a Telegram user: its Bot API promises at most 52 bits.
  package static let largestTelegram: Int64 = 1 << 52 - 1

  /// The identifier that `raw` spells, or nil where it is no value of that type.
  ///
  /// - Parameter region: two letters of ISO 3166-1: where a telephone number is dialled that names no country.
  package init?(_ type: IdentifierType, _ raw: String, region: String? = nil) {
    let value: String?
    switch type {
    case .email: value = EmailAddress(raw)?.text
    case .phone: value = PhoneNumber(raw, region: region)?.text
    case .whatsApp: value = Self.whatsAppNumber(raw, region: region)
    case .telegram: value = Self.telegramID(raw)
    case .card: value = Self.cardNumber(raw)
    default: value = Self.opaque(raw)
    }
    guard let value, !value.isEmpty, value.utf8.count <= Self.longestValue else { return nil }
    self.type = type
    self.value = value
  }

  /// Whether both are the same bytes, as the tables compare them: `==` of texts would take two spellings for one.
  package static func == (a: Identifier, b: Identifier) -> Bool {
    a.type == b.type && a.value.utf8.elementsEqual(b.value.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    for byte in value.utf8 { hasher.combine(byte) }
  }

  /// As the log has it: an identifier that was normalised when it came is not normalised again.
  package init(recorded type: IdentifierType, _ value: String) {
    self.type = type
    self.value = value
  }

  /// Without blanks at the ends, in form C; nothing with control characters is an id.
  private static func opaque(_ raw: String) -> String? {
    let trimmed = raw.trimmed
    return trimmed.utf8.contains { $0 < 0x20 || $0 == 0x7F } ? nil : String(trimmed).composed
  }

  /// Cards are read aloud and typed in groups: blanks and dashes between the characters do not count, nor does case,
  /// nor in which script the digits are.
  ///
  /// The number of a payment card is none.
  private static func cardNumber(_ raw: String) -> String? {
    if let number = plainCardNumber(raw) { return PaymentCard.isNumber(number) ? nil : number }
    guard let text = opaque(raw) else { return nil }
    var number = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let digit = PhoneText.digit(scalar) {
        number.append(Unicode.Scalar(UInt8(ascii: "0") + digit))
      } else if !scalar.properties.isWhitespace, scalar.properties.generalCategory != .dashPunctuation {
        number.append(scalar)
      }
    }
    guard number.count <= longestCard, let card = String(number).uppercased().composed,
      card.allSatisfy({ $0.isLetter || $0.isNumber }), !PaymentCard.isNumber(card)
    else { return nil }
    return card
  }

  /// The number where it is written in ASCII alone, as nearly all are.
  private static func plainCardNumber(_ raw: String) -> String? {
    var number = ""
    for byte in raw.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        number.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): number.unicodeScalars.append(Unicode.Scalar(byte & 0xDF))
      case UInt8(ascii: " "), UInt8(ascii: "-"): continue
      default: return nil
      }
    }
    return number.utf8.count <= longestCard ? number : nil
  }

  /// Telegram counts its users; their names change hands, so they are no identifiers.
  private static func telegramID(_ raw: String) -> String? {
    guard let id = Int64(raw.trimmed), (1...largestTelegram).contains(id) else { return nil }
    return "\(id)"
  }

  /// WhatsApp names its users by their numbers, without a `+` (`wa_id`) or, through Twilio, as `whatsapp:+…`.
  ///
  /// Some of its numbers are older than their country's present plan, and stay what they are.
  private static func whatsAppNumber(_ raw: String, region: String?) -> String? {
    let trimmed = raw.trimmed
    let number = trimmed.hasPrefix("whatsapp:") ? String(trimmed.dropFirst(9)) : String(trimmed)
    let isBare = !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if let valid = (isBare ? PhoneNumber("+" + number) : nil) ?? PhoneNumber(number, region: region) {
      return valid.text
    }
    let digits = isBare ? number : String(number.dropFirst(number.hasPrefix("+") ? 1 : 0))
    guard isBare || number.hasPrefix("+"), (7...15).contains(digits.utf8.count), PhoneNumber.hasCountry(digits) else {
      return nil
    }
    return "+" + digits
  }
}
