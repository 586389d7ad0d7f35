import Base
import Customers
import HTTP
import SQL

extension DocumentRoutes {
  /// How many versions a page has when the caller does not say, and at most.
  static let usualPage = 50
  static let longestPage = 500

  /// Every version of a document, newest first.
  var versions: Endpoint {
    Endpoint(.get, place + "/versions", Documentation.versions(kind)) { [services, kind] request, exchange in
      let id = Self.id(of: request)
      do {
        let limit = try Self.number("limit", of: request, in: 1...Int64(Self.longestPage)) ?? Int64(Self.usualPage)
        let cursor = try Self.number("cursor", of: request, in: 1...Int64.max) ?? .max
        services.authorising(kind.readers, request, exchange) { _ in
          services.read(exchange) { session in
            let page = try DocumentStore.versions(kind.name, id, below: cursor, limit: Int(limit) + 1, in: session)
            let exists = try kind.isSingle || DocumentStore.find(kind.name, id, in: session) != nil
            guard exists else { throw Failure(.notFound, "there is no such \(kind.name)") }
            return Self.answer(kind, id, page, limit: Int(limit))
          }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  private static func answer(
    _ kind: DocumentKind, _ id: String, _ page: [DocumentStore.Recorded], limit: Int
  ) -> Response {
    let next = page.count > limit ? "\(page[limit - 1].document.version)" : nil
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("data")
      writer.array { writer in
        for version in page.prefix(limit) {
          writer.object { writer in
            writer.field("version", version.document.version)
            writer.field("sequence", version.document.sequence)
            writer.field("at", version.at.text)
            writer.field("author", version.author)
            writer.key("document")
            writer.raw(version.document.body)
          }
        }
      }
      writer.field("next", orNull: next)
    }
    var response = Response.json(writer.bytes)
    if let next {
      let path = "/v1/documents/\(kind.name)/\(id)/versions?limit=\(limit)&cursor=\(next)"
      response.set("Link", "<\(path)>; rel=\"next\"")
    }
    return response
  }

  private static func number(
    _ name: String, of request: borrowing Request, in range: ClosedRange<Int64>
  ) throws -> Int64? {
    guard let text = request.query(name) else { return nil }
    guard let number = Int64(text), range.contains(number) else {
      let reason = "is no whole number from \(range.lowerBound) to \(range.upperBound)"
      throw Failure(.invalid, "the query's \(name) \(reason)", faults: [.init("/\(name)", reason)])
    }
    return number
  }
}
