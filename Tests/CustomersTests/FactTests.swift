import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// What loyalty will publish, as a feature above the ground floor does it.
private struct PointFacts: FactPublisher {
  let prefix = "points"

  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    guard name == "balance" else { return nil }
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    return .number(Int128(try BooksFold.balance(of: origins, in: session)) * 1_000_000)
  }
}

extension Town {
  fileprivate func fact(
    _ name: String, of customer: String = "user_id:u1", in facts: Facts = Facts()
  ) throws -> Fact? {
    let (leader, now) = (try leader(customer), store.clock.now)
    return try store.database.read { try facts.value(of: name, ofCustomer: leader, now: now, in: $0) }
  }
}

private func furnished() throws -> Town {
  let town = try Town(hasBooks: true)
  try town.send("user_id:u1", from: "backend")
  var event = Town.event("t", "user_id:u1", receivedAt: town.store.clock.now)
  let names = ["city", "size", "price", "isMember", "address", "big", "gone"]
  event.body = Array(
    #"{"traits": {"city": "Riga", "size": 42, "price": -0.000001, "isMember": true, "address": {}, "big": 1e9, "gone": null}}"#
      .utf8)
  let traits = try #require(JSONDocument(event.body).root["traits"])
  event.traits = names.map { name in
    Event.Trait(.init(name: name, parent: "/traits", member: name), value: traits.member(name)?.bytes ?? [])
  }
  try town.store.send([event], from: "backend")
  try town.define(#"{"name": "orders2d", "function": "count", "event": "Order Completed", "days": 2}"#)
  try town.happens("{}", hoursAgo: 47)
  try town.consent(
    "user_id:u1",
    #"[{"purpose": "news", "channel": "email", "state": "granted"}, {"purpose": "news", "state": "withdrawn"}]"#)
  return town
}

@Test(arguments: [
  ("trait:city", Fact.text("Riga")), ("trait:size", .number(42_000_000)), ("trait:price", .number(-1)),
  ("trait:isMember", .flag(true)), ("trait:address", nil), ("trait:big", nil), ("trait:gone", nil),
  ("trait:none", nil), ("computed:orders2d", .number(1_000_000)), ("computed:none", nil),
  ("consent:news/email", .flag(true)), ("consent:news", .flag(false)), ("consent:news/sms", nil),
  ("consent:other", nil), ("event:none", nil), ("trait:", nil),
])
func `a fact is read by its name`(name: String, expected: Fact?) throws {
  #expect(try furnished().fact(name) == expected)
}

@Test func `a window's fact changes with the clock alone, and a merge adds up`() throws {
  let town = try furnished()
  let now = town.store.clock.now
  #expect(try town.fact("event:first") == .time(now - .seconds(47 * 3600)))
  #expect(try town.fact("event:last") == .time(now))
  town.store.clock.advance(by: .seconds(3600))
  #expect(try town.fact("computed:orders2d") == .number(0))
  try town.happens("{}", who: "user_id:u2")
  #expect(try town.fact("computed:orders2d", of: "user_id:u2") == .number(1_000_000))
  try town.merge("user_id:u1", "user_id:u2")
  #expect(try town.fact("computed:orders2d") == .number(1_000_000))
  #expect(try town.fact("event:last") == .time(town.store.clock.now))
}

@Test func `a floor above publishes under a prefix of its own`() throws {
  let town = try furnished()
  let facts = Facts(Facts.groundFloor + [PointFacts()])
  try town.happens(#"{"properties": {"value": "30"}}"#, "Points")
  #expect(try town.fact("points:balance", in: facts) == .number(30_000_000))
  #expect(try town.fact("points:other", in: facts) == nil)
  #expect(try town.fact("trait:city", in: facts) == .text("Riga"))
  for name in ["points:balance", "city", "", "Trait:city"] {
    #expect(throws: Failure.self) { try town.fact(name) }
  }
}

@Test func `a fact sees what its own transaction has written`() throws {
  let town = try furnished()
  let (leader, now) = (try town.leader("user_id:u1"), town.store.clock.now)
  let seen = try town.store.database.write { [intake = town.store.intake] session in
    let edit = try TraitEdit(JSONDocument(Array(#"{"traits": {"city": "Oslo"}}"#.utf8)).root)
    let event = try edit.event(ofCustomer: leader, messageID: "e", now: now, in: session)
    _ = try intake.record(event, at: leader, author: "api:ann", in: session) { outcome in
      outcome.traits = event.traits.map { $0.place }
    }
    return try Facts().value(of: "trait:city", ofCustomer: leader, now: now, in: session)
  }
  #expect(seen == .text("Oslo"))
}

@Test func `the first and the last event are those of all places of a customer`() throws {
  let town = try Town()
  let now = town.store.clock.now
  let times = [5, 9, 1, 3].map { now + .seconds(-3600 * $0) }
  for (index, time) in times.enumerated() {
    let who = index < 2 ? "user_id:u1" : "user_id:u2"
    try town.store.send([Town.event("m\(index)", who, at: time, receivedAt: now)], from: "backend")
  }
  #expect(try town.fact("event:last") == .time(times[0]))
  try town.merge("user_id:u1", "user_id:u2")
  #expect(try town.fact("event:first") == .time(times[1]))
  // The merge itself is an event, now.
  #expect(try town.fact("event:last") == .time(now))
}
