import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// Sends an event and answers its place.
@discardableResult
private func send(_ number: Int, to town: Town) throws -> Int64 {
  let now = town.store.clock.now
  try town.store.send([Town.event("m\(number)", "user_id:u1", at: now, receivedAt: now)], from: "backend")
  return try town.store.database.read { try EventLog.last(in: $0) }
}

private func text(_ event: Timeline.ShownEvent) -> String {
  var writer = JSONWriter()
  event.write(ofCustomer: "c_1", to: &writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}

private func page(_ town: Town) throws -> String {
  try town.store.database.read { session in
    guard case .customer(let leader) = try Lookup.find(#require(CustomerName("user_id:u1")), in: session) else {
      return ""
    }
    return try Timeline.page(ofCustomer: leader, limit: 9, in: session).events.map { text($0) }.joined()
  }
}

private func rewrite(_ sequence: Int64, _ town: Town) throws {
  try town.store.database.write { session in
    var entry = try #require(try EventLog.entry(sequence, in: session))
    entry.event.body = Array(#"{"properties":{"said":"nothing"}}"#.utf8)
    try EventLog.rewrite(entry, in: session)
  }
}

@Test func `an event that was shown is read again when the log was rewritten, and not before`() throws {
  let town = try Town()
  let place = try send(1, to: town)
  let first = try page(town)
  #expect(first.contains("\"customer\":\"c_1\""))
  #expect(!first.contains("nothing"))
  #expect(try town.store.database.read { try EventLog.rewrites(in: $0) } == 0)
  try rewrite(place, town)
  #expect(try page(town).contains("\"said\":\"nothing\""))
  #expect(try town.store.database.read { try EventLog.rewrites(in: $0) } == 1)
}

@Test func `an older snapshot keeps nothing for a newer one`() throws {
  let town = try Town()
  let place = try send(1, to: town)
  try town.store.database.read { session in
    // Its snapshot begins with its first statement.
    #expect(try EventLog.rewrites(in: session) == 0)
    try rewrite(place, town)
    #expect(try page(town).contains("nothing"))
    let event = try #require(try ShownEvents.Reader(session).event(place))
    #expect(!text(event).contains("nothing"))
  }
  #expect(try page(town).contains("nothing"))
}

@Test func `a place has room for two events, and a long one is read anew`() throws {
  let town = try Town()
  let places = try (1...60).map { try send($0, to: town) }
  let events = try town.store.database.read { session in
    try places.compactMap { try ShownEvents.Reader(session).event($0) }
  }
  let kept = ShownEvents(pairs: 8)
  for event in events { kept.keep(event, 0) }
  #expect(places.map { kept.find($0, 0) != nil } == (0..<60).map { $0 >= 44 })
  #expect(places.allSatisfy { kept.find($0, 1) == nil })
  // What was read of a newer log takes the place of the same event.
  kept.keep(events[59], 1)
  #expect(kept.find(places[59], 1) != nil)

  func event(_ id: Int, _ letters: Int) throws -> Timeline.ShownEvent? {
    let now = town.store.clock.now
    let long = Town.event(
      "long-\(id)", "user_id:u1", at: now, receivedAt: now, kind: .track,
      properties: [("text", String(repeating: "a", count: letters))])
    try town.store.send([long], from: "backend")
    return try town.store.database.read { try ShownEvents.Reader($0).event(EventLog.last(in: $0)) }
  }
  let short = try #require(try event(1, 1))
  for (id, beyond) in [(2, 0), (3, 1)] {
    let long = try #require(try event(id, ShownEvents.longest - short.size + 1 + beyond))
    #expect(long.size == ShownEvents.longest + beyond)
    kept.keep(long, 0)
    #expect((kept.find(long.sequence, 0) != nil) == (beyond == 0))
  }
}
