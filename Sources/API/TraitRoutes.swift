import Base
import Customers
import HTTP
import SQL

/// What is known of a customer, changed by who speaks with him.
struct TraitRoutes {
  let services: Services

  /// The most traits with the longest names and values, and white space.
  static let longestBody = 512 << 10

  var edit: Endpoint {
    Endpoint(
      .patch, "/v1/customers/{customer}/traits", Documentation.patchTraits,
      options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let edit = try TraitEdit(
        JSONDocument(request.copyBody()).root, country: services.country(of: request))
      return try .writing(request, by: .key(key), services) { person, session in
        let event = try edit.event(ofCustomer: person.leader, messageID: asked.messageID, now: asked.now, in: session)
        let taken = try services.intake.record(event, at: person.stand, author: asked.author, in: session) {
          try edit.decide(&$0, in: session)
        }
        return try asked.answer(taken) {
          .json(try Profile.traits(ofCustomer: person.leader, now: asked.now, in: session))
        }
      }
    }
  }
}
