/// Whether answers to a request may be packed with gzip.
enum Packing: UInt8, Sendable {
  /// The route does not want it.
  case off
  /// The client does not take it, but what is kept for others must say that it could be.
  case refused
  case gzip

  /// Shorter bodies fit one packet anyway.
  static let threshold = 1 << 10
  /// Longer ones would hold up other clients on the loop (level 1 packs about 100 MB a second).
  static let maximumOnLoop = 256 << 10

  /// The answer, packed where that pays.
  ///
  /// An answer with a strong entity tag is left alone: the tag names these bytes, and `If-Match` compares strongly.
  func applied(to response: consuming Response, isOnLoop: Bool = false) -> Response {
    guard self != .off, !response.isPrepared, response.body.count >= Self.threshold, Self.pays(response) else {
      return response
    }
    var response = response
    response.isPrepared = true
    if response.header("Content-Encoding") != nil { return response }
    response.addVary("Accept-Encoding")
    guard self == .gzip, !(isOnLoop && response.body.count > Self.maximumOnLoop) else { return response }
    guard let packed = Deflater.pack(response.body) else { return response }
    response.body = packed
    response.add("Content-Encoding", "gzip")
    return response
  }

  private static func pays(_ response: borrowing Response) -> Bool {
    if let tag = response.header("ETag"), !tag.hasPrefix("W/") { return false }
    guard let type = response.contentType, !response.status.forbidsBody else { return false }
    return isCompressible(type)
  }

  /// Whether bodies of this media type are text in some form.
  static func isCompressible(_ type: String) -> Bool {
    let name = type.prefix { $0 != ";" }
    return name.hasPrefix("text/") || name.hasSuffix("json") || name.hasSuffix("xml") || name.hasSuffix("javascript")
      || name == "application/wasm" || name == "image/svg+xml" || name == "application/x-ndjson"
  }
}
