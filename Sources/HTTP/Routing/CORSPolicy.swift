/// Which pages of other origins may call a route and read its answers (the Fetch standard's CORS).
///
/// The origin is answered by name, never by `*`, and `Vary: Origin` always goes with it. Request headers are allowed
/// by name, because `*` does not cover `Authorization`.
public struct CORSPolicy: Sendable {
  /// The origins that are let in.
  public enum Origins: Sendable {
    /// Every origin.
    case any
    /// These, each written as browsers do, for example `https://shop.example`.
    case list([String])
    /// Those of which it is true.
    case matching(@Sendable (String) -> Bool)
  }

  /// The origins that are let in.
  public var origins: Origins
  /// Whether a request may bring cookies.
  public var allowsCredentials: Bool
  /// The request headers that a page may set.
  public var allowedHeaders: [HeaderName]
  /// The headers of the answer that a page may read.
  public var exposedHeaders: [HeaderName]
  /// For how many seconds a browser may keep the answer to a preflight.
  public var maximumAge: Int

  /// What the SDKs of wide use send.
  public static let usualHeaders: [HeaderName] = ["authorization", "content-type", "x-retry-count"]

  /// A policy; ten minutes is what browsers agree upon keeping a preflight for.
  public init(
    origins: Origins, allowsCredentials: Bool = false, allowedHeaders: [HeaderName] = CORSPolicy.usualHeaders,
    exposedHeaders: [HeaderName] = [], maximumAge: Int = 600
  ) {
    self.origins = origins
    self.allowsCredentials = allowsCredentials
    self.allowedHeaders = allowedHeaders
    self.exposedHeaders = exposedHeaders
    self.maximumAge = maximumAge
  }

  /// Whether pages of this origin are let in.
  func allows(_ origin: String) -> Bool {
    switch origins {
    case .any: true
    case .list(let list): list.contains(origin)
    case .matching(let isAllowed): isAllowed(origin)
    }
  }

  /// The fields that every answer to this origin bears.
  func fields(for origin: String) -> [Header] {
    var fields = [Header("Access-Control-Allow-Origin", origin)]
    if allowsCredentials { fields.append(Header("Access-Control-Allow-Credentials", "true")) }
    if !exposedHeaders.isEmpty {
      fields.append(Header("Access-Control-Expose-Headers", exposedHeaders.map(\.spelling).joined(separator: ", ")))
    }
    return fields
  }

  /// The fields that the answer to a preflight bears besides.
  func preflightFields(methods: String) -> [Header] {
    [
      Header("Access-Control-Allow-Methods", methods),
      Header("Access-Control-Allow-Headers", allowedHeaders.map(\.spelling).joined(separator: ", ")),
      Header("Access-Control-Max-Age", String(maximumAge)),
    ]
  }
}
