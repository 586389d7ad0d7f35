/// An answer: a status, header fields, and a body that is there as a whole.
///
/// `Date`, `Connection`, `Content-Length` and `Transfer-Encoding` are the server's own and cannot be set.
public struct Response: Sendable {
  /// The status.
  public var status: Status
  /// The media type of the body, or nil where there is none.
  public var contentType: String?
  /// The body; it is left out where the status or the method (HEAD) forbids one.
  public var body: [UInt8]
  /// A file that is the body instead.
  public var file: FileBody?
  /// The fields set so far, in order.
  public private(set) var headers: [Header] = []
  /// Whether the connection is closed after this answer.
  public var closesConnection = false
  /// Whether packing has been thought about.
  var isPrepared = false

  /// An answer.
  public init(_ status: Status, headers: [Header] = [], contentType: String? = nil, body: [UInt8] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
    if !headers.isEmpty { for header in headers { add(header.name, header.value) } }
  }

  /// An answer whose body is JSON that is already written.
  public static func json(_ bytes: [UInt8], status: Status = .ok) -> Response {
    Response(status, contentType: "application/json", body: bytes)
  }

  /// An answer whose body is a file.
  public static func file(_ file: FileBody, contentType: String) -> Response {
    var response = Response(.ok, contentType: contentType)
    response.file = file
    return response
  }

  /// How long the body is, in bytes.
  var length: Int { file?.count ?? body.count }

  /// An answer in plain words.
  public static func text(_ text: String, status: Status = .ok) -> Response {
    Response(status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  /// An answer that says what is wrong, as RFC 9457 has it.
  public static func problem(_ problem: Problem) -> Response {
    Response(
      problem.status, headers: problem.headers, contentType: "application/problem+json", body: problem.json())
  }

  /// The value of the first field of that name.
  public func header(_ name: HeaderName) -> String? { headers.first { $0.name == name }?.value }

  /// Sets a field, instead of any that are there under this name.
  public mutating func set(_ name: HeaderName, _ value: String) {
    headers.removeAll { $0.name == name }
    add(name, value)
  }

  /// Takes every field of that name away.
  public mutating func remove(_ name: HeaderName) { headers.removeAll { $0.name == name } }

  /// Adds a field beside those that are there.
  public mutating func add(_ name: HeaderName, _ value: String) {
    if name == "Content-Type" {
      contentType = value
    } else if name.isFraming {
      assertionFailure("\(name) is the server's to write")
    } else {
      headers.append(Header(name, value))
    }
  }

  /// Adds a name to the `Vary` field.
  mutating func addVary(_ name: String) {
    if let others = header("Vary") { set("Vary", others + ", " + name) } else { headers.append(Header("Vary", name)) }
  }
}
