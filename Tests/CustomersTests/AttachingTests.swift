import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Says something of an identifier as the API does.
  @discardableResult
  func say(
    _ act: IdentifierEdit.Act, _ identifier: String, of name: String, id: String? = nil
  ) throws -> Intake.Answer {
    let (leader, now, tokens) = (try leader(name), store.clock.now, store.tokens)
    let id = id ?? tokens.next("req_")
    let customer = try #require(CustomerName(name))
    let words = identifier.split(separator: ":", maxSplits: 1)
    let shared = act == .shared ? #", "shared": true"# : ""
    let body = #"{"type": "\#(words[0])", "value": "\#(words[1])"\#(shared)}"#
    return try store.database.write { [intake = store.intake] session in
      let edit = try IdentifierEdit(JSONDocument(Array(body.utf8)).root, removes: act == .removed, region: nil)
      #expect(edit.act == act)
      let attaching = Attaching(tokens: tokens, in: session)
      let named = try Lookup.stand(customer, ofCustomer: leader, in: session)
      let stand = try act == .removed ? attaching.stand(named, without: edit.identifier, ofCustomer: leader) : named
      return try intake.record(edit.event(messageID: id, at: now), at: stand, author: "api:ann", in: session) {
        switch act {
        case .added: try attaching.attach(edit.identifier, to: stand, into: &$0)
        case .shared: _ = try attaching.share(edit.identifier, with: stand, into: &$0)
        case .removed: try attaching.detach(edit.identifier, from: leader, into: &$0)
        }
      }
    }
  }

  /// Why something cannot be said, or that another customer has the identifier.
  func refusal(_ act: IdentifierEdit.Act, _ identifier: String, of name: String) throws -> String {
    do {
      return try say(act, identifier, of: name).result
    } catch let failure as Failure {
      return "\(failure.code): \(failure.message)"
    } catch let taken as Attaching.Taken {
      return "taken by \(try people().first { try leader($0.names[0]) == taken.owner } ?? "?")"
    }
  }
}

extension String {
  fileprivate var names: [String] { split(separator: " ").dropFirst().map { String($0) } }
}

@Test func `an identifier that nobody has is proved for the customer, and finds him`() throws {
  let town = try Town()
  try town.send("user_id:u1 email:a@b.test", from: "backend")
  try town.say(.added, "phone:+12015550123", of: "user_id:u1")
  try town.say(.added, "phone:+1 201 555 0123", of: "user_id:u1")
  #expect(try town.people().contains("known user_id:u1 phone:+12015550123"))
  #expect(try town.leader("phone:+12015550123") == town.leader("user_id:u1"))
  #expect(try town.send("user_id:u1 phone:+12015550123", from: "prover").result == "matched")
  #expect(try town.log().filter { $0.event.kind == .identifier }.map { $0.event.name } == ["added", "added"])
  #expect(try town.findings() == [])
}

@Test func `a visitor is known when an identifier is proved for him`() throws {
  let town = try Town()
  try town.send("anonymous_id:a1 email:a@b.test", from: "page")
  try town.say(.added, "phone:+12015550123", of: "anonymous_id:a1")
  #expect(try town.people().first { $0.hasPrefix("known") } == "known phone:+12015550123 anonymous_id:a1")
  #expect(try town.findings() == [])
}

/// How somebody says that a name which was only claimed is a known customer's.
enum Saying: CaseIterable { case attaching, merging }

@Test(arguments: Saying.allCases)
func `what a page says under a claimed name stands apart when a person has said whose it is`(saying: Saying) throws {
  let town = try Town()
  let now = town.store.clock.now
  func say(_ city: String, from source: String) throws {
    try town.store.send(
      [Town.event(town.store.tokens.next("msg_"), "user_id:u9", receivedAt: now, traits: [("city", city)])],
      from: source)
  }
  try say("Riga", from: "page")
  switch saying {
  case .attaching: try town.say(.added, "phone:+12015550123", of: "user_id:u9")
  case .merging:
    try town.send("phone:+12015550123", from: "prover")
    try town.merge("phone:+12015550123", "user_id:u9")
  }
  let known = "known phone:+12015550123 user_id:u9?"
  #expect(try town.people() == [known])
  let picture = try town.pictures()[0]
  try say("Evil", from: "page")
  try say("Evil", from: "leaflet")
  try town.send("anonymous_id:a1 user_id:u9 email:e@b.test", from: "page")
  #expect(
    try town.people().filter { $0.hasPrefix("known") || $0.contains("u9") }
      == [known, "visitor user_id:u9?@page", "visitor user_id:u9?@leaflet"])
  #expect(try town.pictures()[0] == picture)
  // Whoever is erased takes along what was said in his name.
  try town.erase("phone:+12015550123")
  #expect(try !town.dump().contains("Evil"))
  #expect(try town.findings() == [])
}

