/// A registered person of the practice town, and what he tells the shop beside what he does there.
package struct PracticeCustomer: Sendable {
  package let number: Int
  package let userID: String
  /// The next one of his family who is registered too: they share a telephone, and are two.
  package let relative: String?
  let person: PracticePerson

  /// What he allows, as a list of changes of the consent ledger.
  package func consents(_ chance: inout PracticeChance) -> String {
    let mail = chance.happens(70) ? "granted" : "withdrawn"
    let message = chance.happens(40) ? "granted" : "withdrawn"
    return """
      [{"purpose": "marketing", "channel": "email", "state": "\(mail)", "legalBasis": "consent", "textVersion": "2025-09"},
       {"purpose": "marketing", "channel": "sms", "state": "\(message)", "legalBasis": "consent", "textVersion": "2025-09"}]
      """
  }

  /// A checkout that he left half done.
  package func checkout(_ chance: inout PracticeChance) -> String {
    let product = chance.one(of: PracticeProduct.all)
    let step = chance.number(1..<4)
    return """
      {"value": {"step": \(step), "city": "\(person.city)", "sku": "\(product.sku)"}, "device": "app"}
      """
  }
}

extension PracticeTown {
  /// How many people a family has that shares a telephone.
  package static let family = PracticePerson.family

  /// The registered people of a town, one after the other.
  package static func customers(scale: Int, seed: UInt64) -> some Sequence<PracticeCustomer> {
    let name = name(scale: scale, seed: seed)
    return (0..<scale).lazy.compactMap { number -> PracticeCustomer? in
      let person = PracticePerson(number, of: name, seed: seed)
      guard let user = person.userID else { return nil }
      let later = person.household.filter { $0 > number && $0 < scale }
      let relative = later.lazy.compactMap { PracticePerson($0, of: name, seed: seed).userID }.first
      return PracticeCustomer(number: number, userID: user, relative: relative, person: person)
    }
  }
}
