/// The request methods that routes are written for.
///
/// TRACE and CONNECT are answered 405, unknown ones 501, before any route is asked.
public enum Method: UInt8, Sendable, Hashable, CaseIterable {
  /// Read.
  case get
  /// Read without the body; served by the route for GET where there is none for HEAD.
  case head
  /// Do.
  case post
  /// Put in place.
  case put
  /// Change in part.
  case patch
  /// Remove.
  case delete
  /// Ask what is allowed; answered by the router where there is no route for it.
  case options

  /// The method as it stands in a request, for example `GET`.
  public var name: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .patch: "PATCH"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    }
  }

  /// All of them in one `Allow` field.
  static let allNames = allCases.map(\.name).joined(separator: ", ")
}
