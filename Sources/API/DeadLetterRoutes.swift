import Base
import Customers
import HTTP

/// What was refused of sources: the work list of whoever mends an adapter.
struct DeadLetterRoutes {
  let services: Services

  private static let path = "/v1/dead-letters"

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.deadLetters, by: services) { request, _ in
      let page = try PageQuery(request)
      let source = request.query("source")
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        let letters = try DeadLetter.page(
          of: source, below: page.cursor.sequence, limit: page.limit + 1, in: session)
        let response = try page.answer(letters, at: Self.path, cursor: { Timeline.Cursor(at: 0, sequence: $0.number) })
        {
          letter, writer in letter.write(to: &writer)
        }
        let sources = Set(letters.prefix(page.limit).map { $0.source }).sorted()
        return Disclosure.Shown(response: response, subjects: sources.map { Audit.Subject(nobody: "source:\($0)") })
      }
    }
  }
}
