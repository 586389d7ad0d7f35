import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let start = TurnedClock().now

@Suite struct QualityListTests {
  @Test func `a page of the list ends after as many as it may look at`() throws {
    let town = try Town()
    try town.say("user_id:ann", [("phone", "12")])
    func fill(_ numbers: ClosedRange<Int>) throws {
      let events = numbers.map { number in
        Town.event("f\(number)", "user_id:f\(number) email:f\(number)@b.test", receivedAt: town.store.clock.now)
      }
      try town.store.send(events, from: "prover")
    }
    func page(_ code: Quality.Code?, below place: Int64 = .max) throws -> ([String], Int64?) {
      let now = town.store.clock.now
      let page = try town.store.database.read { session in
        try QualityList(of: code, below: place, limit: 10, now: now, in: session)
      }
      return (page.rows.map { $0.publicID }, page.next)
    }
    let id = try town.id("user_id:ann")
    try fill(1...QualityList.mostExamined - 1)
    #expect(try page(nil) == ([id], nil))
    try fill(QualityList.mostExamined...QualityList.mostExamined)
    let (none, next) = try page(nil)
    #expect(none == [] && next != nil)
    #expect(try page(nil, below: next ?? 0) == ([id], nil))
    // What has rows is found at once.
    #expect(try page(.invalidPhone) == ([id], nil))
  }

  @Test func `the list has each customer once, also where several of his places have the defect`() throws {
    let town = try Town()
    for name in ["ann", "bob", "cid"] { try town.say("user_id:\(name) email:\(name)@b.test", [("phone", "1")]) }
    try town.merge("user_id:ann", "user_id:cid")
    let expected = try [town.id("user_id:ann"), town.id("user_id:bob")]
    for limit in 1...3 {
      #expect(try town.list(.invalidPhone, limit: limit) == expected)
      #expect(try Set(town.list(nil, limit: limit)) == Set(expected))
    }
  }

  @Test func `a source's score is of the log's newest entries, its counts are of all`() throws {
    let town = try Town()
    let body = Array(#"{"user_id": ["cashier"]}"#.utf8)
    _ = try town.store.database.write { [intake = town.store.intake] session in
      try intake.store(
        kind: BlockedValues.documentKind, id: DocumentKind.onlyID, body: body, author: "test", at: start, create: false,
        in: session)
    }
    try town.say("user_id:ann", [("phone", "12"), ("email", "x")])
    try town.say("user_id:ann", [("phone", "+79161234567")])
    try town.say("user_id:cashier", from: "backend")
    try town.edit("user_id:ann", #"{"phone": "no"}"#)
    let sources = try town.sources()
    #expect(sources["prover"]?.recent ?? (0, 0) == (2, 1))
    #expect(sources["prover"]?.score == 50)
    #expect(sources["prover"]?.defects == ["invalid_phone": 1, "invalid_email": 1])
    #expect(sources["backend"]?.score == 0)
    #expect(sources["backend"]?.defects == ["no_identifier": 1])
    #expect(sources["test"] == nil, "what changes documents is no source of events")
    #expect(sources.values.filter { $0.source.hasPrefix("api:") }.map { $0.defects } == [["invalid_phone": 1]])
    #expect(try town.findings() == [])
  }

  @Test func `an entry counts for the score as long as it is among the newest ten thousand`() throws {
    let town = try Town()
    try town.say("user_id:ann", [("phone", "12")])
    let newest = try town.lastSequence()
    func fill(upTo last: Int64) throws {
      let from = try town.lastSequence()
      let events = (from..<last).map { number in
        Town.event("f\(number)", "user_id:f", receivedAt: town.store.clock.now, kind: .track, name: "e")
      }
      try town.store.send(events, from: "prover")
    }
    try fill(upTo: newest + SourceQuality.window - 1)
    #expect(try town.sources()["prover"]?.recent ?? (0, 0) == (SourceQuality.window, 1))
    try fill(upTo: newest + SourceQuality.window)
    #expect(try town.sources()["prover"]?.recent ?? (0, 0) == (SourceQuality.window, 0))
    #expect(try town.sources()["prover"]?.defects == ["invalid_phone": 1])
  }
}
