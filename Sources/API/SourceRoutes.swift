import Base
import Customers
import HTTP
import SQL

/// The documents of the kind `source`: where events may come from, and what they prove.
struct SourceRoutes {
  let services: Services

  /// A source's document is a few lines.
  private static let longest = 16 << 10

  var list: Endpoint {
    Endpoint(.get, "/v1/documents/source", Documentation.sources) { [services] request, exchange in
      services.administering(request, exchange) { _ in
        services.read(exchange) { session in
          let sources = try DocumentFold.sources(in: session)
          var writer = JSONWriter()
          writer.object { writer in
            writer.key("data")
            writer.array { writer in
              for source in sources { writer.raw(source.document) }
            }
            writer.key("next")
            writer.null()
          }
          return .json(writer.bytes)
        }
      }
    }
  }

  var read: Endpoint {
    Endpoint(.get, "/v1/documents/source/{id}", Documentation.source) { [services] request, exchange in
      let name = request.parameter("id") ?? ""
      let conditions = Conditions(request)
      services.administering(request, exchange) { _ in
        services.read(exchange) { session in
          guard let source = try DocumentFold.source(name, in: session) else {
            throw Failure(.notFound, "there is no such source")
          }
          return switch conditions.judge(current: Self.tag(source)) {
          case .proceed: Self.answer(source)
          case .notModified: .notModified(Self.tag(source))
          case .failed: .preconditionFailed(Self.tag(source))
          }
        }
      }
    }
  }

  var write: Endpoint {
    Endpoint(
      .put, "/v1/documents/source/{id}", Documentation.putSource, options: RouteOptions(maximumBody: Self.longest)
    ) { [services] request, exchange in
      let name = request.parameter("id") ?? ""
      let conditions = Conditions(request)
      let body = request.copyBody()
      services.administering(request, exchange) { key in
        let source = try Source(document: JSONDocument(body).root)
        guard source.name == name else {
          throw Failure(.invalid, "the path names another source", faults: [.init("/name", "is not the path's")])
        }
        store(source, conditions, author: key.name, exchange)
      }
    }
  }

  private func store(_ source: Source, _ conditions: Conditions, author: String, _ exchange: Exchange) {
    let now = services.clock.now
    services.database.write(weight: Self.longest) { [services] session -> Int64? in
      let current = try DocumentFold.source(source.name, in: session).map(Self.tag)
      guard conditions.judge(current: current) == .proceed else { return nil }
      return try services.intake.store(
        kind: Source.documentKind, id: source.name, body: source.document, author: "api:\(author)", at: now,
        create: false, in: session)
    } then: { [services] result in
      services.answer(exchange) {
        guard let sequence = try result.get() else {
          return .problem(Problem(.preconditionFailed, "the source is not what the request's conditions name"))
        }
        services.refreshed(source.name, exchange, sequence)
        return nil
      }
    }
  }

  fileprivate static func tag(_ source: Source) -> EntityTag { EntityTag(version: source.version) }

  fileprivate static func answer(_ source: Source) -> Response {
    Response.json(source.document).tagged(tag(source))
  }
}

extension Services {
  fileprivate func administering(
    _ request: borrowing Request, _ exchange: Exchange, _ work: (AccessKey) throws -> Void
  ) {
    do {
      try work(try Authentication(self).require(Authentication.administrators, of: request))
    } catch {
      exchange.respond(problem(error))
    }
  }

  fileprivate func answer(_ exchange: Exchange, _ work: () throws -> Response?) {
    do {
      if let response = try work() { exchange.respond(response) }
    } catch {
      exchange.respond(problem(error))
    }
  }

  /// Takes a changed source into use, then answers it.
  fileprivate func refreshed(_ name: String, _ exchange: Exchange, _ sequence: Int64) {
    read(exchange) { [sources] session in
      try sources.refresh(in: session)
      guard let source = sources.find(name) else { throw Failure(.notFound, "there is no such source") }
      var response = SourceRoutes.answer(source)
      response.set("Throughline-Sequence", "\(sequence)")
      return response
    }
  }
}
