import Base
import Commerce
import Customers
import HTTP
import SQL

/// The work list of orders: what does not fit, and what somebody has dealt with.
extension OrderRoutes {
  private static let conflictList = "/v1/orders/conflicts"
  private static let longestSettlement = 16 << 10

  /// What does not fit: the same id reported of somebody else or of other goods, refunds of more than was paid, refunds
  /// of orders that nobody has reported, and what tills took without a connection beyond what they may.
  var conflicts: Endpoint {
    Endpoint(.get, Self.conflictList, Documentation.orderConflicts, by: services) { request, _ in
      let page = try PageQuery(request)
      guard
        let state = OrderConflict.State(rawValue: request.query("state") ?? OrderConflict.State.open.rawValue)
      else { throw PageQuery.wrong("state", "is neither open nor settled") }
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        let rows = try OrderConflict.list(state, below: page.cursor.sequence, limit: page.limit + 1, in: session)
        let response = try page.answer(
          rows, at: Self.conflictList, cursor: { Timeline.Cursor(at: $0.at.milliseconds, sequence: $0.sequence) }
        ) { try $0.write(to: &$1, in: session) }
        return Disclosure.Shown(
          response: response, subjects: try Self.subjects(ofConflicts: Array(rows.prefix(page.limit)), session))
      }
    }
  }

  /// It was settled before, and nothing is written.
  private struct Settled: Error {}

  /// Takes one off the work list, with the reason; one that is settled is answered as it was settled.
  var settleConflict: Endpoint {
    Endpoint(
      .post, Self.conflictList + "/{sequence}/settle", Documentation.settleOrderConflict,
      options: RouteOptions(maximumBody: Self.longestSettlement), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      var body = try FieldReader(JSONDocument(request.copyBody()).root, "the request", known: ["reason"])
      let reason = body.text("reason", upTo: ConflictSettlement.longestReason, isNeeded: true) ?? ""
      try body.finish()
      let place = request.parameter("sequence").flatMap { Int64($0) }
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        guard let place, let conflict = try OrderConflict.find(place, in: session) else {
          throw Failure(.notFound, "nothing of the work list stands at this place")
        }
        let subjects = try Self.subjects(ofConflicts: [conflict], session)
        let event = ConflictSettlement.event(place, reason: reason, messageID: asked.messageID, at: asked.now)
        func answer() throws -> Response {
          var writer = JSONWriter()
          try OrderConflict.find(place, in: session)?.write(to: &writer, in: session)
          return .json(writer.bytes)
        }
        var response: Response
        do {
          let taken = try services.intake.record(
            event, at: conflict.stand(in: session), author: asked.author, in: session
          ) { outcome in
            if conflict.settled != nil { throw Settled() }
            ConflictSettlement.settle(conflict, into: &outcome)
          }
          response = try asked.answer(taken, answer)
        } catch is Settled {
          response = try answer()
          response.set("Throughline-Sequence", "\(try EventLog.last(in: session))")
        }
        return Disclosure.Shown(response: response, subjects: subjects)
      }
    }
  }

  private static func subjects(ofConflicts conflicts: [OrderConflict], _ session: any Session) throws -> [Audit.Subject]
  {
    let leaders = Set(try conflicts.flatMap { try $0.leaders(in: session) })
    return try leaders.sorted().map { try Audit.Subject($0, in: session) }
  }
}
