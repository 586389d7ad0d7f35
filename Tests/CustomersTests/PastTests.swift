import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// What a reader is told of a name now: the picture, or why there is none.
  func told(_ name: String) throws -> String {
    let name = try #require(CustomerName(name))
    return try store.database.read { session in
      switch try Lookup.find(name, in: session) {
      case .nobody: return "nobody"
      case .customer(let leader):
        return String(decoding: try Profile.json(ofCustomer: leader, in: session), as: UTF8.self)
      case .claimed(let leaders): return try "\(leaders.map { try Profile.publicID(of: $0, in: session) })"
      }
    }
  }

  /// What a reader was told at a moment of the log, less the moment itself.
  func told(_ name: String, asOf moment: AsOf.Name) throws -> String {
    try recall(name, .everything, asOf: moment) { lookup, past in
      switch lookup {
      case .nobody: return "nobody"
      case .customer(let leader):
        var writer = JSONWriter()
        writer.object { past.moment.write(to: &$0) }
        let ending = "," + String(decoding: writer.bytes.dropFirst(), as: UTF8.self)
        let picture = String(decoding: try past.profile(of: leader), as: UTF8.self)
        return picture.hasSuffix(ending) ? picture.dropLast(ending.count) + "}" : "without its moment: \(picture)"
      case .claimed(let leaders): return try "\(leaders.map { try past.publicID(of: $0) })"
      }
    }
  }

  func recall<T: Sendable>(
    _ name: String, _ need: Past.Need, asOf moment: AsOf.Name,
    _ work: @escaping @Sendable (Lookup, Past) throws -> T
  ) throws -> T {
    let name = try #require(CustomerName(name))
    let (folds, migrations, now) = (store.intake.folds, store.database.migrations, store.clock.now)
    return try store.database.read { session in
      try Past.recall(
        name, need, asOf: AsOf(moment, now: now, in: session), folds: folds, migrations: migrations, in: session, work)
    }
  }

  func lastSequence() throws -> Int64 { try store.database.read { try EventLog.last(in: $0) } }
}

