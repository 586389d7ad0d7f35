import Base
import Customers
import HTTP
import SQL

/// The consent ledger of a customer.
struct ConsentRoutes {
  let services: Services

  private static let path = "/v1/customers/{customer}/consents"
  /// The most changes with the longest proofs.
  static let longestBody = 256 << 10
  /// So much of the history is shown; who needs all of it exports the customer.
  private static let shownHistory = 500

  var read: Endpoint {
    Endpoint(
      .get, Self.path, Documentation.consents, options: RouteOptions(cors: TokenRoutes.cors), sharedBy: services,
      sharing: { [services] request, caller in
        try .reading(request, by: caller, services) { person, session in
          let ledger = try ConsentLedger(ofCustomer: person.leader, in: session)
          return Self.answer(ledger, history: ledger.history.prefix(Self.shownHistory))
        }
      })
  }

  var write: Endpoint {
    Endpoint(
      .put, Self.path, Documentation.putConsents,
      options: RouteOptions(maximumBody: Self.longestBody, cors: TokenRoutes.cors), sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try CustomerRequest(request, by: caller, services)
        let changes = try JSONDocument(request.copyBody()).root
        _ = try Consent.changes(changes, now: asked.now)
        return try .writing(request, by: caller, services) { person, session in
          let (leader, stand) = (person.leader, person.stand)
          let at = try ConsentLedger(ofCustomer: leader, in: session).moment(asked.now)
          let event = Consent.event(changes: changes.bytes, messageID: asked.messageID, at: at)
          let taken = try services.intake.record(event, at: stand, author: asked.author, in: session) { outcome in
            try ConsentEnd.decide(event, by: asked.author, at: stand, &outcome, in: session)
          }
          return try asked.answer(taken) {
            Self.answer(try ConsentLedger(ofCustomer: leader, in: session), history: nil)
          }
        }
      })
  }

  private static func answer(_ ledger: ConsentLedger, history: ArraySlice<ConsentLedger.Entry>?) -> Response {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("consents")
      writer.array { for entry in ledger.current { entry.write(to: &$0) } }
      guard let history else { return }
      writer.key("history")
      writer.array { for entry in history { entry.write(to: &$0) } }
    }
    return .json(writer.bytes)
  }
}
