import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// What comes in, one event a line (`door: who`), what is answered to each, and who everybody is then.
struct Story: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let events: [(door: String, who: String)]
  let results: [String]
  let people: [String]
  let stands: String

  init(_ name: String, _ events: [(String, String)], _ results: [String], _ people: [String], stands: String) {
    testDescription = name
    self.events = events.map { (door: $0.0, who: $0.1) }
    self.results = results
    self.people = people
    self.stands = stands
  }
}

private let stories = [
  Story("nobody yet: one proof", [("backend", "user_id:u1")], ["created"], ["known user_id:u1"], stands: "user_id:u1"),
  Story(
    "nobody yet: several proofs of one event are one customer",
    [("prover", "phone:+12015550102 user_id:u1 email:a@b.test")],
    ["created"], ["known user_id:u1 email:a@b.test phone:+12015550102"], stands: "user_id:u1"),
  Story(
    "one known: new identifiers join him",
    [("prover", "user_id:u1"), ("prover", "user_id:u1 card:C1"), ("till", "card:C1")],
    ["created", "matched", "matched"], ["known user_id:u1 card:C1"], stands: "card:C1"),
  Story(
    "one known by less than what comes new", [("prover", "email:a@b.test"), ("prover", "user_id:u1 email:a@b.test")],
    ["created", "matched"], ["known email:a@b.test user_id:u1"], stands: "user_id:u1"),
  Story(
    "one name twice in one event", [("prover", "user_id:u1 email:a@b.test user_id:u1 email:A@B.test")], ["created"],
    ["known user_id:u1 email:a@b.test"], stands: "user_id:u1"),
  Story(
    "a visitor who signs in", [("page", "anonymous_id:a1"), ("backend", "user_id:u1 anonymous_id:a1")],
    ["created", "merged"], ["known user_id:u1 anonymous_id:a1"], stands: "user_id:u1"),
  Story(
    "a visitor who signs in as somebody known",
    [
      ("backend", "user_id:u1"), ("page", "anonymous_id:a1"), ("backend", "user_id:u1 anonymous_id:a1"),
      ("backend", "anonymous_id:a1 user_id:u1"),
    ],
    ["created", "created", "merged", "matched"], ["known user_id:u1 anonymous_id:a1"], stands: "user_id:u1"),
  Story(
    "a login in the first event of all", [("backend", "user_id:u1 anonymous_id:a1")], ["created"],
    ["known user_id:u1 anonymous_id:a1"], stands: "user_id:u1"),
  Story(
    "what a visitor only claimed stays a claim when he signs in",
    [
      ("page", "anonymous_id:a1 email:a@b.test"), ("page", "anonymous_id:a2 email:a@b.test"),
      ("backend", "user_id:u1 anonymous_id:a1"),
    ],
    ["created", "created", "merged"], ["visitor email:a@b.test? anonymous_id:a2", "known user_id:u1 anonymous_id:a1"],
    stands: "user_id:u1"),
  Story(
    "once signed in, his browser proves nothing",
    [
      ("backend", "user_id:u1 anonymous_id:a1"), ("page", "anonymous_id:a1"),
      ("page", "anonymous_id:a1 email:a@b.test"), ("leaflet", "anonymous_id:a1"),
    ],
    ["created", "created", "claimed", "created"],
    [
      "known user_id:u1 anonymous_id:a1", "visitor anonymous_id:a1?@page email:a@b.test?",
      "visitor anonymous_id:a1?@leaflet",
    ], stands: "anonymous_id:a1"),
  Story(
    "several known become one, and it stands with the highest",
    [("prover", "user_id:u1"), ("prover", "card:C1"), ("prover", "card:C1 user_id:u1"), ("till", "card:C1")],
    ["created", "created", "merged", "matched"],
    ["known user_id:u1 card:C1"], stands: "card:C1"),
  Story(
    "several known and a new name: the oldest leads",
    [("prover", "email:a@b.test"), ("prover", "card:C1"), ("prover", "card:C1 user_id:u1 email:a@b.test")],
    ["created", "created", "merged"], ["known email:a@b.test card:C1 user_id:u1"],
    stands: "user_id:u1"),
  Story(
    "several known of whom some may not be one",
    [
      ("prover", "user_id:u1 phone:+12015550123"), ("prover", "user_id:u2 email:a@b.test"), ("prover", "card:C1"),
      ("prover", "card:C1 email:a@b.test phone:+12015550123"),
    ],
    ["created", "created", "created", "queued"],
    ["known user_id:u1 phone:+12015550123", "known user_id:u2 email:a@b.test card:C1"], stands: "card:C1"),
  Story(
    "a device ties no two known customers",
    [("prover", "user_id:u1 device:d1"), ("prover", "card:C1"), ("prover", "card:C1 device:d1")],
    ["created", "created", "matched"], ["known user_id:u1 device:d1", "known card:C1"], stands: "card:C1"),
  Story(
    "a login on somebody else's browser",
    [("backend", "user_id:u1 anonymous_id:a1"), ("backend", "user_id:u2 anonymous_id:a1")],
    ["created", "created"], ["known user_id:u1 anonymous_id:a1", "known user_id:u2 anonymous_id:a1"],
    stands: "user_id:u2"),
  Story(
    "and back again: each has his own place for it",
    [
      ("backend", "user_id:u1 anonymous_id:a1"), ("backend", "user_id:u2 anonymous_id:a1"),
      ("backend", "user_id:u1 anonymous_id:a1"), ("backend", "user_id:u2 anonymous_id:a1"),
      ("page", "anonymous_id:a1"),
    ],
    ["created", "created", "matched", "matched", "created"],
    [
      "known user_id:u1 anonymous_id:a1", "known user_id:u2 anonymous_id:a1", "visitor anonymous_id:a1?@page",
    ], stands: "anonymous_id:a1"),
  Story(
    "another user id with the same card is another person",
    [("till", "user_id:u1 card:C1"), ("till", "user_id:u2 card:C1")],
    ["created", "queued"], ["known user_id:u1 card:C1", "known user_id:u2"], stands: "user_id:u2"),
  Story(
    "claims only", [("page", "user_id:u1 email:a@b.test"), ("page", "email:a@b.test")], ["created", "claimed"],
    ["visitor user_id:u1? email:a@b.test?"], stands: "email:a@b.test"),
  Story(
    "two visitors who claim what nobody has proved are one",
    [("page", "anonymous_id:a1 email:a@b.test"), ("leaflet", "anonymous_id:a2 email:a@b.test")],
    ["created", "created"],
    ["visitor anonymous_id:a1 email:a@b.test? anonymous_id:a2"], stands: "anonymous_id:a2"),
  Story(
    "claims to a known customer carry nothing, neither to him nor among those who claim",
    [
      ("backend", "user_id:u1"), ("page", "anonymous_id:a1 user_id:u1"), ("page", "anonymous_id:a2 user_id:u1"),
      ("page", "user_id:u1 email:a@b.test"),
    ], ["created", "created", "created", "claimed"],
    [
      "known user_id:u1", "visitor anonymous_id:a1", "visitor user_id:u1?", "visitor anonymous_id:a2",
      "visitor email:a@b.test?",
    ],
    stands: "user_id:u1"),
  Story(
    "a proof takes nothing over from those who claimed",
    [("page", "anonymous_id:a1 email:a@b.test"), ("prover", "email:a@b.test")],
    ["created", "created"], ["visitor anonymous_id:a1 email:a@b.test?", "known email:a@b.test"],
    stands: "email:a@b.test"),
  Story(
    "a door that ties no browser only claims it",
    [("till", "user_id:u1 anonymous_id:a1"), ("page", "anonymous_id:a1")],
    ["created", "created"], ["known user_id:u1", "visitor anonymous_id:a1?@till", "visitor anonymous_id:a1"],
    stands: "anonymous_id:a1"),
  Story(
    "what a verified door does not prove is a claim", [("backend", "user_id:u1 email:a@b.test")], ["created"],
    ["known user_id:u1", "visitor email:a@b.test?"], stands: "user_id:u1"),
]

