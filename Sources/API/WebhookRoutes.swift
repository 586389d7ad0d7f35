import Base
import Channels
import Customers
import HTTP
import SQL

/// Webhooks: where they go, how far they have come, and what could not be delivered.
struct WebhookRoutes {
  let services: Services

  static let path = "/v1/webhooks"
  static let one = path + "/{name}"
  /// A webhook is a few lines.
  static let options = RouteOptions(maximumBody: 64 << 10)
  /// How many attempts are shown with a webhook.
  private static let shownAttempts: Int64 = 20

  /// The routes of webhooks.
  var all: [Endpoint] { [list, create, read, write, remove, secret, replay, letters, retry, test] }

  private var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.webhooks) { [services] request, exchange in
      services.authorising(Authentication.administrators, request, exchange) { _ in
        let page = try SortedPage(request)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          let webhooks = try WebhookStore.all(in: session).map { $0.webhook }.filter { !$0.isDeleted }
          return try page.answer(all: webhooks, at: Self.path, name: { $0.name }) { webhook, writer in
            try write(webhook, secret: nil, in: session, to: &writer)
          }
        }
      }
    }
  }

  private var create: Endpoint {
    Endpoint(.post, Self.path, Documentation.postWebhook, options: Self.options) { [services] request, exchange in
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        let webhook = try self.webhook(JSONDocument(request.copyBody()).root)
        let draft = try services.vault.draft(forWebhook: webhook.name, now: asked.now)
        change(asked, webhook.name, exchange) { session in
          guard try WebhookStore.find(webhook.name, in: session) == nil else {
            throw Failure(.conflict, "there is a webhook of that name", faults: [.init("/name", "is taken")])
          }
          let sequence = try put(webhook, asked, session)
          // A document alone may have taken the former one of the name away.
          try WebhookStore.close(webhook.name, in: session)
          try WebhookStore.open(webhook.name, at: sequence + 1, now: asked.now, in: session)
          try Vault.store(draft, in: session)
        } committed: {
          services.vault.activate(draft)
        } then: { isRepeated, session in
          try answer(webhook.name, secret: isRepeated ? nil : draft.text, status: .created, in: session)
        }
      }
    }
  }

  private var read: Endpoint {
    Endpoint(.get, Self.one, Documentation.webhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { _ in
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { try answer(name, in: $0) }
      }
    }
  }

  private var write: Endpoint {
    Endpoint(.put, Self.one, Documentation.putWebhook, options: Self.options) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        let webhook = try self.webhook(JSONDocument(request.copyBody()).root)
        guard webhook.name == name else {
          throw Failure(.invalid, "the path names another webhook", faults: [.init("/name", "is not the path's")])
        }
        change(asked, name, exchange) { session in
          try asked.check(current: Self.tag(try Self.found(name, in: session).document))
          _ = try put(webhook, asked, session)
        } then: { _, session in
          try answer(name, in: session)
        }
      }
    }
  }

  private var remove: Endpoint {
    Endpoint(.delete, Self.one, Documentation.deleteWebhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        change(asked, name, exchange) { session in
          var (webhook, document) = try Self.found(name, in: session)
          try asked.check(current: Self.tag(document))
          (webhook.isActive, webhook.isDeleted) = (false, true)
          _ = try put(webhook, asked, session)
          try WebhookStore.close(name, in: session)
          try Vault.deleteSecrets(ofWebhook: name, in: session)
        } committed: {
          services.vault.forgetSecrets(ofWebhook: name)
        } then: { _, _ in
          Response(.noContent)
        }
      }
    }
  }

  // MARK: What they have in common

  static func find(_ name: String, in session: any Session) throws -> Webhook {
    try found(name, in: session).webhook
  }

  private static func found(_ name: String, in session: any Session) throws -> (webhook: Webhook, document: Document) {
    guard let found = try WebhookStore.find(name, in: session) else {
      throw Failure(.notFound, "there is no such webhook")
    }
    return found
  }

  /// The tag of what a shop says of a webhook; how far it is changes from moment to moment and is no part of it.
  private static func tag(_ document: Document) -> EntityTag { EntityTag(version: document.version) }

  /// A webhook as a request has it.
  ///
  /// - Throws: `invalid` also where nothing will ever be sent there; a host's name is looked up when it is connected to.
  private func webhook(_ body: JSON) throws -> Webhook {
    let webhook = try Webhook(document: body)
    if webhook.isDeleted {
      throw Failure(.invalid, "a webhook is taken away by DELETE", faults: [.init("/deleted", "is not for requests")])
    }
    if webhook.isPlain, !services.webhookReach().allowsPlain {
      throw Failure(
        .invalid, "a webhook goes over https, unless webhooksPrivateAddresses is set",
        faults: [.init("/url", "is not https://")])
    }
    return webhook
  }

  /// Stores a version and answers its place in the log.
  private func put(_ webhook: Webhook, _ asked: ShopRequest, _ session: any Session) throws -> Int64 {
    let draft = try DocumentKind.webhook.draft(JSONDocument(webhook.document).root)
    return try DocumentStore.put(
      draft, author: asked.author, at: asked.now, through: services.intake, in: session
    ).document.sequence
  }

  /// Changes something of a webhook, has those who deliver look at it, and answers.
  ///
  /// - Parameters:
  ///   - committed: is called when that is durable, unless the same request had done it before.
  ///   - answer: is told whether it had.
  func change(
    _ asked: ShopRequest, _ name: String, _ exchange: Exchange,
    _ work: @escaping @Sendable (any Session) throws -> Void,
    committed: @escaping @Sendable () -> Void = {},
    then answer: @escaping @Sendable (_ isRepeated: Bool, any Session) throws -> Response
  ) {
    asked.perform(services, exchange) { session -> ShopRequest.Made<Bool> in
      try work(session)
      return ShopRequest.Made(value: true, name: name)
    } committed: { [services] done in
      if done.value != nil { committed() }
      services.webhooks.wake()
    } then: { done, session in
      try answer(done.value == nil, session)
    }
  }

  func answer(
    _ name: String, secret: String? = nil, status: Status = .ok, in session: any Session
  ) throws -> Response {
    var writer = JSONWriter()
    let (webhook, document) = try Self.found(name, in: session)
    try write(webhook, secret: secret, isWhole: true, in: session, to: &writer)
    var response = Response.json(writer.bytes, status: status).tagged(Self.tag(document))
    response.set("Cache-Control", "no-store")
    return response
  }

  private func write(
    _ webhook: Webhook, secret: String?, isWhole: Bool = false, in session: any Session, to writer: inout JSONWriter
  ) throws {
    let cursor = try WebhookStore.cursor(of: webhook.name, in: session)
    let secrets = try services.vault.secrets(
      ofWebhook: webhook.name, rotatedAt: cursor?.rotatedAt, now: services.clock.now)
    let last = try EventLog.last(in: session)
    try writer.object { writer in
      webhook.write(to: &writer)
      writer.field("secret", ifPresent: secret)
      writer.field("secrets", secrets.count)
      writer.field("place", orNull: cursor?.place.sequence)
      writer.field("lag", orNull: cursor.map { max(0, last - $0.place.sequence + ($0.place.part == 0 ? 1 : 0)) })
      writer.field("attempt", orNull: cursor?.attempt)
      writer.field("due", orNull: cursor.map { $0.due.text })
      writer.field("deadLetters", try WebhookStore.countDeadLetters(of: webhook.name, in: session))
      if !isWhole { return }
      writer.key("attempts")
      let attempts = try WebhookStore.attempts(of: webhook.name, limit: Self.shownAttempts, in: session)
      writer.array { writer in
        for attempt in attempts {
          writer.object { writer in
            writer.field("id", attempt.place.id)
            writer.field("sequence", attempt.place.sequence)
            writer.field("attempt", attempt.number)
            writer.field("at", attempt.at.text)
            writer.field("status", orNull: attempt.status)
          }
        }
      }
    }
  }
}
