/// A whole request, valid only during the handler's call: its bytes stand in the loop's buffers.
///
/// What is needed later is copied out by its accessors. It cannot be copied, and is lent, so it cannot escape.
public struct Request: ~Copyable {
  let bytes: UnsafePointer<UInt8>
  let head: RequestHead
  let slots: UnsafePointer<HeaderSlot>
  let body: UnsafeBufferPointer<UInt8>
  let parameters: UnsafePointer<PathParameter>
  let target: CompiledRoute
  let connection: Connection

  /// The method; HEAD also where the route for GET serves it.
  public var method: Method { head.method }

  /// The path as it was sent: percent-encoded, without the query.
  public var path: String { head.path.isEmpty ? "/" : text(head.path) }

  /// The template of the route that serves the request, for example `/v1/customers/{customer}`.
  public var route: String { target.template }

  /// Who sent it.
  public var peer: Peer { connection.peer.peer }

  /// Who sent it, as far as one site usually owns addresses: all of an IPv6 /64 are one.
  public var site: Peer { connection.peer.site.peer }

  /// Whether it came over TLS.
  public var isSecure: Bool { connection.tls != nil }

  /// The decoded value of the first item of that name in the query, or nil where there is none.
  public func query(_ name: String) -> String? {
    head.query.isEmpty ? nil : PercentCoding.value(of: name, in: range(head.query))
  }

  /// All items of the query, decoded, in order.
  public var queryItems: [(name: String, value: String)] { PercentCoding.items(range(head.query)) }

  /// The query as it was sent, without the question mark; empty where there is none.
  public var rawQuery: String { text(head.query) }

  /// The decoded path parameter of that name in the route's template.
  ///
  /// A request whose parameters are not UTF-8 is refused by the router, so this is nil only for a name that the
  /// template has not.
  public func parameter(_ name: String) -> String? {
    guard let index = target.parameterNames.firstIndex(of: name) else { return nil }
    let parameter = parameters[index]
    return PercentCoding.decode(range(Int(parameter.offset)..<Int(parameter.offset) + Int(parameter.length)))
  }

  /// The value of the field, several of that name joined by `, `, or nil where there is none.
  public func header(_ name: HeaderName) -> String? {
    var found: String?
    for index in 0..<head.headerCount where isField(index, name) {
      let value = value(index)
      if let before = found { found = before + ", " + value } else { found = value }
    }
    return found
  }

  /// All fields in order, names as they were sent.
  public var headers: [(name: String, value: String)] {
    (0..<head.headerCount).map { index in
      let slot = slots[index]
      let start = Int(slot.nameOffset)
      return (text(start..<start + Int(slot.nameLength)), value(index))
    }
  }

  /// The id of the last event that a returning reader of an event stream has seen.
  public var lastEventID: String? { header("Last-Event-ID") }

  /// The size of the body, unpacked.
  public var bodyCount: Int { body.count }

  /// The body's bytes, to be kept.
  public func copyBody() -> [UInt8] { Array(body) }

  private func isField(_ index: Int, _ name: HeaderName) -> Bool {
    let slot = slots[index]
    guard Int(slot.nameLength) == name.spelling.utf8.count else { return false }
    var at = bytes + Int(slot.nameOffset)
    for byte in name.spelling.utf8 {
      if lowered(byte) != lowered(at.pointee) { return false }
      at += 1
    }
    return true
  }

  private func value(_ index: Int) -> String {
    let slot = slots[index]
    return text(Int(slot.valueOffset)..<Int(slot.valueOffset) + Int(slot.valueLength))
  }

  private func range(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: self.range(range), as: UTF8.self) }
}
