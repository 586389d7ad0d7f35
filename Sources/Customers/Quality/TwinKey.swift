import Base

/// A name with a second sign of who somebody is, as one number: equal for two places that may be one person's.
///
/// A name has two words at least, in any order; case and marks on letters do not count (`FoldedText`).
struct TwinKey: Hashable {
  /// What agrees beside the name.
  enum Sign: String, CaseIterable {
    case birthday
    case postalCode = "postal code"
  }

  let sign: Sign
  /// Of the SHA-256 of name and sign the first 64 bits: two that differ are told apart when they are read.
  let number: Int64

  /// The traits that it is made of.
  static let traits: Set<String> = ["name", "firstName", "lastName", "birthday", "postalCode", "address"]
  /// A full name in any language has fewer words.
  private static let mostWords = 8

  /// The keys of what these traits say now: none without a name, one for each sign that is told.
  static func keys(of traits: TraitSet) -> [TwinKey] {
    guard let name = name(of: traits) else { return [] }
    return Sign.allCases.compactMap { sign in
      value(of: sign, traits).map { value in
        let text = "\(sign.rawValue)\u{1F}\(value)\u{1F}\(name)"
        let number = Digest.sha256(Array(text.utf8)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return TwinKey(sign: sign, number: Int64(bitPattern: number))
      }
    }
  }

  /// The one spelling of somebody's full name: `name`, else `firstName` and `lastName`; nil where there is none of two
  /// words.
  static func name(of traits: TraitSet) -> String? {
    let whole = text(traits.current("name"))
    let parts = [text(traits.current("firstName")), text(traits.current("lastName"))].compactMap { $0 }
    for name in [whole, parts.count == 2 ? parts.joined(separator: " ") : nil].compactMap({ $0 }) {
      let words = FoldedText.words(of: name, limit: mostWords)
      if words.count > 1 { return words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: " ") }
    }
    return nil
  }

  private static func value(of sign: Sign, _ traits: TraitSet) -> String? {
    switch sign {
    case .birthday:
      // The day of an ISO 8601 date or time, which is what Segment's spec wants.
      guard let day = text(traits.current("birthday")).map({ String($0.trimmed.prefix(10)) }),
        Instant(day + "T00:00:00Z") != nil
      else { return nil }
      return day
    case .postalCode:
      let address = traits.current("address").flatMap { try? JSONDocument($0.value).root }
      let told = [
        text(traits.current("postalCode")), (address?["postalCode"] ?? address?["postal_code"]).flatMap(text),
      ]
      let code = told.compactMap { $0 }.first.map { FoldedText.words(of: $0, limit: mostWords).joined() }
      return code.flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  private static func text(_ value: TraitSet.Value?) -> String? {
    value.flatMap { try? JSONDocument($0.value).root }.flatMap(text)
  }

  private static func text(_ json: JSON) -> String? { json.string ?? json.number }
}
