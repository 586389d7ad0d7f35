package import Base

/// Where the shop wants to be told what happens: a document of the kind `webhook`.
///
/// ```json
/// {"name": "crm", "url": "https://crm.example/hook", "events": ["Order *", "customer.merged"], "active": true}
/// ```
/// Its secret is no part of it, and stands in the vault.
package struct Webhook: Sendable, Equatable {
  package static let documentKind = "webhook"
  /// Each is sent every event that it wants, one by one; a shop has a handful.
  package static let most = 50
  /// What proxies and servers take, in bytes.
  package static let longestURL = 2000
  /// Words of the filter, and characters in each.
  package static let mostEvents = 100
  package static let longestEvent = 200

  package let name: String
  package let url: String
  /// What is sent; everything but resume states where it is empty.
  package let events: [String]
  package var isActive: Bool
  /// Whether it was taken away.
  package var isDeleted: Bool

  private static let fields: Set = ["name", "url", "events", "active", "deleted"]

  /// The webhook that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a webhook", known: Self.fields)
    name = fields.given("name")?.string ?? ""
    fields.check(Source.isName(name), "/name", "has not 1 to \(Source.longestName) of a-z, 0-9, '-', '_', '.'")
    url = fields.given("url")?.string ?? ""
    if let reason = Self.fault(inURL: url) { fields.check(false, "/url", reason) }
    let words = fields.given("events").map { Array($0.elements) } ?? []
    events = words.compactMap { $0.string }
    fields.check(
      fields.given("events").map { $0.kind == .array && words.count <= Self.mostEvents } ?? true, "/events",
      "is no list of at most \(Self.mostEvents)")
    for (index, word) in words.enumerated() {
      fields.check(
        word.string?.isPlainText(upTo: Self.longestEvent) == true, "/events/\(index)",
        "has not 1 to \(Self.longestEvent) characters, or control characters")
    }
    isActive = fields.flag("active", usual: true)
    isDeleted = fields.flag("deleted", usual: false)
    guard fields.faults.isEmpty else { throw Failure(.invalid, "a webhook is wrong", faults: fields.faults) }
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { write(to: &$0) }
    return writer.bytes
  }

  /// Writes it into an open object.
  package func write(to writer: inout JSONWriter) {
    writer.field("name", name)
    writer.field("url", url)
    writer.key("events")
    writer.array { writer in for event in events { writer.value(event) } }
    writer.field("active", isActive)
    if isDeleted { writer.field("deleted", true) }
  }

  /// What is wrong with an address, or nil.
  ///
  /// Whether its host may be connected to is found out when it is.
  private static func fault(inURL url: String) -> String? {
    let bytes = Array(url.utf8)
    guard (1...longestURL).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return "is no address of at most \(longestURL) characters of ASCII"
    }
    guard let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) }) else {
      return "begins with neither https:// nor http://"
    }
    if bytes.contains(UInt8(ascii: "\\")) || bytes.contains(UInt8(ascii: "#")) { return "has a \\ or a #" }
    let authority = bytes.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    if authority.contains(UInt8(ascii: "@")) { return "holds a name or a password, which would be kept unsealed" }
    guard let first = authority.first, first != UInt8(ascii: ":") else { return "names no host" }
    return nil
  }

  /// Whether it goes without TLS, which is for receivers on the shop's own machines.
  package var isPlain: Bool { url.hasPrefix("http://") }

  /// Whether it wants a message.
  ///
  /// - Parameters:
  ///   - type: the message's, for example `event.track` or `customer.merged`.
  ///   - kind: the entry's, for example `track`.
  ///   - event: the name of the event or page.
  package func wants(_ type: String, kind: String, event: String?) -> Bool {
    // A player saves its state every few seconds: only to who asks for it.
    if events.isEmpty { return kind != Event.Kind.state.rawValue }
    return events.contains { word in
      guard word.hasSuffix("*") else { return word == type || word == kind || word == event }
      let prefix = word.dropLast()
      return type.hasPrefix(prefix) || event?.hasPrefix(prefix) == true
    }
  }
}
