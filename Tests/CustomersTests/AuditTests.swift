import Base
import SQL
import TestKit
import Testing

@testable import Customers

@Suite struct AuditTests {
  private static func key(_ name: String, _ role: Role = .agent, isMachine: Bool = false) -> AccessKey {
    AccessKey(
      id: "id-\(name)", role: role, source: nil, name: name, expiresAt: nil, isMachine: isMachine || role.isMachines)
  }

  private static func read(_ key: AccessKey, _ at: Instant, reason: String? = nil) -> Audit.Read {
    Audit.Read(by: key, action: "GET /x", reason: reason, at: at)
  }

  private static func subject(_ town: Town, _ name: String) throws -> Audit.Subject {
    let leader = try town.leader(name)
    return try town.store.database.read { try Audit.Subject(leader, in: $0) }
  }

  private static func page(
    _ town: Town, _ filter: Audit.Filter = .init(), before cursor: Timeline.Cursor = .newest, limit: Int = 100
  ) throws -> [Audit.Entry] {
    try town.store.database.read { try Audit.page(filter, before: cursor, limit: limit, in: $0) }
  }

  private static func town() throws -> Town {
    let town = try Town()
    try town.send("user_id:u1", from: "backend")
    try town.send("anonymous_id:a1", from: "page")
    return town
  }

  @Test func `a person's reads are rows, told by customer, actor and time, also after a merge`() throws {
    let town = try Self.town()
    let start = town.store.clock.now
    for (number, (name, who)) in [("ann", "user_id:u1"), ("bob", "anonymous_id:a1"), ("ann", "anonymous_id:a1")]
      .enumerated()
    {
      let read = Self.read(Self.key(name), start + .seconds(number), reason: "case \(number)")
      let subject = try Self.subject(town, who)
      try town.store.database.write { try Audit.note(read, of: [subject], in: $0) }
    }
    #expect(try Self.page(town).map { $0.reason } == ["case 2", "case 1", "case 0"])
    func told(_ set: (inout Audit.Filter) throws -> Void) throws -> [String?] {
      var filter = Audit.Filter()
      try set(&filter)
      return try Self.page(town, filter).map { $0.reason }
    }
    #expect(try told { $0.customer = try town.leader("user_id:u1") } == ["case 0"])
    #expect(try told { $0.from = start + .seconds(1) } == ["case 2", "case 1"])
    #expect(try told { $0.to = start + .seconds(1) } == ["case 1", "case 0"])
    try town.send("user_id:u1 anonymous_id:a1", from: "backend")
    #expect(try told { $0.customer = try town.leader("user_id:u1") } == ["case 2", "case 1", "case 0"])
    #expect(
      try told {
        $0.customer = try town.leader("user_id:u1")
        $0.actor = "ann"
      } == ["case 2", "case 0"])
    #expect(try told { $0.actor = "ann" } == [])
    let draft = Keyring.draft(role: .agent, source: nil, name: "ann", tokens: town.store.tokens, now: start)
    try town.store.database.write { session in
      try Keyring.store(draft, in: session)
      try session.forEachRow(ofText: "UPDATE access_key SET id = 'id-ann'", []) { _ in true }
    }
    for actor in ["ann", "id-ann"] { #expect(try told { $0.actor = actor } == ["case 2", "case 0"]) }
    // Page by page nothing is lost.
    var (seen, cursor): ([String?], Timeline.Cursor) = ([], .newest)
    while let row = try Self.page(town, before: cursor, limit: 1).first, seen.count < 9 {
      seen.append(row.reason)
      cursor = row.cursor
    }
    #expect(seen == ["case 2", "case 1", "case 0"])
    #expect(try town.findings() == [])
  }

  @Test func `a machine's reads are counted by key, customer and minute`() throws {
    let town = try Self.town()
    let counter = ReadCounter(database: town.store.database)
    let minute = Instant(milliseconds: town.store.clock.now.milliseconds / 60_000 * 60_000)
    let (user, browser) = (try Self.subject(town, "user_id:u1"), try Self.subject(town, "anonymous_id:a1"))
    func count(_ name: String, _ at: Instant, _ subjects: [Audit.Subject]) {
      counter.count(Self.read(Self.key(name, .storefront), at), of: subjects)
    }
    for second in 0..<5 { count("shop", minute + .seconds(second), [user]) }
    counter.flush()
    for second in 5..<60 { count("shop", minute + .seconds(second), [user]) }
    count("shop", minute + .seconds(60), [user, browser])
    count("app", minute, [user])
    counter.flush()
    counter.flush()
    let told = try Self.page(town).map {
      "\($0.keyName) \($0.customer == user.publicID) \($0.at - minute.milliseconds) \($0.count)"
    }
    #expect(Set(told) == ["shop true 0 60", "shop true 60000 1", "shop false 60000 1", "app true 0 1"])
    #expect(try Self.page(town).allSatisfy { $0.action == nil })
  }

  @Test func `counts are written within a second, by nobody's asking`() async throws {
    let town = try Self.town()
    let counter = ReadCounter(database: town.store.database)
    let subject = try Self.subject(town, "user_id:u1")
    for _ in 0..<2 {
      let before = try Self.page(town).first?.count ?? 0
      counter.count(Self.read(Self.key("shop", .storefront), town.store.clock.now), of: [subject])
      #expect(try Self.page(town).first?.count ?? 0 == before)
      try await Task.sleep(for: .milliseconds(950))
      #expect(try Self.page(town).first?.count == before + 1)
    }
  }

  @Test func `where counts cannot be written they wait, and too many of them are refused`() throws {
    let town = try Self.town()
    let counter = ReadCounter(database: town.store.database, room: 2)
    let subjects = [try Self.subject(town, "user_id:u1"), try Self.subject(town, "anonymous_id:a1")]
    let read = Self.read(Self.key("shop", .storefront), town.store.clock.now)
    try town.store.database.write { try $0.forEachRow(ofText: "ALTER TABLE audit RENAME TO away", []) { _ in true } }
    counter.count(read, of: [subjects[0]])
    try counter.checkRoom()
    counter.flush()
    counter.count(read, of: [subjects[0]])
    try counter.checkRoom()
    counter.count(read, of: subjects)
    #expect { try counter.checkRoom() } throws: { ($0 as? Failure)?.code == .unavailable }
    try town.store.database.write { try $0.forEachRow(ofText: "ALTER TABLE away RENAME TO audit", []) { _ in true } }
    counter.flush()
    try counter.checkRoom()
    #expect(try Self.page(town).map { $0.count }.sorted() == [1, 3])
  }

  @Test(arguments: [
    (Role.owner, false), (.admin, false), (.marketer, false), (.agent, false), (.store, false), (.readonly, false),
    (.storefront, true), (.source, true),
  ])
  func `a role's keys are people's or machines', and a key may say that it is a machine's`(
    role: Role, isMachine: Bool
  ) throws {
    let town = try Town()
    for says in [false, true] {
      let draft = Keyring.draft(
        role: role, source: role == .source ? "page" : nil, name: "k", isMachine: says, tokens: town.store.tokens,
        now: town.store.clock.now)
      try town.store.database.write { try Keyring.store(draft, in: $0) }
      let keyring = try town.store.database.read { try Keyring(in: $0) }
      #expect(keyring.find(Array(draft.text.utf8), now: town.store.clock.now)?.isMachine == (isMachine || says))
    }
  }
}
