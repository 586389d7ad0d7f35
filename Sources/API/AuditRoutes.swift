import Base
import Customers
import HTTP
import SQL

/// Who read whose data.
struct AuditRoutes {
  let services: Services

  private static let path = "/v1/audit"

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.audit) { [services] request, exchange in
      do {
        _ = try Authentication(services).require(Documentation.audit.access.roles, of: request)
        let page = try PageQuery(request)
        let actor = request.query("actor")
        let country = try services.country(of: request)
        let customer = try request.query("customer").map { try Self.name($0, country: country) }
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          var filter = Audit.Filter()
          (filter.actor, filter.from, filter.to) = (actor, page.from, page.to)
          if let customer {
            guard case .customer(let leader) = try Lookup.find(customer, in: session) else {
              throw try Lookup.missing(customer, in: session)
            }
            filter.customer = leader
          }
          let rows = try Audit.page(filter, before: page.cursor, limit: page.limit + 1, in: session)
          return try page.answer(rows, at: Self.path, cursor: { $0.cursor }) { row, writer in row.write(to: &writer) }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  private static func name(_ text: String, country: String?) throws -> CustomerName {
    guard let name = CustomerName(text, country: country) else {
      throw Failure(
        .invalid, "a customer is named by an id or as type:value",
        faults: [.init("/customer", "is neither an id nor type:value")])
    }
    return name
  }
}
