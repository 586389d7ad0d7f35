import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Writes a state as the API does; without `body` it deletes.
  @discardableResult
  func save(
    _ name: String, _ key: String, _ body: String?, id: String? = nil, by author: String = "api:shop"
  ) throws -> Intake.Answer {
    let (leader, now) = (try leader(name), store.clock.now)
    let id = id ?? store.tokens.next("req_")
    let customer = try #require(CustomerName(name))
    return try store.database.write { [intake = store.intake] session in
      let states = try ResumeStates(ofCustomer: leader, in: session)
      let event: Event
      if let body {
        let json = try JSONDocument(Array(body.utf8)).root
        let time = try ResumeState.check(json, now: now)
        event = ResumeState.writing(key, body: json.bytes, messageID: id, at: time ?? states.moment(key, now))
      } else {
        event = ResumeState.deleting(key, messageID: id, at: states.moment(key, now))
      }
      let stand = try Lookup.stand(customer, ofCustomer: leader, in: session)
      return try intake.record(event, at: stand, author: author, in: session) { _ in
        if body != nil { try states.checkRoom(for: key, now: now) }
      }
    }
  }

  func state(_ name: String, _ key: String) throws -> String? {
    let (leader, now) = (try leader(name), store.clock.now)
    let state = try store.database.read { try ResumeStates(ofCustomer: leader, in: $0).find(key, now: now) }
    return state.map { String(decoding: $0.value, as: UTF8.self) }
  }

  func states(_ name: String) throws -> [String] {
    let (leader, now) = (try leader(name), store.clock.now)
    return try store.database.read { try ResumeStates(ofCustomer: leader, in: $0).live(now).map { $0.key } }
  }
}

@Suite struct ResumeStateTests {
  private static func town() throws -> Town {
    let town = try Town()
    try town.send("anonymous_id:a1", from: "page")
    try town.send("user_id:u1", from: "backend")
    return town
  }

