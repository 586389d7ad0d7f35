import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let day: Double = 24
private let pages = #"{"name": "pages", "type": "page", "days": 30}"#

/// A customer with old pages and new ones.
private func town(_ classes: [String] = [pages]) throws -> Town {
  let town = try Town()
  for document in classes { try town.retain(document) }
  try town.send("user_id:u1 card:C1", from: "till")
  try town.view("Home", hoursAgo: 40 * day, id: "p1")
  try town.view("Home", hoursAgo: 40 * day - 0.5, id: "p2")
  try town.view("Sale", hoursAgo: 40 * day - 1, id: "p3")
  try town.view("Home", hoursAgo: 31 * day, id: "p4")
  try town.view("Home", hoursAgo: day, id: "p5")
  return town
}

private func log(_ town: Town, _ kind: Event.Kind) throws -> [LogEntry] {
  try town.log().filter { $0.event.kind == kind }
}

@Test func `old events become one summary, and a later run adds to it`() throws {
  let town = try town()
  let before = try town.log().map { $0.sequence }
  let receipt = try town.sumUp("pages")
  #expect([receipt.events, receipt.origins, receipt.kept] == [4, 1, 0] && receipt.bytes > 100)
  #expect(try town.timeline() == ["identify -", "page Home", "summary pages: Home 2, Sale 1, Home 1"])
  var summary = try #require(try log(town, .summary).first)
  #expect(summary.sequence == before[4] && summary.source == "retention:pages" && summary.outcome.summed == 4)
  #expect(summary.event.at.milliseconds == town.store.clock.now.milliseconds - 31 * 86_400_000)
  let told = try JSONDocument(summary.event.body).root
  #expect(told["count"]?.integer == 4 && told["last"]?.string == summary.event.at.text)
  #expect(told["first"]?.string == (town.store.clock.now - .seconds(40 * 86_400)).text)
  #expect(try town.findings() == [])
  // The run stands in the log.
  let run = try #require(try log(town, .retention).first)
  #expect(run.sequence == receipt.sequence && run.outcome.origin == nil && run.event.name == "pages")
  #expect(try JSONDocument(run.event.body).root["events"]?.integer == 4)

  let id = summary.event.messageID
  try town.view("Home", hoursAgo: 50 * day)
  town.store.clock.advance(by: .seconds(86_400))
  try town.view("Late", hoursAgo: 0)
  town.store.clock.advance(by: .seconds(31 * 86_400))
  #expect(try town.sumUp("pages").events == 3)
  #expect(try town.timeline() == ["summary pages: Home 1, Home 2, Sale 1, Home 1, Home 1, Late 1", "identify -"])
  summary = try #require(try log(town, .summary).first)
  // What was told late stands at the newest place.
  #expect(summary.event.messageID == id && summary.sequence == run.sequence + 2 && summary.outcome.summed == 7)
  #expect(try town.sumUp("pages").events == 0)
  #expect(try town.findings() == [])
}

@Test(arguments: [(0, 0), (1, 1)])
func `an event is old the moment after its last day`(milliseconds: Int64, count: Int64) throws {
  let town = try Town()
  try town.retain(pages)
  try town.send("user_id:u1", from: "backend")
  try town.view("Home", hoursAgo: 30 * day)
  town.store.clock.advance(by: .milliseconds(milliseconds))
  #expect(try town.sumUp("pages").events == count)
}

