import Base
import Customers
import HTTP
import SQL

/// A customer's identifiers, as a person or a storefront knows them.
struct IdentifierRoutes {
  let services: Services

  private static let path = "/v1/customers/{customer}/identifiers"
  /// A value and the longest reason.
  private static let longestBody = 16 << 10
  /// Roles that may say that several people use an identifier: it takes it from whoever had it alone.
  private static let sharers: Set<Role> = [.owner, .admin, .agent]

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.identifiers, by: services) { [services] request, _ in
      try .reading(request, services) { _, leader, session in
        var writer = JSONWriter(capacity: 4 << 10)
        try writer.object { try Ties.write(ofCustomer: leader, to: &$0, in: session) }
        return .json(writer.bytes)
      }
    }
  }

  var add: Endpoint {
    Endpoint(
      .post, Self.path, Documentation.postIdentifier, options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let edit = try IdentifierEdit(
        JSONDocument(request.copyBody()).root, removes: false, region: services.country(of: request))
      if edit.act == .shared, !Self.sharers.contains(key.role) {
        throw Failure(.forbidden, "a key of the role \(key.role.rawValue) may not say that several people use it")
      }
      return try .writing(request, services) { name, leader, others, session in
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        let attaching = Attaching(tokens: services.tokens, in: session)
        do {
          let taken = try services.intake.record(
            edit.event(messageID: asked.messageID, at: asked.now), at: stand, author: asked.author, in: session
          ) { outcome in
            if edit.act == .shared {
              others += [try attaching.share(edit.identifier, with: stand, into: &outcome)].compactMap { $0 }
            } else {
              try attaching.attach(edit.identifier, to: stand, into: &outcome)
            }
          }
          return try asked.answer(taken) { try Self.answer(stand, session) }
        } catch let taken as Attaching.Taken {
          others.append(taken.owner)
          let id = try Profile.publicID(of: leader, in: session)
          return services.problem(
            Failure(
              .conflict,
              "the customer \(taken.publicID) has it; POST /v1/customers/\(id)/merges with him makes one of the two"))
        }
      }
    }
  }

  var remove: Endpoint {
    Endpoint(
      .delete, Self.path, Documentation.deleteIdentifier, options: RouteOptions(maximumBody: Self.longestBody),
      by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let edit = try IdentifierEdit(
        JSONDocument(request.copyBody()).root, removes: true, region: services.country(of: request))
      return try .writing(request, services) { name, leader, others, session in
        let attaching = Attaching(tokens: services.tokens, in: session)
        let named = try Lookup.stand(name, ofCustomer: leader, in: session)
        let stand = try attaching.stand(named, without: edit.identifier, ofCustomer: leader)
        let taken = try services.intake.record(
          edit.event(messageID: asked.messageID, at: asked.now), at: stand, author: asked.author, in: session
        ) { try attaching.detach(edit.identifier, from: leader, into: &$0) }
        others.append(stand)
        return try asked.answer(taken) { try Self.answer(stand, session) }
      }
    }
  }

  private static func answer(_ origin: Int64, _ session: any Session) throws -> Response {
    let leader = try Lookup.leader(of: origin, in: session)
    var writer = JSONWriter()
    try writer.object { try Profile.writeIdentifiers(ofCustomer: leader, to: &$0, in: session) }
    return .json(writer.bytes)
  }
}
