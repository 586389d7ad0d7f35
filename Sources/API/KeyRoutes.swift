import Base
import Customers
import HTTP
import SQL

/// Keys of services, people and sources, and the secrets by which pages sign: made, listed and ended by administrators.
///
/// A source ends with its write keys: what it sent stays, and nothing more comes.
struct KeyRoutes {
  let services: Services

  private static let path = "/v1/keys"
  /// A key is told in a few words.
  private static let options = RouteOptions(maximumBody: 4 << 10)

  /// The routes of keys.
  var all: [Endpoint] { [list, create, end, secret] }

  private var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.keys) { [services] request, exchange in
      services.authorising(Authentication.administrators, request, exchange) { _ in
        let page = try SortedPage(request)
        let source = request.query("source")
        services.answer(exchange) {
          let keys = services.keyring.all.filter { source == nil || $0.source == source }
          return try page.answer(all: keys, at: Self.path, name: { $0.id }) { Self.write($0, text: nil, to: &$1) }
        }
      }
    }
  }

  private var create: Endpoint {
    Endpoint(.post, Self.path, Documentation.postKey, options: Self.options) { [services] request, exchange in
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        let wanted = try Self.wanted(JSONDocument(request.copyBody()).root, now: asked.now)
        try Self.check(key, mayHandle: wanted.role)
        if let source = wanted.source, services.sources.find(source) == nil {
          throw Failure(.invalid, "there is no such source", faults: [.init("/source", "is no source")])
        }
        let draft = wanted.draft(tokens: services.tokens, now: asked.now)
        asked.perform(services, exchange) { session -> ShopRequest.Made<Bool> in
          try Keyring.store(draft, in: session)
          return ShopRequest.Made(value: true, name: draft.key.id)
        } committed: { [services] done in
          if done.value != nil { services.keyring.activate(draft) }
        } then: { [services] done, _ in
          let isNew = done.value != nil
          guard let made = isNew ? draft.key : services.keyring.any(id: done.name) else {
            throw Failure(.internal, "a key was made and is not there")
          }
          var writer = JSONWriter(capacity: 512)
          Self.write(made, text: isNew ? draft.text : nil, to: &writer)
          var response = Response.json(writer.bytes, status: .created)
          response.set("Cache-Control", "no-store")
          return response
        }
      }
    }
  }

  private var end: Endpoint {
    Endpoint(.delete, Self.path + "/{id}", Documentation.deleteKey) { [services] request, exchange in
      let id = request.parameter("id") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        guard let ended = services.keyring.any(id: id) else { throw Failure(.notFound, "there is no such key") }
        try Self.check(key, mayHandle: ended.role)
        asked.perform(services, exchange) { [services] session -> ShopRequest.Made<Bool> in
          let holds = services.keyring.find(id: id, now: asked.now) != nil
          // One that has ended keeps the time at which it did.
          if holds { try Keyring.end(id, at: asked.now, in: session) }
          return ShopRequest.Made(value: holds, name: id)
        } committed: { [services] done in
          if done.value == true { services.keyring.end(id, at: asked.now) }
        } then: { _, _ in
          Response(.noContent)
        }
      }
    }
  }

  private var secret: Endpoint {
    Endpoint(.post, "/v1/sources/{name}/secret", Documentation.postSourceSecret) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        guard services.sources.find(name) != nil else { throw Failure(.notFound, "there is no such source") }
        let draft = try services.vault.draft(forSource: name, now: asked.now)
        asked.perform(services, exchange) { session -> ShopRequest.Made<Bool> in
          try Vault.store(draft, in: session)
          return ShopRequest.Made(value: true, name: name)
        } committed: { [services] done in
          if done.value != nil { services.vault.activate(draft) }
        } then: { done, _ in
          var writer = JSONWriter()
          writer.object { writer in
            writer.field("source", name)
            writer.field("secret", ifPresent: done.value == nil ? nil : draft.text)
          }
          var response = Response.json(writer.bytes)
          response.set("Cache-Control", "no-store")
          return response
        }
      }
    }
  }

  // MARK: What they have in common

  /// An admin who could make an owner would be one.
  private static func check(_ key: AccessKey, mayHandle role: Role) throws {
    guard role != .owner || key.role == .owner else {
      throw Failure(.forbidden, "owners' keys are made and ended by an owner")
    }
  }

  private static func wanted(_ body: JSON, now: Instant) throws -> WantedKey {
    guard body.kind == .object else {
      throw Failure(.invalid, "the body is no object", faults: [.init("", "is no object")])
    }
    let names = ["role", "source", "name", "holder", "expiresAt"]
    var text: [String: String] = [:]
    for (name, value) in body.members {
      guard names.contains(name) else { throw wrong(name, "is not known") }
      if value.isNull { continue }
      guard let string = value.string else { throw wrong(name, "is no text") }
      text[name] = string
    }
    let end = try text["expiresAt"].map { text in
      guard let end = Instant(text) else { throw wrong("expiresAt", "is no time as in RFC 3339") }
      return end
    }
    return try WantedKey(
      role: text["role"] ?? "", source: text["source"], name: text["name"], holder: text["holder"], end: end, now: now)
  }

  private static func wrong(_ name: String, _ reason: String) -> Failure {
    Failure(.invalid, "the key's \(name) \(reason)", faults: [.init("/\(JSON.pointerToken(name))", reason)])
  }

  private static func write(_ key: AccessKey, text: String?, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", key.id)
      writer.field("role", key.role.rawValue)
      writer.field("source", orNull: key.source)
      writer.field("name", key.name)
      writer.field("holder", key.isMachine ? "machine" : "person")
      writer.field("expiresAt", orNull: key.expiresAt?.text)
      writer.field("key", ifPresent: text)
    }
  }
}
