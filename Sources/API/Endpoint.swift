import Commerce
import Customers
package import HTTP

/// A route with its description: what is served and what is told of it cannot differ.
package struct Endpoint: Sendable {
  let operation: Operation
  package let route: Route

  init(
    _ method: HTTP.Method, _ path: String, _ operation: Operation, options: RouteOptions = RouteOptions(),
    handler: @escaping Handler
  ) {
    precondition(!operation.showsCustomers, "\(operation.id) shows customers, so it discloses")
    self.operation = operation
    route = Route(method, path, options: options, handler: handler)
  }

  /// A route that shows or changes personal data: who may call it is what its description says, and every answer of it
  /// is audited.
  init(
    _ method: HTTP.Method, _ path: String, _ operation: Operation, options: RouteOptions = RouteOptions(),
    by services: Services,
    disclosing prepare: @escaping @Sendable (borrowing Request, AccessKey) throws -> Disclosure
  ) {
    precondition(operation.holders.isEmpty, "\(operation.id) is for customers too, so it shares")
    self.init(
      method, path, operation, options: options, sharedBy: services,
      sharing: { request, caller in
        guard case .key(let key) = caller else { throw Caller.unknown }
        return try prepare(request, key)
      })
  }

  /// A route that customers or visitors may call too, each of himself.
  init(
    _ method: HTTP.Method, _ path: String, _ operation: Operation, options: RouteOptions = RouteOptions(),
    sharedBy services: Services,
    sharing prepare: @escaping @Sendable (borrowing Request, Caller) throws -> Disclosure
  ) {
    precondition(operation.showsCustomers, "\(operation.id) is not described as showing customers")
    self.operation = operation
    let action = "\(method.name) \(path)"
    let audience = Caller.Audience(roles: operation.access.roles, holders: operation.holders)
    route = Route(method, path, options: options) { request, exchange in
      services.disclose(request, exchange, action: action, to: audience, prepare)
    }
  }
}

/// What a developer reads of a route, in the terms of OpenAPI 3.1.
struct Operation: Sendable {
  /// Whose key lets in.
  enum Access: String, Sendable {
    case anybody, source, reader, searcher, editor, agent, administrator, storefront, stockkeeper, reporter, merchant
    /// Whoever has signed in at the console.
    case session
    /// No key: only tokens let in.
    case nobody

    /// The roles of services and people that are let in.
    var roles: Set<Role> {
      switch self {
      case .anybody, .source, .session, .nobody: []
      case .reader: Authentication.readers
      case .searcher: Authentication.searchers
      case .editor: Authentication.editors
      case .agent: Authentication.agents
      case .reporter: Authentication.reporters
      case .merchant: DocumentKind.merchants
      case .administrator: Authentication.administrators
      case .storefront: Authentication.storefronts
      case .stockkeeper: Authentication.stockkeepers
      }
    }
  }

  struct Parameter: Sendable {
    var name: String
    /// `path` or `query`.
    var place: String
    var text: String
    /// A JSON schema.
    var schema: String
    var isRequired = false
  }

  /// An answer: its status, what it says, and the name of its schema, or a media type of its own.
  struct Answer: Sendable {
    var status: Int
    var text: String
    var schema: String?
    var mediaType = "application/json"
    /// Further media types, which are not described.
    var others: [String] = []
  }

  /// Whether it writes, so that its answer names a place in the log: events, which have ids of their own, and whatever
  /// takes an Idempotency-Key.
  var isWrite: Bool { access == .source && body != nil || parameters.contains { $0.name == "Idempotency-Key" } }

  var id: String
  var tag: String
  var summary: String
  var access: Access
  /// Whose tokens let in too, each to what is his own.
  var holders: Set<PersonToken.Holder> = []
  /// Whether it shows or changes a customer's data, and so leaves a row in the audit.
  var showsCustomers = false
  var parameters: [Parameter] = []
  /// The name of the body's schema.
  var body: String?
  /// A body that a test posts and a developer copies.
  var example: String?
  var answers: [Answer]
}
