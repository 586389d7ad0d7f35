package import Base
package import SQL

extension PersonToken {
  /// To whom a token is given, by the name that a shop's server has for him.
  package enum Taker: Sendable {
    /// A known customer, by his id.
    case customer(id: String, leader: Origin.Number)
    /// Nobody has this user id yet.
    case newUser(Identifier)
  }

  /// To whom a token for that name is given.
  ///
  /// The holder may do what the customer may, so the name must be his beyond doubt: an id of a known customer, or what
  /// was proved to be his alone. What is only claimed leads to nobody here.
  ///
  /// - Throws: `notFound` where there is no such customer, `conflict` where the name identifies nobody well enough.
  package static func taker(_ name: CustomerName, in session: any Session) throws -> Taker {
    let origin: Origin.Number?
    switch name {
    case .id(let id): origin = try Lookup.origin(ofID: id, in: session)
    case .identifier(let identifier):
      guard identifier.type != .anonymousID else {
        throw Failure(.conflict, "an anonymous id shows of nobody who he is: name the customer")
      }
      let place = try OriginStore.find(identifier, .own, in: session)
      if place == nil, identifier.type == .userID {
        guard !identifier.isMeaningless else {
          throw Failure(.conflict, "this value identifies nobody")
        }
        return .newUser(identifier)
      }
      if place?.isShared == true { throw Failure(.conflict, "several people use this identifier") }
      origin = place?.origin
    }
    guard let origin else { throw Failure(.notFound, "there is no such customer") }
    let leader = try OriginStore.leader(of: origin, in: session)
    guard leader.isKnown else { throw Failure(.conflict, "nobody knows who this visitor is") }
    guard !leader.isShared else { throw Failure(.conflict, "several people use this identifier") }
    return .customer(id: leader.publicID, leader: leader.number)
  }
}
