import Base
import Customers
import HTTP
import SQL

/// Where a customer stopped, key by key.
struct ResumeStateRoutes {
  let services: Services

  private static let list = "/v1/customers/{customer}/state"
  private static let path = "/v1/customers/{customer}/state/{key}"
  /// A value of the longest, what stands beside it, and white space.
  static let longestBody = ResumeState.longestValue + (4 << 10)
  private static let options = RouteOptions(maximumBody: longestBody, cors: TokenRoutes.cors)

  /// The state is not the one that the request's conditions name.
  private struct Unmet: Error {
    let current: EntityTag?
  }

  var all: Endpoint {
    Endpoint(
      .get, Self.list, Documentation.states, options: Self.options, sharedBy: services,
      sharing: { [services] request, caller in
        let now = services.clock.now
        let page = try SortedPage(request)
        return try .reading(request, by: caller, services) { person, session in
          let id = caller.isPerson ? "me" : try Profile.publicID(of: person.leader, in: session)
          return try page.answer(
            all: person.states(in: session).live(now), at: "/v1/customers/\(id)/state", name: { $0.key }
          ) { $0.write(to: &$1) }
        }
      })
  }

  var read: Endpoint {
    Endpoint(
      .get, Self.path, Documentation.state, options: Self.options, sharedBy: services,
      sharing: { [services] request, caller in
        let key = try Self.key(request)
        let now = services.clock.now
        let conditions = Conditions(request)
        return try .reading(request, by: caller, services) { person, session in
          guard let state = try person.states(in: session).find(key, now: now) else {
            throw Failure(.notFound, "there is no such state, or it has ended")
          }
          return switch conditions.judge(current: Self.tag(state)) {
          case .proceed: Self.answer(state)
          case .notModified: .notModified(Self.tag(state))
          case .failed: .preconditionFailed(Self.tag(state))
          }
        }
      })
  }

  var write: Endpoint {
    Endpoint(
      .put, Self.path, Documentation.putState, options: Self.options, sharedBy: services,
      sharing: { [services] request, caller in
        let key = try Self.key(request)
        let asked = try CustomerRequest(request, by: caller, services)
        let body = try JSONDocument(request.copyBody()).root
        let time = try ResumeState.check(body, now: asked.now)
        return try .writing(request, by: caller, services) { person, session in
          let states = try person.states(in: session)
          let event = ResumeState.writing(
            key, body: body.bytes, messageID: asked.messageID, at: time ?? states.moment(key, asked.now))
          return try Self.record(event, asked, person, states, services, session) {
            try states.checkRoom(for: key, now: asked.now)
          } answer: {
            // Nothing where a later one was deleted.
            try person.states(in: session).find(key, now: asked.now).map(Self.answer) ?? Response(.noContent)
          }
        }
      })
  }

  var delete: Endpoint {
    Endpoint(
      .delete, Self.path, Documentation.deleteState, options: Self.options, sharedBy: services,
      sharing: { [services] request, caller in
        let key = try Self.key(request)
        let asked = try CustomerRequest(request, by: caller, services)
        return try .writing(request, by: caller, services) { person, session in
          let states = try person.states(in: session)
          let event = ResumeState.deleting(key, messageID: asked.messageID, at: states.moment(key, asked.now))
          return try Self.record(event, asked, person, states, services, session) {
            guard states.find(key, now: asked.now) != nil else {
              throw Failure(.notFound, "there is no such state, or it has ended")
            }
          } answer: {
            Response(.noContent)
          }
        }
      })
  }

  /// Records the change of a state, if the request's conditions and `check` let it.
  private static func record(
    _ event: Event, _ asked: CustomerRequest, _ person: Person, _ states: ResumeStates, _ services: Services,
    _ session: any Session, check: () throws -> Void, answer: () throws -> Response
  ) throws -> Response {
    do {
      let taken = try services.intake.record(event, at: person.stand, author: asked.author, in: session) { _ in
        let current = event.name.flatMap { states.find($0, now: asked.now) }.map(tag)
        guard asked.conditions.judge(current: current) == .proceed else { throw Unmet(current: current) }
        try check()
      }
      return try asked.answer(taken, answer)
    } catch let unmet as Unmet {
      return .preconditionFailed(unmet.current)
    }
  }

  private static func key(_ request: borrowing Request) throws -> String {
    let key = request.parameter("key") ?? ""
    guard ResumeState.isKey(key) else {
      throw Failure(
        .invalid, "a state's key has 1 to \(ResumeState.longestKey) of A-Z, a-z, 0-9, '-', '_', '.', ':'",
        faults: [.init("/key", "is no key of a state")])
    }
    return key
  }

  private static func tag(_ state: ResumeState) -> EntityTag { EntityTag(version: state.version) }

  private static func answer(_ state: ResumeState) -> Response {
    var writer = JSONWriter(capacity: state.value.count + 256)
    state.write(to: &writer)
    return Response.json(writer.bytes).tagged(tag(state))
  }
}
