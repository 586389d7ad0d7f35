import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_767_000_000_000 + seconds * 1000) }

/// Sends `who`'s trait `name` as it was at that second, and answers the profile's.
private func send(
  _ town: Town, _ id: String, _ value: String, at second: Int64, from source: String = "backend",
  who: String = "user_id:u1"
) throws {
  try town.store.send(
    [Town.event(id, who, at: at(second), receivedAt: town.store.clock.now, traits: [("name", value)])], from: source)
}

private func profile(_ town: Town, _ name: String = "user_id:u1") throws -> JSON {
  let name = try #require(CustomerName(name))
  return try town.store.database.read { session in
    guard case .customer(let leader) = try Lookup.find(name, in: session) else { throw Failure(.notFound, "nobody") }
    return try JSONDocument(Profile.json(ofCustomer: leader, in: session)).root
  }
}

private func trait(_ town: Town) throws -> [String] {
  let trait = try #require(try profile(town)["traits"]?["name"])
  func told(_ value: JSON) -> String { "\(value["value"]?.string ?? "?") \(value["source"]?.string ?? "?")" }
  return [told(trait)] + (trait["lost"]?.elements.map(told) ?? [])
}

@Test func `a trait is what was true last, whenever it came, with what lost beside it`() throws {
  let town = try Town()
  try send(town, "m1", "Ann", at: 10)
  #expect(try trait(town) == ["Ann backend"])
  try send(town, "m2", "late", at: 5)
  #expect(try trait(town) == ["Ann backend"])
  try send(town, "m3", "Anna", at: 20)
  #expect(try trait(town) == ["Anna backend"])
  try send(town, "m4", "Anya", at: 15, from: "till")
  #expect(try trait(town) == ["Anna backend", "Anya till"])
  try send(town, "m5", "Annie", at: 25, from: "till")
  #expect(try trait(town) == ["Annie till", "Anna backend"])
  #expect(try town.findings() == [])
}

@Test(arguments: [
  ["m1", "m2"], ["m2", "m1"], ["B", "a"], ["a", "B"], ["é", "e\u{301}"], ["e\u{301}", "é"], ["z", "é"],
])
func `of one moment the greater message wins, whichever came first`(ids: [String]) throws {
  let town = try Town()
  for id in ids { try send(town, id, "by \(id)", at: 10) }
  let greater = Array(ids[0].utf8).lexicographicallyPrecedes(Array(ids[1].utf8)) ? ids[1] : ids[0]
  #expect(try trait(town) == ["by \(greater) backend"])
  #expect(try town.findings() == [])
}

@Test func `two spellings of a trait's name are two traits to the tables and to the checks`() throws {
  let town = try Town()
  let traits = [("\u{E9}", "composed"), ("e\u{301}", "decomposed")]
  for (number, trait) in traits.enumerated() {
    try town.store.send(
      [Town.event("m\(number)", "user_id:u1", at: at(1), receivedAt: town.store.clock.now, traits: [trait])],
      from: "backend")
  }
  #expect(try town.findings() == [])
}

@Test func `an unproved event changes no known customer's traits`() throws {
  let town = try Town()
  try send(town, "m1", "Ann", at: 10, who: "user_id:u1 anonymous_id:a1")
  try send(town, "m2", "Mallory", at: 20, from: "page", who: "anonymous_id:a1")
  try send(town, "m3", "Mallory", at: 20, from: "page", who: "user_id:u1")
  try send(town, "m4", "Mallory", at: 20, from: "page", who: "user_id:u1 anonymous_id:a2")
  #expect(try trait(town) == ["Ann backend"])
  #expect(try profile(town)["timeline"]?.count == 1)
}

@Test func `a profile names its identifiers, and who else claims them`() throws {
  let town = try Town()
  try town.send("anonymous_id:a1", from: "page")
  try town.send("user_id:u1 anonymous_id:a1 email:own@b.test", from: "backend")
  try town.send("anonymous_id:a2 user_id:u1", from: "page")
  let profile = try profile(town)
  let identifiers = profile["identifiers"]?.elements.map { identifier in
    "\(identifier["type"]?.string ?? "") \(identifier["value"]?.string ?? "") \(identifier["verified"]?.bool == true)"
  }
  #expect(identifiers == ["anonymous_id a1 false", "user_id u1 true", "email own@b.test false"])
  #expect(profile["known"]?.bool == true)
  #expect(profile["formerIds"]?.count == 1)
  #expect(profile["claims"]?.elements.map { $0["type"]?.string } == ["user_id"])
  // It begins with the id of the known one, though the visitor is older.
  let known = try town.send("user_id:u1", from: "backend").customer
  #expect(profile["id"]?.string == known)
}

@Test func `a profile shows the first hundred claims on a value, each claimant once`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  for number in 0..<103 { try town.send("anonymous_id:a\(number) user_id:u1", from: "page") }
  try town.send("anonymous_id:a0 user_id:u1", from: "leaflet")
  let claims = try profile(town)["claims"]?.elements.map { $0["customer"]?.string ?? "" } ?? []
  #expect(claims.count == 100 && Set(claims).count == 100)
  #expect(try profile(town, claims[0])["identifiers"]?.elements.map { $0["value"]?.string } == ["a0", "u1"])
}

// MARK: The timeline

