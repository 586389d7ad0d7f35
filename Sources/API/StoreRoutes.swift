import Base
import Commerce
import Customers
import HTTP
import SQL

/// Where the shop has goods: stores as a list, which are documents each.
struct StoreRoutes {
  let services: Services

  private static let path = "/v1/stores"
  /// A list has at most so many stores: the largest chains have as many.
  static let most = 10_000
  /// So many documents are stored in one transaction.
  private static let group = 250
  /// The longest list, of some hundred bytes each with hours.
  static let options = RouteOptions(maximumBody: 8 << 20)

  /// What became of one of the list.
  private struct Result: Sendable {
    var id: String?
    var status: String
    var version: Int64?
    var faults: [Failure.Fault] = []
  }

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.stores) { [services] request, exchange in
      do {
        let limit = try PageQuery.limit(of: request)
        let cursor = request.query("cursor") ?? ""
        let minimum = try Disclosure.minimumSequence(request)
        services.authorising(Documentation.stores.access.roles, request, exchange) { _ in
          services.read(exchange, minimum: minimum) { session in
            let stores = try StoreTable.page(after: cursor, limit: limit + 1, in: session)
            let next = stores.count > limit ? stores[limit - 1].id : nil
            var writer = JSONWriter(capacity: 16 << 10)
            writer.object { writer in
              writer.key("data")
              writer.array { writer in for store in stores.prefix(limit) { store.write(to: &writer) } }
              writer.field("next", orNull: next)
            }
            var response = Response.json(writer.bytes)
            if let next {
              let query = "limit=\(limit)&cursor=\(PercentEncoding.text(next))"
              response.set("Link", "<\(Self.path)?\(query)>; rel=\"next\"")
            }
            return response
          }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  var put: Endpoint {
    Endpoint(.put, Self.path, Documentation.putStores, options: Self.options) { [services] request, exchange in
      let body = request.copyBody()
      services.authorising(Documentation.putStores.access.roles, request, exchange) { key in
        let bodies = try ListBody.elements(of: body, most: Self.most, "stores")
        store(bodies[...], [], sequence: 0, author: Event.requestSource + key.name, exchange)
      }
    }
  }

  /// Stores a group of the list, and then the next.
  private func store(
    _ bodies: ArraySlice<JSON>, _ results: [Result], sequence: Int64, author: String, _ exchange: Exchange
  ) {
    if bodies.isEmpty { return exchange.respond(Self.answer(results, sequence)) }
    let (group, now) = (bodies.prefix(Self.group), services.clock.now)
    services.database.write(weight: group.reduce(0) { $0 + $1.range.count }) { [services] session in
      var last = sequence
      let done = try group.map { body in
        do {
          let draft = try DocumentKind.store.draft(body)
          let change = try DocumentStore.put(draft, author: author, at: now, through: services.intake, in: session)
          last = max(last, change.document.sequence)
          return Result(id: draft.id, status: change.word, version: change.document.version)
        } catch let failure as Failure where failure.code == .invalid {
          return Result(id: body["id"]?.string, status: "invalid", faults: failure.faults)
        }
      }
      return (done, last)
    } then: { (result: Swift.Result<([Result], Int64), any Error>) in
      do {
        let (done, last) = try result.get()
        store(bodies.dropFirst(Self.group), results + done, sequence: last, author: author, exchange)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  private static func answer(_ results: [Result], _ sequence: Int64) -> Response {
    var writer = JSONWriter(capacity: 64 * results.count + 64)
    writer.object { writer in
      writer.key("results")
      writer.array { writer in
        for (index, result) in results.enumerated() {
          writer.object { writer in
            writer.field("id", orNull: result.id)
            writer.field("status", result.status)
            writer.field("version", ifPresent: result.version)
            ListBody.write(result.faults, at: index, to: &writer)
          }
        }
      }
    }
    var response = Response.json(writer.bytes)
    if sequence > 0 { response.set("Throughline-Sequence", "\(sequence)") }
    return response
  }
}

extension DocumentStore.Change {
  fileprivate var word: String {
    switch self {
    case .created: "created"
    case .changed: "changed"
    case .unchanged: "unchanged"
    }
  }
}
