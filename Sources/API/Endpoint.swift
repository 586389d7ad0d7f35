package import HTTP

/// A route with its description: what is served and what is told of it cannot differ.
package struct Endpoint: Sendable {
  let operation: Operation
  package let route: Route

  init(
    _ method: HTTP.Method, _ path: String, _ operation: Operation, options: RouteOptions = RouteOptions(),
    handler: @escaping Handler
  ) {
    self.operation = operation
    route = Route(method, path, options: options, handler: handler)
  }
}

/// What a developer reads of a route, in the terms of OpenAPI 3.1.
struct Operation: Sendable {
  /// Whose key lets in.
  enum Access: String, Sendable {
    case anybody, source, reader, administrator
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
  }

  var id: String
  var tag: String
  var summary: String
  var access: Access
  var parameters: [Parameter] = []
  /// The name of the body's schema.
  var body: String?
  /// A body that a test posts and a developer copies.
  var example: String?
  var answers: [Answer]
}