@Suite struct PastTests {
  @Test func `a customer is told as he was, though he was merged, parted and told more about since`() throws {
    let town = try Town()
    let start = town.store.clock.now
    func step(_ work: () throws -> Void) throws -> (AsOf.Name, AsOf.Name) {
      town.store.clock.advance(by: .seconds(60))
      try work()
      return (.sequence(try town.lastSequence()), .time(town.store.clock.now + .seconds(59)))
    }
    func send(_ id: String, _ who: String, _ name: String, at: Instant) throws {
      let event = Town.event(id, who, at: at, receivedAt: town.store.clock.now, traits: [("name", name)])
      try town.store.send([event], from: "prover")
    }
    let first = try step {
      try send("m1", "user_id:u1 email:a@b.test", "Ann", at: start)
      try send("m2", "user_id:u2", "Bob", at: start + .seconds(5))
      try town.grant("user_id:u1")
    }
    let before = (try town.told("user_id:u1"), try town.told("user_id:u2"))
    let second = try step { try town.merge("user_id:u2", "user_id:u1") }
    let merged = try town.told("user_id:u2")
    #expect(merged == (try town.told("user_id:u1")))
    _ = try step { try town.undo(town.merges("user_id:u1")[0], keep: [("email:a@b.test", .shared)]) }
    // Late: it happened before everything else.
    _ = try step { try send("m3", "user_id:u1", "Anna", at: start - .seconds(99)) }
    town.store.clock.advance(by: .seconds(60))
    #expect(try town.told("user_id:u1") != before.0)
    for moment in [first.0, first.1] {
      #expect(try town.told("user_id:u1", asOf: moment) == before.0)
      #expect(try town.told("email:a@b.test", asOf: moment) == before.0)
      #expect(try town.told("user_id:u2", asOf: moment) == before.1)
    }
    for moment in [second.0, second.1] {
      for name in ["user_id:u1", "user_id:u2", "email:a@b.test"] {
        #expect(try town.told(name, asOf: moment) == merged)
      }
    }
    #expect(try town.told("user_id:u1", asOf: .time(start)) == "nobody")
    // Those whose data it is today.
    let subjects = try town.recall("user_id:u2", .identity, asOf: second.0) { lookup, past -> [Int64] in
      guard case .customer(let leader) = lookup else { return [] }
      return try past.subjects(of: leader)
    }
    #expect(
      subjects
        == Set([try town.leader("user_id:u1"), try town.leader("user_id:u2"), try town.leader("email:a@b.test")])
        .sorted())
  }

  @Test func `a timeline of the past leaves out what was recorded later, page by page`() throws {
    let town = try Town()
    for number in 0..<40 {
      let at = town.store.clock.now - .seconds(number % 7)
      try town.store.send(
        [Town.event("m\(number)", "user_id:u1 anonymous_id:a\(number % 3)", at: at, receivedAt: town.store.clock.now)],
        from: "backend")
    }
    let moment = AsOf.Name.sequence(try town.lastSequence() - 15)
    var (told, cursor): ([String], Timeline.Cursor?) = ([], .newest)
    while let before = cursor {
      let page = try town.recall("user_id:u1", .identity, asOf: moment) { lookup, past -> Timeline.Page in
        guard case .customer(let leader) = lookup else { return Timeline.Page() }
        return try past.timeline(of: leader, before: before, limit: 4)
      }
      told += page.events.map { $0.messageID }
      cursor = page.next
    }
    let expected = (0..<25).map { (-($0 % 7), "m\($0)") }.sorted(by: >).map { $0.1 }
    #expect(told == expected)
  }

  @Test(arguments: UInt64(1)...30)
  func `of any history every moment is told as it was`(seed: UInt64) throws {
    let town = try Town(chance: seed)
    var chance = SplitMix64(seed: seed)
    var names = (0..<4).flatMap { person in
      ["user_id:u\(person)", "email:e@\(person).test", "card:C\(person)", "anonymous_id:a\(person)"]
    }
    names += ["email:shared@b.test", "anonymous_id:shared", "phone:+12015550123", "device:d"]
    var was: [(moment: AsOf.Name, name: String, told: String)] = []
    var new = 0
    for step in 0..<60 {
      town.store.clock.advance(by: .milliseconds(Int.random(in: 1...5, using: &chance)))
      switch Int.random(in: 0..<10, using: &chance) {
      case 0: _ = try? town.merge(names.randomElement(using: &chance) ?? "", names.randomElement(using: &chance) ?? "")
      case 1, 2:
        guard let merge = try? town.merges(names.randomElement(using: &chance) ?? "").first(where: { $0.undone == nil })
        else { break }
        let side = Bool.random(using: &chance) ? merge.pair.first : merge.pair.second
        let keeper: [Merging.Keeper] = [.shared, .side(of: side)]
        let kept = names.shuffled(using: &chance).prefix(2).compactMap { name in
          keeper.randomElement(using: &chance).map { (name, $0) }
        }
        do { try town.undo(merge, keep: kept) } catch { _ = try? town.undo(merge) }
      case 3: try? town.grant(names.randomElement(using: &chance) ?? "")
      default:
        let who = names.shuffled(using: &chance).prefix(Int.random(in: 1...3, using: &chance)).joined(separator: " ")
        let late = Duration.seconds(Int.random(in: 0..<30, using: &chance))
        let event = Town.event(
          "m\(step)", who, at: town.store.clock.now - late, receivedAt: town.store.clock.now,
          traits: [("name", "n\(step)")])
        try town.store.send([event], from: Town.sources.randomElement(using: &chance) ?? "page")
      }
      let moment =
        Bool.random(using: &chance)
        ? AsOf.Name.sequence(try town.lastSequence()) : .time(town.store.clock.now)
      for name in names.shuffled(using: &chance).prefix(3) { was.append((moment, name, try town.told(name))) }
    }
    for (moment, name, told) in was {
      if told.hasPrefix("{") { new += 1 }
      let recalled = try town.told(name, asOf: moment)
      if recalled != told {
        let same = zip(recalled, told).prefix { $0 == $1 }.count
        let shown = [recalled, told].map { $0.dropFirst(max(0, same - 60)).prefix(200) }
        Issue.record("\(name) \(moment): told \(shown[0]), was \(shown[1])")
      }
    }
    #expect(new > 50)
    #expect(try town.findings() == [])
  }

  @Test func `a time leads to the last entry received by then, and always to the same`() throws {
    let town = try Town()
    var entries: [(sequence: Int64, received: Instant)] = []
    var asked: [(time: Instant, sequence: Int64)] = []
    func sequence(_ time: Instant) throws -> Int64 {
      let now = town.store.clock.now
      return try town.store.database.read { try AsOf(.time(time), now: now, in: $0).sequence }
    }
    for number in 0..<70 {
      town.store.clock.advance(by: .milliseconds(10))
      // Every third came a little earlier than the one before it.
      let received = town.store.clock.now - .milliseconds(number % 3 == 2 ? 15 : 0)
      let answers = try town.store.send(
        [Town.event("m\(number)", "user_id:u1", receivedAt: received)], from: "backend")
      entries.append((answers.sequence, received))
      let time = town.store.clock.now - .milliseconds(20)
      asked.append((time, try sequence(time)))
    }
    for (time, told) in asked { #expect(try sequence(time) == told) }
    // Where none overtook another it is exactly the last one.
    for entry in entries.enumerated() where entry.offset % 3 == 0 {
      #expect(try sequence(entry.element.received) == entry.element.sequence)
      #expect(try sequence(entry.element.received - .milliseconds(1)) == entry.element.sequence - 1)
    }
  }

  @Test func `a moment that has not come is refused`() throws {
    let town = try Town()
    try town.send("user_id:u1", from: "backend")
    let (now, last) = (town.store.clock.now, try town.lastSequence())
    for name in [AsOf.Name.sequence(last + 1), .time(now + .milliseconds(1))] {
      #expect {
        try town.store.database.read { _ = try AsOf(name, now: now, in: $0) }
      } throws: { ($0 as? Failure)?.faults.first?.pointer == "/asOf" }
    }
    for name in [AsOf.Name.sequence(last), .time(now)] {
      #expect(try town.store.database.read { try AsOf(name, now: now, in: $0).sequence } == last)
    }
    for text in ["", "0", "-1", "yesterday", "1.5", "2026-13-01T00:00:00Z"] { #expect(AsOf.Name(text) == nil) }
  }

  @Test func `a past of too many entries is refused, and one fewer is told`() throws {
    let town = try Town()
    try town.send("user_id:u1", from: "backend")
    let now = town.store.clock.now
    let events = (0..<20).map { Town.event("m\($0)", "user_id:u1", receivedAt: now) }
    try town.store.send(events, from: "backend")
    func entries(_ most: Int) throws -> Int {
      try town.store.database.read { session in
        var connections = Connections(upTo: .max, most: most, in: session)
        try connections.follow(#require(CustomerName("user_id:u1")))
        try connections.addEvents()
        return connections.entries.count
      }
    }
    #expect(try entries(21) == 21)
    #expect { try entries(20) } throws: { ($0 as? Failure)?.code == .tooLarge }
  }
}
