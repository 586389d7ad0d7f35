/// What is wrong with a request, in the form of RFC 9457 (`application/problem+json`).
public struct Problem: Sendable {
  /// The status of the answer.
  public var status: Status
  /// A short summary that is the same for every problem of this type.
  public var title: String
  /// What is wrong this time.
  public var detail: String?
  /// A URI that names the type.
  public var type: String
  /// The faults of single fields: an RFC 6901 pointer into the body, and the reason in words.
  public var errors: [(pointer: String, reason: String)]
  /// Fields for the answer, for example `Retry-After`.
  public var headers: [Header]

  /// A problem; its title is the status' phrase unless another is given.
  public init(
    _ status: Status, _ detail: String? = nil, title: String? = nil, type: String = "about:blank",
    errors: [(pointer: String, reason: String)] = [], headers: [Header] = []
  ) {
    self.status = status
    self.title = title ?? status.phrase
    self.detail = detail
    self.type = type
    self.errors = errors
    self.headers = headers
  }

  /// The problem as JSON.
  public func json() -> [UInt8] {
    var text = "{\"type\":\(quoted(type)),\"title\":\(quoted(title)),\"status\":\(status.rawValue)"
    if let detail { text += ",\"detail\":\(quoted(detail))" }
    // RudderStack's Python SDK reads these two of every error, and one without them it sends again for minutes.
    text +=
      ",\"code\":\(quoted(String(title.lowercased().map { $0 == " " ? "-" : $0 }))),\"message\":\(quoted(detail ?? title))"
    if !errors.isEmpty {
      text += ",\"errors\":["
      text += errors.map { "{\"pointer\":\(quoted($0.pointer)),\"reason\":\(quoted($0.reason))}" }
        .joined(separator: ",")
      text += "]"
    }
    return Array((text + "}").utf8)
  }
}

/// A JSON string literal of `text`.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