@Test(arguments: stories)
func `who is who`(story: Story) throws {
  let town = try Town()
  let results = try story.events.map { try town.send($0.who, from: $0.door).result }
  #expect(results == story.results)
  #expect(try town.people() == story.people)
  #expect(try town.stand() == story.stands)
  #expect(try town.findings() == [])
}

@Test(
  arguments: [
    (.card, 1), (.email, 5), (.phone, 5), (.telegram, 5), (.whatsApp, 5), (.viber, 5), (.device, 20),
  ] as [(IdentifierType, Int)])
func `a customer has so many of a type and no more`(type: IdentifierType, limit: Int) throws {
  let town = try Town()
  func value(_ number: Int) -> String {
    switch type {
    case .email: "email:a\(number)@b.test"
    case .telegram: "telegram:\(700 + number)"
    case .phone, .whatsApp, .viber: "\(type.name):+12015550\(100 + number)"
    default: "\(type.name):X\(number)"
    }
  }
  for number in 0...limit { try town.send("user_id:u1 \(value(number))", from: "prover") }
  #expect(try town.people().map { $0.split(separator: " ").count } == [limit + 2])
  let rulings = try town.log().map { $0.outcome.rulings.map { $0.became.rawValue } }
  #expect(rulings == Array(repeating: ["attached", "attached"], count: limit) + [["attached", "parked"]])
  // All at once is no way around it.
  let all = (0...limit).map { value(100 + $0) }.joined(separator: " ")
  try town.send("user_id:u2 \(all)", from: "prover")
  #expect(try town.people().map { $0.split(separator: " ").count } == [limit + 2, limit + 2])
  #expect(try town.findings() == [])
}

