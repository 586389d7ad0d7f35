import Base
import Customers
import SQL

/// What is written down, and what goes out after that.
extension WebhookLanes {
  /// Writes down what has ended and what is tried next, and then sends that.
  mutating func write(_ starts: [Start], _ now: Instant) throws {
    if notes.isEmpty && starts.isEmpty { return }
    let flights = starts.map { $0.flight }
    var cursors: [WebhookCursor?] = []
    for flight in flights {
      var cursor = flight.isLetter ? nil : lanes[flight.name]?.cursor
      cursor?.place = flight.place
      cursor?.attempt = flight.attempt
      cursor?.due = now
      cursors.append(cursor)
    }
    let begun = try office.database.write { [office, notes, cursors] session in
      for note in notes { try Self.write(note, office, now, in: session) }
      return try zip(flights, cursors).map { flight, cursor in
        // It was sent elsewhere meanwhile, or taken away.
        if let cursor, try !WebhookStore.move(cursor, in: session) { return false }
        try WebhookStore.begin(flight.attempt, of: flight.place, by: flight.name, at: now, in: session)
        return true
      }
    }
    notes = []
    CrashPoint.pass("webhook.begun")
    for (start, (isBegun, cursor)) in zip(starts, zip(begun, cursors)) where isBegun {
      lastID += 1
      self.flights[lastID] = start.flight
      lanes[start.flight.name]?.isFlying = true
      if let cursor {
        lanes[start.flight.name]?.cursor = cursor
        lanes[start.flight.name]?.kept = cursor.place.sequence
      }
      office.sender.start(
        Self.request(lastID, start.webhook, id: start.message.place.id, start.message.body, start.secrets, now))
    }
    if begun.contains(false) { seen = -1 }
  }

  private static func write(
    _ note: Note, _ office: WebhookOffice, _ now: Instant, in session: any Session
  ) throws {
    switch note {
    case .ended(let flight, let status):
      try WebhookStore.end(flight.attempt, of: flight.place, by: flight.name, status: status, in: session)
    case .moved(let cursor): _ = try WebhookStore.move(cursor, in: session)
    case .buried(let flight, let status):
      try WebhookStore.bury(
        flight.place, of: flight.name, attempts: flight.attempt, status: status, at: now, in: session)
    case .settled(let name, let place): try WebhookStore.settle(place, of: name, in: session)
    case .unwanted(let name): try WebhookStore.want(false, of: name, in: session)
    case .disabled(let name):
      guard var webhook = try WebhookStore.find(name, in: session)?.webhook, webhook.isActive else { return }
      webhook.isActive = false
      let draft = try DocumentKind.webhook.draft(JSONDocument(webhook.document).root)
      _ = try DocumentStore.put(draft, author: "webhook:\(name)", at: now, through: office.intake, in: session)
    }
  }

  mutating func send(_ ping: WebhookPing, _ now: Instant) {
    let secrets = try? office.vault.secrets(
      ofWebhook: ping.name, rotatedAt: lanes[ping.name]?.cursor.rotatedAt, now: now)
    guard let webhook = lanes[ping.name]?.webhook, let secrets, !secrets.isEmpty, office.sender.isReady else {
      return ping.done(nil)
    }
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("type", "ping")
      writer.field("timestamp", now.text)
      writer.key("data")
      writer.object { $0.field("webhook", ping.name) }
    }
    lastID += 1
    pings[lastID] = ping
    office.sender.start(
      Self.request(lastID, webhook, id: office.tokens.next("msg_ping_"), writer.bytes, secrets, now))
  }

  private static func request(
    _ number: UInt64, _ webhook: Webhook, id: String, _ body: [UInt8], _ secrets: [[UInt8]], _ now: Instant
  ) -> WebhookRequest {
    let seconds = now.milliseconds / 1000
    let signature = WebhookSignature.text(id: id, timestamp: seconds, body: body, secrets: secrets)
    return WebhookRequest(
      id: number, url: webhook.url,
      headers: [
        "Content-Type: application/json", "User-Agent: Throughline", "webhook-id: \(id)",
        "webhook-timestamp: \(seconds)", "webhook-signature: \(signature)",
        // No wait for a permission to send the body.
        "Expect:",
      ], body: body)
  }
}
