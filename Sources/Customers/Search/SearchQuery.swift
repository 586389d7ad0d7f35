import Base

/// What is asked for, cut into terms that must all be found with one customer.
package struct SearchQuery: Sendable {
  /// The longest text that is looked for, in scalars: a name, a number and an address together are shorter.
  package static let longest = 200
  /// The most terms: each more is a search of its own.
  package static let mostTerms = 8

  /// What must stand behind a `0` or `8` for it to be dialled and no digit of the number: four digits behind it would
  /// lead to hundreds of others.
  static let shortestNational = 6

  /// One term: a word, a number in pieces, or an address of mail.
  struct Term: Sendable {
    /// As it was typed, without the blanks in it.
    var raw: String
    /// The words in it; a name with a dash has two.
    var words: [SearchWord]
    /// The digits, where it could be a piece of a phone number.
    var digits: String?
    /// The spellings under which it could be an identifier's value, or the beginning of one.
    var values: [String]
  }

  let terms: [Term]

  /// The query that `text` spells; without letters and digits it finds nobody.
  ///
  /// - Throws: `invalid` where it is longer than `longest` or has more than `mostTerms` terms.
  package init(_ text: String) throws {
    guard text.unicodeScalars.count <= Self.longest else {
      throw Self.wrong("has more than \(Self.longest) characters")
    }
    terms = Self.terms(of: text)
    guard terms.count <= Self.mostTerms else { throw Self.wrong("has more than \(Self.mostTerms) words") }
  }

  private static func wrong(_ reason: String) -> Failure {
    Failure(.invalid, "the query \(reason)", faults: [.init("/q", reason)])
  }

  private static func terms(of text: String) -> [Term] {
    var terms: [Term] = []
    var number: [Substring] = []
    func endNumber() {
      if let term = term(number.joined(), words: number.joined(separator: " ")) { terms.append(term) }
      number = []
    }
    for piece in text.split(whereSeparator: { $0.isWhitespace || $0.unicodeScalars.contains { $0.value < 0x20 } }) {
      if piece.unicodeScalars.allSatisfy({ isOfNumber($0) }) {
        number.append(piece)
      } else {
        endNumber()
        if let term = term(String(piece), words: String(piece)) { terms.append(term) }
      }
    }
    endNumber()
    return terms
  }

  /// Numbers are told and typed in groups, with these between the digits.
  private static func isOfNumber(_ scalar: Unicode.Scalar) -> Bool {
    "0123456789+-()./\u{2010}\u{2011}\u{2013}".unicodeScalars.contains(scalar)
  }

  private static func term(_ raw: String, words: String) -> Term? {
    let words = FoldedText.words(of: words, limit: mostTerms).map { SearchWord($0) }
    guard !words.isEmpty else { return nil }
    let digits = String(raw.unicodeScalars.filter { "0"..."9" ~= $0 })
    let isNumber = raw.unicodeScalars.allSatisfy { isOfNumber($0) } && digits.count >= SearchedFields.shortestFragment
    var values = [raw, raw.lowercased(), raw.uppercased().filter { $0 != "-" }]
    if let address = Identifier(.email, raw) { values.append(address.value) }
    if isNumber { values += ["+" + digits] + national(digits).map { "+" + $0 } }
    var seen: Set<String> = []
    return Term(
      raw: raw, words: words, digits: isNumber ? digits : nil, values: values.filter { seen.insert($0).inserted })
  }

  /// The number behind what is dialled before it within a country (ITU-T E.123: `0`, in Russia `8`) or before a
  /// country's code (`00`).
  static func national(_ digits: String) -> [String] {
    ["00", "0", "8"].filter { digits.hasPrefix($0) }.map { String(digits.dropFirst($0.count)) }
      .filter { $0.count >= shortestNational }
  }
}

extension SearchQuery.Term {
  /// How the rows of parts begin that the term could mean, and what they are `LIKE`.
  var parts: [(beginning: String, pattern: String)] {
    if let digits {
      return ([digits] + SearchQuery.national(digits)).flatMap { SearchedFields.beginnings(ofPiece: $0) }
    }
    let lower = raw.lowercased()
    return isLong(lower) ? [(lower, "%")] : []
  }

  /// How near a customer's identifier is to the term; nil where it is another one.
  func nearness(of identifier: Identifier) -> Nearness? {
    let value = identifier.value
    switch identifier.type {
    case .anonymousID, .device: return nil
    case .phone, .whatsApp:
      guard let digits else { return nil }
      let told = [digits] + SearchQuery.national(digits)
      let number = value.dropFirst()
      if told.contains(where: { number == $0 }) { return .exact }
      return told.contains { number.contains($0) } ? .prefix : nil
    case .email:
      let lower = raw.lowercased()
      if values.contains(value) { return .exact }
      guard lower.unicodeScalars.count >= SearchedFields.shortestFragment else { return nil }
      return SearchedFields.hasPart(value, beginning: lower) ? .prefix : nil
    default:
      if values.contains(value) { return .exact }
      return values.contains { isLong($0) && value.utf8.starts(with: $0.utf8) } ? .prefix : nil
    }
  }

  /// How near the number of an order is to the term.
  func nearness(ofOrder number: String) -> Nearness? {
    guard let asked = SearchedFields.orderNumber(raw) else { return nil }
    if asked == number { return .exact }
    return isLong(asked) && number.utf8.starts(with: asked.utf8) ? .prefix : nil
  }

  /// Whether a value is looked for by this beginning: of a shorter one there are too many.
  func isLong(_ value: String) -> Bool { value.unicodeScalars.count >= SearchedFields.shortestFragment }
}
