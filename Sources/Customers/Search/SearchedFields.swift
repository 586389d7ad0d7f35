import Base

/// What of a customer can be searched, and into which words, parts and numbers it is cut.
///
/// All of it follows from the value alone, never from another event, so that the order of arrival does not matter.
enum SearchedFields {
  /// How one trait is read.
  private enum Reading {
    /// A text, or a number such as a postal code.
    case words
    /// An object with some members that are read as words, or a text.
    case address
    /// A value that is searched as an identifier, unless it is none.
    case email, phone
  }

  /// The traits that are searched; every other one costs nothing.
  private static let traits: [String: Reading] = [
    "name": .words, "firstName": .words, "lastName": .words, "middleName": .words, "patronymic": .words,
    "maidenName": .words, "nickname": .words, "address": .address, "street": .words, "city": .words,
    "postalCode": .words, "email": .email, "phone": .phone,
  ]

  /// The names of the searched traits, in one order.
  static var traitNames: [String] { traits.keys.sorted() }

  /// The members of an address that are searched.
  ///
  /// The country is not: half of all customers share it.
  static let addressMembers = ["street", "city", "state", "postalCode", "postal_code"]

  /// The words of one text that are searched: a full postal address has about ten, and each costs a row.
  static let mostWords = 16
  /// The part of a phone number that must be told at least: three digits are a tenth of a percent of all numbers.
  static let shortestFragment = 4
  /// The places in an address of mail at which a part begins, beside its own beginning.
  static let mostAddressParts = 4
  /// The longest number of an order that is searched: shops' own have up to about 40 characters.
  static let longestOrder = 64

  /// Whether a trait of that name is searched.
  static func isSearched(_ trait: String) -> Bool { traits[trait] != nil }

  /// The texts of one value of a trait in which words are looked for, each under the name that a reader knows it by;
  /// none where the trait is not searched.
  static func texts(of trait: String, _ value: [UInt8]) -> [(field: String, text: String)] {
    guard let reading = traits[trait], let root = try? JSONDocument(value).root else { return [] }
    if case .address = reading, root.kind == .object {
      return addressMembers.compactMap { member in
        root.member(member).flatMap(text).map { (field: "address.\(member)", text: $0) }
      }
    }
    guard let text = text(root) else { return [] }
    switch reading {
    case .email where Identifier(.email, text) != nil: return []
    case .phone where Identifier(.phone, text) != nil: return []
    default: return [(field: trait, text: text)]
    }
  }

  private static func text(_ json: JSON) -> String? { json.string ?? json.number }

  /// The words of one text of a trait.
  static func words(of trait: String, _ text: String) -> [String] {
    trait == "phone" ? fragments(of: text) : FoldedText.words(of: text, limit: mostWords)
  }

  /// The words of one value of a trait, each once.
  static func words(of trait: String, value: [UInt8]) -> Set<String> {
    var words: [String] = []
    for (_, text) in texts(of: trait, value) { words += self.words(of: trait, text) }
    return Set(words)
  }

  /// What is no number is searched by its digits all the same.
  private static func fragments(of phone: String) -> [String] {
    let digits = Array(phone.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.prefix(mostWords))
    return stride(from: 0, through: digits.count - shortestFragment, by: 1).map {
      String(decoding: digits[$0...], as: UTF8.self)
    }
  }

  /// The parts of an identifier by which it is found beside its whole value.
  ///
  /// - Returns: every second end of a phone number, at most 6; what follows each dot, dash, underscore, plus or at-sign
  ///   of an address of mail up to its domain; else none.
  static func parts(of identifier: Identifier) -> [String] {
    if identifier.isErased { return [] }
    return switch identifier.type {
    case .phone, .whatsApp: numberParts(Array(identifier.value.utf8.dropFirst()))
    case .email: addressParts(identifier.value)
    default: []
    }
  }

  /// Stands between the end of a number and the digit before that end; it sorts before every digit.
  private static let mark = "/"

  /// Every second end, so that a number costs four rows and not seven; behind each the digit before it.
  ///
  /// A piece that begins between two of them is found by its rest and by that digit.
  private static func numberParts(_ digits: [UInt8]) -> [String] {
    stride(from: 1, through: digits.count - shortestFragment + 1, by: 2).map { first in
      String(decoding: digits[first...], as: UTF8.self) + mark
        + String(decoding: digits[first - 1..<first], as: UTF8.self)
    }
  }

  /// How the rows of parts begin that have a piece of a number in them, and what they are `LIKE`.
  static func beginnings(ofPiece digits: String) -> [(beginning: String, pattern: String)] {
    [(digits, "%"), (String(digits.dropFirst()), "%\(mark)\(digits.prefix(1))")]
  }

  /// The places in an address of mail at which a part begins: behind each of these, up to its domain.
  private static func partStarts(_ address: [UInt8]) -> [Int] {
    guard let at = address.lastIndex(of: UInt8(ascii: "@")) else { return [] }
    let separators = address.indices.filter { $0 < at && "._+-".utf8.contains(address[$0]) && $0 + 1 < at }
    return separators.prefix(mostAddressParts - 1).map { $0 + 1 } + [at + 1]
  }

  private static func addressParts(_ address: String) -> [String] {
    let bytes = Array(address.utf8)
    return Set(partStarts(bytes).map { String(decoding: bytes[$0...], as: UTF8.self) }).sorted()
  }

  /// Whether an address of mail, or one of its parts, begins so.
  static func hasPart(_ address: String, beginning: String) -> Bool {
    let bytes = Array(address.utf8)
    return ([0] + partStarts(bytes)).contains { bytes[$0...].starts(with: beginning.utf8) }
  }

  /// The names of the events that say which order is whose.
  static let orderEvents: Set<String> = ["Order Completed"]

  /// The number of the order that an event tells of, folded; nil where it tells of none.
  static func orderNumber(of event: Event) -> String? {
    guard tellsOrder(event) else { return nil }
    let root = try? JSONDocument(event.body).root
    let id = event.kind == .order ? root?["id"] : root?["properties"]?["order_id"]
    return id.flatMap(text).flatMap(orderNumber)
  }

  /// What a request is called that places an order.
  static let placing = "place"

  /// Whether an event says which order is whose.
  static func tellsOrder(_ event: Event) -> Bool {
    switch event.kind {
    case .track: event.name.map(orderEvents.contains) ?? false
    case .order: event.name == placing
    default: false
    }
  }

  /// The one spelling of an order's number; nil where it is none.
  static func orderNumber(_ raw: String) -> String? {
    let number = raw.trimmed.uppercased()
    guard !number.isEmpty, number.unicodeScalars.count <= longestOrder,
      !number.unicodeScalars.contains(where: { $0.value < 0x20 })
    else { return nil }
    return number
  }
}
