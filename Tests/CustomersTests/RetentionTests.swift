import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let day: Double = 24

@Test func `old events become one summary, and a later run adds to it`() throws {
  let town = try Town.withPages()
  let before = try town.log().map { $0.sequence }
  let receipt = try town.sumUp("pages")
  #expect([receipt.events, receipt.origins, receipt.kept] == [4, 1, 0] && receipt.bytes > 100)
  #expect(try town.timeline() == ["identify -", "page Home", "summary pages: Home 2, Sale 1, Home 1"])
  var summary = try #require(try town.entries(.summary).first)
  #expect(summary.sequence == before[4] && summary.source == "retention:pages" && summary.outcome.summed == 4)
  #expect(summary.event.at.milliseconds == town.store.clock.now.milliseconds - 31 * 86_400_000)
  let told = try JSONDocument(summary.event.body).root
  #expect(told["count"]?.integer == 4 && told["last"]?.string == summary.event.at.text)
  #expect(told["first"]?.string == (town.store.clock.now - .seconds(40 * 86_400)).text)
  #expect(try town.findings() == [])
  // The run stands in the log.
  let run = try #require(try town.entries(.retention).first)
  #expect(run.sequence == receipt.sequence && run.outcome.origin == nil && run.event.name == "pages")
  #expect(try JSONDocument(run.event.body).root["events"]?.integer == 4)

  let id = summary.event.messageID
  try town.view("Home", hoursAgo: 50 * day)
  town.store.clock.advance(by: .seconds(86_400))
  try town.view("Late", hoursAgo: 0)
  town.store.clock.advance(by: .seconds(31 * 86_400))
  #expect(try town.sumUp("pages").events == 3)
  #expect(try town.timeline() == ["summary pages: Home 1, Home 2, Sale 1, Home 1, Home 1, Late 1", "identify -"])
  summary = try #require(try town.entries(.summary).first)
  // What was told late stands at the newest place.
  #expect(summary.event.messageID == id && summary.sequence == run.sequence + 2 && summary.outcome.summed == 7)
  #expect(try town.sumUp("pages").events == 0)
  #expect(try town.findings() == [])
}

@Test func `a page of the timeline goes on after the event that it ended with is in a summary`() throws {
  let town = try Town.withPages()
  let leader = try town.leader("user_id:u1")
  for limit in 1...5 {
    let page = try town.store.database.read { try Timeline.page(ofCustomer: leader, limit: limit, in: $0) }
    guard let cursor = page.next else { continue }
    let other = try Town.withPages()
    try other.sumUp("pages")
    let next = try other.store.database.read {
      try Timeline.page(ofCustomer: leader, before: cursor, limit: 9, in: $0)
    }
    let told = Set(page.events.map { $0.sequence })
    #expect(next.events.allSatisfy { !told.contains($0.sequence) })
  }
}

@Test(arguments: [(0, 0), (1, 1)])
func `an event is old the moment after its last day`(milliseconds: Int64, count: Int64) throws {
  let town = try Town()
  try town.retain(Town.pages)
  try town.send("user_id:u1", from: "backend")
  try town.view("Home", hoursAgo: 30 * day)
  town.store.clock.advance(by: .milliseconds(milliseconds))
  #expect(try town.sumUp("pages").events == count)
}

