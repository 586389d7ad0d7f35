import Base
import SQL
import TestKit
import Testing

@testable import Customers

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
  try town.retain(Town.pages)
  try town.send("user_id:u1", from: "backend")
  try send(count, to: town, names: false)
  let (asked, retention) = (town.store.clock.now, town.store.retention)
  let page = try #require(
    try town.store.database.read { try retention.page("pages", asked: asked, after: .init(), in: $0) })
  #expect(page.sequences.count == Retention.step)
  let receipt = try town.sumUp("pages")
  #expect([receipt.events, receipt.origins] == [Int64(count), 1])
  #expect(try town.entries(.summary).map { $0.outcome.summed } == [Int64(count)])
  #expect(try town.findings() == [])
}

@Test(arguments: [EventSummary.mostCounts, EventSummary.mostCounts + 1])
func `what would have more than a thousand counts begins another summary`(count: Int) throws {
  let town = try Town()
  try town.retain(Town.pages)
  try town.send("user_id:u1", from: "backend")
  try send(EventSummary.mostCounts - 1, to: town)
  try town.sumUp("pages")
  try send(count - EventSummary.mostCounts + 1, to: town, from: EventSummary.mostCounts - 1)
  try town.sumUp("pages")
  let full = Int64(EventSummary.mostCounts)
  #expect(
    try town.entries(.summary).map { $0.outcome.summed } == (count == EventSummary.mostCounts ? [full] : [full - 1, 2]))
  #expect(try town.findings() == [])
}

@Test(arguments: [
  (Town.pages, []), (#"{"name": "a", "type": "track", "event": "X", "days": 3650, "active": false}"#, []),
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
