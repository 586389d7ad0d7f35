import Base
import Customers
import SQL

/// The webhooks, each with its place and what is on its way to it.
///
/// It is used by one thread at a time, which waits for the database.
struct WebhookLanes: Sendable {
  /// A message that is on its way.
  private struct Flight: Sendable {
    var name: String
    var place: WebhookMessage.Place
    var attempt: Int64
    var generation: Int64
    /// Whether it is a dead letter that is tried once more.
    var isLetter: Bool
  }

  private struct Lane: Sendable {
    var webhook: Webhook
    var cursor: WebhookCursor
    /// The place that stands in the table.
    var kept: Int64
    var isFlying = false
    /// Whether a dead letter may be wanted.
    var mayHaveLetters = true
  }

  /// What is written down.
  private enum Note: Sendable {
    case ended(Flight, status: Int64)
    case moved(WebhookCursor)
    case buried(Flight, status: Int64)
    case settled(String, WebhookMessage.Place)
    case unwanted(String)
    case disabled(String)
  }

  /// What is about to be sent.
  private struct Start: Sendable {
    var flight: Flight
    var webhook: Webhook
    var message: WebhookMessage
    var secrets: [[UInt8]]
  }

  /// As many entries may pass that a webhook does not want before its place is written down.
  private static let longestUnkept: Int64 = 1000

  private let office: WebhookOffice
  private var lanes: [String: Lane] = [:]
  private var flights: [UInt64: Flight] = [:]
  private var pings: [UInt64: WebhookPing] = [:]
  private var lastID: UInt64 = 0
  /// What could not be written yet.
  private var notes: [Note] = []
  /// How far the log was when the documents were read.
  private var seen: Int64 = -1
  private var hasComplained = false

  init(_ office: WebhookOffice) { self.office = office }

  /// Takes what has ended and sends what is due.
  ///
  /// - Returns: false where the database took nothing.
  mutating func round(_ results: [WebhookResult], _ asked: WebhookRunner.Inbox) -> Bool {
    let now = office.clock.now
    for result in results { take(result, now) }
    let isRefreshed = attempt { try $0.refresh(hasChanged: asked.hasChanged, now) }
    for ping in asked.pings { if isRefreshed { send(ping, now) } else { ping.done(nil) } }
    guard isRefreshed, attempt({ lanes in try lanes.write(lanes.plan(now), now) }) else {
      seen = -1
      return false
    }
    hasComplained = false
    office.counts.set(lanes.filter { $0.value.webhook.isActive }.mapValues { $0.cursor.place.sequence })
    return true
  }

  /// Says once, and not in every round, what stands in the way.
  private mutating func attempt(_ work: (inout WebhookLanes) throws -> Void) -> Bool {
    do {
      try work(&self)
      return true
    } catch {
      if !hasComplained { office.log.write(.error, "webhooks cannot be told", ["cause": "\(error)"]) }
      hasComplained = true
      return false
    }
  }

  // MARK: What has ended

  private mutating func take(_ result: WebhookResult, _ now: Instant) {
    if let ping = pings.removeValue(forKey: result.id) { return ping.done(result) }
    guard let flight = flights.removeValue(forKey: result.id) else { return }
    notes.append(.ended(flight, status: Int64(result.status)))
    let isDelivered = (200..<300).contains(result.status)
    office.counts.add(isDelivered ? .delivered : .failed)
    guard var lane = lanes[flight.name] else { return }
    lane.isFlying = false
    if flight.isLetter {
      take(letter: flight, result, isDelivered)
    } else if lane.cursor.generation == flight.generation {
      if isDelivered {
        (lane.cursor.place, lane.cursor.attempt, lane.cursor.due) = (flight.place.next, 0, now)
      } else if result.status == 410 {
        lane.cursor.attempt = 0
        disable(flight.name)
      } else if let pause = WebhookSchedule.pause(
        after: flight.attempt, asked: [429, 503].contains(result.status) ? result.retryAfter : nil, chance: office.chance)
      {
        lane.cursor.due = now + pause
      } else {
        notes.append(.buried(flight, status: Int64(result.status)))
        (lane.cursor.place, lane.cursor.attempt, lane.cursor.due) = (flight.place.next, 0, now)
        office.counts.add(.dead)
        tell("a message to a webhook is a dead letter", flight, result)
      }
      keep(&lane)
    }
    lanes[flight.name] = lane
  }

  private mutating func take(letter flight: Flight, _ result: WebhookResult, _ isDelivered: Bool) {
    if isDelivered { return notes.append(.settled(flight.name, flight.place)) }
    notes.append(.buried(flight, status: Int64(result.status)))
    // Who does not take one is not asked to take the others.
    notes.append(.unwanted(flight.name))
    if result.status == 410 { disable(flight.name) }
  }

  private mutating func disable(_ name: String) {
    notes.append(.disabled(name))
    lanes[name]?.webhook.isActive = false
    office.counts.add(.disabled)
    office.log.write(.warning, "a webhook is disabled: its receiver is gone (410)", ["webhook": name])
  }

