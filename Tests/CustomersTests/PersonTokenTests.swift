import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let key = Array("a key of thirty-two bytes or more".utf8)

extension Town {
  /// Records the sign-out of a customer.
  func signOut(_ name: String) throws {
    let (stand, now, id) = (try leader(name), store.clock.now, store.tokens.next("req_"))
    _ = try store.database.write { [intake = store.intake] session in
      try intake.record(
        .request(.signOut, name: nil, body: Array("{}".utf8), messageID: id, at: now), at: stand, author: "api:shop",
        in: session)
    }
  }

  /// A token for the customer of that name, as the shop's server is given one.
  func token(_ name: String) throws -> PersonToken {
    let name = try #require(CustomerName(name))
    return try store.database.read { [now = store.clock.now] session in
      guard case .customer(let id, _) = try PersonToken.taker(name, in: session) else {
        throw Failure(.notFound, "nobody")
      }
      return PersonToken(
        .customer, id, epoch: try EventLog.last(in: session), now: now, life: PersonToken.usualLife)
    }
  }

  func visitor(_ id: String) throws -> PersonToken {
    try send("anonymous_id:\(id)", from: "page")
    return try store.database.read { [now = store.clock.now] session in
      PersonToken(.visitor, id, epoch: try EventLog.last(in: session), now: now, life: PersonToken.visitorLife)
    }
  }

  /// Whom a token speaks of: the names of his leading origin and of where it stands.
  func person(_ token: PersonToken) throws -> String? {
    try store.database.read { session in
      try token.person(in: session).map { person in
        try [person.leader, person.stand].map { number in
          let identifier = try OriginStore.origin(number, in: session).identifier
          return "\(identifier.type.name):\(identifier.value)"
        }.joined(separator: " ")
      }
    }
  }

