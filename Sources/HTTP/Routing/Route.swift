/// What serves a request: it runs on the event loop, so it must not block, and answers at once or later.
public typealias Handler = @Sendable (borrowing Request, Exchange) -> Void

/// Decides by the head alone, before the body is read, whether a request is let in; the answer refuses it.
///
/// It runs once for every request on a route that has one, before the handler, when the request has no body yet.
public typealias Admission = @Sendable (borrowing Request) -> Response?

/// How a route's requests are taken and answered, apart from its handler.
public struct RouteOptions: Sendable {
  /// The largest body that is taken, both as it comes and unpacked; nil takes the server's limit.
  public var maximumBody: Int?
  /// Which pages of other origins may read the answers; nil for none.
  public var cors: CORSPolicy?
  /// Whether answers may be packed with gzip where the client takes it and it pays.
  public var compress: Bool
  /// Whether the path is also served with one slash at its end.
  public var allowsTrailingSlash: Bool
  /// Who is let in, asked before the body is read.
  public var admission: Admission?

  /// Options; all have defaults.
  public init(
    maximumBody: Int? = nil, cors: CORSPolicy? = nil, compress: Bool = true, allowsTrailingSlash: Bool = false,
    admission: Admission? = nil
  ) {
    self.maximumBody = maximumBody
    self.cors = cors
    self.compress = compress
    self.allowsTrailingSlash = allowsTrailingSlash
    self.admission = admission
  }
}

/// One row of the routing table.
public struct Route: Sendable {
  /// The method that it serves; one for GET also serves HEAD, unless HEAD has its own.
  public var method: Method
  /// The path's template: `/static/{parameter}`, each parameter one whole, non-empty segment.
  public var pattern: String
  /// How requests are taken and answered.
  public var options: RouteOptions
  /// What serves them.
  public var handler: Handler

  /// A row of the routing table.
  public init(_ method: Method, _ pattern: String, options: RouteOptions = .init(), handler: @escaping Handler) {
    self.method = method
    self.pattern = pattern
    self.options = options
    self.handler = handler
  }
}

/// A route as the router keeps it: checked and ready to be called.
final class CompiledRoute: Sendable {
  let template: String
  let parameterNames: [String]
  let options: RouteOptions
  let handler: Handler

  init(template: String, parameterNames: [String], options: RouteOptions, handler: @escaping Handler) {
    self.template = template
    self.parameterNames = parameterNames
    self.options = options
    self.handler = handler
  }

  /// Stands for the requests that no route serves.
  static let none = CompiledRoute(template: "", parameterNames: [], options: .init()) { _, exchange in
    exchange.respond(.problem(Problem(.notFound)))
  }
}

/// Where a parameter's value stands in the request's bytes.
struct PathParameter: BitwiseCopyable {
  var offset: UInt16
  var length: UInt16
}