@Test func `a browser is joined as by a login, and another customer's begins anew`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.send("anonymous_id:a1", from: "page")
  #expect(try town.say(.added, "anonymous_id:a1", of: "user_id:u1").result == "merged")
  #expect(try town.say(.added, "anonymous_id:a1", of: "user_id:u2").result == "matched")
  #expect(try town.say(.added, "anonymous_id:a2", of: "user_id:u2").result == "matched")
  #expect(
    try town.people() == ["known user_id:u1 anonymous_id:a1", "known user_id:u2 anonymous_id:a1 anonymous_id:a2"])
  #expect(try town.findings() == [])
}

@Test func `limits hold, and what another customer has is not taken from him`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2 card:C2", from: "till")
  for number in 1...5 { try town.say(.added, "email:a\(number)@b.test", of: "user_id:u1") }
  #expect(
    try town.refusal(.added, "email:a6@b.test", of: "user_id:u1")
      == "conflict: a customer has at most 5 of the type email")
  #expect(
    try town.refusal(.added, "user_id:u3", of: "user_id:u1") == "conflict: a customer has at most 1 of the type user_id"
  )
  #expect(try town.refusal(.added, "card:C2", of: "user_id:u1") == "taken by known user_id:u2 card:C2")
  #expect(try town.refusal(.added, "user_id:null", of: "user_id:u1") == "invalid: the value identifies nobody")
  #expect(try town.leader("card:C2") == town.leader("user_id:u2"))
  #expect(try town.log().filter { $0.event.kind == .identifier }.count == 5)
  #expect(try town.findings() == [])
}

@Test func `an identifier of his that several people use is his no more, and a receipt ties nobody by it`() throws {
  let town = try Town()
  try town.send("user_id:u1 phone:+12015550123 card:C1", from: "prover")
  try town.send("user_id:u2", from: "backend")
  try town.say(.shared, "phone:+12015550123", of: "user_id:u1")
  try town.say(.shared, "phone:+12015550123", of: "user_id:u2")
  try town.say(.shared, "phone:+12015550123", of: "user_id:u2")
  #expect(
    try town.people() == ["known user_id:u1 card:C1", "known phone:+12015550123", "known user_id:u2"])
  let shown = try town.store.database.read { session in
    try Lookup.json(of: Identifier(recorded: .phone, "+12015550123"), in: session).shown
  }
  #expect(Set(shown) == Set([try town.leader("user_id:u1"), try town.leader("user_id:u2")]))
  #expect(try town.send("user_id:u2 phone:+12015550123", from: "prover").result == "matched")
  #expect(
    try town.refusal(.added, "phone:+12015550123", of: "user_id:u2").hasPrefix("conflict: several people use it"))
  #expect(try town.findings() == [])
}

@Test func `what another customer has is made shared for both`() throws {
  let town = try Town()
  try town.send("user_id:u1 phone:+12015550123", from: "prover")
  try town.send("user_id:u2", from: "backend")
  try town.say(.shared, "phone:+12015550123", of: "user_id:u2")
  #expect(try town.people() == ["known user_id:u1", "known phone:+12015550123", "known user_id:u2"])
  #expect(try town.leader("phone:+12015550123") != town.leader("user_id:u1"))
  try town.say(.shared, "phone:+12015550124", of: "user_id:u2")
  #expect(try town.refusal(.shared, "user_id:u9", of: "user_id:u2").hasPrefix("invalid"))
  #expect(try town.findings() == [])
}

@Test func `an identifier that was taken away is its own, and no receipt brings it back`() throws {
  let town = try Town()
  try town.send("user_id:u1 phone:+12015550123 card:C1", from: "prover")
  try town.send("phone:+12015550123", from: "prover")
  let before = try town.log().last?.sequence ?? 0
  try town.say(.removed, "phone:+12015550123", of: "user_id:u1")
  #expect(try town.people() == ["known user_id:u1 card:C1", "known phone:+12015550123"])
  #expect(try town.send("user_id:u1 phone:+12015550123", from: "prover").result == "queued")
  #expect(try town.people().count == 2)
  let (folds, migrations) = (town.store.intake.folds, town.store.database.migrations)
  let then = try town.store.database.read { session in
    let moment = try AsOf(.sequence(before), now: town.store.clock.now, in: session)
    let name = CustomerName.identifier(Identifier(recorded: .phone, "+12015550123"))
    return try Past.recall(name, .everything, asOf: moment, folds: folds, migrations: migrations, in: session) {
      lookup, past in
      guard case .customer(let leader) = lookup else { return 0 }
      return try JSONDocument(past.profile(of: leader)).root["identifiers"]?.count ?? 0
    }
  }
  #expect(then == 3)
  #expect(try town.findings() == [])
}

