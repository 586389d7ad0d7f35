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
    let path = "/v1/documents/\(kind.name)"
    return Endpoint(.get, path, Documentation.documents(kind)) { [services, kind] request, exchange in
      services.authorising(kind.readers, request, exchange) { _ in
        let page = try SortedPage(request)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          let documents = try DocumentStore.page(kind.name, after: page.after, limit: page.limit + 1, in: session)
          var rows = documents.map { (id: $0.id, body: $0.body) }
          if rows.isEmpty, page.after.isEmpty, let defaults = kind.defaults { rows = [(DocumentKind.onlyID, defaults)] }
          return try page.answer(rows, at: path, key: { $0.id }) { row, writer in writer.raw(row.body) }
        }
      }
    }
  }

  private var read: Endpoint {
    Endpoint(.get, place, Documentation.document(kind)) { [services, kind] request, exchange in
      let id = Self.id(of: request)
      let conditions = Conditions(request)
      services.authorising(kind.readers, request, exchange) { _ in
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
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
      services.authorising(kind.writers, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        let draft = try kind.draft(JSONDocument(request.copyBody()).root, id: Self.id(of: request))
        store(draft, asked, exchange)
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

  private func store(_ draft: DocumentDraft, _ asked: ShopRequest, _ exchange: Exchange) {
    asked.perform(services, exchange) { [services, kind] session -> ShopRequest.Made<Document> in
      try asked.check(current: Self.current(kind, draft.id, in: session)?.tag)
      let document = try DocumentStore.put(
        draft, author: asked.author, at: asked.now, through: services.intake, in: session
      ).document
      return ShopRequest.Made(value: document, name: document.id, sequence: document.sequence)
    } then: { [services, kind] done, session in
      if kind.name == Source.documentKind { try services.sources.refresh(in: session) }
      // The version that was stored: another may be newer already.
      if let document = done.value {
        return Response.json(document.body).tagged(EntityTag(version: document.version))
      }
      guard let (body, tag) = try Self.current(kind, done.name, in: session) else {
        throw Failure(.notFound, "there is no such \(kind.name)")
      }
      return Response.json(body).tagged(tag)
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
}