@Test func `the same message is a duplicate for ever, as it was answered`() throws {
  let town = try town()
  let ids = ["p1", "p2", "p3", "p4"]
  func again(_ id: String, _ body: String) throws -> Intake.Answer {
    var event = Town.event(id, "user_id:u1", receivedAt: town.store.clock.now, kind: .page)
    event.body = Array(body.utf8)
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
    let answer = try again(entry.event.messageID, #"{"another": "body"}"#)
    #expect(answer.sequence == entry.sequence && answer.result == "again matched" && answer.customer != nil)
  }
  #expect(try town.store.database.read { try DeadLetter.count(of: "backend", in: $0) } == 1)
  #expect(try town.findings() == [])
}

@Test func `a page is told that it came, and a visitor's own first event stays`() throws {
  let town = try Town()
  try town.retain(pages)
  for number in 0..<3 {
    try town.view("Home", hoursAgo: 40 * day, id: "v\(number)", who: "anonymous_id:a1 email:e@1.test", from: "page")
  }
  let receipt = try town.sumUp("pages")
  #expect([receipt.events, receipt.kept] == [2, 1])
  #expect(try town.timeline("anonymous_id:a1") == ["summary pages: Home 2", "page Home"])
  let event = Town.event("v2", "anonymous_id:a1", receivedAt: town.store.clock.now, kind: .page)
  let answer = try town.store.send([event], from: "page").answers[0]
  #expect(answer.customer == nil && answer.result.hasPrefix("again"))
  #expect(try town.findings() == [])
}

@Test func `what anything hangs on is kept as it came`() throws {
  let town = try Town(hasBooks: true)
  try town.retain(#"{"name": "tracks", "type": "track", "days": 30}"#)
  try town.retain(pages)
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
  let town = try town([
    #"{"name": "sales", "type": "page", "event": "Sale", "days": 30}"#,
    #"{"name": "off", "type": "page", "days": 30, "active": false}"#, pages,
  ])
  #expect(try town.sumUp("off").events == 0 && town.sumUp("none").events == 0)
  #expect(try town.sumUp("sales").events == 1)
  #expect(try town.sumUp("pages").events == 3)
  #expect(
    try town.timeline() == ["identify -", "page Home", "summary pages: Home 2, Home 1", "summary sales: Sale 1"])
  #expect(try town.findings() == [])
}

// MARK: Computed traits

private let permitted = [
  #"{"name": "all", "function": "count", "type": "page"}"#,
  #"{"name": "homes", "function": "count", "type": "page", "event": "Home"}"#,
  #"{"name": "month", "function": "count", "type": "page", "days": 30}"#,
  #"{"name": "url", "function": "last", "type": "page", "property": "/properties/url", "days": 30}"#,
  #"{"name": "orders", "function": "sum", "property": "/properties/total"}"#,
]

@Test(arguments: Following.allCases)
func `what is computed stays what it was`(following: Following) throws {
  let town = try town()
  if following == .before || following == .between { for definition in permitted { try town.define(definition) } }
  if following == .between { try town.follow() }
  try town.view("Home", hoursAgo: 32 * day)
  if following == .newVersion {
    try town.define(#"{"name": "all", "function": "count"}"#)
    try town.follow()
  }
  if following != .never && following != .after { for definition in permitted { try town.define(definition) } }
  let expected = ["all 6", "homes 5", "month 1", "orders 0", #"url "/Home""#]
  if following != .never && following != .after { #expect(try town.computed() == expected) }
  #expect(try town.sumUp("pages").events == 5)
  // Defined later, a count has what the summaries say.
  if following == .never || following == .after { for definition in permitted { try town.define(definition) } }
  #expect(try town.computed() == expected)
  if following != .never { try town.follow() }
  #expect(try town.computed() == expected && town.findings() == [])
  town.store.clock.advance(by: .seconds(30 * 86_400))
  #expect(try town.sumUp("pages").events == 1)
  #expect(try town.computed() == ["all 6", "homes 5", "month 0", "orders 0"])
  #expect(try town.findings() == [])
  // An event of a day whose others are summed is taken out of the log: the day is counted anew.
  var days = ComputedDays()
  for summary in try log(town, .summary) { days.insert(summary) }
  try town.store.database.write { [days] in try ComputedStore.recount(days, in: $0) }
  #expect(try town.computed().prefix(2) == ["all 6", "homes 5"] && town.findings() == [])
}

@Test(arguments: [
  (#"{"name": "url", "function": "last", "type": "page", "property": "/properties/url"}"#, false),
  (#"{"name": "url", "function": "sum", "type": "page", "event": "Sale", "property": "/x"}"#, false),
  (#"{"name": "url", "function": "count", "type": "page", "days": 31}"#, false),
  (#"{"name": "url", "function": "first", "type": "page", "property": "/x", "days": 30}"#, true),
  (#"{"name": "url", "function": "first", "type": "page", "property": "/x", "active": false}"#, true),
  (#"{"name": "url", "function": "first", "type": "screen", "property": "/x"}"#, true),
])
func `a class is left alone by which a computed trait reads the events`(definition: String, isFree: Bool) throws {
  let town = try town()
  try town.define(definition)
  let before = try town.computed()
  let receipt = try town.sumUp("pages")
  #expect(receipt.events == (isFree ? 4 : 0) && receipt.forbiddenBy == (isFree ? [] : ["url"]))
  #expect(try town.computed() == before && town.findings() == [])
}

@Test func `a trait over one event leaves the class of another alone`() throws {
  let town = try town([#"{"name": "sales", "type": "page", "event": "Sale", "days": 30}"#])
  try town.define(
    #"{"name": "home", "function": "last", "type": "page", "event": "Home", "property": "/properties/url"}"#)
  #expect(try town.sumUp("sales").events == 1)
  try town.define(#"{"name": "any", "function": "last", "type": "page", "property": "/properties/url"}"#)
  #expect(try town.sumUp("sales").forbiddenBy == ["any"])
}

@Test func `a definition that comes between the look and the act is heeded`() throws {
  let town = try town()
  let (asked, retention) = (town.store.clock.now, town.store.retention)
  let page = try #require(
    try town.store.database.read { try retention.page("pages", asked: asked, after: .init(), in: $0) })
  #expect(page.sequences.count == 4)
  try town.define(#"{"name": "url", "function": "last", "type": "page", "property": "/properties/url"}"#)
  let forbidden = try town.store.database.write { try retention.sumUp(page, "pages", asked: asked, in: $0) }
  #expect(forbidden.events == 0)
  // One that has not counted the events yet has to count them first.
  try town.define(#"{"name": "url", "function": "count", "active": false}"#)
  try town.define(#"{"name": "all", "function": "count", "type": "page"}"#)
  let early = try town.store.database.write { try retention.sumUp(page, "pages", asked: asked, in: $0) }
  #expect(early.events == 0)
  try town.follow()
  // So is a class that was changed, and what has happened to an event.
  try town.retain(#"{"name": "pages", "type": "page", "days": 35}"#)
  try town.view("Other", hoursAgo: 0, id: "p1")
  let (fewer, last) = try town.store.database.write { session in
    (try retention.sumUp(page, "pages", asked: asked, in: session), try EventLog.last(in: session))
  }
  #expect(fewer.events == 2)
  #expect(try town.store.database.read { try EventLog.last(in: $0) } == last)
  #expect(try town.findings() == [])
}

// MARK: Persons

@Test func `an erasure empties the summary, and the message is known`() throws {
  let town = try town()
  for definition in permitted { try town.define(definition) }
  try town.view("Secret", hoursAgo: 40 * day, id: "s1")
  try town.sumUp("pages")
  #expect(try town.dump().contains("Secret"))
  try town.erase("user_id:u1")
  #expect(try !town.dump().contains("Secret"))
  #expect(try town.findings() == [])
  let event = Town.event("s1", "user_id:u1", receivedAt: town.store.clock.now, kind: .page)
  #expect(try town.store.send([event], from: "backend").answers[0].result == "again erased")
  let summary = try #require(try log(town, .summary).first)
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
  // Whoever comes again is somebody new, with summaries of his own.
  try town.send("user_id:u1", from: "backend")
  try town.view("Home", hoursAgo: 40 * day)
  #expect(try town.sumUp("pages").events == 1)
  #expect(try town.findings() == [])
}

@Test func `a merge and its undo go as before, before and after a run`() throws {
  let town = try town()
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
  let town = try town()
  try town.sumUp("pages")
  let entries = try town.store.database.read { session in
    var entries: [LogEntry] = []
    try EventLog.forEach(in: session) { entries.append($0) }
    return entries
  }
  #expect(entries.flatMap { $0.summed }.count == 4)
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
  let town = try town()
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

// MARK: Limits

/// Sends old pages, each of a name of its own, a minute after one another, all on one day.
private func send(_ count: Int, to town: Town, names: Bool = true, from start: Int = 0) throws {
  let now = town.store.clock.now
  let noon = Instant(milliseconds: (now.milliseconds / 86_400_000 - 40) * 86_400_000)
  try town.store.send(
    (start..<start + count).map { number in
      Town.event(
        "n\(number)", "user_id:u1", at: noon + .seconds(60 * (number % 1000)), receivedAt: now, kind: .page,
        name: names ? "n\(number)" : nil)
    }, from: "backend")
}

@Test(arguments: [Retention.step, Retention.step + 1])
func `a step looks at a thousand events`(count: Int) throws {
  let town = try Town()
  try town.retain(pages)
  try town.send("user_id:u1", from: "backend")
  try send(count, to: town, names: false)
  let (asked, retention) = (town.store.clock.now, town.store.retention)
  let page = try #require(
    try town.store.database.read { try retention.page("pages", asked: asked, after: .init(), in: $0) })
  #expect(page.sequences.count == Retention.step)
  let receipt = try town.sumUp("pages")
  #expect([receipt.events, receipt.origins] == [Int64(count), 1])
  #expect(try log(town, .summary).map { $0.outcome.summed } == [Int64(count)])
  #expect(try town.findings() == [])
}

@Test(arguments: [EventSummary.mostCounts, EventSummary.mostCounts + 1])
func `what would have more than a thousand counts begins another summary`(count: Int) throws {
  let town = try Town()
  try town.retain(pages)
  try town.send("user_id:u1", from: "backend")
  try send(EventSummary.mostCounts - 1, to: town)
  try town.sumUp("pages")
  try send(count - EventSummary.mostCounts + 1, to: town, from: EventSummary.mostCounts - 1)
  try town.sumUp("pages")
  let full = Int64(EventSummary.mostCounts)
  #expect(
    try log(town, .summary).map { $0.outcome.summed } == (count == EventSummary.mostCounts ? [full] : [full - 1, 2]))
  #expect(try town.findings() == [])
}

@Test(arguments: [
  (pages, []), (#"{"name": "a", "type": "track", "event": "X", "days": 3650, "active": false}"#, []),
  (#"{"name": "a", "type": "screen", "days": 29}"#, ["/days"]), ("[]", [""]),
  (#"{"name": "a", "type": "screen", "days": 3651}"#, ["/days"]), (#"{"name": "a", "type": "page"}"#, ["/days"]),
  (#"{"name": "A b", "type": "identify", "days": 30, "x": 1}"#, ["/x", "/name", "/type"]),
  (#"{"name": "a", "type": "track", "event": "Order Completed", "days": 30}"#, ["/event"]),
  (#"{"name": "a", "type": "track", "event": "Email Opened", "days": 30}"#, ["/event"]),
  (#"{"name": "a", "type": "page", "event": "Order Completed", "days": 30}"#, []),
  (#"{"name": "a", "type": "page", "event": 7, "days": 30, "active": 1}"#, ["/event", "/active"]),
])
func `a class's faults are named`(document: String, pointers: [String]) throws {
  do {
    let rule = try RetentionClass(document: JSONDocument(Array(document.utf8)).root)
    #expect(pointers == [])
    #expect(try RetentionClass(document: JSONDocument(rule.document).root).document == rule.document)
  } catch let failure as Failure {
    #expect(failure.faults.map { $0.pointer } == pointers)
  }
}

@Test(arguments: [(200, true), (201, false)])
func `a class's event has at most two hundred characters`(count: Int, isRight: Bool) throws {
  let name = String(repeating: "n", count: count)
  let document = try JSONDocument(Array(#"{"name": "a", "type": "page", "event": "\#(name)", "days": 30}"#.utf8)).root
  #expect(((try? RetentionClass(document: document)) != nil) == isRight)
}

@Test func `there are at most fifty classes`() throws {
  let town = try Town()
  for number in 0..<50 { try town.retain(#"{"name": "n\#(number)", "type": "page", "days": 30}"#) }
  #expect(throws: Failure.self) { try town.retain(#"{"name": "n50", "type": "page", "days": 30}"#) }
  try town.retain(#"{"name": "n49", "type": "page", "days": 31}"#)
}

// MARK: Runs

private struct Night {
  let town: Town
  let jobs: JobRunner
  let directory = TemporaryDirectory()

  init(_ town: Town) {
    self.town = town
    let store = town.store
    jobs = JobRunner(
      database: store.database, export: Export(folds: store.folds), erasure: store.erasure, retention: store.retention,
      directory: directory.file("exports"), journal: directory.file("erasures"), clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1))
  }

  /// Fires what is due, and lets the jobs run that it wakes.
  func pass() throws {
    try town.runner([RetentionRound(clock: town.store.clock) { [jobs] in jobs.wake() }]).fire()
    jobs.settle()
  }

  func job(_ id: String) throws -> Job? { try town.store.database.read { try JobStore.find(id, in: $0) } }

  /// When the timer is due, in seconds from now.
  var due: Int64? {
    get throws {
      let now = town.store.clock.now
      return try town.store.database.read { try PendingTimer.find("retention:pages", in: $0) }
        .map { ($0.due.milliseconds - now.milliseconds) / 1000 }
    }
  }
}

@Test func `a run goes every night, once, and leaves a job's receipt`() throws {
  let town = try town()
  let night = Night(town)
  // It is 3:04:05.
  #expect(try night.due == 86_400 - 245)
  try night.pass()
  #expect(try log(town, .retention).isEmpty)
  town.store.clock.advance(by: .seconds(86_400))
  try night.pass()
  let job = try #require(try night.job("retention-pages-2026-01-03"))
  #expect(job.state == .done && job.author == "retention:pages" && job.form == nil)
  let run = try #require(try log(town, .retention).first)
  var writer = JSONWriter()
  job.write(to: &writer)
  let receipt = try #require(try JSONDocument(writer.bytes).root["receipt"])
  #expect(receipt["events"]?.integer == 4 && receipt["sequence"]?.integer == run.sequence)
  #expect(receipt["place"] == nil && receipt["forbiddenBy"]?.count == 0)
  #expect(try night.due == 86_400 - 245)
  // Days that nobody served are not made up for.
  town.store.clock.advance(by: .seconds(5 * 86_400))
  try night.pass()
  #expect(try log(town, .timer).count == 2 && log(town, .retention).count == 2)
  #expect(try night.job("retention-pages-2026-01-08")?.state == .done)
  // Stored anew it goes on; put aside it ends.
  try town.retain(#"{"name": "pages", "type": "page", "days": 31}"#)
  #expect(try night.due == 86_400 - 245)
  try town.retain(#"{"name": "pages", "type": "page", "days": 31, "active": false}"#)
  #expect(try night.due == nil)
  #expect(try town.findings() == [])
  // Old ones are forgotten with the jobs of persons.
  town.store.clock.advance(by: .seconds(40 * 86_400))
  night.jobs.wake()
  night.jobs.settle()
  #expect(try night.job("retention-pages-2026-01-03") == nil)
}

@Test func `an interrupted run goes on where it was`() throws {
  let town = try town()
  try town.send("user_id:u2", from: "backend")
  try town.view("Home", hoursAgo: 40 * day, who: "user_id:u2")
  let (now, retention) = (town.store.clock.now, town.store.retention)
  // A first step of one origin is done and kept, and then the program ended.
  try town.store.database.write { session in
    try JobStore.queue(.retention("pages"), author: "retention:pages", id: "j", at: now, in: session)
    try JobStore.queue(.retention("pages"), author: "retention:pages", id: "j", at: now, in: session)
    let job = try #require(try JobStore.start(in: session))
    var page = try #require(try retention.page("pages", asked: now, after: .init(), in: session))
    let last = try #require(try EventLog.entry(page.sequences[3], in: session))
    page.sequences.removeLast()
    page.receipt.place = .init(
      origin: last.outcome.origin ?? 0, at: last.event.at.milliseconds, sequence: last.sequence)
    try JobStore.keep(retention.sumUp(page, "pages", asked: now, in: session).json, of: job, in: session)
  }
  #expect(try town.findings() == [])
  let night = Night(town)
  night.jobs.wake()
  night.jobs.settle()
  let job = try #require(try night.job("j"))
  #expect(job.state == .done)
  let receipt = RetentionReceipt(recorded: try JSONDocument(job.receipt ?? []).root)
  #expect([receipt.events, receipt.origins, receipt.kept] == [5, 2, 0])
  #expect(try log(town, .retention).count == 1)
  // Done already, it does nothing.
  try town.view("Home", hoursAgo: 40 * day)
  try night.jobs.sumUp(job, "pages")
  #expect(try log(town, .summary).map { $0.outcome.summed } == [4, 1])
  #expect(try log(town, .retention).count == 1 && town.findings() == [])
}

@Test func `the past tells what is kept`() throws {
  let town = try town()
  let then = try #require(try town.log().last).sequence
  try town.sumUp("pages")
  let (folds, migrations, now) = (town.store.intake.folds, town.store.database.migrations, town.store.clock.now)
  let kinds = try town.store.database.read { session in
    let moment = try AsOf(.sequence(then), now: now, in: session)
    let name = CustomerName.identifier(Identifier(recorded: .userID, "u1"))
    return try Past.recall(name, .everything, asOf: moment, folds: folds, migrations: migrations, in: session) {
      lookup, past in
      guard case .customer(let leader) = lookup else { throw Failure(.notFound, "nobody") }
      return try past.timeline(of: leader, limit: 9).events.map { $0.kind }
    }
  }
  #expect(kinds == ["identify", "page", "summary"])
  // A place whose event is gone is still a moment.
  #expect(try town.store.database.read { try AsOf(.sequence(then - 4), now: now, in: $0).sequence } == then - 4)
}
