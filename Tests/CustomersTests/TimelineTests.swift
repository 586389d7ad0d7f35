import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_767_000_000_000 + seconds * 1000) }

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
  _ town: Town, before cursor: Timeline.Cursor = .newest, _ filter: Timeline.Filter = .init(), limit: Int,
  work: Int = Timeline.workOfPage
) throws -> Timeline.Page {
  try town.store.database.read { session in
    guard case .customer(let leader) = try Lookup.find(#require(CustomerName("user_id:u1")), in: session) else {
      return Timeline.Page()
    }
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    return try Timeline.page(
      ofOrigins: origins, before: cursor, filter: filter, limit: limit, work: work, in: session)
  }
}

/// Every page in a row, as a reader goes from one to the next.
private func pages(
  _ town: Town, _ filter: Timeline.Filter = .init(), limit: Int, work: Int = Timeline.workOfPage
) throws -> [Timeline.Page] {
  var pages = [try page(town, filter, limit: limit, work: work)]
  while let next = pages.last?.next, pages.count < 2000 {
    // As it goes through a URL.
    pages.append(try page(town, before: #require(Timeline.Cursor(next.text)), filter, limit: limit, work: work))
  }
  #expect(pages.allSatisfy { $0.events.count <= limit })
  return pages
}

private func events(_ town: Town, _ filter: Timeline.Filter = .init(), limit: Int) throws -> [Timeline.ShownEvent] {
  try pages(town, filter, limit: limit).flatMap { $0.events }
}

private func seconds(_ events: [Timeline.ShownEvent]) -> [Int64] { events.map { ($0.at - 1_767_000_000_000) / 1000 } }

private let all: [Int64] = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, -1_800_000_000, -1_800_000_001]

@Test(arguments: 1...13)
func `a timeline is one list over all places, page by page`(limit: Int) throws {
  let town = try timeline()
  #expect(seconds(try events(town, limit: limit)) == all)
  #expect(try pages(town, limit: limit).count == (all.count + limit - 1) / limit)
}

@Test(arguments: 1...8)
func `events of one moment stand in the order of source and message, however they came`(limit: Int) throws {
  let sent = [
    ("b", "till", "card:C1"), ("B", "till", "card:C1"), ("z", "backend", "user_id:u1"), ("a", "till", "user_id:u1"),
    ("é", "backend", "user_id:u1 anonymous_id:a1"), ("e\u{301}", "backend", "user_id:u1"),
  ]
  for order in [sent, sent.reversed(), [sent[3], sent[0], sent[5], sent[1], sent[2], sent[4]]] {
    let town = try Town()
    try town.send("user_id:u1 card:C1", from: "till", id: "first")
    for (id, source, who) in order {
      try town.store.send([Town.event(id, who, at: at(1), receivedAt: town.store.clock.now)], from: source)
    }
    let told = try events(town, limit: limit).dropFirst().map { "\($0.source) \($0.messageID)" }
    #expect(told == ["till b", "till a", "till B", "backend é", "backend z", "backend e\u{301}"])
  }
}

private func filter(_ set: (inout Timeline.Filter) throws -> Void) rethrows -> Timeline.Filter {
  var filter = Timeline.Filter()
  try set(&filter)
  return filter
}

@Test(
  arguments: [
    (filter { $0.channel = "store" }, [10, 7, -1_800_000_001]), (filter { $0.kind = "page" }, [9]),
    (filter { $0.event = "e0" }, [9, 6, 3, -1_800_000_000]), (filter { $0.event = "none" }, []),
    (filter { $0.from = at(8) }, [10, 9, 8]), (filter { $0.to = at(2) }, [2, 1, -1_800_000_000, -1_800_000_001]),
    (filter { ($0.from, $0.to) = (at(3), at(5)) }, [5, 4, 3]), (filter { ($0.from, $0.to) = (at(5), at(4)) }, []),
    (filter { ($0.channel, $0.from, $0.event) = ("web", at(2), "e2") }, [8, 5, 2]),
    (filter { $0.upTo = 9 }, [9, 3, 2, 1]), (filter { ($0.upTo, $0.event) = (10, "e2") }, [8, 2]),
  ] as [(Timeline.Filter, [Int64])])
func `a timeline is filtered`(filter: Timeline.Filter, expected: [Int64]) throws {
  let town = try timeline()
  for limit in [1, 2, 3, 20] { #expect(seconds(try events(town, filter, limit: limit)) == expected) }
}

@Test func `a timeline over many places is the list of all of their events, sorted`() throws {
  let town = try Town()
  var chance = SplitMix64(seed: 5)
  var sent: [(at: Int64, source: String, id: String)] = []
  for number in 0..<600 {
    let source = number % 2 == 0 ? "backend" : "till"
    let who = number % 2 == 0 ? "user_id:u1 anonymous_id:a\(number % 90)" : "user_id:u1 card:C1"
    let second = Int64.random(in: 0..<40, using: &chance)
    let id = "m\(UInt32.random(in: 0..<1 << 30, using: &chance))"
    try town.store.send([Town.event(id, who, at: at(second), receivedAt: town.store.clock.now)], from: source)
    sent.append((at(second).milliseconds, source, id))
  }
  for number in 0..<90 {
    let who = "anonymous_id:a\(number)"
    try town.store.send([Town.event("v\(number)", who, at: at(0), receivedAt: town.store.clock.now)], from: "prover")
  }
  let expected = sent.sorted { ($0.at, $0.source, $0.id) > ($1.at, $1.source, $1.id) }.map { $0.id }
  for limit in [1, 7, 50, 500] {
    #expect(try events(town, limit: limit).map { $0.messageID }.filter { $0.hasPrefix("m") } == expected)
  }
}

@Test func `a page looks at a bounded number of events, and the next one goes on`() throws {
  let town = try Town()
  let now = town.store.clock.now
  let (count, work) = (1000, 400)
  let sent = (0..<count).map { number in
    let name = number == 0 ? "rare" : "e"
    return Town.event(
      "m\(number)", "user_id:u1", at: at(Int64(number)), receivedAt: now, kind: .track, name: name)
  }
  try town.store.send(sent, from: "backend")
  let rare = try pages(town, filter { $0.event = "rare" }, limit: 50, work: work)
  #expect(rare.map { $0.events.count } == [0, 0, 1])
  #expect(seconds(rare.flatMap { $0.events }) == [0])
  // Exactly as many were passed over.
  #expect(rare[0].next?.at == at(Int64(count - work - 1)).milliseconds + 1)
  // A text costs more, so there are more pages.
  let texts = try pages(town, filter { $0.phrase = try Timeline.Phrase("RARE") }, limit: 50, work: work)
  #expect(texts.count == (count - 1) / (work / (1 + Timeline.textCost)) + 1)
  #expect(seconds(texts.flatMap { $0.events }) == [0])
  #expect(try page(town, filter { $0.event = "none" }, limit: 1, work: count - 1).next != nil)
  #expect(try page(town, filter { $0.event = "none" }, limit: 1, work: count).next == nil)
  // What was recorded later, and what is too new, is passed over at once.
  #expect(seconds(try page(town, filter { $0.upTo = 6 }, limit: 9, work: 1).events) == [0])
  #expect(seconds(try page(town, filter { $0.to = at(0) }, limit: 9, work: 1).events) == [0])
}

@Test func `a moment with more events than a page looks at is told whole`() throws {
  let town = try Town()
  let now = town.store.clock.now
  try town.store.send(
    (0..<500).map { Town.event("m\($0)", "user_id:u1", at: at(1), receivedAt: now) }, from: "backend")
  let told = try pages(town, limit: 40, work: 1).flatMap { $0.events.map { $0.messageID } }
  #expect(told == (0..<500).map { "m\($0)" }.sorted(by: >))
}

// MARK: Words

private func found(_ q: String, in json: String, name: String? = nil) throws -> Bool {
  let town = try Town()
  var event = Town.event("m", "user_id:u1", at: at(1), receivedAt: town.store.clock.now, kind: .track, name: name)
  event.body = Array(json.utf8)
  try town.store.send([event], from: "backend")
  return try !page(town, filter { $0.phrase = try Timeline.Phrase(q) }, limit: 1).events.isEmpty
}

@Test(
  arguments: [
    ("ботинки", #"{"properties": {"title": "БОТИНКИ зимние"}}"#, true),
    ("БОТИН", #"{"properties": {"t": "ботинки"}}"#, true),
    ("елка", #"{"properties": {"t": "Ёлка"}}"#, true), ("ЁЛКА", #"{"properties": {"t": "елка"}}"#, true),
    ("ёлка", #"{"properties": {"t": "Е\#u{308}лка"}}"#, true),
    ("чайник", #"{"properties": {"t": "ЧАИ\#u{306}НИК"}}"#, true),
    ("straße", #"{"properties": {"t": "Große STRAẞE"}}"#, true), ("ÉTÉ", #"{"properties": {"t": "été"}}"#, true),
    ("ann smith", #"{"properties": {"a": "Smith", "b": ["x", {"c": "Anna"}]}}"#, true),
    ("ann jones", #"{"properties": {"a": "Smith", "b": "Anna"}}"#, false),
    ("ab", #"{"properties": {"a": "a", "b": "b"}}"#, false), ("viewed", "{}", true), ("product  VIEW", "{}", true),
    ("title", #"{"properties": {"title": "x"}}"#, false), ("17", #"{"properties": {"n": 17}}"#, false),
    ("secret", #"{"properties": {}, "context": {"page": "secret"}}"#, false), ("m", "{}", false),
    ("quote\"", #"{"properties": {"t": "a quote\" b"}}"#, true), ("é", #"{"properties": {"t": "\u00C9"}}"#, true),
    ("кот", #"{"traits": {"pet": "Котёнок"}}"#, true), ("x", #"{"properties": {"t": "aax"}}"#, true),
    ("xx", #"{"properties": {"t": "x"}}"#, false), ("😀", #"{"properties": {"t": "so 😀!"}}"#, true),
  ])
func `words are found in the name and in texts, in any case, and nowhere else`(
  q: String, json: String, expected: Bool
) throws {
  #expect(try found(q, in: json, name: "Product Viewed") == expected)
}

@Test func `a search has a word and at most its longest length`() throws {
  for text in ["", " \t ", String(repeating: "x", count: Timeline.Phrase.longest + 1)] {
    #expect { try Timeline.Phrase(text) } throws: { ($0 as? Failure)?.faults.first?.pointer == "/q" }
  }
  let longest = String(repeating: "ё", count: Timeline.Phrase.longest)
  #expect(try found(longest, in: #"{"properties": {"t": "\#(longest)"}}"#))
}

// MARK: Cursors

@Test(arguments: ["", ".", "a", "a.", ".a", "a.b.c", "!.1", "1-2", "zzzzzzzzzzzzzzzzzz.1"])
func `what is no cursor is refused`(text: String) { #expect(Timeline.Cursor(text) == nil) }

@Test(arguments: [(0, 0), (-1, 1), (.min, .max), (.max, 1), (-62_135_596_800_000, 7)] as [(Int64, Int64)])
func `a cursor comes back as it went`(at: Int64, sequence: Int64) {
  let cursor = Timeline.Cursor(Timeline.Cursor(at: at, sequence: sequence).text)
  #expect(cursor?.at == at && cursor?.sequence == sequence)
}

@Test func `a cursor that names no event of that moment is refused`() throws {
  let town = try timeline()
  let newest = try #require(try page(town, limit: 1).next)
  for (at, sequence) in [(newest.at, 9999), (newest.at + 1, newest.sequence)] as [(Int64, Int64)] {
    #expect { try page(town, before: Timeline.Cursor(at: at, sequence: sequence), limit: 1) } throws: {
      ($0 as? Failure)?.faults.first?.pointer == "/cursor"
    }
  }
}
