import Base
import Commerce
import Customers
import HTTP
import SQL

extension CartRoutes {
  /// The cart is not the one that the request's If-Match names.
  private struct Unmet: Error {
    let version: String
  }

  /// A request that changes a cart.
  struct Asked: Sendable {
    let services: Services
    let request: CustomerRequest
    let context: CartContext
    /// The versions of which the cart must have one; none for any.
    let versions: Set<String>?

    init(_ request: borrowing Request, _ caller: Caller, _ services: Services) throws {
      self.services = services
      self.request = try CustomerRequest(request, by: caller, services)
      context = try CartRoutes.context(request, self.request.now)
      versions = request.header("If-Match").flatMap(CartRoutes.versions)
    }

    func cart(of person: Person) throws -> CartRequest {
      CartRequest(by: person, context, pricing: try services.commerce.cartPricing, tokens: services.tokens)
    }

    /// Records it, and answers the cart as it is now.
    func record(
      _ name: String, _ body: [UInt8], _ person: Person, _ session: any Session,
      decide: (inout Outcome) throws -> Void
    ) throws -> Response {
      try record(name, body, person, session, decide: decide) { _ in
        try CartRoutes.shown(person, context, services, session).0
      }
    }

    /// - Parameter answer: makes the answer; what was decided, now or when the same request came first, it reads from
    ///   the log where it asks for it.
    func record(
      _ name: String, _ body: [UInt8], as kind: Event.Kind = .cart, _ person: Person, _ session: any Session,
      decide: (inout Outcome) throws -> Void, answer: (_ verdict: () throws -> CartVerdict) throws -> Response
    ) throws -> Response {
      let event = Event.request(kind, name: name, body: body, messageID: request.messageID, at: request.now)
      do {
        let taken = try services.intake.record(event, at: person.stand, author: request.author, in: session) {
          outcome in
          if let versions {
            let current = try Cart(of: person, in: session).version
            guard versions.contains(current) || !Protection.holds("cart.ifMatch") else { throw Unmet(version: current) }
          }
          try decide(&outcome)
        }
        return try request.answer(taken) {
          try answer {
            guard let entry = try EventLog.entry(taken.sequence, in: session) else {
              throw Failure(.internal, "the log is damaged", cause: "no such entry", hint: "throughline verify")
            }
            return try CartVerdict(of: entry.outcome)
          }
        }
      } catch let unmet as Unmet {
        return .preconditionFailed(EntityTag(unmet.version))
      }
    }
  }
}
