/// Why a routing table cannot be used.
public enum RoutingError: Error, Equatable, CustomStringConvertible {
  /// The pattern is not `/` followed by segments of static text or `{name}`.
  case malformed(pattern: String, reason: String)
  /// Two routes would serve the same requests.
  case ambiguous(String, String)

  /// What is wrong, for the one who wrote the table.
  public var description: String {
    switch self {
    case .malformed(let pattern, let reason): "the route \(pattern) is malformed: \(reason)"
    case .ambiguous(let one, let other): "the routes \(one) and \(other) serve the same requests"
    }
  }
}
