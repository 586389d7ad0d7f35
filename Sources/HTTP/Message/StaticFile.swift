/// A file that is served from memory: tagged, and packed once.
public struct StaticFile: Sendable {
  /// Clients ask whether it has changed, each time; for files whose names do not change with their content.
  public static let revalidate = "no-cache"
  /// Clients keep it for a year; for files whose names change with their content.
  public static let immutable = "public, max-age=31536000, immutable"

  /// The file's bytes.
  public let bytes: [UInt8]
  /// Its media type.
  public let contentType: String
  /// What names its bytes.
  public let tag: EntityTag
  private let packed: [UInt8]?
  private let cacheControl: String
  private let headers: [Header]

  /// A file; text is packed unless `packed` brings the gzip form.
  ///
  /// - Parameters:
  ///   - name: a file name, by whose extension the media type is chosen.
  ///   - contentType: the media type, where the name does not tell it.
  ///   - headers: fields for every answer, for example a content security policy.
  public init(
    _ bytes: [UInt8], name: String, contentType: String? = nil, cacheControl: String = StaticFile.revalidate,
    packed: [UInt8]? = nil, headers: [Header] = []
  ) {
    let type = contentType ?? Self.contentType(of: name)
    self.bytes = bytes
    self.contentType = type
    self.cacheControl = cacheControl
    self.headers = headers
    tag = EntityTag(of: bytes)
    if let packed {
      self.packed = packed
    } else if Packing.isCompressible(type), bytes.count >= Packing.threshold {
      self.packed = Deflater.packBest(bytes)
    } else {
      self.packed = nil
    }
  }

  /// The answer to a request for it: 200, or 304 to a client that has it.
  public func response(to request: borrowing Request) -> Response {
    let takesPacked = packed != nil && request.connection.packing == .gzip
    // Each form has its own tag, because a strong one names bytes.
    let tag = takesPacked ? tag.variant("gzip") : tag
    var response =
      switch request.precondition(current: tag) {
      case .proceed: Response(.ok, contentType: contentType, body: takesPacked ? packed ?? bytes : bytes)
      case .notModified: Response(.notModified)
      case .failed: Response.preconditionFailed(tag)
      }
    response.isPrepared = true
    for header in headers { response.add(header.name, header.value) }
    response.set(tag)
    response.set("Cache-Control", cacheControl)
    if packed != nil { response.addVary("Accept-Encoding") }
    if takesPacked, response.status == .ok { response.set("Content-Encoding", "gzip") }
    return response
  }

  /// The route that serves it at `pattern`.
  public func route(_ pattern: String, options: RouteOptions = .init()) -> Route {
    Route(.get, pattern, options: options) { request, exchange in exchange.respond(response(to: request)) }
  }

  /// The media type that goes with a file name's extension.
  public static func contentType(of name: String) -> String {
    switch name.split(separator: ".").last.map({ $0.lowercased() }) {
    case "html", "htm": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "json", "map": "application/json"
    case "webmanifest": "application/manifest+json"
    case "txt", "md": "text/plain; charset=utf-8"
    case "csv": "text/csv; charset=utf-8"
    case "xml": "application/xml"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "gif": "image/gif"
    case "webp": "image/webp"
    case "ico": "image/x-icon"
    case "woff2": "font/woff2"
    case "wasm": "application/wasm"
    case "pdf": "application/pdf"
    default: "application/octet-stream"
    }
  }
}
