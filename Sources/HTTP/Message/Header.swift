/// The name of a header field, equal in any spelling of its letters.
public struct HeaderName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name as it is written into an answer.
  public let spelling: String

  /// The name, or nil where it is not a token (RFC 9110, 5.1).
  public init?(_ spelling: String) {
    guard !spelling.isEmpty, spelling.utf8.allSatisfy(isTokenByte) else { return nil }
    self.spelling = spelling
  }

  /// The name written in the program; a wrong one is a programmer's error.
  public init(stringLiteral value: String) {
    assert(!value.isEmpty && value.utf8.allSatisfy(isTokenByte), "\(value) is not a header name")
    spelling = value
  }

  /// The spelling.
  public var description: String { spelling }

  /// Whether both are the same name.
  public static func == (a: HeaderName, b: HeaderName) -> Bool {
    a.spelling.utf8.count == b.spelling.utf8.count
      && zip(a.spelling.utf8, b.spelling.utf8).allSatisfy { lowered($0) == lowered($1) }
  }

  /// The same for all spellings.
  public func hash(into hasher: inout Hasher) {
    for byte in spelling.utf8 { hasher.combine(lowered(byte)) }
  }

  /// Whether the server alone writes this field, because the frame depends on it.
  var isFraming: Bool {
    switch spelling.utf8.count {
    case 4: self == "Date"
    case 10: self == "Connection" || self == "Keep-Alive"
    case 14: self == "Content-Length"
    case 17: self == "Transfer-Encoding"
    default: false
    }
  }
}

/// One header field of an answer.
public struct Header: Sendable, Hashable {
  /// Its name.
  public var name: HeaderName
  /// Its value; control characters in it are written as spaces, so that nothing can be smuggled into an answer.
  public var value: String

  /// The field `name: value`.
  public init(_ name: HeaderName, _ value: String) {
    self.name = name
    self.value = value
  }
}
