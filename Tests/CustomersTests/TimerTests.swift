import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// A daily round of the shop's own, which sets itself anew, and fails where it is told to.
private struct Round: TimedAct {
  let kind = "round"
  var fails = false

  func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent? {
    if fails { throw Failure(.internal, "it cannot be done") }
    outcome.timers = [Outcome.Timer(key: timer.key, kind: kind, due: timer.due + .seconds(86_400))]
    return nil
  }
}

extension Town {
  /// What fires timers, with the hands of the town's clock.
  func runner(_ acts: [any TimedAct] = [ConsentEnd()]) -> TimerRunner {
    TimerRunner(
      database: store.database, intake: store.intake, acts: acts, clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1))
  }

  /// Appends an event of the shop's own that sets or ends timers.
  func set(_ timers: [Outcome.Timer], ended: [String] = []) throws {
    let (now, id) = (store.clock.now, store.tokens.next("t_"))
    _ = try store.database.write { [intake = store.intake] session in
      let event = Event.request(.timer, name: "set", body: Array("{}".utf8), messageID: id, at: now)
      return try intake.record(event, at: nil, author: "api:test", in: session) { outcome in
        (outcome.timers, outcome.ended) = (timers, ended)
      }
    }
  }

  /// The keys of what is pending, each with the seconds until it is due.
  fileprivate func pending() throws -> [String] {
    let now = store.clock.now
    return try store.database.read { session in
      try PendingTimer.due(at: .latest, limit: 1000, in: session).map {
        "\($0.key) \(($0.due.milliseconds - now.milliseconds) / 1000)"
      }
    }
  }

  /// What timers have come to, in the order of the log: source, kind and name.
  fileprivate func fired() throws -> [String] {
    try log().filter { $0.source.hasPrefix(TimerRunner.source) }.map {
      "\($0.source) \($0.event.kind.rawValue) \($0.event.name ?? "-")"
    }
  }

  func grant(_ name: String, seconds: Int64, more: String = "") throws {
    let end = store.clock.now + .seconds(seconds)
    try consent(name, #"[{"purpose": "marketing", "state": "granted", "expiresAt": "\#(end.text)"\#(more)}]"#)
  }
}

