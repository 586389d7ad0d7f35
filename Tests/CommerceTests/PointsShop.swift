import Base
import Customers
import SQL
import TestKit

@testable import Commerce

/// A shop whose customers collect points: names of the kind `user_id:a` prove themselves.
struct PointsShop {
  let store: TestStore
  /// Whether each request comes twice.
  var asksTwice = false

  /// A point for each 1.00, nothing pends, points last a year.
  static let programme = #"""
    {"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100, "expiryDays": 365}
    """#

  static var rub: Currency {
    guard let rub = Currency("RUB") else { preconditionFailure("RUB is a currency") }
    return rub
  }

  init(chance: UInt64 = 1, programme: String? = PointsShop.programme) throws {
    store = try TestStore(chance: chance, hasCommerce: true)
    var door = try Source(name: "door", channel: "store", trust: .verified)
    door.proves = Set(IdentifierType.all).subtracting([.anonymousID])
    try store.add(door)
    if let programme { try define(programme) }
  }

  func define(_ programme: String) throws {
    let draft = try LoyaltyProgramme.kind.draft(JSONDocument(Array(programme.utf8)).root)
    let now = store.clock.now
    _ = try store.database.write { [intake = store.intake] session in
      try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    }
  }

  /// Somebody comes in by these names: `user_id:a phone:+12015550123`.
  @discardableResult
  func enter(_ who: String) throws -> Origin.Number {
    let mentions = who.split(separator: " ").compactMap { word -> Event.Mention? in
      let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
      guard let type = IdentifierType(parts[0]), let identifier = Identifier(type, parts[1]) else { return nil }
      return Event.Mention(identifier, isProved: false)
    }
    let now = store.clock.now
    let event = Event(
      kind: .identify, name: nil, messageID: store.tokens.next("msg_"), at: now, originalAt: nil, sentAt: nil,
      receivedAt: now, body: Array("{}".utf8), envelope: nil, mentions: mentions, traits: [])
    try store.send([event], from: "door")
    return try origin(String(who.split(separator: " ")[0]))
  }

  /// The place of a name.
  func origin(_ name: String) throws -> Origin.Number {
    try store.database.read { session in
      guard let name = CustomerName(name), let id = try Lookup.id(of: name, in: session),
        let origin = try Lookup.origin(ofID: id, in: session)
      else { throw Failure(.notFound, name) }
      return origin
    }
  }

  /// Records a request that decides as `decide` says; what it throws refuses it.
  @discardableResult
  func ask(
    at origin: Origin.Number?, id: String? = nil, kind: Event.Kind = .points,
    _ decide: @escaping @Sendable (Instant, inout Outcome, any Session) throws -> Void
  ) throws -> Intake.Answer {
    let now = store.clock.now
    let event = Event.request(
      kind, name: "test", body: Array(#"{"reason": "test"}"#.utf8), messageID: id ?? store.tokens.next("req_"), at: now)
    let answers = try (0..<(asksTwice ? 2 : 1)).map { _ in
      try store.database.write { [intake = store.intake] session in
        try intake.record(event, at: origin, author: "api:test", in: session) { outcome in
          try decide(now, &outcome, session)
        }
      }
    }
    guard answers.allSatisfy({ $0.sequence == answers[0].sequence }) else {
      throw Failure(.conflict, "it counts twice")
    }
    return answers[0]
  }

  func earn(_ amount: Int64, _ order: String, at origin: Origin.Number, time: Instant? = nil) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.earn(
        order: order, amount: amount, currency: Self.rub, lines: [("sku", nil, amount)], at: origin, time: time ?? now,
        into: &outcome, in: session)
    }
  }

  /// Promises what an order of that amount earns.
  func promise(_ amount: Int64, _ order: String, at origin: Origin.Number) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.earn(
        order: order, amount: amount, currency: Self.rub, lines: [("sku", nil, amount)], at: origin, isPromise: true,
        time: now, into: &outcome, in: session)
    }
  }

  func handOver(_ order: String, _ part: Int64, of whole: Int64, at origin: Origin.Number) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.handOver(
        order: order, part: part, of: whole, paid: part, time: now, into: &outcome, in: session)
    }
  }

  /// Gives points that expire so many days on, or never.
  func give(_ points: Int64, to origin: Origin.Number) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.adjust(points, at: origin, now: now, into: &outcome, in: session)
    }
  }

  func burn(
    _ points: Int64, _ order: String, at origin: Origin.Number, isFact: Bool = false, time: Instant? = nil
  ) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.burn(
        points: points, order: order, at: origin, isFact: isFact, time: time ?? now, into: &outcome, in: session)
    }
  }

  func refund(
    _ order: String, _ part: Int64, of whole: Int64, at origin: Origin.Number, time: Instant? = nil
  ) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.refund(order: order, part: part, of: whole, time: time ?? now, into: &outcome, in: session)
    }
  }

  func hold(_ id: String, _ points: Int64, at origin: Origin.Number, receipt: Money? = nil) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.hold(
        id, points: points, until: now + Loyalty.usualHold, receipt: receipt, at: origin, now: now, into: &outcome,
        in: session)
    }
  }

  func capture(_ id: String, _ points: Int64? = nil, order: String? = nil, at origin: Origin.Number) throws {
    try ask(at: origin) { now, outcome, session in
      try Loyalty.capture(id, points: points, order: order, now: now, into: &outcome, in: session)
    }
  }

  func void(_ id: String, at origin: Origin.Number) throws {
    try ask(at: origin) { now, outcome, session in try Loyalty.void(id, now: now, into: &outcome, in: session) }
  }

  // MARK: Who is who

  /// - Returns: the merge's id.
  func merge(_ first: Origin.Number, _ second: Origin.Number) throws -> String {
    let tokens = store.tokens
    let taken = try ask(at: first, kind: .merge) { _, outcome, session in
      _ = try Merging(tokens: tokens, in: session).merge(first, second, into: &outcome)
    }
    return try store.database.read { session in
      try EventLog.entry(taken.sequence, in: session)?.outcome.ties.compactMap { $0.merge }.first ?? ""
    }
  }

  func undo(_ merge: String) throws {
    let tokens = store.tokens
    guard let pair = try store.database.read({ try Merge.find(merge, in: $0)?.pair }) else { return }
    try ask(at: pair.first, kind: .undo) { _, outcome, session in
      guard let merge = try Merge.find(merge, in: session) else { throw Failure(.notFound, "no merge") }
      try Merging(tokens: tokens, in: session).undo(merge, keep: [], into: &outcome)
    }
  }

  func join(_ origin: Origin.Number, with other: Origin.Number) throws {
    let id = store.tokens.next("hsh_")
    try ask(at: origin) { _, outcome, session in
      try Loyalty.join(origin, with: other, id: id, into: &outcome, in: session)
    }
  }

  func leave(_ origin: Origin.Number) throws {
    try ask(at: origin) { _, outcome, session in try Loyalty.leave(origin, into: &outcome, in: session) }
  }

  func erase(_ origin: Origin.Number) throws {
    let act = Erasure.Act(
      reason: "asked", author: "api:root", messageID: store.tokens.next("job_"), at: store.clock.now)
    _ = try store.database.write { [erasure = store.erasure] session in
      let leader = try Lookup.leader(of: origin, in: session)
      return try erasure.erase(Erasure.person(ofCustomer: leader, in: session), by: act, in: session)
    }
  }

  /// Lets what is due by now happen.
  func tick() throws {
    let runner = TimerRunner(
      database: store.database, intake: store.intake, acts: store.features.flatMap { $0.acts }, clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1))
    try runner.fire()
  }

  // MARK: What there is

  func points(_ origin: Origin.Number) throws -> LoyaltyReading {
    let now = store.clock.now
    return try store.database.read { try LoyaltyReading(ofCustomer: origin, now: now, in: $0) }
  }

  /// `balance/pending/held/owed`.
  func sums(_ origin: Origin.Number) throws -> [Int64] {
    let points = try points(origin)
    return [points.balance, points.pending, points.held, points.owed]
  }

  func json(_ origin: Origin.Number, receipt: Money? = nil, isTill: Bool = false) throws -> JSON {
    var writer = JSONWriter()
    try points(origin).write(to: &writer, receipt: receipt, isTill: isTill)
    return try JSONDocument(writer.bytes).root
  }

  /// What each account of the books has, below 0 the households'.
  func accounts() throws -> [Int64: Int64] {
    try store.database.read { session in
      var accounts: [Int64: Int64] = [:]
      try session.forEachRow(
        ofText: "SELECT account, sum(points) FROM loyalty_posting WHERE ledger = 'member' GROUP BY account", []
      ) { row in
        accounts[row.integer(0)] = row.integer(1)
        return true
      }
      return accounts
    }
  }

  func findings() throws -> [Finding] { try store.verify() + store.replay() }
}
