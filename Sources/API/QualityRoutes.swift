import Base
import Customers
import HTTP
import SQL

/// Data quality: the customers with something wrong, and how good what each source sends is.
struct QualityRoutes {
  let services: Services

  private static let path = "/v1/quality"

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.quality, by: services) { [services] request, _ in
      let page = try PageQuery(request)
      let code = try request.query("code").map { text in
        guard let code = Quality.Code(rawValue: text) else {
          throw PageQuery.wrong(
            "code", "is none of \(Quality.Code.allCases.map { $0.rawValue }.joined(separator: ", "))")
        }
        return code
      }
      return Disclosure(road: .reading(minimum: try Disclosure.minimumSequence(request))) { session in
        let list = try QualityList(
          of: code, below: page.cursor.sequence, limit: page.limit, now: services.clock.now, in: session)
        let next = list.next.map { Timeline.Cursor(at: 0, sequence: $0) }
        let response = try page.answer(at: Self.path, next: next) { writer in
          for row in list.rows { row.write(to: &writer) }
        }
        return Disclosure.Shown(
          response: response, subjects: try list.rows.map { try Audit.Subject($0.leader, in: session) })
      }
    }
  }

  /// It shows no customer, so nothing of it is audited.
  var sources: Endpoint {
    Endpoint(.get, Self.path + "/sources", Documentation.sourceQuality) { [services] request, exchange in
      do {
        _ = try Authentication(services).require(Documentation.sourceQuality.access.roles, of: request)
        let page = try SortedPage(request)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          try page.answer(all: try SourceQuality.all(in: session), at: Self.path + "/sources", name: { $0.source }) {
            $0.write(to: &$1)
          }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }
}