  @Test func `a state follows the visitor at login, and the newest of both wins`() throws {
    let town = try Self.town()
    try town.save("user_id:u1", "form", #"{"value": "old"}"#)
    town.store.clock.advance(by: .seconds(1))
    try town.save("anonymous_id:a1", "form", #"{"value": "new"}"#)
    try town.save("anonymous_id:a1", "film:1", #"{"value": 17}"#)
    #expect(try town.state("user_id:u1", "form") == "\"old\"")
    try town.send("user_id:u1 anonymous_id:a1", from: "backend")
    #expect(try town.state("user_id:u1", "form") == "\"new\"")
    #expect(try town.states("user_id:u1") == ["film:1", "form"])
    try town.save("user_id:u1", "form", nil)
    #expect(try town.state("user_id:u1", "form") == nil)
    #expect(try town.states("anonymous_id:a1") == ["film:1"])
    #expect(try town.findings() == [])
  }

  @Test func `the newest by its own time wins, whenever it comes, and the last of one moment`() throws {
    let town = try Self.town()
    for value in 0..<20 { try town.save("user_id:u1", "k", #"{"value": \#(value)}"#) }
    #expect(try town.state("user_id:u1", "k") == "19")
    try town.save("user_id:u1", "k", #"{"value": "late", "at": "2020-01-01T00:00:00Z"}"#)
    #expect(try town.state("user_id:u1", "k") == "19")
    try town.save("user_id:u1", "k", nil)
    #expect(try town.state("user_id:u1", "k") == nil)
    try town.save("user_id:u1", "k", #"{"value": null}"#)
    #expect(try town.state("user_id:u1", "k") == "null")
    #expect(try town.findings() == [])
  }

  @Test func `a state ends when it says, else after thirty days`() throws {
    let town = try Self.town()
    let now = town.store.clock.now
    try town.save("user_id:u1", "short", #"{"value": 1, "expiresAt": "\#((now + .seconds(60)).text)"}"#)
    try town.save("user_id:u1", "usual", #"{"value": 1}"#)
    town.store.clock.advance(by: .milliseconds(59_999))
    #expect(try town.states("user_id:u1") == ["short", "usual"])
    #expect(try town.state("user_id:u1", "short") == "1")
    town.store.clock.advance(by: .milliseconds(1))
    #expect(try town.states("user_id:u1") == ["usual"])
    #expect(try town.state("user_id:u1", "short") == nil && town.state("user_id:u1", "usual") == "1")
    town.store.clock.advance(by: ResumeState.usualLife - .milliseconds(60_001))
    #expect(try town.states("user_id:u1") == ["usual"])
    town.store.clock.advance(by: .milliseconds(1))
    #expect(try town.states("user_id:u1") == [])
    #expect(try town.findings() == [])
  }

  @Test func `a customer has fifty states, and one more when one is gone or has ended`() throws {
    let town = try Self.town()
    let now = town.store.clock.now
    try town.save("user_id:u1", "k0", #"{"value": 0, "expiresAt": "\#((now + .seconds(60)).text)"}"#)
    for number in 1..<50 { try town.save("user_id:u1", "k\(number)", #"{"value": 0}"#) }
    #expect { try town.save("user_id:u1", "more", #"{"value": 0}"#) } throws: { ($0 as? Failure)?.code == .conflict }
    try town.save("user_id:u1", "k1", #"{"value": 1}"#)
    try town.save("user_id:u1", "k2", nil)
    try town.save("user_id:u1", "more", #"{"value": 0}"#)
    #expect(throws: Failure.self) { try town.save("user_id:u1", "again", #"{"value": 0}"#) }
    town.store.clock.advance(by: .seconds(60))
    try town.save("user_id:u1", "again", #"{"value": 0}"#)
    #expect(try town.states("user_id:u1").count == 50)
    #expect(try town.findings() == [])
  }

  @Test func `a write counts once under its id`() throws {
    let town = try Self.town()
    let first = try town.save("user_id:u1", "k", #"{"value": 1}"#, id: "i1")
    try town.save("user_id:u1", "k", #"{"value": 2}"#)
    #expect(try town.save("user_id:u1", "k", #"{"value": 1}"#, id: "i1").sequence == first.sequence)
    #expect(try town.state("user_id:u1", "k") == "2")
    // Another key is another place: there the same id counts once too.
    let longest = String(repeating: "i", count: 100)
    for id in ["i1", longest, "i~0123456789abcdef"] {
      try town.save("user_id:u1", "k", #"{"value": 2}"#, id: id == "i1" ? "i2" : id)
      let other = try town.save("user_id:u1", "other", #"{"value": 1}"#, id: id)
      // An id that looks like one of ours is refused rather than counted twice.
      if id.contains("~") {
        #expect(other.result == "conflict")
        continue
      }
      #expect(try town.save("user_id:u1", "other", #"{"value": 1}"#, id: id).sequence == other.sequence)
      #expect(try town.save("user_id:u1", "other", #"{"value": 3}"#, id: id).result == "conflict")
    }
    #expect(try town.state("user_id:u1", "other") == "1")
    #expect(try town.save("user_id:u1", "k", nil, id: "i1").result == "conflict")
    #expect(try town.findings() == [])
  }

  @Test(arguments: [
    ("1", ""), ("{}", "/value"), (#"{"value": 1, "device": ""}"#, "/device"),
    (#"{"value": 1, "device": 1}"#, "/device"),
    (#"{"value": 1, "device": "\#(String(repeating: "d", count: 101))"}"#, "/device"),
    (#"{"value": 1, "at": "9999-01-01"}"#, "/at"), (#"{"value": 1, "at": 1}"#, "/at"),
    (#"{"value": 1, "expiresAt": "2020-01-01"}"#, "/expiresAt"),
    (#"{"value": 1, "expiresAt": "9999-01-01"}"#, "/expiresAt"), (#"{"value": 1, "version": 1}"#, "/version"),
  ])
  func `what is wrong with a state is named`(body: String, pointer: String) throws {
    let json = try JSONDocument(Array(body.utf8)).root
    #expect {
      try ResumeState.check(json, now: TurnedClock().now)
    } throws: { error in
      (error as? Failure)?.code == .invalid && (error as? Failure)?.faults.map { $0.pointer } == [pointer]
    }
  }

  @Test func `a state is taken at its limits and not past them`() throws {
    let now = TurnedClock().now
    func check(_ length: Int, _ end: Instant, device: Int = 100) throws {
      let value = String(repeating: "x", count: length - 2)
      let device = String(repeating: "d", count: device)
      let body = #"{"value": "\#(value)", "device": "\#(device)", "at": "\#(now.text)", "expiresAt": "\#(end.text)"}"#
      _ = try ResumeState.check(try JSONDocument(Array(body.utf8)).root, now: now)
    }
    try check(16 << 10, now + ResumeState.longestLife)
    try check(16 << 10, now + .milliseconds(1))
    #expect { try check(16 << 10 + 1, now + .seconds(1)) } throws: { ($0 as? Failure)?.code == .tooLarge }
    for end in [now, now + ResumeState.longestLife + .milliseconds(1)] {
      #expect(throws: Failure.self) { try check(10, end) }
    }
    #expect(ResumeState.isKey(String(repeating: "k", count: 64)) && ResumeState.isKey("Az9-_.:"))
    for key in ["", String(repeating: "k", count: 65), "a b", "é", "a/b"] { #expect(!ResumeState.isKey(key)) }
  }

  @Test func `states are no news on a timeline unless they are asked for`() throws {
    let town = try Self.town()
    try town.save("user_id:u1", "k", #"{"value": 1}"#)
    town.store.clock.advance(by: .seconds(1))
    try town.grant("user_id:u1")
    let leader = try town.leader("user_id:u1")
    func kinds(_ kind: String?) throws -> [String] {
      var filter = Timeline.Filter()
      filter.kind = kind
      return try town.store.database.read { [filter] session in
        try Timeline.page(ofCustomer: leader, filter: filter, limit: 9, in: session).events.map { $0.kind }
      }
    }
    #expect(try kinds(nil) == ["consent", "identify"])
    #expect(try kinds("state") == ["state"])
  }

  @Test func `an export shows what was kept, and what is erased is gone`() throws {
    let town = try Self.town()
    try town.save("user_id:u1", "a", #"{"value": {"n": 1.50}}"#)
    try town.save("user_id:u1", "b", #"{"value": 1}"#)
    try town.save("user_id:u1", "b", nil)
    let origin = try town.origin("user_id:u1")
    let text = try town.store.database.read { session in
      var writer = JSONWriter()
      try writer.object { try ResumeStateFold().export(of: [origin], to: &$0, in: session) }
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(text.contains(#""value":{"n": 1.50}"#) && !text.contains(#""key":"b""#))
    try town.store.database.write { try ResumeStateFold().erase([origin], in: $0) }
    #expect(try town.store.database.read { try rows("resume_state", $0) } == [])
  }
}
