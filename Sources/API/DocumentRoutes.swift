import Base
import Customers
import HTTP
import SQL

/// The documents of one kind: what decisions read, version by version.
struct DocumentRoutes {
  let services: Services
  let kind: DocumentKind

  /// A document is a few lines; the longest one lists values, and a thousand of each type fit, of a hundred bytes each.
  private static let longest = 1 << 20

  /// The routes of a kind.
  var all: [Endpoint] { [list, read, versions, write] }

  var place: String {
    "/v1/documents/\(kind.name)/\(kind.isSingle ? DocumentKind.onlyID : "{id}")"
  }

  private var list: Endpoint {
    Endpoint(.get, "/v1/documents/\(kind.name)", Documentation.documents(kind)) { [services, kind] request, exchange in
      services.authorising(kind.readers, request, exchange) { _ in
        let page = try SortedPage(request)
        services.read(exchange) { session in
          let documents = try DocumentStore.page(kind.name, after: page.after, limit: page.limit + 1, in: session)
          var rows = documents.map { (id: $0.id, body: $0.body) }
          if rows.isEmpty, page.after.isEmpty, let defaults = kind.defaults { rows = [(DocumentKind.onlyID, defaults)] }
          return try page.answer(rows, at: "/v1/documents/\(kind.name)", key: { $0.id }) { row, writer in
            writer.raw(row.body)
          }
        }
      }
    }
  }

  private var read: Endpoint {
    Endpoint(.get, place, Documentation.document(kind)) { [services, kind] request, exchange in
      let id = Self.id(of: request)
      let conditions = Conditions(request)
      services.authorising(kind.readers, request, exchange) { _ in
        services.read(exchange) { session in
          guard let (body, tag) = try Self.current(kind, id, in: session) else {
            throw Failure(.notFound, "there is no such \(kind.name)")
          }
          return switch conditions.judge(current: tag) {
          case .proceed: Response.json(body).tagged(tag)
          case .notModified: .notModified(tag)
          case .failed: .preconditionFailed(tag)
          }
        }
      }
    }
  }

  private var write: Endpoint {
    Endpoint(
      .put, place, Documentation.putDocument(kind), options: RouteOptions(maximumBody: Self.longest)
    ) { [services, kind] request, exchange in
      let id = Self.id(of: request)
      let conditions = Conditions(request)
      let body = request.copyBody()
      services.authorising(kind.writers, request, exchange) { key in
        let draft = try kind.draft(JSONDocument(body).root, id: id)
        store(draft, conditions, author: key.name, exchange)
      }
    }
  }

  static func id(of request: borrowing Request) -> String {
    request.parameter("id") ?? DocumentKind.onlyID
  }

  /// The document in force and its tag: of a kind that has defaults those are version 0.
  private static func current(
    _ kind: DocumentKind, _ id: String, in session: any Session
  ) throws -> (body: [UInt8], tag: EntityTag)? {
    if let document = try DocumentStore.find(kind.name, id, in: session) {
      return (document.body, EntityTag(version: document.version))
    }
    return kind.defaults.map { ($0, EntityTag(version: 0)) }
  }

  private func store(_ draft: DocumentDraft, _ conditions: Conditions, author: String, _ exchange: Exchange) {
    let now = services.clock.now
    services.database.write(weight: draft.body.range.count) { [services, kind] session -> Document? in
      let current = try Self.current(kind, draft.id, in: session)
      guard conditions.judge(current: current?.tag) == .proceed else { return nil }
      return try DocumentStore.put(draft, author: "api:\(author)", at: now, through: services.intake, in: session)
        .document
    } then: { [services, kind] result in
      do {
        guard let document = try result.get() else {
          let reason = "the \(kind.name) is not what the request's conditions name"
          return exchange.respond(.problem(Problem(.preconditionFailed, reason)))
        }
        services.answer(exchange, stored: document)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }
}

extension Services {
  /// Lets in who has one of the roles.
  func authorising(
    _ roles: Set<Role>, _ request: borrowing Request, _ exchange: Exchange, _ work: (AccessKey) throws -> Void
  ) {
    do {
      try work(try Authentication(self).require(roles, of: request))
    } catch {
      exchange.respond(problem(error))
    }
  }

  /// Takes a stored document into use, then answers the version that it was stored as: another may be newer already.
  fileprivate func answer(_ exchange: Exchange, stored document: Document) {
    read(exchange) { [sources] session in
      if document.kind == Source.documentKind { try sources.refresh(in: session) }
      var response = Response.json(document.body).tagged(EntityTag(version: document.version))
      response.set("Throughline-Sequence", "\(document.sequence)")
      return response
    }
  }
}