  /// Joins a browser as a customer's own login does.
  @discardableResult
  func login(_ token: PersonToken, _ anonymous: String) throws -> Intake.Answer {
    let (now, id) = (store.clock.now, store.tokens.next("req_"))
    return try store.database.write { [intake = store.intake] session in
      let person = try #require(try token.person(in: session))
      var event = Event.request(
        .identify, name: nil, body: Array(#"{"anonymousId":"\#(anonymous)"}"#.utf8), messageID: id, at: now)
      let own = try Lookup.identifier(of: person.stand, in: session)
      event.mentions = [own, try #require(Identifier(.anonymousID, anonymous))].map { .init($0, isProved: true) }
      return try intake.recognise(event, at: person.stand, author: token.author, in: session)
    }
  }
}

@Test func `a token is read as it was signed, until its last second`() throws {
  let clock = TurnedClock()
  let token = PersonToken(.customer, "cus_1", epoch: 17, now: clock.now, life: .seconds(60))
  let text = Array(token.signed(by: key).utf8)
  clock.advance(by: .milliseconds(59_999))
  let read = try #require(PersonToken(text, key: key, now: clock.now))
  #expect((read.holder, read.subject, read.epoch, read.expiresAt) == (.customer, "cus_1", 17, token.expiresAt))
  clock.advance(by: .milliseconds(1))
  #expect(PersonToken(text, key: key, now: clock.now) == nil)
  #expect(PersonToken(text, key: Array("another key".utf8), now: TurnedClock().now) == nil)
}

@Test(arguments: [
  #"{"iss":"throughline","aud":"owner","sub":"cus_1","epoch":1,"exp":9999999999}"#,
  #"{"iss":"other","aud":"customer","sub":"cus_1","epoch":1,"exp":9999999999}"#,
  #"{"aud":"customer","sub":"cus_1","epoch":1,"exp":9999999999}"#,
  #"{"iss":"throughline","aud":"customer","epoch":1,"exp":9999999999}"#,
  #"{"iss":"throughline","aud":"customer","sub":"cus_1","exp":9999999999}"#,
  #"{"iss":"throughline","aud":"customer","sub":"cus_1","epoch":1}"#,
  #"{"iss":"throughline","aud":"customer","sub":"cus_1","epoch":1,"exp":"9999999999"}"#,
  #"{"iss":"throughline","aud":"customer","sub":"cus_1","epoch":1,"exp":9223372036854775807}"#,
  #"{"iss":"throughline","aud":["customer"],"sub":"cus_1","epoch":1,"exp":9999999999}"#,
])
func `claims that are not ours make no token`(claims: String) {
  let text = JSONWebToken.sign(Array(claims.utf8), key: key)
  #expect(PersonToken(Array(text.utf8), key: key, now: TurnedClock().now) == nil)
}

@Test func `a sign-out ends the tokens given out before, and no others`() throws {
  let town = try Town()
  for user in ["u1", "u2"] { try town.send("user_id:\(user)", from: "backend") }
  let (old, other) = (try town.token("user_id:u1"), try town.token("user_id:u2"))
  #expect(try town.person(old) == "user_id:u1 user_id:u1")
  try town.signOut("user_id:u1")
  #expect(try town.person(old) == nil)
  #expect(try town.person(other) != nil)
  #expect(try town.person(town.token("user_id:u1")) != nil)
  #expect(try town.findings() == [])
}

@Test func `after a merge both tokens go on, after its undo neither`() throws {
  let town = try Town()
  for user in ["u1", "u2", "u3"] { try town.send("user_id:\(user)", from: "backend") }
  let tokens = try ["u1", "u2", "u3"].map { try town.token("user_id:\($0)") }
  try town.merge("user_id:u1", "user_id:u2")
  #expect(try town.person(tokens[1]) == "user_id:u1 user_id:u2")
  #expect(try town.person(tokens[0]) == "user_id:u1 user_id:u1")
  let meanwhile = try town.token("user_id:u2")
  try town.undo(town.merges("user_id:u1")[0])
  for token in tokens.prefix(2) + [meanwhile] { #expect(try town.person(token) == nil) }
  #expect(try town.person(tokens[2]) != nil)
  for user in ["u1", "u2"] {
    #expect(try town.person(town.token("user_id:\(user)")) == "user_id:\(user) user_id:\(user)")
  }
  #expect(try town.findings() == [])
}

@Test func `an undo that moves an identifier ends the tokens of every part`() throws {
  let town = try Town()
  try town.send("user_id:u1 card:C1", from: "till")
  try town.send("user_id:u2 card:C2", from: "till")
  let before = try ["user_id:u1", "card:C1", "user_id:u2", "card:C2"].map { try town.token($0) }
  try town.merge("user_id:u1", "user_id:u2")
  let origin = try town.leader("user_id:u1")
  try town.undo(town.merges("user_id:u1")[0], keep: [("card:C2", .side(of: origin))])
  for token in before { #expect(try town.person(token) == nil) }
  #expect(try town.person(town.token("card:C2")) == "user_id:u1 user_id:u1")
  #expect(try town.findings() == [])
}

@Test func `only a known customer beyond doubt takes a token`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u1 anonymous_id:a1", from: "backend")
  try town.send("anonymous_id:a2 email:ann@example.test user_id:claimed", from: "page")
  let visitor = try town.store.database.read { try Profile.publicID(of: town.leader("anonymous_id:a2"), in: $0) }
  let table: [(String, Failure.Code?)] = [
    ("user_id:u1", nil), ("anonymous_id:a1", .conflict), ("anonymous_id:a2", .conflict), (visitor, .conflict),
    ("email:ann@example.test", .notFound), ("cus_nobody", .notFound), ("card:C9", .notFound),
  ]
  for (name, code) in table {
    let name = try #require(CustomerName(name))
    let result = Result { try town.store.database.read { _ = try PersonToken.taker(name, in: $0) } }
    switch result {
    case .success: #expect(code == nil, "\(name)")
    case .failure(let failure): #expect((failure as? Failure)?.code == code, "\(name)")
    }
  }
  // What is only claimed is nobody's, so the customer is made.
  for user in ["claimed", "new"] {
    let name = try #require(CustomerName("user_id:\(user)"))
    guard case .newUser(let id) = try town.store.database.read({ try PersonToken.taker(name, in: $0) }) else {
      Issue.record("\(user) is somebody")
      continue
    }
    #expect(id.value == user)
  }
}

@Test func `a login joins the visitor, ends his token, and an undo revives nothing`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  let (visitor, customer) = (try town.visitor("v1"), try town.token("user_id:u1"))
  #expect(try town.person(visitor) == "anonymous_id:v1 anonymous_id:v1")
  try town.login(customer, "v1")
  #expect(try town.people() == ["known user_id:u1 anonymous_id:v1"])
  #expect(try town.person(visitor) == nil)
  #expect(try town.person(customer) != nil)
  try town.undo(town.merges("user_id:u1")[0])
  #expect(try town.people().contains("visitor anonymous_id:v1"))
  #expect(try town.person(visitor) == nil)
  #expect(try town.findings() == [])
}

@Test func `the token of a visitor who was erased is not his who comes by the same browser later`() throws {
  let town = try Town()
  let old = try town.visitor("v1")
  try town.erase("anonymous_id:v1")
  try town.send("anonymous_id:v1", from: "page")
  #expect(try town.person(old) == nil)
  #expect(try town.person(town.visitor("v1")) != nil)
}

@Test func `a login on another customer's browser begins it anew`() throws {
  let town = try Town()
  try town.send("user_id:u1 anonymous_id:v1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.login(town.token("user_id:u2"), "v1")
  #expect(try town.people() == ["known user_id:u1 anonymous_id:v1", "known user_id:u2 anonymous_id:v1"])
  try town.send("user_id:u1 anonymous_id:v1", from: "backend")
  #expect(try town.people() == ["known user_id:u1 anonymous_id:v1", "known user_id:u2 anonymous_id:v1"])
  #expect(try town.findings() == [])
}

@Test func `a visitor's token reaches his own place and nothing that claims tie to it`() throws {
  let town = try Town()
  let first = try town.visitor("v1")
  try town.save("anonymous_id:v1", "form", #"{"value": "mine"}"#)
  // Another visitor says the same address, and they are one by claims.
  try town.send("anonymous_id:v1 email:e@1.test", from: "page")
  try town.send("anonymous_id:v2 email:e@1.test", from: "page")
  let second = try town.visitor("v2")
  func keys(_ token: PersonToken) throws -> [String] {
    try town.store.database.read { [now = town.store.clock.now] session in
      try token.person(in: session)?.states(in: session).live(now).map { $0.key } ?? []
    }
  }
  #expect(try town.leader("anonymous_id:v1") == town.leader("anonymous_id:v2"))
  #expect(try keys(first) == ["form"])
  #expect(try keys(second) == [])
  let stand = try town.store.database.read { try #require(try second.person(in: $0)).stand }
  let (now, id) = (town.store.clock.now, town.store.tokens.next("req_"))
  _ = try town.store.database.write { [intake = town.store.intake] session in
    try intake.record(
      ResumeState.writing("secret", body: Array(#"{"value":1}"#.utf8), messageID: id, at: now), at: stand,
      author: "visitor:2", in: session)
  }
  #expect(try keys(second) == ["secret"])
  #expect(try keys(first) == ["form"])
}

@Test func `an event with a token is the customer's, and what else it names stays a claim`() throws {
  let town = try Town()
  try town.send("user_id:u1 card:C1", from: "till")
  try town.send("user_id:victim card:C2", from: "till")
  let token = try town.token("user_id:u1")
  func send(_ who: String, _ token: PersonToken) throws -> [String] {
    var event = Town.event(town.store.tokens.next("msg_"), who, receivedAt: town.store.clock.now)
    event.token = token
    try town.store.send([event], from: "page")
    let entry = try #require(town.log().last)
    return [try town.stand()] + entry.outcome.rulings.map { "\($0.mention.identifier.value) \($0.became.rawValue)" }
  }
  #expect(
    try send("anonymous_id:b1 user_id:victim card:C1", token)
      == ["user_id:u1", "u1 attached", "C1 attached", "b1 claimed", "victim claimed"])
  #expect(try town.people().contains("known user_id:victim card:C2"))
  try town.signOut("user_id:u1")
  #expect(try send("anonymous_id:b1 user_id:u1", token).contains("u1 claimed"))
  #expect(try town.stand() == "anonymous_id:b1")
  #expect(try town.findings() == [])
}