  private mutating func keep(_ lane: inout Lane) {
    lane.kept = lane.cursor.place.sequence
    notes.append(.moved(lane.cursor))
  }

  private func tell(_ words: String, _ flight: Flight, _ result: WebhookResult) {
    office.log.write(
      .warning, words,
      [
        "webhook": flight.name, "sequence": "\(flight.place.sequence)", "status": "\(result.status)",
        "cause": result.reason,
      ])
  }

  // MARK: What is there

  /// Reads the documents where the log has become longer, and the places where somebody may have changed them.
  private mutating func refresh(hasChanged: Bool, _ now: Instant) throws {
    let last = office.tail.place
    guard hasChanged || last != seen else { return }
    let (found, cursors) = try office.database.read { session in
      (try WebhookStore.all(in: session), try WebhookStore.cursors(in: session))
    }
    let places = Dictionary(cursors.map { ($0.name, $0) }) { first, _ in first }
    let wanted = found.filter { !$0.webhook.isDeleted }
    let new = wanted.filter { places[$0.webhook.name] == nil && $0.document.sequence <= last }
    if !new.isEmpty {
      try office.database.write { session in
        for (webhook, document) in new {
          try WebhookStore.open(webhook.name, at: document.sequence + 1, now: now, in: session)
        }
      }
      return try refresh(hasChanged: true, now)
    }
    let names = Set(wanted.map { $0.webhook.name })
    lanes = lanes.filter { names.contains($0.key) }
    for (webhook, _) in wanted {
      guard let cursor = places[webhook.name] else { continue }
      if var lane = lanes[webhook.name] {
        lane.webhook = webhook
        if notes.contains(where: { if case .disabled(webhook.name) = $0 { true } else { false } }) {
          lane.webhook.isActive = false
        }
        if lane.cursor.generation != cursor.generation {
          (lane.cursor, lane.kept) = (cursor, cursor.place.sequence)
        }
        lane.cursor.rotatedAt = cursor.rotatedAt
        if hasChanged { lane.mayHaveLetters = true }
        lanes[webhook.name] = lane
      } else {
        lanes[webhook.name] = Lane(webhook: webhook, cursor: cursor, kept: cursor.place.sequence)
      }
    }
    seen = last
  }

  // MARK: What is next

  private mutating func plan(_ now: Instant) throws -> [Start] {
    let last = office.tail.place
    let idle = lanes.values.filter { lane in
      lane.webhook.isActive && !lane.isFlying
        && (lane.mayHaveLetters || lane.cursor.due <= now && lane.cursor.place.sequence <= last)
    }
    if idle.isEmpty || !office.sender.isReady { return [] }
    let found = try office.database.read { session in
      try idle.map { lane in try Self.next(of: lane, upTo: last, now, in: session) }
    }
    var starts: [Start] = []
    for (var lane, next) in zip(idle, found) {
      let secrets = try office.vault.secrets(
        ofWebhook: lane.webhook.name, rotatedAt: lane.cursor.rotatedAt, now: now)
      if secrets.isEmpty { continue }
      lane.mayHaveLetters = next.letter != nil
      if let letter = next.letter, next.message == nil {
        notes.append(.settled(lane.webhook.name, letter.place))
      }
      if next.letter == nil {
        lane.cursor.place = next.end
        if next.message == nil, next.end.sequence - lane.kept >= Self.longestUnkept { keep(&lane) }
      }
      lanes[lane.webhook.name] = lane
      guard let message = next.message else { continue }
      let flight = Flight(
        name: lane.webhook.name, place: message.place, attempt: (next.letter?.attempts ?? lane.cursor.attempt) + 1,
        generation: lane.cursor.generation, isLetter: next.letter != nil)
      starts.append(Start(flight: flight, webhook: lane.webhook, message: message, secrets: secrets))
    }
    return starts
  }

  /// What a webhook is told next: a dead letter that is wanted, else what is at its place.
  private static func next(
    of lane: Lane, upTo last: Int64, _ now: Instant, in session: any Session
  ) throws -> (letter: WebhookDeadLetter?, message: WebhookMessage?, end: WebhookMessage.Place) {
    if lane.mayHaveLetters, let letter = try WebhookStore.wanted(of: lane.webhook.name, in: session) {
      return (letter, try WebhookMessage.at(letter.place, in: session), lane.cursor.place)
    }
    guard lane.cursor.due <= now, lane.cursor.place.sequence <= last else { return (nil, nil, lane.cursor.place) }
    let (message, end) = try WebhookMessage.next(
      for: lane.webhook, from: lane.cursor.place, upTo: last, in: session)
    return (nil, message, end)
  }

  // MARK: What goes out

  /// Writes down what has ended and what is tried next, and then sends that.
  private mutating func write(_ starts: [Start], _ now: Instant) throws {
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

  private mutating func send(_ ping: WebhookPing, _ now: Instant) {
    let secrets = try? office.vault.secrets(
      ofWebhook: ping.name, rotatedAt: lanes[ping.name]?.cursor.rotatedAt, now: now)
    guard let webhook = lanes[ping.name]?.webhook, let secrets, !secrets.isEmpty, office.sender.isReady else { return ping.done(nil) }
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
