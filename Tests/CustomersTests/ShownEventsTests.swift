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

@Test func `what is kept has a bound, and what is asked for again stays`() throws {
  let town = try Town()
  let places = try (1...60).map { try send($0, to: town) }
  let events = try town.store.database.read { session in
    try places.compactMap { try ShownEvents.Reader(session).event($0) }
  }
  let size = try #require(events.map { $0.size }.max())
  let kept = ShownEvents(mostBytes: 10 * size)
  for event in events {
    kept.keep(event, 0)
    #expect(kept.find(places[0], 0) != nil)
    #expect(kept.bytes <= 10 * size)
  }
  #expect(kept.find(places[1], 0) == nil)
  #expect(kept.find(places[59], 0) != nil)
  #expect(kept.find(places[59], 1) == nil)
}
