import Base
import Customers
import HTTP
import SQL

/// Doubts about who is who: listed, and decided by a person.
struct ReviewRoutes {
  let services: Services

  var list: Endpoint {
    Endpoint(.get, "/v1/reviews", Documentation.reviews, by: services) { request, _ in
      let page = try PageQuery(request)
      guard let state = ReviewState(rawValue: request.query("state") ?? ReviewState.open.rawValue) else {
        throw Failure(
          .invalid, "the query's state is none", faults: [.init("/state", "is none of open, merged, apart")])
      }
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        let rows = try Review.list(state, below: page.cursor.sequence, limit: page.limit + 1, in: session)
        let leaders = Set(rows.prefix(page.limit).flatMap { $0.customers.map { $0.leader } })
        let response = try page.answer(
          rows, at: "/v1/reviews", cursor: { Timeline.Cursor(at: $0.since.milliseconds, sequence: $0.sequence) }
        ) { review, writer in writer.object { review.write(to: &$0) } }
        return Disclosure.Shown(
          response: response, subjects: try leaders.sorted().map { try Audit.Subject($0, in: session) })
      }
    }
  }

  var decide: Endpoint {
    Endpoint(
      .post, "/v1/reviews/{id}", Documentation.decideReview,
      options: RouteOptions(maximumBody: ActRequest.longestBody), by: services
    ) { [services] request, key in
      let act = try ActRequest(request, by: key, services)
      let id = request.parameter("id") ?? ""
      let decisions: [String: ReviewState] = ["merge": .merged, "apart": .apart]
      guard let state = act.body["decision"]?.string.flatMap({ decisions[$0] }) else {
        throw Failure(.invalid, "a decision is needed", faults: [.init("/decision", "is neither merge nor apart")])
      }
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        guard let review = try Review.find(id, in: session) else { throw Failure(.notFound, "there is no such review") }
        return try act.perform(
          .review, [("review", id), ("decision", state.rawValue)], of: [review.pair.first, review.pair.second],
          in: session
        ) { _ = try $0.decide(review, state, into: &$1) }
      }
    }
  }
}