@Test func `a customer has one user id`() throws {
  let town = try Town()
  #expect(try town.send("user_id:u1 user_id:u2", from: "prover").result == "created")
  #expect(try town.people() == ["known user_id:u1"])
  #expect(try town.log()[0].outcome.rulings.map { $0.became } == [.attached, .parked])
}

@Test func `a customer has a thousand browsers`() throws {
  let town = try Town()
  let now = town.store.clock.now
  for start in stride(from: 0, to: 1001, by: 143) {
    let events = (start..<min(start + 143, 1001)).map {
      Town.event("m\($0)", "user_id:u1 anonymous_id:a\($0)", receivedAt: now)
    }
    try town.store.send(events, from: "backend")
  }
  #expect(try town.people().map { $0.split(separator: " ").count } == [1002])
  #expect(try town.log().last?.outcome.rulings.map { $0.became } == [.attached, .parked])
  // The visitor who comes one too late stays himself.
  try town.send("anonymous_id:late", from: "page")
  #expect(try town.send("user_id:u1 anonymous_id:late", from: "backend").result == "matched")
  #expect(try town.people().count == 2)
  #expect(try town.findings() == [])
}

@Test func `claims tie no more of a type than a customer may have`() throws {
  let town = try Town()
  func emails(_ numbers: [Int]) -> String { numbers.map { "email:a\($0)@b.test" }.joined(separator: " ") }
  try town.send("anonymous_id:v1 \(emails([1, 2, 3]))", from: "page")
  try town.send("anonymous_id:v2 \(emails([4, 5, 6]))", from: "page")
  // One event that claims of both would make six of one.
  try town.send("anonymous_id:v3 \(emails([1, 4]))", from: "page")
  let people = try town.people()
  #expect(people.map { $0.split(separator: " ").count { $0.hasPrefix("email") } }.sorted() == [3, 3])
  // The fifth ties, the sixth does not.
  try town.send("anonymous_id:v1 \(emails([7, 8, 9]))", from: "page")
  #expect(try town.people().map { $0.split(separator: " ").count { $0.hasPrefix("email") } }.sorted() == [1, 3, 5])
  #expect(try town.findings() == [])
}

@Test func `only a verified door is told whom it spoke of`() throws {
  let town = try Town()
  #expect(try town.send("user_id:u1", from: "backend").customer?.hasPrefix("cus_") == true)
  #expect(try town.send("anonymous_id:a1", from: "page").customer == nil)
  #expect(try town.send("user_id:u1", from: "page").customer == nil)
}

@Test func `every id that a customer had leads to him`() throws {
  let town = try Town()
  for browser in 1...3 { try town.send("anonymous_id:a\(browser) email:e@\(browser).test", from: "page") }
  let before = try town.store.database.read { session in
    try (1...6).map { try OriginStore.origin($0, in: session).publicID }
  }
  for browser in 1...3 { try town.send("user_id:u1 anonymous_id:a\(browser)", from: "backend") }
  let now = try town.send("user_id:u1", from: "backend").customer
  let leads = try town.store.database.read { session in
    try before.map { id -> String in
      guard case .customer(let leader) = try Lookup.find(.id(id), in: session) else { return "nobody" }
      return try Profile.publicID(of: leader, in: session)
    }
  }
  // Browser and claim in turns: the browsers became his, the claims stayed with themselves.
  #expect(leads.enumerated().map { $0.element == now } == [true, false, true, false, true, false])
  #expect(!leads.contains("nobody") && !leads.contains(""))
}

@Test func `a look-up finds the owner, else the only claimant, else all`() throws {
  let town = try Town()
  try town.send("user_id:u1 email:owned@b.test", from: "prover")
  try town.send("anonymous_id:a1 email:owned@b.test email:one@b.test email:two@b.test", from: "page")
  try town.send("user_id:u9 email:two@b.test", from: "backend")
  try town.send("user_id:claimed", from: "page")
  func found(_ name: String) throws -> [String] {
    let name = try #require(CustomerName(name))
    return try town.store.database.read { session in
      func lead(_ number: Int64) throws -> String {
        try OriginStore.origin(number, in: session).identifier.value
      }
      switch try Lookup.find(name, in: session) {
      case .nobody: return []
      case .customer(let leader): return [try lead(leader)]
      case .claimed(let leaders): return try ["claimed"] + leaders.map(lead)
      }
    }
  }
  #expect(try found("email:Owned@b.test") == ["u1"])
  #expect(try found("email:one@b.test") == ["a1"])
  #expect(try found("email:two@b.test") == ["claimed", "a1", "u9"])
  #expect(try found("user_id:claimed") == ["claimed"])
  #expect(try found("user_id:u1") == ["u1"])
  #expect(try found("user_id:nobody") == [])
  #expect(try found("cus_nobody") == [])
}

@Test(arguments: ["", "u1", "user_id", "user_id:", "nonsense:u1", "email:no-address", "phone:123", "Cus_1"])
func `what names nobody is no name`(text: String) { #expect(CustomerName(text) == nil) }