@Test func `what held others together leaves them together`() throws {
  let town = try Town()
  try town.send("card:C1", from: "prover")
  try town.send("card:C1 email:a@b.test", from: "prover")
  try town.send("card:C1 phone:+12015550123", from: "prover")
  let named = try town.leader("card:C1")
  try town.say(.removed, "card:C1", of: "card:C1")
  #expect(try town.people() == ["known card:C1", "known email:a@b.test phone:+12015550123"])
  #expect(try town.leader("card:C1") == named)
  #expect(try town.stand() == "email:a@b.test")
  #expect(try town.refusal(.removed, "card:C1", of: "card:C1") == "conflict: it is all that its customer has")
  #expect(try town.refusal(.removed, "card:C1", of: "email:a@b.test").hasPrefix("notFound"))
  #expect(try town.findings() == [])
}

@Test func `an identifier that came by a merge is taken away, and the merge with it`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("card:C1", from: "prover")
  try town.send("user_id:u1 card:C1", from: "prover")
  try town.say(.removed, "card:C1", of: "user_id:u1")
  let leader = try town.leader("user_id:u1")
  let other = try town.leader("card:C1")
  #expect(leader != other)
  let merges = try town.store.database.read { session in
    try [leader, other].flatMap { try Merge.all(ofCustomer: $0, in: session) }
  }
  #expect(!merges.isEmpty && merges.allSatisfy { $0.undone?.actor == "api:ann" })
  #expect(try town.findings() == [])
}

@Test func `the same again counts once, and another identifier under its id is refused`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  let first = try town.say(.added, "phone:+12015550123", of: "user_id:u1", id: "k")
  #expect(try town.say(.added, "phone:+12015550123", of: "user_id:u1", id: "k").sequence == first.sequence)
  #expect(try town.say(.added, "whatsapp:+12015550123", of: "user_id:u1", id: "k").result == "conflict")
  // Taking it away is another method, which has the id to itself.
  let removal = try town.say(.removed, "phone:+12015550123", of: "user_id:u1", id: "k")
  #expect(removal.result == "matched" && removal.sequence != first.sequence)
  #expect(try town.findings() == [])
}

@Test func `a removal counts once too where it was asked of the identifier itself`() throws {
  let town = try Town()
  try town.send("phone:+12015550123", from: "prover")
  try town.send("user_id:u1 phone:+12015550123", from: "prover")
  for name in ["phone:+12015550123", try town.id("phone:+12015550123")] {
    let first = try town.say(.removed, "phone:+12015550123", of: name, id: name)
    let again = try town.say(.removed, "phone:+12015550123", of: name, id: name)
    #expect((again.result, again.sequence, again.customer) == ("again matched", first.sequence, first.customer))
    try town.merge("user_id:u1", "phone:+12015550123")
  }
  #expect(try town.findings() == [])
}

@Test func `a doubt that was settled by one customer is apart again when his identifier is taken away`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2 phone:+12015550123", from: "prover")
  #expect(try town.send("user_id:u1 phone:+12015550123", from: "prover").result == "queued")
  try town.merge("user_id:u1", "user_id:u2")
  func states() throws -> [ReviewState] {
    try town.store.database.read { session in
      try ReviewState.allCases.flatMap { try Review.list($0, below: .max, limit: 9, in: session) }.map { $0.state }
    }
  }
  #expect(try states() == [.merged])
  try town.say(.removed, "phone:+12015550123", of: "user_id:u1")
  #expect(try states() == [.apart])
  #expect(try town.findings() == [])
}

private func reason(_ count: Int) -> String {
  #"{"type": "card", "value": "C1", "reason": "\#(String(repeating: "r", count: count))"}"#
}

@Test(arguments: [
  (reason(1000), []), (reason(1001), ["/reason"]), ("[]", [""]), ("{}", ["/type"]),
  (#"{"type": "shoe", "value": "1"}"#, ["/type"]), (#"{"type": "phone", "value": "12"}"#, ["/value"]),
  (#"{"type": "card", "value": "C1", "shared": 1, "x": 2}"#, ["/x", "/shared"]),
])
func `an identifier's faults are named`(body: String, pointers: [String]) throws {
  let body = try JSONDocument(Array(body.utf8)).root
  do {
    _ = try IdentifierEdit(body, removes: false, region: nil)
    #expect(pointers == [])
  } catch let failure as Failure {
    #expect(failure.faults.map { $0.pointer } == pointers)
  }
}

@Test func `a removal shares nothing`() throws {
  let body = try JSONDocument(Array(#"{"type": "card", "value": "C1", "shared": true}"#.utf8)).root
  #expect { try IdentifierEdit(body, removes: true, region: nil) } throws: {
    ($0 as? Failure)?.faults.map { $0.pointer } == ["/shared"]
  }
}
