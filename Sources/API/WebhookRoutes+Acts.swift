import Base
import Channels
import Customers
import HTTP
import SQL

/// What is done with a webhook beside changing it.
extension WebhookRoutes {
  var secret: Endpoint {
    Endpoint(.post, Self.one + "/secret", Documentation.rotateWebhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        let draft = try services.vault.draft(forWebhook: name, now: asked.now)
        change(asked, name, exchange) { session in
          let webhook = try Self.find(name, in: session)
          // One that came from a file has not begun yet.
          let start = try EventLog.last(in: session) + 1
          try WebhookStore.open(webhook.name, at: start, now: asked.now, in: session)
          try Vault.store(draft, in: session)
          try WebhookStore.rotate(name, at: draft.isRotated ? asked.now : nil, in: session)
        } committed: {
          services.vault.activate(draft)
        } then: { isRepeated, session in
          try answer(name, secret: isRepeated ? nil : draft.text, in: session)
        }
      }
    }
  }

  var replay: Endpoint {
    Endpoint(.post, Self.one + "/replay", Documentation.replayWebhook, options: Self.options) {
      [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        let asked = try ShopRequest(request, by: key, services)
        let fields = try JSONDocument(request.copyBody()).root
        guard fields.kind == .object, let place = fields["from"]?.integer, place >= 1,
          fields.members.allSatisfy({ $0.key == "from" })
        else {
          throw Failure(
            .invalid, "a replay names a place in the log", faults: [.init("/from", "is no whole number from 1")])
        }
        change(asked, name, exchange) { session in
          _ = try Self.find(name, in: session)
          let last = try EventLog.last(in: session)
          guard place <= last else {
            throw Failure(.invalid, "from is beyond the log's end", faults: [.init("/from", "is above \(last)")])
          }
          try WebhookStore.open(name, at: place, now: asked.now, in: session)
          try WebhookStore.jump(name, to: place, now: asked.now, in: session)
        } then: { _, session in
          try answer(name, in: session)
        }
      }
    }
  }

  var letters: Endpoint {
    Endpoint(.get, Self.one + "/dead-letters", Documentation.webhookLetters) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { _ in
        let page = try PageQuery(request)
        // A page goes up the log; its cursor is the last one's place.
        let isFirst = page.cursor.sequence == .max
        let place = WebhookMessage.Place(
          sequence: isFirst ? 0 : page.cursor.sequence, part: isFirst ? 0 : page.cursor.at)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          _ = try Self.find(name, in: session)
          let letters = try WebhookStore.deadLetters(of: name, after: place, limit: page.limit + 1, in: session)
          return try page.answer(
            letters, at: "\(Self.path)/\(name)/dead-letters",
            cursor: { Timeline.Cursor(at: $0.place.part, sequence: $0.place.sequence) }
          ) { letter, writer in
            writer.object { writer in
              writer.field("id", letter.place.id)
              writer.field("sequence", letter.place.sequence)
              writer.field("at", letter.at.text)
              writer.field("attempts", letter.attempts)
              writer.field("status", letter.status)
              writer.field("retrying", letter.isWanted)
            }
          }
        }
      }
    }
  }

  var retry: Endpoint {
    Endpoint(.post, Self.one + "/dead-letters/retry", Documentation.retryWebhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { key in
        change(try ShopRequest(request, by: key, services), name, exchange) { session in
          _ = try Self.find(name, in: session)
          try WebhookStore.want(true, of: name, in: session)
        } then: { _, session in
          try answer(name, in: session)
        }
      }
    }
  }

  var test: Endpoint {
    Endpoint(.post, Self.one + "/test", Documentation.testWebhook) { [services] request, exchange in
      let name = request.parameter("name") ?? ""
      services.authorising(Authentication.administrators, request, exchange) { _ in
        services.read(exchange, minimum: nil) {
          try Self.find(name, in: $0)
        } then: { _ in
          services.webhooks.ping(name) { result in
            guard let result else {
              let failure = Failure(
                .unavailable, "nothing can be sent: the webhook has no secret, or libcurl is missing")
              return exchange.respond(services.problem(failure))
            }
            var writer = JSONWriter()
            writer.object { writer in
              writer.field("delivered", (200..<300).contains(result.status))
              writer.field("status", result.status)
              writer.field("reason", orNull: result.reason.isEmpty ? nil : result.reason)
            }
            exchange.respond(.json(writer.bytes))
          }
        }
      }
    }
  }
}
