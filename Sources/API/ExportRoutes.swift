import Base
import Customers
import HTTP
import SQL

/// All that is kept of a person, written down by a job and fetched when it is ready.
struct ExportRoutes {
  let services: Services

  /// `{"format": "csv", "part": "identifiers"}`, and white space.
  private static let longestBody = 1 << 10

  var start: Endpoint {
    Endpoint(
      .post, "/v1/customers/{customer}/export", Documentation.startExport,
      options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let parameters = try Job.Parameters(JSONDocument(request.copyBody()).root)
      let id = services.tokens.next("job_")
      let wanted = JobStore.Request(
        parameters, keyID: key.id, author: asked.author, messageID: asked.messageID, target: asked.target,
        at: asked.now)
      var disclosure = try Disclosure.writing(request, services) { name, leader, session in
        let stand = try Lookup.stand(name, ofCustomer: leader, in: session)
        guard let job = try JobStore.create(wanted, about: stand, id: id, in: session) else {
          return CustomerRequest.taken
        }
        return try Self.started(job, in: session)
      }
      disclosure.then = { services.jobs.wake() }
      return disclosure
    }
  }

  var job: Endpoint {
    Endpoint(.get, "/v1/jobs/{id}", Documentation.job) { [services] request, exchange in
      let id = request.parameter("id") ?? ""
      services.authorising(Documentation.job.access.roles, request, exchange) { key in
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          var response = Self.answer(try Self.find(id, for: key, in: session), .ok)
          response.set("Cache-Control", "no-store")
          return response
        }
      }
    }
  }

  var result: Endpoint {
    Endpoint(.get, "/v1/jobs/{id}/result", Documentation.jobResult, by: services) { [services] request, key in
      let id = request.parameter("id") ?? ""
      let now = services.clock.now
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        let job = try Self.find(id, for: key, in: session)
        switch job.state {
        case .queued, .running: throw Failure(.conflict, "the job is not done: its state is \(job.state.rawValue)")
        case .failed: throw Failure(.conflict, "the job has failed")
        case .expired: throw Failure(.notFound, "the result has ended: it is kept for a day")
        case .done: break
        }
        guard let form = job.form else { throw Failure(.notFound, "the job has no result") }
        guard let end = job.expiresAt, end > now, let name = job.fileName,
          let file = FileBody(path: services.jobs.path(of: job))
        else {
          throw Failure(.notFound, "the result has ended: it is kept for a day")
        }
        var response = Response.file(file, contentType: form.contentType)
        response.set("Content-Disposition", "attachment; filename=\"\(name)\"")
        let leader = try JobStore.customer(of: job, in: session)
        return Disclosure.Shown(response: response, subjects: [try Audit.Subject(leader, in: session)])
      }
    }
  }

  /// The job of that id, which only the one who asked for it and administrators know of.
  private static func find(_ id: String, for key: AccessKey, in session: any Session) throws -> Job {
    guard let job = try JobStore.find(id, in: session),
      job.keyID == key.id || Authentication.administrators.contains(key.role)
    else { throw Failure(.notFound, "there is no such job") }
    return job
  }

  /// The answer to who asked for a job, which is no entry of the log: what it finds there now is what it works on.
  static func started(_ job: Job, in session: any Session) throws -> Response {
    var response = answer(job, .accepted)
    response.set("Location", "/v1/jobs/\(job.id)")
    response.set("Throughline-Sequence", "\(try EventLog.last(in: session))")
    return response
  }

  private static func answer(_ job: Job, _ status: Status) -> Response {
    var writer = JSONWriter(capacity: 512)
    job.write(to: &writer)
    return .json(writer.bytes, status: status)
  }
}
