import Base
package import Customers
package import SQL

/// Households: accounts of several, which a person makes and no merge.
extension Loyalty {
  /// A household is a family or a small firm, not a club.
  package static let mostMembers = 20

  /// Lets a customer earn and spend with another: for the household that one of them has, or for a new one.
  ///
  /// What each has earned before stays his own, and he spends it as before.
  /// - Parameter id: of the household, if it is a new one.
  /// - Throws: `conflict` where both have one, or one is full.
  package static func join(
    _ origin: Origin.Number, with other: Origin.Number, id: String, into outcome: inout Outcome,
    in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    let (ours, theirs) = (
      try CustomerParts.origins(with: origin, in: session), try CustomerParts.origins(with: other, in: session)
    )
    guard Set(ours).isDisjoint(with: theirs) else { throw Failure(.conflict, "they are one customer already") }
    let (own, foreign) = (try households(of: ours, books), try households(of: theirs, books))
    guard own.isEmpty || foreign.isEmpty else { throw Failure(.conflict, "both are in a household already") }
    var account = own.first ?? foreign.first
    if account == nil {
      account = -(try EventLog.last(in: session) + 1)
      if let account { books.note { $0.households.append(.init(account: account, id: id)) } }
    }
    guard let account else { return }
    let members = try books.members(of: account)
    var customers: Set<Origin.Number> = []
    for member in members.union(ours).union(theirs) {
      if try !Erasure.isErased(member, in: session) { customers.insert(try Lookup.leader(of: member, in: session)) }
    }
    guard customers.count <= mostMembers else {
      throw Failure(.conflict, "a household has at most \(mostMembers) members")
    }
    books.note { verdict in
      for origin in ours + theirs where !members.contains(origin) {
        verdict.memberships.append(.init(origin: origin, account: account))
      }
    }
    try books.write(to: &outcome)
  }

  /// Takes a customer out of his household; what it has stays with the others.
  ///
  /// - Throws: `conflict` where he is in none, or is the last and something is left in it.
  package static func leave(
    _ origin: Origin.Number, into outcome: inout Outcome, in session: any Session
  ) throws {
    var books = try LoyaltyBooks(outcome, in: session)
    let origins = try CustomerParts.origins(with: origin, in: session)
    let accounts = try households(of: origins, books)
    guard !accounts.isEmpty else { throw Failure(.conflict, "the customer is in no household") }
    for account in accounts {
      let members = try books.members(of: account)
      if members.isSubset(of: origins) {
        let isEmpty = try books.lots(of: [account]).isEmpty && books.shortages(of: [account]).isEmpty
        guard isEmpty, try books.openHolds(of: members.sorted()).isEmpty else {
          throw Failure(.conflict, "he is the last of a household that has points")
        }
      }
      books.note { verdict in
        for member in origins where members.contains(member) {
          verdict.memberships.append(.init(origin: member, account: 0))
        }
      }
    }
    try books.write(to: &outcome)
  }

  /// The ids of the households of the customer to whom an origin belongs.
  package static func households(of origin: Origin.Number, in session: any Session) throws -> [String] {
    let books = try LoyaltyBooks(Outcome(.matched, origin: nil), in: session)
    return try households(of: CustomerParts.origins(with: origin, in: session), books).map {
      try session.first(of: LoyaltyStatement.householdID, .integer($0)) { $0.text(0) } ?? ""
    }
  }

  private static func households(
    of origins: [Origin.Number], _ books: LoyaltyBooks
  ) throws -> [LoyaltyVerdict.Account] {
    Set(try origins.map { try books.account(of: $0) }.filter { $0 < 0 }).sorted()
  }
}
