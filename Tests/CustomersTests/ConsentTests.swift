import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Whom a name leads to.
  func leader(_ name: String) throws -> Origin.Number {
    let name = try #require(CustomerName(name))
    return try store.database.read { session in
      guard case .customer(let leader) = try Lookup.find(name, in: session) else { throw Failure(.notFound, "nobody") }
      return leader
    }
  }

  /// Asks for changes of consent as the API does.
  @discardableResult
  func consent(_ name: String, _ changes: String, id: String? = nil, author: String = "api:ann") throws -> Intake.Answer
  {
    let (leader, now) = (try leader(name), store.clock.now)
    let id = id ?? store.tokens.next("req_")
    let customer = try #require(CustomerName(name))
    return try store.database.write { [intake = store.intake] session in
      let list = try JSONDocument(Array(changes.utf8)).root
      _ = try Consent.changes(list, now: now)
      let at = try ConsentLedger(ofCustomer: leader, in: session).moment(now)
      let stand = try Lookup.stand(customer, ofCustomer: leader, in: session)
      let event = Consent.event(changes: list.bytes, messageID: id, at: at)
      return try intake.record(event, at: stand, author: author, in: session) { outcome in
        try ConsentEnd.decide(event, by: author, at: stand, &outcome, in: session)
      }
    }
  }

  func grant(_ name: String, _ purpose: String = "marketing") throws {
    try consent(name, #"[{"purpose": "\#(purpose)", "state": "granted"}]"#)
  }

  func withdraw(_ name: String, _ purpose: String = "marketing") throws {
    try consent(name, #"[{"purpose": "\#(purpose)", "state": "withdrawn"}]"#)
  }

  /// What holds of a customer, for example `marketing/email granted`.
  func consents(_ name: String) throws -> [String] {
    let leader = try leader(name)
    return told(try store.database.read { try ConsentLedger(ofCustomer: leader, in: $0) }.current)
  }

  /// What would hold of a person who has these origins, as after an undo.
  func consents(of origins: [Origin.Number]) throws -> [String] {
    told(try store.database.read { try ConsentLedger(of: origins, in: $0) }.current)
  }

  private func told(_ entries: [ConsentLedger.Entry]) -> [String] {
    entries.map { "\($0.purpose)\($0.channel.isEmpty ? "" : "/" + $0.channel) \($0.state)" }
  }

  /// The own place of an identifier.
  func origin(_ name: String) throws -> Origin.Number {
    guard case .identifier(let identifier) = try #require(CustomerName(name)) else { throw Failure(.invalid, name) }
    return try #require(try store.database.read { try OriginStore.find(identifier, .own, in: $0) }).origin
  }

  /// An event whose SDK says what the person's browser allows.
  @discardableResult
  func stamp(
    _ who: String, _ preferences: [String: Bool], from source: String, at: Instant? = nil, name: String? = nil
  ) throws -> Intake.Answer {
    var event = Self.event(
      store.tokens.next("msg_"), who, at: at, receivedAt: store.clock.now, kind: .track, name: name)
    event.preferences = preferences.sorted { $0.key < $1.key }.map { .init(purpose: $0.key, isGranted: $0.value) }
    return try store.send([event], from: source).answers[0]
  }
}

/// A customer of three names: a user id, a card and a browser.
private func furnished() throws -> Town {
  let town = try Town()
  try town.send("anonymous_id:a1", from: "page")
  try town.send("user_id:u1 anonymous_id:a1", from: "backend")
  try town.send("user_id:u1 card:C1", from: "till")
  return town
}

@Suite struct ConsentTests {
  @Test func `of one origin the newest counts, by the time it was said, whenever it came`() throws {
    let town = try Town()
    try town.send("user_id:u1", from: "backend")
    try town.consent("user_id:u1", #"[{"purpose": "marketing", "state": "withdrawn", "at": "2020-01-02T00:00:00Z"}]"#)
    try town.consent("user_id:u1", #"[{"purpose": "marketing", "state": "granted", "at": "2020-01-01T00:00:00Z"}]"#)
    #expect(try town.consents("user_id:u1") == ["marketing withdrawn"])
    try town.consent("user_id:u1", #"[{"purpose": "marketing", "state": "granted", "at": "2020-01-03T00:00:00Z"}]"#)
    #expect(try town.consents("user_id:u1") == ["marketing granted"])
    #expect(try town.findings() == [])
  }

  @Test func `of one moment the greater source and message count, and a request comes after all it saw`() throws {
    let town = try Town()
    try town.send("user_id:u1", from: "backend")
    let moment = #""at": "2020-01-01T00:00:00Z""#
    try town.consent("user_id:u1", #"[{"purpose": "a", "state": "granted", \#(moment)}]"#, id: "m2")
    try town.consent("user_id:u1", #"[{"purpose": "a", "state": "withdrawn", \#(moment)}]"#, id: "m1")
    #expect(try town.consents("user_id:u1") == ["a granted"])
    try town.consent("user_id:u1", #"[{"purpose": "a", "state": "withdrawn", \#(moment)}]"#, id: "a", author: "api:bob")
    #expect(try town.consents("user_id:u1") == ["a withdrawn"])
    // The clock stands, and ids are drawn by chance: still the last word counts.
    for number in 0..<20 {
      if number % 2 == 0 { try town.grant("user_id:u1") } else { try town.withdraw("user_id:u1") }
    }
    #expect(try town.consents("user_id:u1") == ["a withdrawn", "marketing withdrawn"])
    #expect(try town.findings() == [])
  }

  @Test func `channels and purposes stand apart`() throws {
    let town = try furnished()
    try town.consent(
      "user_id:u1",
      #"""
      [{"purpose": "marketing", "channel": "email", "state": "granted"}, {"purpose": "marketing", "state": "withdrawn"},
       {"purpose": "service", "channel": null, "state": "granted"}]
      """#)
    #expect(
      try town.consents("card:C1") == ["marketing withdrawn", "marketing/email granted", "service granted"])
  }

  @Test func `what two customers said before they became one: the stricter wins, also over a newer grant`() throws {
    for order in [true, false] {
      let town = try Town()
      try town.send("anonymous_id:a1", from: "page")
      try town.send("user_id:u1", from: "backend")
      if order { try town.withdraw("anonymous_id:a1") }
      try town.grant("user_id:u1")
      if !order { try town.withdraw("anonymous_id:a1") }
      try town.send("user_id:u1 anonymous_id:a1", from: "backend")
      #expect(try town.consents("user_id:u1") == ["marketing withdrawn"])
      // Asked again as one person, he may say yes again.
      try town.grant("user_id:u1")
      #expect(try town.consents("user_id:u1") == ["marketing granted"])
      // After an undo each has what he said himself.
      let (user, browser) = (try town.origin("user_id:u1"), try town.origin("anonymous_id:a1"))
      #expect(try town.consents(of: [user]) == ["marketing granted"])
      #expect(try town.consents(of: [browser]) == ["marketing withdrawn"])
      #expect(try town.findings() == [])
    }
  }

  @Test func `a withdrawal made as one person stays with every part of him, a grant with the one that was named`()
    throws
  {
    let town = try furnished()
    let origins = try ["user_id:u1", "card:C1", "anonymous_id:a1"].map { try town.origin($0) }
    try town.grant("card:C1")
    #expect(try town.consents(of: [origins[1]]) == ["marketing granted"])
    #expect(try town.consents(of: [origins[0]]) == [] && town.consents(of: [origins[2]]) == [])
    #expect(try town.consents(of: [origins[0], origins[1]]) == ["marketing granted"])
    try town.withdraw("card:C1")
    for parts in [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]] {
      #expect(try town.consents(of: parts.map { origins[$0] }) == ["marketing withdrawn"], "\(parts)")
    }
    #expect(try town.findings() == [])
  }

  @Test func `a former id names its own origin`() throws {
    let town = try furnished()
    let former = try town.store.database.read { [origin = try town.origin("anonymous_id:a1")] session in
      try session.first(of: OriginStatement.leaderOf, .integer(origin)) { $0.integer(0) } == origin
        ? nil : OriginStore.origin(origin, in: session).publicID
    }
    try town.grant(try #require(former))
    #expect(try town.consents("user_id:u1") == ["marketing granted"])
    #expect(try town.consents(of: [try town.origin("anonymous_id:a1")]) == ["marketing granted"])
    #expect(try town.consents(of: [try town.origin("user_id:u1")]) == [])
  }

  @Test func `the history has every change once, newest first, with what was told of it`() throws {
    let town = try furnished()
    try town.grant("user_id:u1")
    try town.consent(
      "user_id:u1",
      #"""
      [{"purpose": "marketing", "state": "withdrawn", "legalBasis": "consent", "textVersion": "7", "proof": {"ip": "::1"}}]
      """#)
    let leader = try town.leader("user_id:u1")
    let ledger = try town.store.database.read { try ConsentLedger(ofCustomer: leader, in: $0) }
    #expect(ledger.history.map { $0.state } == ["withdrawn", "granted"])
    var writer = JSONWriter()
    ledger.history[0].write(to: &writer)
    let told = try JSONDocument(writer.bytes).root
    #expect(told["legalBasis"]?.string == "consent" && told["textVersion"]?.string == "7")
    #expect(told["proof"]?["ip"]?.string == "::1" && told["source"]?.string == "api:ann")
    #expect(told["channel"]?.isNull == true)
  }

  @Test func `a request counts once under its id and customer, and another one under it is a conflict`() throws {
    let town = try furnished()
    let change = #"[{"purpose": "marketing", "state": "granted"}]"#
    let first = try town.consent("user_id:u1", change, id: "k1")
    try town.withdraw("user_id:u1")
    #expect(try town.consent("card:C1", change, id: "k1").result == "again matched")
    #expect(try town.consent("card:C1", change, id: "k1").sequence == first.sequence)
    #expect(try town.consents("user_id:u1") == ["marketing withdrawn"])
    #expect(
      try town.consent("user_id:u1", #"[{"purpose": "other", "state": "granted"}]"#, id: "k1").result == "conflict")
    // Another author's key is another one, and so is the same key for another customer: there it counts once too.
    #expect(try town.consent("user_id:u1", change, id: "k1", author: "api:bob").result == "matched")
    try town.send("user_id:u2", from: "backend")
    let second = try town.consent("user_id:u2", change, id: "k1")
    #expect(second.result == "matched" && second.sequence != first.sequence)
    #expect(try town.consent("user_id:u2", change, id: "k1").sequence == second.sequence)
    #expect(
      try town.consent("user_id:u2", #"[{"purpose": "other", "state": "granted"}]"#, id: "k1").result == "conflict")
    #expect(try town.consents("user_id:u2") == ["marketing granted"])
    #expect(try town.findings() == [])
  }

  @Test(arguments: [
    ("{}", ""), ("[]", ""), ("[1]", "/0"), (#"[{"state": "granted"}]"#, "/0/purpose"),
    (#"[{"purpose": "a"}]"#, "/0/state"), (#"[{"purpose": "a", "state": "maybe"}]"#, "/0/state"),
    (#"[{"purpose": "A", "state": "granted"}]"#, "/0/purpose"),
    (#"[{"purpose": "", "state": "granted"}]"#, "/0/purpose"),
    (#"[{"purpose": "\#(String(repeating: "p", count: 65))", "state": "granted"}]"#, "/0/purpose"),
    (#"[{"purpose": "a", "state": "granted", "channel": "fax"}]"#, "/0/channel"),
    (#"[{"purpose": "a", "state": "granted", "legalBasis": "none"}]"#, "/0/legalBasis"),
    (#"[{"purpose": "a", "state": "granted", "textVersion": 1}]"#, "/0/textVersion"),
    (
      #"[{"purpose": "a", "state": "granted", "textVersion": "\#(String(repeating: "t", count: 101))"}]"#,
      "/0/textVersion"
    ),
    (#"[{"purpose": "a", "state": "granted", "textVersion": "a\u0000"}]"#, "/0/textVersion"),
    (#"[{"purpose": "a", "state": "granted", "proof": "x"}]"#, "/0/proof"),
    (#"[{"purpose": "a", "state": "granted", "proof": {"x": "\#(String(repeating: "x", count: 4088))"}}]"#, "/0/proof"),
    (#"[{"purpose": "a", "state": "granted", "at": "9999-01-01"}]"#, "/0/at"),
    (#"[{"purpose": "a", "state": "granted", "at": "soon"}]"#, "/0/at"),
    (#"[{"purpose": "a", "state": "granted", "colour": 1}]"#, "/0/colour"),
    (#"[{"purpose": "a", "state": "granted"}, {"purpose": "a", "state": "withdrawn"}]"#, "/1"),
  ])
  func `what is wrong with a change is named`(changes: String, pointer: String) throws {
    let list = try JSONDocument(Array(changes.utf8)).root
    #expect {
      try Consent.changes(list, now: TurnedClock().now)
    } throws: { error in
      let failure = error as? Failure
      return failure?.code == .invalid && failure?.faults.map { $0.pointer } == [pointer]
    }
  }

  @Test func `the longest change is taken, and as many as may be`() throws {
    let now = TurnedClock().now
    let longest = #"""
      [{"purpose": "\#(String(repeating: "p", count: 64))", "state": "granted", "channel": "email",
        "textVersion": "\#(String(repeating: "é", count: 100))", "at": "\#(now.text)",
        "proof": {"x": "\#(String(repeating: "x", count: 4087))"}}]
      """#
    #expect(try Consent.changes(JSONDocument(Array(longest.utf8)).root, now: now).count == 1)
    func many(_ count: Int) throws -> JSON {
      let list = (0..<count).map { #"{"purpose": "p\#($0)", "state": "granted"}"# }.joined(separator: ",")
      return try JSONDocument(Array("[\(list)]".utf8)).root
    }
    #expect(try Consent.changes(many(50), now: now).count == 50)
    #expect { try Consent.changes(many(51), now: now) } throws: { ($0 as? Failure)?.code == .tooLarge }
  }
}

@Suite struct PreferenceTests {
  @Test func `what an SDK stamps on every call is recorded when it changes`() throws {
    let town = try Town()
    for isGranted in [true, true, true, false, false, true] {
      town.store.clock.advance(by: .seconds(1))
      try town.stamp("anonymous_id:a1", ["analytics": isGranted], from: "page")
    }
    #expect(try town.consents("anonymous_id:a1") == ["analytics granted"])
    #expect(try town.log().count { !$0.outcome.consent.granted.isEmpty || !$0.outcome.consent.withdrawn.isEmpty } == 3)
    // A late one is held against what stood at its time.
    try town.stamp("anonymous_id:a1", ["analytics": true], from: "page", at: town.store.clock.now - .seconds(2))
    #expect(try town.log().last?.outcome.consent.granted == ["analytics"])
    #expect(try town.findings() == [])
  }

  @Test func `a stamp does not sign up again whom an agent signed off, his own decision does`() throws {
    let town = try furnished()
    func stamp(_ isGranted: Bool, name: String? = nil) throws -> [String] {
      town.store.clock.advance(by: .seconds(1))
      try town.stamp("user_id:u1 anonymous_id:a1", ["marketing": isGranted], from: "backend", name: name)
      return try town.consents("user_id:u1")
    }
    #expect(try stamp(true) == ["marketing granted"])
    try town.withdraw("user_id:u1")
    #expect(try stamp(true) == ["marketing withdrawn"])
    #expect(try stamp(true, name: "Segment Consent Preference Updated") == ["marketing granted"])
    #expect(try stamp(false) == ["marketing withdrawn"])
    for name in ["user_id:u1", "anonymous_id:a1", "card:C1"] {
      #expect(try town.consents(of: [town.origin(name)]) == ["marketing withdrawn"], "\(name)")
    }
    #expect(try town.findings() == [])
  }

  @Test func `what comes with the login is for the visitor too who becomes the customer`() throws {
    let town = try Town()
    try town.send("user_id:u1", from: "backend")
    try town.send("anonymous_id:a1 email:e@1.test", from: "page")
    try town.stamp("user_id:u1 anonymous_id:a1", ["marketing": false], from: "backend")
    #expect(try town.consents(of: [town.origin("anonymous_id:a1")]) == ["marketing withdrawn"])
    // Not for what the visitor merely claimed, which stays behind.
    #expect(try town.log().last?.outcome.consent.covers.count == 2)
    #expect(try town.findings() == [])
  }

  @Test func `claims to a known customer carry no consent either way`() throws {
    let town = try furnished()
    try town.grant("user_id:u1", "service")
    for who in ["user_id:u1", "anonymous_id:a1", "anonymous_id:a2 user_id:u1"] {
      try town.stamp(who, ["marketing": true, "service": false], from: "page")
    }
    #expect(try town.consents("user_id:u1") == ["service granted"])
    #expect(try town.findings() == [])
  }

  @Test(arguments: UInt64(1)...20)
  func `a ledger is the same in any order of the log`(seed: UInt64) throws {
    let town = try Town(chance: seed)
    var chance = SplitMix64(seed: seed)
    let names = ["user_id:u1", "card:C1", "anonymous_id:a1", "anonymous_id:a2", "email:e@1.test"]
    for _ in 0..<60 {
      if Bool.random(using: &chance) { town.store.clock.advance(by: .milliseconds(1)) }
      let who = names.shuffled(using: &chance).prefix(Int.random(in: 1...3, using: &chance)).joined(separator: " ")
      let preferences = ["marketing": Bool.random(using: &chance), "service": Bool.random(using: &chance)]
      try town.stamp(
        who, preferences, from: Town.sources.randomElement(using: &chance) ?? "page",
        at: town.store.clock.now - .milliseconds(Int.random(in: 0...20, using: &chance)),
        name: Bool.random(using: &chance) ? "Segment Consent Preference Updated" : nil)
      if Bool.random(using: &chance), let name = names.randomElement(using: &chance),
        let leader = try? town.leader(name), leader > 0
      {
        if Bool.random(using: &chance) { try town.grant(name) } else { try town.withdraw(name) }
      }
    }
    #expect(try town.findings() == [])
    let entries = try town.log().shuffled(using: &chance)
    let other = try TestStore()
    let told = try other.database.write { session in
      for entry in entries { try ConsentFold().apply(entry, in: session) }
      return try rows("consent", session)
    }
    #expect(!told.isEmpty)
    #expect(try told == town.store.database.read { try rows("consent", $0) })
  }

  @Test func `an export shows state and history, and what is erased is gone`() throws {
    let town = try furnished()
    try town.grant("user_id:u1")
    try town.withdraw("user_id:u1", "analytics")
    let origins = try ["user_id:u1", "card:C1", "anonymous_id:a1"].map { try town.origin($0) }
    func export() throws -> JSON {
      try town.store.database.read { session in
        var writer = JSONWriter()
        try writer.object { try ConsentFold().export(of: origins, to: &$0, in: session) }
        return try JSONDocument(writer.bytes).root
      }
    }
    #expect(try export()["consents"]?["state"]?.count == 2 && export()["consents"]?["history"]?.count == 2)
    try town.store.database.write { try ConsentFold().erase(origins, in: $0) }
    #expect(try town.store.database.read { try rows("consent", $0) } == [])
  }
}

/// Every row of a table, as text.
func rows(_ table: String, _ session: any Session) throws -> [String] {
  var rows: [String] = []
  try session.forEachRow(ofText: "SELECT * FROM \(table)", []) { row in
    rows.append((0..<row.count).map { "\(row.value($0))" }.joined(separator: " "))
    return true
  }
  return rows.sorted()
}
