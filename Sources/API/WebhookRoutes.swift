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
        services.read(exchange) { session in
          var writer = JSONWriter()
          try writer.object { writer in
            writer.key("data")
            try writer.array { writer in
              for (webhook, _) in try WebhookStore.all(in: session) where !webhook.isDeleted {
                try write(webhook, secret: nil, in: session, to: &writer)
              }
            }
            writer.key("next")
            writer.null()
          }
          return .json(writer.bytes)
        }
      }
    }
  }

  private var create: Endpoint {
    Endpoint(.post, Self.path, Documentation.postWebhook, options: Self.options) { [services] request, exchange in
      let body = request.copyBody()
      services.authorising(Authentication.administrators, request, exchange) { key in
        let webhook = try self.webhook(JSONDocument(body).root)
        let now = services.clock.now
        let draft = try services.vault.draft(forWebhook: webhook.name, now: now)
        change(exchange, now) { session in
          guard try WebhookStore.find(webhook.name, in: session) == nil else {
            throw Failure(.conflict, "there is a webhook of that name", faults: [.init("/name", "is taken")])
          }
          let sequence = try put(webhook, by: key, now, session)
          // A document alone may have taken the former one of the name away.
          try WebhookStore.close(webhook.name, in: session)
          try WebhookStore.open(webhook.name, at: sequence + 1, now: now, in: session)
          try Vault.store(draft, in: session)
        } then: { session in
          services.vault.activate(draft)
          return try answer(webhook.name, secret: draft.text, status: .created, in: session)
        }
      }
    }
  }

  private var read: Endpoint {
    Endpoint(.get, Self.one, Documentation.webhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { _ in
        services.read(exchange) { try answer(name, in: $0) }
      }
    }
  }

  private var write: Endpoint {
    Endpoint(.put, Self.one, Documentation.putWebhook, options: Self.options) { [services] request, exchange in
      let (name, body) = (request.parameter("name") ?? "", request.copyBody())
      services.authorising(Authentication.administrators, request, exchange) { key in
        let webhook = try self.webhook(JSONDocument(body).root)
        guard webhook.name == name else {
          throw Failure(.invalid, "the path names another webhook", faults: [.init("/name", "is not the path's")])
        }
        let now = services.clock.now
        change(exchange, now) { session in
          _ = try Self.find(name, in: session)
          _ = try put(webhook, by: key, now, session)
        } then: {
          try answer(name, in: $0)
        }
      }
    }
  }

  private var remove: Endpoint {
    Endpoint(.delete, Self.one, Documentation.deleteWebhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let now = services.clock.now
        change(exchange, now) { session in
          var webhook = try Self.find(name, in: session)
          (webhook.isActive, webhook.isDeleted) = (false, true)
          _ = try put(webhook, by: key, now, session)
          try WebhookStore.close(name, in: session)
          try Vault.deleteSecrets(ofWebhook: name, in: session)
        } then: { _ in
          services.vault.forgetSecrets(ofWebhook: name)
          return Response(.noContent)
        }
      }
    }
  }

  // MARK: What they have in common

  static func find(_ name: String, in session: any Session) throws -> Webhook {
    guard let webhook = try WebhookStore.find(name, in: session)?.webhook else {
      throw Failure(.notFound, "there is no such webhook")
    }
    return webhook
  }

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
  private func put(_ webhook: Webhook, by key: AccessKey, _ now: Instant, _ session: any Session) throws -> Int64 {
    let draft = try DocumentKind.webhook.draft(JSONDocument(webhook.document).root)
    return try DocumentStore.put(
      draft, author: Event.requestSource + key.name, at: now, through: services.intake, in: session
    ).document.sequence
  }

  /// Changes something, has those who deliver look at it, and answers.
  func change(
    _ exchange: Exchange, _ now: Instant, _ work: @escaping @Sendable (any Session) throws -> Void,
    then answer: @escaping @Sendable (any Session) throws -> Response
  ) {
    services.database.write(weight: Webhook.longestURL, work) { [services] (result: Result<Void, any Error>) in
      do {
        try result.get()
        services.read(exchange, minimum: nil, answer) { response in
          services.webhooks.wake()
          exchange.respond(response)
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  func answer(
    _ name: String, secret: String? = nil, status: Status = .ok, in session: any Session
  ) throws -> Response {
    var writer = JSONWriter()
    try write(Self.find(name, in: session), secret: secret, isWhole: true, in: session, to: &writer)
    var response = Response.json(writer.bytes, status: status)
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
