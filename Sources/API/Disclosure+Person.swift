import Base
import Customers
import HTTP
import SQL

/// What routes do for keys and for customers alike: the path names a customer, or `me`.
extension Disclosure {
  /// What a read shows of the person whom the path names.
  static func reading(
    _ request: borrowing Request, by caller: Caller, _ services: Services,
    _ work: @escaping @Sendable (Person, any Session) throws -> Response
  ) throws -> Disclosure {
    guard case .person(let token) = caller else {
      return try reading(request, services) { text, leader, session in
        try work(Person(leader: leader, stand: leader, reach: .customer), session)
      }
    }
    return Disclosure(road: .reading(minimum: try minimumSequence(request), isShort: true)) { try own(token, $0, work) }
  }

  /// What a write changes and shows of the person whom the path names.
  static func writing(
    _ request: borrowing Request, by caller: Caller, _ services: Services,
    _ work: @escaping @Sendable (Person, any Session) throws -> Response
  ) throws -> Disclosure {
    guard case .person(let token) = caller else {
      return try writing(request, services) { name, leader, session in
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        return try work(Person(leader: leader, stand: stand, reach: .customer), session)
      }
    }
    return Disclosure(road: .writing(weight: request.bodyCount)) { try own(token, $0, work) }
  }

  /// What somebody is shown of himself, if his token has not ended.
  private static func own(
    _ token: PersonToken, _ session: any Session, _ work: (Person, any Session) throws -> Response
  ) throws -> Shown {
    guard let person = try token.person(in: session) else { throw Caller.unknown }
    return Shown(response: try work(person, session), subjects: [try Audit.Subject(person.leader, in: session)])
  }
}
