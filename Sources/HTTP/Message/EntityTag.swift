import COpenSSL

/// Names one state of a resource (RFC 9110, 8.8.3).
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
  /// What stands between the quotation marks.
  public let value: String
  /// Whether it promises the same meaning only, not the same bytes.
  public let isWeak: Bool

  /// A tag, for example of a document's version; nil where the value has bytes that a tag may not have.
  public init?(_ value: String, isWeak: Bool = false) {
    guard value.utf8.allSatisfy(Self.mayContain) else { return nil }
    self.value = value
    self.isWeak = isWeak
  }

  /// The strong tag of a document's version.
  public init(version: Int64) { self.init(unchecked: "v\(version)", isWeak: false) }

  /// A strong tag of these bytes.
  public init(of bytes: [UInt8]) {
    /// 128 bits of SHA-256: nobody finds two files with the same ones.
    let length = 16
    let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
      SHA256(bytes, bytes.count, digest.baseAddress)
      count = Int(SHA256_DIGEST_LENGTH)
    }
    value = digest.prefix(length).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    isWeak = false
  }

  private init(unchecked value: String, isWeak: Bool) {
    self.value = value
    self.isWeak = isWeak
  }

  /// The tag of another form of the same state, such as its packed one.
  func variant(_ name: String) -> EntityTag { EntityTag(unchecked: value + "-" + name, isWeak: isWeak) }

  /// The tag as it stands in a field.
  public var description: String { isWeak ? "W/\"\(value)\"" : "\"\(value)\"" }

  /// Whether both are strong and the same.
  public func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && value == other.value }

  /// Whether both have the same value.
  public func matchesWeakly(_ other: EntityTag) -> Bool { value == other.value }

  /// The tags of an `If-Match` or `If-None-Match` field, or nil where it is malformed.
  static func list(_ field: String) -> [EntityTag]? {
    var tags: [EntityTag] = []
    var rest = Substring(field).utf8
    while true {
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x2C }
      if rest.isEmpty { return tags }
      let isWeak = rest.starts(with: "W/".utf8)
      if isWeak { rest = rest.dropFirst(2) }
      guard rest.first == 0x22 else { return nil }
      rest = rest.dropFirst()
      guard let end = rest.firstIndex(of: 0x22), rest[..<end].allSatisfy(mayContain) else { return nil }
      tags.append(EntityTag(unchecked: String(Substring(rest[..<end])), isWeak: isWeak))
      rest = rest[rest.index(after: end)...]
      guard rest.isEmpty || [0x20, 0x09, 0x2C].contains(rest.first) else { return nil }
    }
  }

  private static func mayContain(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x22 && byte != 0x7F }
}

/// What a request's conditions come to (RFC 9110, 13.2.2).
public enum Precondition: Sendable, Hashable {
  /// They hold, or there are none.
  case proceed
  /// The client has this state already: 304.
  case notModified
  /// The state is not the one that the client means: 412.
  case failed
}

/// The conditions of a request, which may be judged after the request itself is gone: when its resource was read.
public struct Conditions: Sendable {
  private let isRead: Bool
  private let ifMatch: String?
  private let ifNoneMatch: String?
  private let ifUnmodifiedSince: String?
  private let ifModifiedSince: String?

  /// The conditions that came with the request.
  public init(_ request: borrowing Request) {
    isRead = request.method == .get || request.method == .head
    ifMatch = request.header("If-Match")
    ifNoneMatch = request.header("If-None-Match")
    ifUnmodifiedSince = request.header("If-Unmodified-Since")
    ifModifiedSince = request.header("If-Modified-Since")
  }

  /// What they come to.
  ///
  /// - Parameters:
  ///   - current: the tag of the resource's state; nil where there is no such resource yet.
  ///   - modified: when it was last modified, in seconds since 1970, if that is known.
  public func judge(current: EntityTag?, modified: Int? = nil) -> Precondition {
    if let ifMatch {
      guard let current else { return .failed }
      let isMatch = ifMatch == "*" || EntityTag.list(ifMatch)?.contains { $0.matchesStrongly(current) } == true
      if !isMatch { return .failed }
    } else if let modified, let date = ifUnmodifiedSince.flatMap(HTTPDate.parse), modified > date {
      return .failed
    }
    if let ifNoneMatch {
      guard let current else { return .proceed }
      let isMatch = ifNoneMatch == "*" || EntityTag.list(ifNoneMatch)?.contains { $0.matchesWeakly(current) } == true
      return !isMatch ? .proceed : isRead ? .notModified : .failed
    }
    if isRead, let modified, let date = ifModifiedSince.flatMap(HTTPDate.parse), modified <= date {
      return .notModified
    }
    return .proceed
  }
}

extension Request {
  /// What the request's conditions come to.
  ///
  /// - Parameters:
  ///   - current: the tag of the resource's state; nil where there is no such resource yet.
  ///   - modified: when it was last modified, in seconds since 1970, if that is known.
  public func precondition(current: EntityTag?, modified: Int? = nil) -> Precondition {
    Conditions(self).judge(current: current, modified: modified)
  }
}

extension Response {
  /// Sets the tag of the state that this answer shows.
  public mutating func set(_ tag: EntityTag) { set("ETag", tag.description) }

  /// The same answer with the tag of the state that it shows.
  public func tagged(_ tag: EntityTag) -> Response {
    var response = self
    response.set(tag)
    return response
  }

  /// 304: the client has this state already.
  public static func notModified(_ tag: EntityTag, headers: [Header] = []) -> Response {
    Response(.notModified, headers: headers).tagged(tag)
  }

  /// 412: the state is not the one that the client means; its tag is told.
  public static func preconditionFailed(_ current: EntityTag?) -> Response {
    var response = Response.problem(Problem(.preconditionFailed, "It has been changed meanwhile."))
    if let current { response.set(current) }
    return response
  }
}
