/// Finds the route for a method and a path.
///
/// The table is compiled to a tree of segments. A static segment wins over a parameter; where it leads nowhere, the
/// parameter is tried. Segments are told apart before they are decoded, so an encoded slash stays in its segment.
public struct Router: Sendable {
  /// More than a path that anybody can remember.
  static let maximumParameters = 8

  let root: RouteNode

  /// Compiles the table.
  ///
  /// - Throws: `RoutingError` for a malformed pattern or two routes that would serve the same requests.
  public init(_ routes: [Route]) throws {
    let builder = RouteNode.Builder()
    for route in routes { try builder.add(route) }
    root = builder.build()
  }

  /// What the router knows of a request.
  enum Match {
    case route(CompiledRoute)
    /// A preflight or a plain OPTIONS for a path that has routes, which the server answers.
    case options(RouteNode)
    case wrongMethod(RouteNode)
    case notFound
    /// A parameter that is not percent-encoded UTF-8.
    case malformed
  }

  /// Looks the path up; writes where its parameters stand.
  @inline(__always)
  func match(
    _ head: borrowing RequestHead, _ bytes: UnsafePointer<UInt8>, _ parameters: UnsafeMutablePointer<PathParameter>
  ) -> Match {
    let path = RouteNode.Path(bytes: bytes, end: head.path.upperBound, parameters: parameters)
    guard head.path.count > 1 else {
      // "/" alone, or the empty path of an absolute URL.
      return root.methods.isEmpty ? .notFound : choose(head.method, root, path)
    }
    guard let node = root.find(path, head.path.lowerBound, 0) else { return .notFound }
    return choose(head.method, node, path)
  }

  @inline(__always)
  private func choose(_ method: Method, _ node: RouteNode, _ path: RouteNode.Path) -> Match {
    guard let route = node.methods[Int(method.rawValue)] else {
      return method == .options ? .options(node) : .wrongMethod(node)
    }
    for index in route.parameterNames.indices where !path.isDecodable(index) { return .malformed }
    return .route(route)
  }
}
