import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let secrets = [
  "ann@b.test", "12015550123", "Ahlberg", "CARD7", "a-ann", "ANN-77", "ANN10", "192.0.2.7", "u-ann",
]

/// Ann, who was here by every door, and Bob.
private func town() throws -> Town {
  let town = try Town()
  let now = town.store.clock.now
  func identify(_ id: String, _ who: String, _ traits: [(String, String)], from source: String) throws {
    try town.store.send([Town.event(id, who, receivedAt: now, traits: traits)], from: source)
  }
  try identify("m-1", "anonymous_id:a-ann email:ann@b.test", [("email", "ann@b.test"), ("city", "Riga")], from: "page")
  try identify("m-2", "user_id:u-ann anonymous_id:a-ann", [("lastName", "Ahlberg")], from: "backend")
  try identify("m-3", "user_id:u-ann email:ann@b.test phone:+12015550123", [], from: "prover")
  try town.send("user_id:u-ann card:CARD7", from: "till", id: "m-4")
  _ = try town.order("user_id:u-ann", "m-5", revenue: "34.90")
  try town.send("anonymous_id:a-ann", from: "page", id: "m-6")
  try town.grant("user_id:u-ann")
  try town.save("user_id:u-ann", "form", #"{"value": {"name": "Ahlberg"}, "device": "Ahlberg's"}"#)
  try identify("m-7", "user_id:u-bob email:bob@b.test", [("lastName", "Berg"), ("city", "Oslo")], from: "prover")
  _ = try town.order("user_id:u-bob", "b-5", revenue: "10.00")
  try town.store.send(
    [],
    refused: [
      #"{"context":{"traits":{"email":"Ann@B.test"}}}"#, #"{"userId":"u-ann","ev"#, #"{"phone":"1 (201) 555-0123"}"#,
      #"{"userId":"u-bob"}"#,
    ].map { .init(messageID: nil, reason: "bad", body: Array($0.utf8), receivedAt: now) }, from: "backend")
  return town
}

@Test func `nothing is left of whom was erased, and the sums are`() throws {
  let town = try town()
  #expect(try town.findings() == [])
  let before = try town.dump()
  for secret in secrets { #expect(before.contains(secret), "\(secret)") }
  let (events, ids) = (try town.log().count, try [town.id("user_id:u-ann"), town.id("anonymous_id:a-ann")])
  let bob = try town.pictures().filter { $0.contains("Berg") }
  let receipt = try town.erase("user_id:u-ann")
  #expect(try town.findings() == [])
  // Bob's order was made of the same words.
  let left = try town.dump().split(separator: "\n").filter { !$0.contains("b-5") && !$0.contains("u-bob") }
  for secret in secrets { #expect(!left.contains { $0.contains(secret) }, "\(secret)") }
  let told = try town.canonical().split(separator: "\n").filter { !$0.contains("u-bob") }
  for secret in secrets { #expect(!told.contains { $0.contains(secret) }, "\(secret)") }
  #expect(try town.log().count == events + 1)
  #expect(receipt.events == 8 && receipt.deadLetters == 3 && receipt.sequence == 5 + Int64(events) + 1)
  #expect(try town.pictures().filter { $0.contains("Berg") } == bob)
  for id in ids { #expect(try town.missing(id) == .gone) }
  #expect(try town.missing("cus_never") == .notFound)

  let orders = try town.log().filter { $0.event.name == "Order Completed" }
  #expect(orders.count == 2)
  let kept = """
    {"properties":{"revenue":34.90,"currency":"EUR","products":[{"sku":"kettle-1","quantity":2,"price":12.50},\
    {"price":"9.90"}]}}
    """
  #expect(String(decoding: orders[0].event.body, as: UTF8.self) == kept)
  #expect(orders[0].outcome.result == .erased && orders[0].sequence == 10)
}

@Test func `the same message of somebody erased is known, and a new one makes a new customer`() throws {
  let town = try town()
  let old = try town.id("user_id:u-ann")
  try town.erase("user_id:u-ann")
  let count = try town.log().count
  let again = try town.order("user_id:u-ann", "m-5", revenue: "34.90")
  #expect((again.result, again.customer) == ("again erased", nil))
  // Nobody can tell any more whether it is another body.
  #expect(try town.order("user_id:u-ann", "m-5", revenue: "1").result == "again erased")
  #expect(try town.send("anonymous_id:a-ann email:ann@b.test", from: "page", id: "m-1").result == "again erased")
  #expect(try town.log().count == count)
  #expect(try town.store.database.read { try DeadLetter.count(of: "backend", in: $0) } == 1)
  let back = try town.send("user_id:u-ann email:ann@b.test", from: "prover", id: "m-8")
  #expect(back.result == "created" && back.customer != old)
  #expect(try town.id("email:ann@b.test") == back.customer)
  #expect(try town.missing(old) == .gone)
  #expect(try town.findings() == [])
  // He may go once more.
  try town.erase("user_id:u-ann")
  #expect(try town.missing(back.customer ?? "") == .gone)
  #expect(try town.findings() == [])
}

@Test func `the past shows nobody who was erased since`() throws {
  let town = try town()
  let sequence = try town.log().last?.sequence ?? 0
  try town.merge("user_id:u-bob", "user_id:u-ann")
  let merged = try town.log().last?.sequence ?? 0
  let merge = try #require(try town.merges("user_id:u-bob").first { $0.rule == "person" })
  try town.undo(merge)
  let old = try town.id("user_id:u-ann")
  try town.erase("user_id:u-ann")
  #expect(try town.findings() == [])
  #expect(try town.merges("user_id:u-bob").isEmpty)
  let now = town.store.clock.now
  func picture(_ name: CustomerName, _ sequence: Int64) throws -> String? {
    try town.store.database.read { [folds = town.store.folds.filter { !($0 is MessageFold) }] session in
      try Past.recall(
        name, .everything, asOf: AsOf(.sequence(sequence), now: now, in: session), folds: folds,
        migrations: Schema.migrations, in: session
      ) { lookup, past in
        guard case .customer(let leader) = lookup else { return nil }
        return String(decoding: try past.profile(of: leader), as: UTF8.self)
      }
    }
  }
  for sequence in [sequence, merged] {
    #expect(try picture(.id(old), sequence) == nil)
    let email = try #require(CustomerName("email:ann@b.test"))
    #expect(try picture(email, sequence) == nil)
    let name = try #require(CustomerName("user_id:u-bob"))
    let bob = try picture(name, sequence) ?? ""
    #expect(bob.contains("Berg") && !bob.contains("Ahlberg") && !bob.contains("erased"), "\(bob)")
  }
}

@Test func `what others say stays theirs, and what they say of him goes`() throws {
  let town = try Town()
  let now = town.store.clock.now
  func identify(_ id: String, _ who: String, _ traits: [(String, String)], from source: String) throws {
    try town.store.send([Town.event(id, who, receivedAt: now, traits: traits)], from: source)
  }
  try identify("p-1", "user_id:u1 email:one@b.test", [("name", "Uno")], from: "prover")
  // A visitor says that he is the first one; a known customer says that the number is his, which another says too.
  try identify("p-2", "anonymous_id:v email:one@b.test", [("email", "one@b.test"), ("city", "Bonn")], from: "page")
  try identify("p-3", "user_id:u1 phone:+12015550199", [], from: "backend")
  try identify("p-4", "user_id:u2 phone:+12015550199", [("phone", "+12015550199")], from: "backend")
  #expect(try town.findings() == [])
  let receipt = try town.erase("user_id:u1")
  #expect(try town.findings() == [])
  #expect(receipt.mentions == 1)
  let dump = try town.dump()
  #expect(!dump.contains("one@b.test") && !dump.contains("Uno"))
  let people = try town.people()
  #expect(people.contains("known user_id:u2") && people.contains("visitor anonymous_id:v"))
  #expect(people.contains("visitor phone:+12015550199?"))
  let visitor = try town.pictures().first { $0.contains("Bonn") } ?? ""
  #expect(!visitor.contains("email"))
  // The visitor's message again is no conflict, though it said more once.
  let again = Town.event(
    "p-2", "anonymous_id:v email:one@b.test", receivedAt: now, traits: [("email", "one@b.test"), ("city", "Bonn")])
  #expect(try town.store.send([again], from: "page").answers[0].result.hasPrefix("again"))
  #expect(try town.store.database.read { try DeadLetter.count(of: "page", in: $0) } == 0)
}

@Test func `a name of an event that names him goes, also where the event is another's`() throws {
  let town = try Town()
  try town.send("user_id:u1 email:one@b.test", from: "prover")
  try town.store.send(
    [
      Town.event(
        "invited", "user_id:u2 email:one@b.test", receivedAt: town.store.clock.now, kind: .page,
        name: "Invite one@b.test")
    ], from: "backend")
  try town.erase("user_id:u1")
  #expect(try !town.dump().contains("one@b.test"))
  #expect(try town.findings() == [])
}

@Test func `what others are called too is not told by the events of whom was erased`() throws {
  let town = try Town()
  // The first one names the phone and the address first; others name them after her, and a person gives the card of
  // the first to the second.
  try town.send("user_id:u1 phone:+12015550199 email:one@b.test", from: "backend")
  try town.send("anonymous_id:v email:one@b.test", from: "page")
  try town.send("user_id:u2 phone:+12015550199", from: "backend")
  try town.send("user_id:u1 card:CARD7", from: "till")
  try town.say(.shared, "card:CARD7", of: "user_id:u1")
  let people = try town.people().filter { !$0.contains("u1") }
  func told() throws -> [String] {
    try town.log().filter { $0.outcome.result == .erased }
      .flatMap { $0.outcome.rulings.map { $0.mention.identifier.value } }.filter { !$0.hasPrefix("\u{1A}") }
  }
  try town.erase("user_id:u1")
  #expect(try told() == [])
  #expect(try town.findings() == [])
  #expect(try town.people().filter { !$0.contains("\u{1A}") } == people)
  let found = try town.store.database.read {
    try CustomerSearch.json(of: SearchQuery("5550199"), after: nil, limit: 5, in: $0).json
  }
  #expect(String(decoding: found, as: UTF8.self).contains("+12015550199"))
  // Whoever is erased last takes the name along, also out of the entries of erasures before.
  try town.erase("user_id:u2")
  try town.erase("anonymous_id:v")
  #expect(try told() == [] && town.findings() == [])
  let dump = try town.dump()
  #expect(!dump.contains("5550199") && !dump.contains("one@b.test"))
}

@Test func `what was said of an identifier goes with whose it became`() throws {
  let town = try Town()
  try town.send("user_id:u1 phone:+12015550123 card:CARD7", from: "prover")
  try town.send("user_id:u2", from: "backend")
  // The act of taking it away stands with whom it was taken from; a short card is no telling value.
  try town.say(.removed, "phone:+12015550123", of: "user_id:u1")
  try town.say(.shared, "card:CARD7", of: "user_id:u2")
  let (phone, shared) = (try town.leader("phone:+12015550123"), try town.leader("card:CARD7"))
  let counts = try ["phone:+12015550123", "card:CARD7"].map { try town.erase($0).mentions }
  #expect(counts == [1 + 1, 1 + 1] && phone != shared)
  let dump = try town.dump()
  for name in ["2015550123", "CARD7"] { #expect(!dump.contains(name), "\(name)") }
  #expect(try town.people().contains("known user_id:u1"))
  #expect(try town.findings() == [])
}

@Test func `what somebody said by his own token tells his id no more, to others neither`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.merge("user_id:u2", "user_id:u1")
  let id = try town.id("user_id:u1")
  let token = PersonToken(.customer, id, epoch: 9, now: town.store.clock.now, life: .seconds(60))
  try town.save("user_id:u1", "form", #"{"value": 1}"#, by: token.author)
  try town.consent(
    "user_id:u1", #"[{"purpose": "marketing", "state": "withdrawn"}]"#, author: token.author)
  try town.undo(town.merges("user_id:u1")[0])
  #expect(try town.dump().contains("customer:\(id)"))
  try town.erase("user_id:u1")
  #expect(try !town.dump().contains(id))
  #expect(try town.consents("user_id:u2") == ["marketing withdrawn"])
  #expect(try town.findings() == [])
}

@Test func `a withdrawal that was said for both stays with the other one`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.merge("user_id:u1", "user_id:u2")
  try town.withdraw("user_id:u1")
  try town.grant("user_id:u1", "service")
  let merge = try #require(try town.merges("user_id:u1").first)
  try town.undo(merge)
  #expect(try town.consents("user_id:u2") == ["marketing withdrawn"])
  try town.erase("user_id:u1")
  #expect(try town.findings() == [])
  #expect(try town.consents("user_id:u2") == ["marketing withdrawn"])
}

/// Whether traits are computed of the events that are erased.
enum Computing: CaseIterable { case nothing, behind, followed }

@Test(arguments: Computing.allCases)
func `a long history is shortened in steps, and everything holds after each`(computing: Computing) throws {
  let town = try town()
  if computing != .nothing {
    try town.define(#"{"name": "views", "function": "count", "event": "Product Viewed"}"#)
    for property in ["title", "revenue"] {
      for days in [9, 90] {
        try town.define(
          #"{"name": "\#(property)", "function": "first", "property": "/properties/\#(property)", "days": \#(days)}"#)
        try town.follow()
      }
    }
  }
  let now = town.store.clock.now
  for start in stride(from: 0, to: 2500, by: 500) {
    let batch = (start..<start + 500).map { number in
      Town.event(
        "long-\(number + 1)", "user_id:u-ann", at: Instant(milliseconds: now.milliseconds - Int64(number) * 600_000),
        receivedAt: now, kind: .track, name: "Product Viewed", properties: [("title", "for Ahlberg")])
    }
    try town.store.send(batch, from: "backend")
    if computing == .followed || start == 500 { try town.follow() }
  }
  let leader = try town.leader("user_id:u-ann")
  var steps = 0
  func step() throws -> Bool {
    try town.store.database.write { [erasure = town.store.erasure] session in
      try erasure.shorten(try Erasure.person(ofCustomer: leader, in: session), in: session)
    }
  }
  while try step() {
    steps += 1
    #expect(try town.findings() == [])
  }
  #expect(steps == 2)
  if computing != .nothing {
    #expect(try town.computed("user_id:u-ann") == ["revenue 34.90", #"title "for Ahlberg""#, "views 2500"])
  }
  let receipt = try town.erase("user_id:u-ann")
  #expect(receipt.events == 2508)
  try town.follow()
  #expect(try town.findings() == [])
  #expect(try !town.dump().split(separator: "\n").contains { $0.contains("Ahlberg") && !$0.contains("b-5") })
  let again = Town.event("long-1", "user_id:u-ann", receivedAt: town.store.clock.now, kind: .track)
  #expect(try town.store.send([again], from: "backend").answers[0].result == "again erased")
}

@Test func `a read that is noted after an erasure names nobody`() throws {
  let town = try town()
  let leader = try town.leader("user_id:u-ann")
  let subject = try town.store.database.read { try Audit.Subject(leader, in: $0) }
  let key = AccessKey(id: "k", role: .agent, source: nil, name: "bob", expiresAt: nil, isMachine: false)
  let read = Audit.Read(by: key, action: "GET", reason: "for Ahlberg", at: town.store.clock.now)
  func note() throws { try town.store.database.write { try Audit.note(read, of: [subject], in: $0) } }
  try note()
  #expect(try town.dump().contains("for Ahlberg"))
  try town.erase("user_id:u-ann")
  try note()
  let rows = try town.store.database.read { try Audit.page(.init(), before: .newest, limit: 10, in: $0) }
  #expect(rows.map { $0.customer } == ["erased_\(leader)", "erased_\(leader)"])
  #expect(rows.allSatisfy { $0.reason == nil && $0.action == "GET" })
}

@Test func `a reason that stays names nobody`() throws {
  let town = try town()
  let leader = try town.leader("user_id:u-ann")
  func check(_ reason: String) -> Failure.Code? {
    do {
      try town.store.database.read { try Erasure.check(reason: reason, doesNotName: leader, in: $0) }
      return nil
    } catch { return (error as? Failure)?.code }
  }
  #expect(check("article 17") == nil)
  #expect(check("asked by ahlberg") == .invalid)
  #expect(check("mail of ann@b.test") == .invalid)
  #expect(check("call from 1 201 555 0123.") == .invalid)
}

@Test(arguments: UInt64(1)...60)
func `in any history anybody can be erased, and it adds up again without him`(seed: UInt64) throws {
  let town = try Town(chance: seed, hasBooks: true)
  var history = History(seed: seed)
  for number in 0..<history.number(in: 40...120) {
    town.store.clock.advance(by: .seconds(history.number(in: 0...90)))
    let (event, door, _) = history.next(at: town.store.clock.now)
    try town.store.send([event], from: door)
    let name = "user_id:u\(history.number(in: 0...6))"
    guard number % 7 == 0, (try? town.leader(name)) != nil else { continue }
    switch history.number(in: 0...3) {
    case 0: try town.grant(name)
    case 1: try town.withdraw(name)
    case 2: try town.save(name, "k", #"{"value": 1}"#)
    default: try town.stamp(name, ["analytics": number % 2 == 0], from: "backend")
    }
  }
  try mergeAndUndo(town, &history)
  #expect(try town.findings() == [])
  for _ in 0..<4 {
    let people = try town.people().filter { !$0.contains("\u{1A}") }
    guard !people.isEmpty else { break }
    let name = people[history.number(in: 0...people.count - 1)].split(separator: " ")[1]
    guard !name.contains("?"), let identifier = CustomerName(String(name)), case .identifier(let own) = identifier,
      let leader = try? town.leader(String(name))
    else { continue }
    let erased = try town.store.database.read { session in
      try Erasure.person(ofCustomer: leader, in: session).map { try OriginStore.origin($0, in: session).identifier }
    }
    let count = try town.log().count
    let totals = try town.store.database.read { try BooksFold.totals(in: $0) }
    try town.erase(String(name))
    #expect(try town.store.database.read { try BooksFold.totals(in: $0) } == totals)
    #expect(try town.findings() == [], "\(own.type.name) \(own.value)")
    #expect(try town.log().count == count + 1)
    try town.checkGone(erased)
  }
}

extension Town {
  /// No address or number that nobody else has is anywhere.
  fileprivate func checkGone(_ identifiers: [Identifier]) throws {
    let dump = try dump()
    let others = try store.database.read { session -> Set<String> in
      var values: Set<String> = []
      try session.forEachRow(ofText: "SELECT value FROM origin", []) { row in
        values.insert(row.text(0))
        return true
      }
      try EventLog.forEach(in: session) { entry in
        for ruling in entry.outcome.rulings where ruling.origin == nil {
          values.insert(ruling.mention.identifier.value)
        }
      }
      return values
    }
    for identifier in identifiers
    where [.email, .phone].contains(identifier.type) && !others.contains(identifier.value) {
      #expect(!dump.contains(identifier.value), "\(identifier.value)")
    }
  }
}
