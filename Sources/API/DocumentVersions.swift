import Base
import Customers
import HTTP
import SQL

extension DocumentRoutes {
  /// Every version of a document, newest first.
  var versions: Endpoint {
    Endpoint(.get, place + "/versions", Documentation.versions(kind)) { [services, kind] request, exchange in
      let id = Self.id(of: request)
      do {
        let limit = try PageQuery.limit(of: request)
        let cursor = try request.query("cursor").map { text in
          guard let version = Int64(text), version >= 1 else {
            throw PageQuery.wrong("cursor", "is none that a former page answered")
          }
          return version
        }
        let minimum = try Disclosure.minimumSequence(request)
        services.authorising(kind.readers, request, exchange) { _ in
          services.read(exchange, minimum: minimum) { session in
            let page = try DocumentStore.versions(
              kind.name, id, below: cursor ?? .max, limit: limit + 1, in: session)
            let exists = try kind.isSingle || DocumentStore.find(kind.name, id, in: session) != nil
            guard exists else { throw Failure(.notFound, "there is no such \(kind.name)") }
            return Self.answer(kind, id, page, limit: limit)
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
}
