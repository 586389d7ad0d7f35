import Base
import Customers
import SQL

/// The webhooks, each with its place and what is on its way to it.
///
/// It is used by one thread at a time, which waits for the database.
struct WebhookLanes: Sendable {
  /// A message that is on its way.
  struct Flight: Sendable {
    var name: String
    var place: WebhookMessage.Place
    var attempt: Int64
    var generation: Int64
    /// Whether it is a dead letter that is tried once more.
    var isLetter: Bool
  }

  struct Lane: Sendable {
    var webhook: Webhook
    var cursor: WebhookCursor
    /// The place that stands in the table.
    var kept: Int64
    var isFlying = false
    /// Whether a dead letter may be wanted.
    var mayHaveLetters = true
  }

  /// What is written down.
  enum Note: Sendable {
    case ended(Flight, status: Int64)
    case moved(WebhookCursor)
    case buried(Flight, status: Int64)
    case settled(String, WebhookMessage.Place)
    case unwanted(String)
    case disabled(String)

    var isOfLetter: Bool {
      switch self {
      case .settled, .unwanted: true
      case .ended, .moved, .buried, .disabled: false
      }
    }
  }

  /// What is about to be sent.
  struct Start: Sendable {
    var flight: Flight
    var webhook: Webhook
    var message: WebhookMessage
    var secrets: [[UInt8]]
  }

  /// As many entries may pass that a webhook does not want before its place is written down.
  private static let longestUnkept: Int64 = 1000

  let office: WebhookOffice
  var lanes: [String: Lane] = [:]
  var flights: [UInt64: Flight] = [:]
  var pings: [UInt64: WebhookPing] = [:]
  var lastID: UInt64 = 0
  /// What could not be written yet.
  var notes: [Note] = []
  /// How far the log was when the documents were read.
  var seen: Int64 = -1
  private var hasComplained = false

  init(_ office: WebhookOffice) { self.office = office }

  /// Whether a webhook waits for the log to become longer.
  var isWaiting: Bool { lanes.values.contains { $0.webhook.isActive && !$0.isFlying } }

  /// Takes what has ended and sends what is due.
  ///
  /// - Returns: false where the database took nothing.
  mutating func round(_ results: [WebhookResult], _ asked: WebhookRunner.Inbox) -> Bool {
    let now = office.clock.now
    for result in results { take(result, now) }
    let isRefreshed = attempt { try $0.refresh(hasChanged: asked.hasChanged, now) }
    for ping in asked.pings { if isRefreshed { send(ping, now) } else { ping.done(nil) } }
    guard isRefreshed, attempt({ try $0.goOn(now) }) else {
      seen = -1
      return false
    }
    hasComplained = false
    office.counts.set(lanes.filter { $0.value.webhook.isActive }.mapValues { $0.cursor.place.sequence })
    return true
  }

  private mutating func goOn(_ now: Instant) throws {
    // What became of a dead letter is written before the table is asked for the next one, lest it be the same.
    if notes.contains(where: { $0.isOfLetter }) { try write([], now) }
    try write(plan(now), now)
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
    if result.status == 410 { lane.webhook.isActive = false }
    if flight.isLetter {
      take(letter: flight, result, isDelivered)
    } else if lane.cursor.generation == flight.generation {
      if isDelivered {
        (lane.cursor.place, lane.cursor.attempt, lane.cursor.due) = (flight.place.next, 0, now)
      } else if result.status == 410 {
        lane.cursor.attempt = 0
        disable(flight.name)
      } else if let pause = WebhookSchedule.pause(
        after: flight.attempt, asked: [429, 503].contains(result.status) ? result.retryAfter : nil,
        chance: office.chance)
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
}