/// Events of one customer over three places, late ones among them, each named by its second.
private func timeline() throws -> Town {
  let town = try Town()
  func send(_ second: Int64, _ who: String, _ source: String, _ kind: Event.Kind = .track) throws {
    try town.store.send(
      [
        Town.event(
          "m\(second)", who, at: at(second), receivedAt: town.store.clock.now, kind: kind, name: "e\(abs(second) % 3)")
      ],
      from: source)
  }
  for second in [1, 2, 3] as [Int64] { try send(second, "anonymous_id:a1", "page") }
  try send(9, "user_id:u1 anonymous_id:a1", "backend", .page)
  for second in [8, 4, 6, 5] as [Int64] { try send(second, "user_id:u1", "backend") }
  try send(7, "user_id:u1 card:C1", "till")
  try send(10, "card:C1", "till", .screen)
  // Before 1970, where seconds are negative.
  try send(-1_800_000_000, "user_id:u1", "backend")
  try send(-1_800_000_001, "card:C1", "till")
  return town
}

private func page(
  _ town: Town, before cursor: Timeline.Cursor = .newest, _ filter: Timeline.Filter = .init(), limit: Int
) throws
  -> [Timeline.StoredEvent]
{
  try town.store.database.read { session in
    guard case .customer(let leader) = try Lookup.find(#require(CustomerName("user_id:u1")), in: session) else {
      return []
    }
    return try Timeline.page(ofCustomer: leader, before: cursor, filter: filter, limit: limit, in: session)
  }
}

private func seconds(_ events: [Timeline.StoredEvent]) -> [Int64] { events.map { ($0.at - 1_767_000_000_000) / 1000 } }

private let all: [Int64] = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, -1_800_000_000, -1_800_000_001]

@Test(arguments: 1...13)
func `a timeline is one list over all places, page by page`(limit: Int) throws {
  let town = try timeline()
  var told: [Int64] = []
  var cursor = Timeline.Cursor.newest
  while true {
    let events = try page(town, before: cursor, limit: limit)
    #expect(events.count <= limit)
    told += seconds(events)
    guard let last = events.last, told.count < 50 else { break }
    // As it goes through a URL.
    cursor = try #require(Timeline.Cursor(last.cursor.text))
  }
  #expect(told == all)
}

@Test func `events of one moment stand in the order of the log, and no page loses one`() throws {
  let town = try Town()
  for number in 0..<7 {
    try send(
      town, "m\(number)", "x", at: 1, from: number % 2 == 0 ? "backend" : "till",
      who: number % 2 == 0 ? "user_id:u1" : "user_id:u1 card:C1")
  }
  var told: [Int64] = []
  var cursor = Timeline.Cursor.newest
  while let last = try page(town, before: cursor, limit: 2).last {
    told += try page(town, before: cursor, limit: 2).map { $0.sequence }
    cursor = last.cursor
  }
  #expect(told == told.sorted(by: >) && Set(told).count == 7)
}

private func filter(_ set: (inout Timeline.Filter) -> Void) -> Timeline.Filter {
  var filter = Timeline.Filter()
  set(&filter)
  return filter
}

@Test(
  arguments: [
    (filter { $0.channel = "store" }, [10, 7, -1_800_000_001]), (filter { $0.kind = "page" }, [9]),
    (filter { $0.event = "e0" }, [9, 6, 3, -1_800_000_000]), (filter { $0.event = "none" }, []),
    (filter { $0.from = at(8) }, [10, 9, 8]), (filter { $0.to = at(2) }, [2, 1, -1_800_000_000, -1_800_000_001]),
    (filter { ($0.from, $0.to) = (at(3), at(5)) }, [5, 4, 3]), (filter { ($0.from, $0.to) = (at(5), at(4)) }, []),
    (filter { ($0.channel, $0.from, $0.event) = ("web", at(2), "e2") }, [8, 5, 2]),
  ] as [(Timeline.Filter, [Int64])])
func `a timeline is filtered`(filter: Timeline.Filter, expected: [Int64]) throws {
  let town = try timeline()
  for limit in [1, 2, 3, 20] {
    var told: [Int64] = []
    var cursor = Timeline.Cursor.newest
    while let last = try page(town, before: cursor, filter, limit: limit).last, told.count < 50 {
      told += seconds(try page(town, before: cursor, filter, limit: limit))
      cursor = last.cursor
    }
    #expect(told == expected)
  }
}

@Test func `a filter that lets little through costs no more on a short page`() throws {
  let town = try Town()
  let now = town.store.clock.now
  try town.store.send(
    (0..<20_000).map { Town.event("m\($0)", "user_id:u1", at: at(Int64($0)), receivedAt: now, name: "e") },
    from: "backend")
  let started = ContinuousClock.now
  for _ in 0..<12 {
    #expect(try page(town, filter { $0.event = "none" }, limit: 1).isEmpty)
    #expect(seconds(try page(town, filter { $0.to = at(0) }, limit: 1)) == [0])
  }
  // A step into the index for each event took a fifth of a second for each of these.
  #expect(ContinuousClock.now - started < .seconds(2))
}

@Test(arguments: ["", ".", "a", "a.", ".a", "a.b.c", "!.1", "1-2", "zzzzzzzzzzzzzzzzzz.1"])
func `what is no cursor is refused`(text: String) { #expect(Timeline.Cursor(text) == nil) }

@Test(arguments: [(0, 0), (-1, 1), (.min, .max), (.max, 1), (-62_135_596_800_000, 7)] as [(Int64, Int64)])
func `a cursor comes back as it went`(at: Int64, sequence: Int64) {
  let cursor = Timeline.Cursor(Timeline.Cursor(at: at, sequence: sequence).text)
  #expect(cursor?.at == at && cursor?.sequence == sequence)
}
