import Base
import SQL
import TestKit

@testable import Customers

/// A shop's doors, and what they tell of its customers.
///
/// `backend` proves the user id that it sends and ties the browser, `till` proves user id and card, `prover` everything
/// that can be proved, `page` and `leaflet` nothing.
struct Town {
  let store: TestStore

  init(chance: UInt64 = 1, hasBooks: Bool = false) throws {
    store = try TestStore(chance: chance, hasBooks: hasBooks)
    var prover = try Source(name: "prover", channel: "site", trust: .verified)
    prover.proves = Set(IdentifierType.all).subtracting([.anonymousID])
    prover.tiesAnonymousID = false
    for source in [
      try Source(name: "backend", channel: "web", trust: .verified),
      try Source(name: "till", channel: "store", trust: .verified),
      try Source(name: "page", channel: "web", trust: .anonymous),
      try Source(name: "leaflet", channel: "web", trust: .anonymous),
      prover,
    ] { try store.add(source) }
  }

  /// The shop after its server was ended and started again.
  func restarted(chance: UInt64, hasBooks: Bool) throws -> Town {
    let (directory, clock) = (store.directory, store.clock)
    store.close()
    return Town(store: try TestStore(directory, clock: clock, chance: chance, hasBooks: hasBooks))
  }

  private init(store: TestStore) { self.store = store }

  static let sources = ["backend", "till", "page", "leaflet", "prover"]

  /// Sends one event that names `who`, for example `user_id:u1 anonymous_id:a1`.
  @discardableResult
  func send(_ who: String, from source: String, id: String? = nil) throws -> Intake.Answer {
    let id = id ?? store.tokens.next("msg_")
    return try store.send([Self.event(id, who, receivedAt: store.clock.now)], from: source).answers[0]
  }

  static func event(
    _ messageID: String, _ who: String, at: Instant? = nil, receivedAt: Instant, traits: [(String, String)] = [],
    kind: Event.Kind = .identify, name: String? = nil, properties: [(String, String)] = []
  ) -> Event {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("messageId", messageID)
      writer.field("who", who)
      writer.key("traits")
      writer.object { for (name, value) in traits { $0.field(name, value) } }
      if !properties.isEmpty {
        writer.key("properties")
        writer.object { for (name, value) in properties { $0.field(name, value) } }
      }
    }
    let mentions = who.split(separator: " ").compactMap { word -> Event.Mention? in
      let parts = word.split(separator: ":", maxSplits: 1)
      guard let type = IdentifierType(String(parts[0])), let identifier = Identifier(type, String(parts[1])) else {
        return nil
      }
      return Event.Mention(identifier, isProved: false)
    }
    return Event(
      kind: kind, name: name, messageID: messageID, at: min(at ?? receivedAt, receivedAt), originalAt: at, sentAt: nil,
      receivedAt: receivedAt, body: writer.bytes, envelope: nil, mentions: mentions,
      traits: traits.map { name, value in
        Event.Trait(
          Event.TraitPlace(name: name, parent: "/traits", member: name), value: Array("\"\(value)\"".utf8)
        )
      })
  }

  /// Everybody, the leader of each first: `known user_id:u1 anonymous_id:a1`, a claim with `?`, and whose it is.
  func people() throws -> [String] {
    try store.database.read { session in
      var leaders: [Int64] = []
      try session.forEachRow(ofText: "SELECT DISTINCT customer FROM origin ORDER BY customer", []) { row in
        leaders.append(row.integer(0))
        return true
      }
      return try leaders.map { leader in
        let origins = try OriginStore.origins(ofCustomer: leader, in: session)
        let first = origins.filter { $0.number == leader }
        let names = (first + origins.filter { $0.number != leader }).map { origin in
          "\(origin.identifier.type.name):\(origin.identifier.value)\(origin.standing == .claim ? "?" : "")"
            + (origin.source.isEmpty ? "" : "@\(origin.source)")
        }
        return (first.contains { $0.isKnown } ? "known " : "visitor ") + names.joined(separator: " ")
      }
    }
  }

  /// The log's entries, documents left out.
  func log() throws -> [LogEntry] {
    try store.database.read { session in
      var entries: [LogEntry] = []
      try EventLog.forEach(in: session) { if $0.event.kind != .document { entries.append($0) } }
      return entries
    }
  }

  /// The name of the place that the newest event stands at.
  func stand() throws -> String {
    let origin = try log().last?.outcome.origin ?? 0
    return try store.database.read { session in
      if origin == 0 { return "nowhere" }
      let identifier = try OriginStore.origin(origin, in: session).identifier
      return "\(identifier.type.name):\(identifier.value)"
    }
  }

  /// Whether everything holds.
  func findings() throws -> [Finding] { try store.verify() + store.replay() }
}

extension Intake.Answer {
  var result: String {
    switch self {
    case .accepted(_, _, let result): result.rawValue
    case .duplicate(_, _, let result): "again \(result.rawValue)"
    case .conflict: "conflict"
    }
  }

  var customer: String? {
    switch self {
    case .accepted(_, let customer, _), .duplicate(_, let customer, _): customer
    case .conflict: nil
    }
  }

}
