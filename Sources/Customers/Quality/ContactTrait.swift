package import Base

/// A trait by which a customer can be reached.
package enum ContactTrait: String, Sendable, CaseIterable {
  case email, phone

  package var type: IdentifierType {
    switch self {
    case .email: .email
    case .phone: .phone
    }
  }

  /// What is said of a value by which nobody can be reached.
  var defect: Quality.Code {
    switch self {
    case .email: .invalidEmail
    case .phone: .invalidPhone
    }
  }

  /// Whether it says anything: `null` and blanks do not.
  package static func isGiven(_ value: JSON) -> Bool {
    if value.isNull { return false }
    return value.string.map { !$0.trimmed.isEmpty } ?? true
  }

  /// Those of these traits that say something by which nobody can be reached: what has no form of an address or a
  /// number, and what is on the list of `MeaninglessValues`.
  ///
  /// - Parameter region: two letters of ISO 3166-1: where a telephone number is dialled that names no country.
  static func unusable(among traits: [Event.Trait], region: String?) -> [String] {
    allCases.filter { contact in
      guard let trait = traits.last(where: { $0.place.name == contact.rawValue }),
        let value = try? JSONDocument(trait.value).root, isGiven(value)
      else { return false }
      let identifier = (value.string ?? value.number).flatMap { Identifier(contact.type, $0, region: region) }
      return identifier?.isMeaningless ?? true
    }.map { $0.rawValue }
  }
}