@Test func `the same message is a duplicate for ever, as it was answered, and another one a conflict`() throws {
  let town = try Town.withPages()
  let ids = ["p1", "p2", "p3", "p4"]
  func again(
    _ id: String, _ body: String, _ kind: Event.Kind = .page, envelope: String? = nil
  ) throws -> Intake.Answer {
    var event = Town.event(id, "user_id:u1", receivedAt: town.store.clock.now, kind: kind)
    (event.body, event.envelope) = (Array(body.utf8), envelope.map { Array($0.utf8) })
    return try town.store.send([event], from: "backend").answers[0]
  }
  func told(_ answer: Intake.Answer) -> String { "\(answer.sequence) \(answer.result) \(answer.customer ?? "-")" }
  let before = try town.log().filter { ids.contains($0.event.messageID) }
  let body = String(decoding: before[0].event.body, as: UTF8.self)
  let first = told(try again("p1", body))
  #expect(try again("p1", #"{"another": "body"}"#).result == "conflict")
  try town.sumUp("pages")
  // What is compared with another body stays as it came.
  #expect(try town.timeline().filter { $0.hasPrefix("page") }.count == 2)
  #expect(told(try again("p1", body)) == first)
  for entry in before.dropFirst() {
    let (id, body) = (entry.event.messageID, String(decoding: entry.event.body, as: UTF8.self))
    // Order, spelling and what the transport says do not count.
    let members = try JSONDocument(entry.event.body).root.members.map {
      "\"\($0.key)\" : \(String(decoding: $0.value.bytes, as: UTF8.self))"
    }
    for same in [body, "{" + ([#""sentAt": "2026-01-01""#] + members.reversed()).joined(separator: ", ") + "}"] {
      let answer = try again(id, same)
      #expect(answer.sequence == entry.sequence && answer.result == "again matched" && answer.customer != nil)
    }
    #expect(try again(id, #"{"another": "body"}"#).result == "conflict")
    #expect(try again(id, body, .screen).result == "conflict")
    #expect(try again(id, body, envelope: #"{"context": {}}"#).result == "conflict")
  }
  #expect(try town.store.database.read { try DeadLetter.count(of: "backend", in: $0) } == 1 + 3 * 3)
  #expect(try town.findings() == [])
}

@Test(arguments: [
  (#"{"name": "hook", "url": "https://a.test"}"#, 2),
  (#"{"name": "hook", "url": "https://a.test", "active": false}"#, 4),
  (#"{"name": "hook", "url": "https://a.test", "deleted": true}"#, 4),
])
func `what an active webhook has not told yet waits for it`(document: String, count: Int64) throws {
  let town = try Town.withPages()
  let draft = try DocumentKind.webhook.draft(JSONDocument(Array(document.utf8)).root)
  let now = town.store.clock.now
  let place = try #require(try town.entries(.page).first { $0.event.messageID == "p3" }).sequence
  try town.store.database.write { [intake = town.store.intake] session in
    _ = try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    try WebhookStore.open("hook", at: 1, now: now, in: session)
    try WebhookStore.jump("hook", to: place, now: now, in: session)
  }
  #expect(try town.sumUp("pages").events == count)
  try town.store.database.write { try WebhookStore.jump("hook", to: place + 1, now: now, in: $0) }
  #expect(try town.sumUp("pages").events == (count == 4 ? 0 : 1))
  #expect(try town.findings() == [])
}

@Test func `a page is told that it came, and a visitor's own first event stays`() throws {
  let town = try Town()
  try town.retain(Town.pages)
  for number in 0..<3 {
    try town.view("Home", hoursAgo: 40 * day, id: "v\(number)", who: "anonymous_id:a1 email:e@1.test", from: "page")
  }
  let event = try #require(try town.log().last).event
  let receipt = try town.sumUp("pages")
  #expect([receipt.events, receipt.kept] == [2, 1])
  #expect(try town.timeline("anonymous_id:a1") == ["summary pages: Home 2", "page Home"])
  let answer = try town.store.send([event], from: "page").answers[0]
  #expect(answer.customer == nil && answer.result.hasPrefix("again"))
  #expect(try town.findings() == [])
}

@Test func `what anything hangs on is kept as it came`() throws {
  let town = try Town(hasBooks: true)
  try town.retain(#"{"name": "tracks", "type": "track", "days": 30}"#)
  try town.retain(Town.pages)
  try town.send("user_id:u1", from: "backend")
  let old = 40 * day
  for name in ["Order Completed", "Email Bounced", "Email Opened", "Points", "Product Viewed"] {
    try town.happens(#"{"properties": {"order_id": "N-1", "email": "e@1.test", "points": "5"}}"#, name, hoursAgo: old)
  }
  // A name that is new, a claim, a consent, a trait, what nobody can be reached by, an identity, and nobody's.
  try town.happens("{}", "New", who: "user_id:u1 card:C9", hoursAgo: old, from: "till")
  try town.happens("{}", "Claim", who: "user_id:u1 email:e@9.test", hoursAgo: old, from: "backend")
  let then = Instant(milliseconds: town.store.clock.now.milliseconds - Int64(old) * 3_600_000)
  func event(_ id: String, _ kind: Event.Kind) -> Event {
    Town.event(id, "user_id:u1", at: then, receivedAt: town.store.clock.now, kind: kind, name: id)
  }
  var stamped = event("Stamped", .track)
  stamped.preferences = [Event.Preference(purpose: "analytics", isGranted: false)]
  var wrong = event("Wrong", .track)
  wrong.unusable = ["phone"]
  let named = Town.event(
    "Named", "user_id:u1", at: then, receivedAt: town.store.clock.now, traits: [("name", "Ann")], kind: .page,
    name: "Named")
  let nobody = Town.event(
    "Nobody", "user_id:null", at: then, receivedAt: town.store.clock.now, kind: .track, name: "Nobody")
  try town.store.send(
    [stamped, wrong, named, event("Who", .identify), event("Group", .group), nobody], from: "backend")
  let receipt = try town.sumUp("tracks")
  #expect(receipt.events == 1)
  #expect(try town.sumUp("pages").events == 0)
  let kept = try town.log().filter { $0.event.kind.isSegments }.compactMap { $0.event.name }
  #expect(
    kept == [
      "Order Completed", "Email Bounced", "Email Opened", "Points", "New", "Claim", "Stamped", "Wrong", "Named", "Who",
      "Group", "Nobody",
    ])
  #expect(try town.timeline().filter { $0.hasPrefix("summary") } == ["summary tracks: Product Viewed 1"])
  #expect(try town.findings() == [])
}

@Test func `a class takes its own events alone, and none when it is not active`() throws {
  let town = try Town.withPages([
    #"{"name": "sales", "type": "page", "event": "Sale", "days": 30}"#,
    #"{"name": "off", "type": "page", "days": 30, "active": false}"#, Town.pages,
  ])
  #expect(try town.sumUp("off").events == 0 && town.sumUp("none").events == 0)
  #expect(try town.sumUp("sales").events == 1)
  #expect(try town.sumUp("pages").events == 3)
  #expect(
    try town.timeline() == ["identify -", "page Home", "summary pages: Home 2, Home 1", "summary sales: Sale 1"])
  #expect(try town.findings() == [])
}

// MARK: Persons

@Test func `an erasure empties the summary, and the message is known`() throws {
  let town = try Town.withPages()
  for definition in Town.permitted { try town.define(definition) }
  try town.view("Secret", hoursAgo: 40 * day, id: "s1")
  try town.sumUp("pages")
  #expect(try town.dump().contains("Secret"))
  var other = Town.event("s1", "user_id:u1", receivedAt: town.store.clock.now, kind: .page)
  other.body = Array(#"{"another": "Secret"}"#.utf8)
  #expect(try town.store.send([other], from: "backend").answers[0].result == "conflict")
  try town.erase("user_id:u1")
  #expect(try !town.dump().contains("Secret"))
  #expect(try town.findings() == [])
  let event = Town.event("s1", "user_id:u1", receivedAt: town.store.clock.now, kind: .page)
  #expect(try town.store.send([event], from: "backend").answers[0].result == "again erased")
  #expect(try town.store.database.read { try DeadLetter.count(of: "backend", in: $0) } == 0)
  let summary = try #require(try town.entries(.summary).first)
  #expect(summary.event.body == Array("{}".utf8) && summary.outcome.summed == 5)
  let cells = try town.store.database.read { session in
    var count: Int64 = 0
    try session.forEachRow(ofText: "SELECT count(*) FROM computed_cell WHERE at < 1766000000000", []) { row in
      count = row.integer(0)
      return false
    }
    return count
  }
  #expect(cells == 0)
  // What is left of each event says nothing any more.
  func say(_ said: String) throws {
    try town.store.database.write { session in
      try session.forEachRow(ofText: "UPDATE summed_event SET said = \(said)", []) { _ in true }
    }
  }
  try say("key")
  #expect(Set(try town.findings().map { $0.check }) == ["erasures"])
  try say("NULL")
  // Whoever comes again is somebody new, with summaries of his own.
  try town.send("user_id:u1", from: "backend")
  try town.view("Home", hoursAgo: 40 * day)
  #expect(try town.sumUp("pages").events == 1)
  #expect(try town.findings() == [])
}

@Test func `a merge and its undo go as before, before and after a run`() throws {
  let town = try Town.withPages()
  try town.send("user_id:u2", from: "backend")
  try town.view("Home", hoursAgo: 40 * day, who: "user_id:u2")
  let parted = try town.pictures()
  try town.merge("user_id:u1", "user_id:u2")
  #expect(try town.sumUp("pages").origins == 2)
  #expect(try town.timeline().filter { $0.hasPrefix("summary") }.count == 2)
  #expect(try town.findings() == [])
  try town.undo(try #require(try town.merges("user_id:u1").first { $0.rule == "person" }))
  #expect(try town.pictures() == parted)
  #expect(try town.timeline("user_id:u2").contains("summary pages: Home 1"))
  try town.send("user_id:u3", from: "backend")
  try town.merge("user_id:u2", "user_id:u3")
  try town.undo(try #require(try town.merges("user_id:u3").first { $0.rule == "person" }))
  #expect(try town.findings() == [])
}

@Test func `a replay starts from the summaries and comes to the same canonical export`() throws {
  let town = try Town.withPages()
  try town.sumUp("pages")
  let entries = try town.store.database.read { session in
    var entries: [LogEntry] = []
    try EventLog.forEach(in: session) { entries.append($0) }
    return entries
  }
  let (aside, folds) = (TemporaryDirectory(), town.store.folds)
  let other = try Database(engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20), migrations: Schema.migrations)
  defer { other.close() }
  let told = try other.write { session in
    for entry in entries {
      try EventLog.append(entry, in: session)
      for fold in folds { try fold.apply(entry, in: session) }
    }
    var bytes: [UInt8] = []
    _ = try CanonicalExport(folds: folds).write(in: session) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
  #expect(try told == town.canonical())
  #expect(told.contains("summary"))
}

@Test func `an export has the summary, and the first event is when it was`() throws {
  let town = try Town.withPages()
  let (leader, now) = (try town.leader("user_id:u1"), town.store.clock.now)
  func first() throws -> Fact? {
    try town.store.database.read { try Facts().value(of: "event:first", ofCustomer: leader, now: now, in: $0) }
  }
  let before = try first()
  try town.sumUp("pages")
  #expect(try first() == before)
  let text = try town.store.database.read { [folds = town.store.folds] session in
    var bytes: [UInt8] = []
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    try Export(folds: folds).write(origins, as: .json, at: now, in: session) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
  #expect(text.contains(#""type":"summary","name":"pages""#) && text.contains(#""Sale",1]"#))
}
