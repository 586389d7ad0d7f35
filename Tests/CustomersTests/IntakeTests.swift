import Base
import Dispatch
import SQL
import Synchronization
import TestKit
import Testing

@testable import Customers

private func event(_ body: String, id: String = "m1", kind: Event.Kind = .track, envelope: String? = nil) -> Event {
  Event(
    kind: kind, name: "Opened", messageID: id, at: Instant(milliseconds: 5), originalAt: nil, sentAt: nil,
    receivedAt: Instant(milliseconds: 9), body: Array(body.utf8), envelope: envelope.map { Array($0.utf8) },
    mentions: Identifier(.userID, "u1").map { [Event.Mention($0, isProved: false)] } ?? [], traits: [])
}

/// The event that every row below is compared with.
private let first =
  #"{"messageId":"m1","userId":"u1","event":"Opened","properties":{"price":100.10,"tags":[1,2]},"sentAt":"2026-01-01"}"#

@Test(arguments: [
  (first, true),
  (
    #"{"sentAt":"later","properties":{"tags":[1,2],"price":1.001e2},"event":"Opened","userId":"u1","messageId":"m1"}"#,
    true
  ),
  (
    #"{"messageId":"m1","userId":"u1","event":"Op\u0065ned","properties":{"price":100.1,"tags":[1,2]},"receivedAt":1,"writeKey":"w","_metadata":{"retryCount":3},"type":"track"}"#,
    true
  ),
  (#"{"messageId":"m1","userId":"u1","event":"Opened","properties":{"price":100.11,"tags":[1,2]}}"#, false),
  (#"{"messageId":"m1","userId":"u1","event":"Opened","properties":{"price":100.10,"tags":[2,1]}}"#, false),
  (#"{"messageId":"m1","userId":"u1","event":"Opened","properties":{"price":100.10,"tags":[1,2],"sentAt":1}}"#, false),
  (#"{"messageId":"m1","userId":"u2","event":"Opened","properties":{"price":100.10,"tags":[1,2]}}"#, false),
  (
    #"{"messageId":"m1","userId":"u1","event":"Opened","properties":{"price":100.10,"tags":[1,2]},"timestamp":"2026-01-01"}"#,
    false
  ),
  (#"{"messageId":"m1","userId":"u1","properties":{"price":100.10,"tags":[1,2]}}"#, false), ("{}", false),
])
func `the same message again has the same answer, another under its id is a conflict`(body: String, isSame: Bool) throws
{
  let town = try Town()
  let answer = try town.store.send([event(first)], from: "backend").answers[0]
  let again = try town.store.send([event(body)], from: "backend").answers[0]
  #expect(again.result == (isSame ? "again created" : "conflict"))
  #expect(again.sequence == answer.sequence)
  if isSame { #expect(again.customer == answer.customer) }
  #expect(try town.log().count == 1)
  let letters = try town.store.database.read { session in
    var letters: [String] = []
    try session.forEachRow(ofText: "SELECT source, message_id, conflicts_with, body FROM dead_letter", []) { row in
      letters.append("\(row.text(0)) \(row.text(1)) \(row.integer(2)) \(row.text(3) == body)")
      return true
    }
    return letters
  }
  #expect(letters == (isSame ? [] : ["backend m1 \(answer.sequence) true"]))
  #expect(try town.findings() == [])
}

@Test func `kind and batch belong to what a message says`() throws {
  let town = try Town()
  let context = #"{"context":{"ip":"192.0.2.1","locale":"en"}}"#
  let results = try town.store.send(
    [
      event("{}", id: "m1"), event("{}", id: "m1", kind: .page), event("{}", id: "m2", envelope: context),
      event("{}", id: "m2", envelope: #"{"context": {"locale":"en","ip":"192.0.2.1"}}"#), event("{}", id: "m2"),
      event("{}", id: "m2", envelope: #"{"context":{}}"#),
    ], from: "backend"
  ).answers.map { $0.result }
  #expect(results == ["created", "conflict", "matched", "again matched", "conflict", "conflict"])
}

@Test func `one id from two doors is two messages, and one id twice in a batch is one`() throws {
  let town = try Town()
  #expect(
    try town.store.send([event("{}"), event("{}")], from: "backend").answers.map { $0.result } == [
      "created", "again created",
    ])
  #expect(try town.store.send([event("{}")], from: "till").answers.map { $0.result } == ["matched"])
  #expect(try town.log().count == 2)
}

@Test func `a message counts once however many send it at once`() throws {
  let town = try Town()
  let results = Mutex<[String]>([])
  DispatchQueue.concurrentPerform(iterations: 8) { caller in
    for number in 0..<20 {
      // Half of the callers say something else under the same id.
      let body = caller % 2 == 0 ? "{}" : #"{"other":1}"#
      let answer = try? town.store.send([event(body, id: "m\(number)")], from: "backend").answers[0]
      results.withLock { $0.append(String(answer?.result.split(separator: " ")[0] ?? "failed")) }
    }
  }
  let counts = Dictionary(results.withLock { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
  #expect((counts["created"] ?? 0) + (counts["matched"] ?? 0) == 20)
  #expect(counts["again"] == 60 && counts["conflict"] == 80)
  #expect(try town.log().count == 20)
  #expect(try town.findings() == [])
}

@Test func `what was refused is kept with its reason, and takes nothing with it`() throws {
  let town = try Town()
  let refusal = Intake.Refusal(
    messageID: nil, reason: "/userId is no text", body: [], receivedAt: Instant(milliseconds: 9))
  let answers = try town.store.send([event("{}")], refused: [refusal, refusal], from: "backend")
  #expect(answers.answers.map { $0.result } == ["created"])
  #expect(try town.store.database.read { try DeadLetter.count(of: "backend", in: $0) } == 2)
  #expect(try town.store.database.read { try DeadLetter.count(of: "till", in: $0) } == 0)
}

@Test func `a door that is not there is told so`() throws {
  let town = try Town()
  let failure = #expect(throws: Failure.self) { try town.store.send([event("{}")], from: "nowhere") }
  #expect(failure?.code == .unauthorized)
}

@Test func `dead letters are bounded for each door and by their age`() throws {
  let town = try Town()
  let kept = DeadLetter.keptPerSource
  func refuse(_ count: Int64, from source: String, at time: Int64) throws {
    let refusal = Intake.Refusal(messageID: nil, reason: "no", body: [], receivedAt: Instant(milliseconds: time))
    try town.store.send([], refused: Array(repeating: refusal, count: Int(count)), from: source)
  }
  func counts() throws -> [Int64] {
    try town.store.database.read { session in
      try ["page", "leaflet"].map { try DeadLetter.count(of: $0, in: session) }
    }
  }
  try refuse(kept - 1, from: "page", at: 0)
  try refuse(1, from: "leaflet", at: 0)
  #expect(try counts() == [kept - 1, 1])
  // The hundredth letter is always the leaflet's, and yet the page's are bounded.
  for _ in 0..<3 {
    try refuse(99, from: "page", at: 5)
    try refuse(1, from: "leaflet", at: 5)
  }
  #expect(try counts() == [kept, 4])
  let days = Int64(30 * 86_400_000)
  func sweep(at time: Int64) throws {
    try town.store.database.write { try DeadLetter.sweep(at: Instant(milliseconds: time), in: $0) }
  }
  try sweep(at: days)
  #expect(try counts() == [kept, 4])
  try sweep(at: days + 1)
  #expect(try counts() == [297, 3])
}

@Test func `a message with thousands of fields is compared in no time, since the writer waits`() throws {
  let town = try Town()
  func wide(_ sentAt: String) -> String {
    #"{"sentAt":"\#(sentAt)",\#((0..<4000).map { "\"\($0)\":1" }.joined(separator: ","))}"#
  }
  let ids = (0..<8).map { "m\($0)" }
  try town.store.send(ids.map { event(wide("once"), id: $0) }, from: "backend")
  let started = ContinuousClock.now
  let again = try town.store.send(ids.map { event(wide("twice"), id: $0) }, from: "backend").answers
  #expect(again.map { $0.result }.allSatisfy { $0.hasPrefix("again") })
  // Each with each took two seconds for one message.
  #expect(ContinuousClock.now - started < .seconds(8))
}

@Test func `of two changes of a source at once the directory keeps the later one`() throws {
  let store = try TestStore()
  try store.add(Source(name: "shop", channel: "web", trust: .verified))
  let directory = try store.database.read { try SourceDirectory(in: $0) }
  try store.database.read { old in
    // The snapshot begins.
    _ = try EventLog.last(in: old)
    try store.add(Source(name: "shop", channel: "web", trust: .anonymous))
    try store.database.read { try directory.refresh(in: $0) }
    try directory.refresh(in: old)
  }
  #expect(directory.find("shop")?.trust == .anonymous)
}