private func timer(_ key: String, in seconds: Int64, _ town: Town, kind: String = "some") -> Outcome.Timer {
  Outcome.Timer(
    key: key, kind: kind, due: town.store.clock.now + .seconds(seconds), payload: Array(#"{"a":1}"#.utf8))
}

@Test func `a timer fires once, when it is due, and its event happened then`() throws {
  let town = try Town()
  let start = town.store.clock.now
  try town.set([timer("b", in: 10, town), timer("a", in: 20, town)])
  try town.runner().fire()
  #expect(try town.fired() == [])
  town.store.clock.advance(by: .milliseconds(9_999))
  try town.runner().fire()
  #expect(try town.fired() == [])
  town.store.clock.advance(by: .milliseconds(1))
  try town.runner().fire()
  #expect(try town.fired() == ["timer:some timer some"])
  #expect(try town.pending() == ["a 10"])
  // The server was down for an hour.
  town.store.clock.advance(by: .seconds(3600))
  try town.runner().fire()
  try town.runner().fire()
  #expect(try town.fired().count == 2)
  let last = try #require(try town.log().last)
  #expect(last.event.at == start + .seconds(20) && last.event.receivedAt == start + .seconds(3610))
  #expect(last.event.body == Array(#"{"a":1}"#.utf8))
  #expect(try town.pending() == [] && town.findings() == [])
}

@Test func `set again a timer is moved, and ended it never fires`() throws {
  let town = try Town()
  try town.set([timer("a", in: 10, town), timer("b", in: 10, town)])
  try town.set([timer("a", in: 30, town, kind: "other")], ended: ["b", "none"])
  #expect(try town.pending() == ["a 30"])
  #expect(try town.findings() == [])
  town.store.clock.advance(by: .seconds(20))
  try town.runner().fire()
  #expect(try town.fired() == [])
  // Ended and set by one event, it is set.
  try town.set([timer("a", in: 5, town)], ended: ["a"])
  #expect(try town.pending() == ["a 5"])
  #expect(try town.findings() == [])
}

@Test(arguments: [TimerRunner.step - 1, TimerRunner.step, TimerRunner.step + 1, 2 * TimerRunner.step + 1])
func `what is due fires in the order in which it was due, a hundred at a time`(count: Int) throws {
  let town = try Town()
  try town.set((0..<count).map { timer("k\($0)", in: Int64(count - $0), town, kind: "k\($0)") })
  town.store.clock.advance(by: .seconds(3600))
  let commits = town.store.database.counters.commits
  try town.runner().fire()
  #expect(try town.fired() == (0..<count).reversed().map { "timer:k\($0) timer k\($0)" })
  // The last look finds nothing.
  #expect(town.store.database.counters.commits - commits <= (count + TimerRunner.step - 1) / TimerRunner.step + 1)
  #expect(try town.pending() == [] && town.findings() == [])
}

@Test func `a round sets itself anew, and makes up for the days that nobody served`() throws {
  let town = try Town()
  try town.set([timer("round", in: 60, town, kind: "round")])
  town.store.clock.advance(by: .seconds(3 * 86_400))
  try town.runner([Round()]).fire()
  #expect(try town.fired().count == 3)
  #expect(try town.pending() == ["round 60"])
  #expect(try town.findings() == [])
}

@Test func `a timer that cannot fire rests, and no other waits for it`() throws {
  let town = try Town()
  try town.set([
    timer("a", in: 1, town), timer("bad", in: 2, town, kind: "round"), timer("c", in: 3, town),
    timer("d", in: 4, town),
  ])
  town.store.clock.advance(by: .seconds(10))
  let runner = town.runner([Round(fails: true)])
  try runner.fire()
  #expect(try town.fired() == ["timer:some timer some", "timer:some timer some", "timer:some timer some"])
  #expect(try town.pending() == ["bad -8"])
  let sequence = try town.log().count
  town.store.clock.advance(by: TimerRunner.rest - .seconds(1))
  try runner.fire()
  #expect(try town.log().count == sequence)
  // A program that can do it does it.
  try town.runner([Round()]).fire()
  #expect(try town.fired().last == "timer:round timer round")
  #expect(try town.findings() == [])
}

@Test func `what is pending outlives the server`() throws {
  var town = try Town()
  try town.set([timer("a", in: 10, town)])
  town = try town.restarted(chance: 2, hasBooks: false)
  town.store.clock.advance(by: .seconds(10))
  try town.runner().fire()
  #expect(try town.fired().count == 1)
  town = try town.restarted(chance: 3, hasBooks: false)
  try town.runner().fire()
  #expect(try town.fired().count == 1)
  #expect(try town.findings() == [])
}

// MARK: Consents that end

@Test func `a grant for a time ends by itself`() throws {
  let town = try Town()
  try town.send("user_id:u1 email:e@1.test", from: "prover")
  try town.grant("user_id:u1", seconds: 60, more: #", "channel": "email""#)
  #expect(try town.consents("email:e@1.test") == ["marketing/email granted"])
  town.store.clock.advance(by: .seconds(59))
  try town.runner().fire()
  #expect(try town.consents("user_id:u1") == ["marketing/email granted"])
  town.store.clock.advance(by: .seconds(1))
  try town.runner().fire()
  #expect(try town.consents("user_id:u1") == ["marketing/email withdrawn"])
  #expect(try town.fired() == ["timer:consent consent -"])
  #expect(try town.findings() == [])
}

@Test func `what is said anew moves the end or takes it away`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.grant("user_id:u1", seconds: 60)
  try town.grant("user_id:u1", seconds: 90)
  #expect(try town.pending().map { $0.split(separator: " ")[1] } == ["90"])
  // What was said before, and is told late, changes nothing of it.
  try town.grant("user_id:u1", seconds: 10, more: #", "at": "2020-01-01T00:00:00Z""#)
  try town.consent("user_id:u1", #"[{"purpose": "marketing", "state": "withdrawn", "at": "2020-01-02T00:00:00Z"}]"#)
  #expect(try town.pending().map { $0.split(separator: " ")[1] } == ["90"])
  town.store.clock.advance(by: .seconds(70))
  try town.runner().fire()
  #expect(try town.consents("user_id:u1") == ["marketing granted"])
  try town.grant("user_id:u1")
  #expect(try town.pending() == [])
  try town.grant("user_id:u1", seconds: 5)
  try town.withdraw("user_id:u1")
  #expect(try town.pending() == [])
  #expect(try town.findings() == [])
}

@Test func `the end of one name's grant says nothing against what another name of the customer said since`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  let other = try town.id("user_id:u2")
  try town.grant("user_id:u1", seconds: 60)
  try town.merge("user_id:u1", "user_id:u2")
  town.store.clock.advance(by: .seconds(1))
  // A former id stands for its own place.
  try town.grant(other)
  town.store.clock.advance(by: .seconds(60))
  try town.runner().fire()
  #expect(try town.fired().count == 1)
  #expect(try town.consents("user_id:u1") == ["marketing granted"])
  #expect(try town.findings() == [])
  // Alone again, he who said yes for a minute has said it no longer.
  let merge = try #require(try town.merges("user_id:u1").first { $0.rule == "person" })
  try town.undo(merge)
  #expect(try town.consents("user_id:u1") == ["marketing withdrawn"])
  #expect(try town.consents("user_id:u2") == ["marketing granted"])
  #expect(try town.findings() == [])
}

@Test func `the end of a grant leaves the other name's own word as it was`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.grant("user_id:u2")
  try town.merge("user_id:u1", "user_id:u2")
  town.store.clock.advance(by: .seconds(1))
  try town.grant("user_id:u1", seconds: 60)
  town.store.clock.advance(by: .seconds(60))
  try town.runner().fire()
  #expect(try town.consents("user_id:u1") == ["marketing withdrawn"])
  let merge = try #require(try town.merges("user_id:u1").first { $0.rule == "person" })
  try town.undo(merge)
  #expect(try town.consents("user_id:u1") == ["marketing withdrawn"])
  #expect(try town.consents("user_id:u2") == ["marketing granted"])
  #expect(try town.findings() == [])
}

@Test func `an export tells what will end, and an erasure leaves no timer`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.grant("user_id:u1", seconds: 60)
  try town.grant("user_id:u2", seconds: 60)
  let leader = try town.leader("user_id:u1")
  let told = try town.store.database.read { session in
    var writer = JSONWriter()
    try writer.object { try TimerFold().export(of: [leader], to: &$0, in: session) }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
  let due = (town.store.clock.now + .seconds(60)).text
  #expect(told == #"{"timers":[{"kind":"consent","due":"\#(due)","payload":{"purpose":"marketing"}}]}"#)
  try town.erase("user_id:u1")
  #expect(try town.pending().count == 1)
  #expect(try town.findings() == [])
  town.store.clock.advance(by: .seconds(60))
  try town.runner().fire()
  #expect(try town.fired().count == 1)
  // Whose end has come may go too.
  try town.erase("user_id:u2")
  #expect(try town.findings() == [])
}

@Test(arguments: [
  (0, "granted", false), (1, "granted", true), (3650 * 86_400_000, "granted", true),
  (3650 * 86_400_000 + 1, "granted", false), (1, "withdrawn", false),
])
func `a grant ends within ten years, and a withdrawal never`(milliseconds: Int64, state: String, isRight: Bool) throws {
  let now = TurnedClock().now
  let end = Instant(milliseconds: now.milliseconds + milliseconds).text
  let list = #"[{"purpose": "a", "state": "\#(state)", "expiresAt": "\#(end)"}]"#
  do {
    _ = try Consent.changes(JSONDocument(Array(list.utf8)).root, now: now)
    #expect(isRight)
  } catch let failure as Failure {
    #expect(!isRight && failure.faults.map { $0.pointer } == ["/0/expiresAt"])
  }
}
