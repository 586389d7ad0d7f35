import Base
import Customers
import HTTP

/// Whose request it is, by the key that came with it.
struct Authentication {
  private let services: Services

  init(_ services: Services) { self.services = services }

  /// Roles that see customers.
  static let readers: Set<Role> = [.owner, .admin, .marketer, .agent, .store, .storefront, .readonly]
  /// Roles that look for customers by what is known of them: people, and not the shop's own front, which knows whom it
  /// asks for.
  static let searchers: Set<Role> = [.owner, .admin, .marketer, .agent, .store, .readonly]
  /// Roles that change what is known of a customer: whoever speaks with him, or serves him where he types.
  static let editors: Set<Role> = [.owner, .admin, .agent, .store, .storefront]
  /// The shop's own front, which knows who has signed in there.
  static let storefronts: Set<Role> = [.storefront]
  /// Roles that decide who is who and hand a person all that is kept of him.
  static let agents: Set<Role> = [.owner, .admin, .agent]
  /// Roles that tell what is on the shelves: the shop's systems and its stores.
  static let stockkeepers: Set<Role> = [.owner, .admin, .store]
  /// Roles that read the shop's own figures.
  static let reporters: Set<Role> = [.owner, .admin, .marketer]
  /// Roles that change what decisions read.
  static let administrators: Set<Role> = [.owner, .admin]

  /// The service or person whose bearer key, or whose session at the console, came with the request.
  ///
  /// - Throws: `unauthorized` without a valid key, `forbidden` where its role is none of `roles`.
  func require(_ roles: Set<Role>, of request: borrowing Request) throws -> AccessKey {
    let key = try key(of: request)
    guard roles.contains(key.role) else {
      throw Failure(.forbidden, "a key of the role \(key.role.rawValue) may not do this")
    }
    return key
  }

  private func key(of request: borrowing Request) throws -> AccessKey {
    if let (_, key) = try services.session(of: request) { return key }
    let text = Self.credentials(request)
    guard let text, let key = services.keyring.find(text, now: services.clock.now) else {
      throw Caller.refusal(of: text, services)
    }
    return key
  }

  /// The source whose write key came with the request: in the header, for a beacon in the query, or in the body.
  ///
  /// A key beside the body is judged before `body` reads it, so that nobody without one has us read megabytes.
  ///
  /// - Parameter sender: is set as soon as the source is known, also where the call fails after that.
  /// - Throws: `unauthorized` without a valid key or with two that differ; `forbidden` where the key is a person's, or
  ///   where a verified source's key comes from a browser and so is public.
  func source(
    of request: borrowing Request, isBeacon: Bool, sender: inout Source?, body: () throws -> JSON
  ) throws -> (source: Source, body: JSON) {
    let inQuery = request.query("writeKey").map { Array($0.utf8) }
    let beside = Self.credentials(request) ?? (isBeacon ? inQuery : nil)
    sender = try beside.map { try self.source($0) }
    let body = try body()
    let within = body["writeKey"]?.string.map { Array($0.utf8) }
    guard let text = beside ?? within else { throw Failure(.unauthorized, "a write key is needed") }
    guard [within, inQuery].allSatisfy({ $0 == nil || $0 == text }) else {
      throw Failure(.unauthorized, "two write keys came that differ")
    }
    let source = try sender ?? self.source(text)
    sender = source
    if source.trust == .verified, Self.isBrowser(request) || inQuery != nil {
      throw Self.madePublic
    }
    return (source, body)
  }

  private static let madePublic = Failure(
    .forbidden,
    "the write key of a verified source came from a browser, where anybody can read it: make a source with "
      + "--trust anonymous for pages, and replace this key")

  /// Lets in a write key that may stand in a page, out of an address.
  ///
  /// - Throws: `notFound` where no source has it, `forbidden` where it is a person's or a verified source's.
  func requirePage(_ key: String) throws {
    let source: Source
    do {
      source = try self.source(Array(key.utf8))
    } catch let failure as Failure where failure.code == .unauthorized {
      throw Failure(.notFound, "no source has this write key")
    }
    guard source.trust != .verified else { throw Self.madePublic }
  }

  /// The source that the path names, by its own write key.
  ///
  /// - Throws: `unauthorized` without a valid key, `forbidden` with another's: whether there is a source of that name is
  ///   told to itself alone.
  func source(named name: String, of request: borrowing Request) throws -> Source {
    guard let text = Self.credentials(request) else {
      throw Failure(.unauthorized, "a write key is needed: Authorization: Bearer KEY")
    }
    let source = try source(text)
    guard source.name == name else { throw Failure(.forbidden, "the write key is of another source than the path") }
    return source
  }

  private func source(_ text: [UInt8]) throws -> Source {
    guard let key = services.keyring.find(text, now: services.clock.now) else {
      services.metrics.refusedKey()
      throw Failure(.unauthorized, "invalid write key")
    }
    guard key.role == .source, let name = key.source else {
      throw Failure(.forbidden, "a key of the role \(key.role.rawValue) may not post events")
    }
    guard let source = services.sources.find(name) else { throw Failure(.unauthorized, "the key's source is gone") }
    return source
  }

  private static func isBrowser(_ request: borrowing Request) -> Bool {
    if request.header("Origin") != nil { return true }
    return request.header("Content-Type").map { isEqual($0.utf8.prefix(10), "text/plain") } ?? false
  }

  /// What the Authorization header brings: a bearer's token, or the user of Basic (RFC 7617), whose password is
  /// empty and whose colon some old clients forget.
  static func credentials(_ request: borrowing Request) -> [UInt8]? {
    guard let header = request.header("Authorization") else { return nil }
    let bytes = Array(header.utf8)
    guard let space = bytes.firstIndex(of: UInt8(ascii: " ")),
      let start = bytes[space...].firstIndex(where: { $0 != UInt8(ascii: " ") }),
      let end = bytes.lastIndex(where: { $0 != UInt8(ascii: " ") })
    else { return nil }
    let (scheme, value) = (bytes[..<space], bytes[start...end])
    if isEqual(scheme, "bearer") { return Array(value) }
    guard isEqual(scheme, "basic"), let pair = Base64URL.bytes(value) else { return nil }
    return Array(pair.prefix { $0 != UInt8(ascii: ":") })
  }

  /// Whether `bytes` spell the lower-case `word` in any case of letters.
  private static func isEqual(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
    bytes.count == word.utf8CodeUnitCount
      && zip(bytes, 0...).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == word.utf8Start[$1] }
  }
}
