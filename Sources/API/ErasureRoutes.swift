import Base
import Customers
import HTTP
import SQL

/// A person's erasure, done by a job.
struct ErasureRoutes {
  let services: Services

  /// A reason of a thousand characters, escaped.
  private static let longestBody = 16 << 10

  var start: Endpoint {
    Endpoint(
      .post, "/v1/customers/{customer}/erasure", Documentation.startErasure,
      options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let reason = try JobErasure.reason(JSONDocument(request.copyBody()).root)
      let id = services.tokens.next("job_")
      @Sendable func wanted(_ erasure: JobErasure) -> JobStore.Request {
        JobStore.Request(
          .erasure(erasure), keyID: key.id, author: asked.author, messageID: asked.messageID, target: asked.target,
          at: asked.now)
      }
      var disclosure = try Disclosure.writing(request, services) { name, leader, session in
        try Erasure.check(reason: reason, doesNotName: leader, in: session)
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        let erasure = try JobErasure(reason: reason, ofCustomer: leader, in: session)
        guard let job = try JobStore.create(wanted(erasure), about: stand, id: id, in: session) else {
          return CustomerRequest.taken
        }
        return try ExportRoutes.started(job, in: session)
      }
      let work = disclosure.work
      disclosure.work = { session in
        // The same request again comes when the customer may be there no more.
        guard
          let job = try JobStore.erasure(
            by: asked.author, asked.messageID, to: asked.target, because: reason, in: session)
        else {
          return try work(session)
        }
        return Disclosure.Shown(response: try ExportRoutes.started(job, in: session), subjects: [])
      }
      disclosure.then = { services.jobs.wake() }
      return disclosure
    }
  }
}
