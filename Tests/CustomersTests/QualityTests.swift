import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Sends an event with the traits of somebody, as an adapter reads them.
  fileprivate func say(
    _ who: String, _ traits: [(String, String)] = [], from source: String = "prover", at: Instant? = nil
  ) throws {
    var event = Self.event(store.tokens.next("msg_"), who, at: at, receivedAt: store.clock.now, traits: traits)
    event.unusable = ContactTrait.unusable(among: event.traits, region: "RU")
    try store.send([event], from: source)
    store.clock.advance(by: .seconds(1))
  }

  /// Sends what a mail service says of a message to somebody.
  fileprivate func mail(_ name: String, _ who: String, to address: String? = nil, at: Instant? = nil) throws {
    var event = Self.event(
      store.tokens.next("msg_"), who, at: at, receivedAt: store.clock.now, kind: .track, name: name)
    let traits = address.map { #""email": "\#($0)""# } ?? ""
    event.body = Array(#"{"event": "\#(name)", "context": {"traits": {\#(traits)}}}"#.utf8)
    try store.send([event], from: "backend")
    store.clock.advance(by: .seconds(1))
  }

  /// A customer by whom nothing is wrong.
  fileprivate func ann() throws { try say("user_id:ann email:ann@b.test", [("email", "ann@b.test")]) }

  fileprivate func quality(_ name: String = "user_id:ann", isOwn: Bool = false) throws -> JSON {
    let leader = try leader(name)
    let now = store.clock.now
    let picture = try store.database.read { session in
      try JSONDocument(Profile.json(ofCustomer: leader, now: now, isOwn: isOwn, in: session)).root
    }
    return try #require(picture["quality"])
  }

  /// The codes of what is wrong, which the work list of each code tells too.
  fileprivate func codes(_ name: String = "user_id:ann") throws -> [String] {
    let codes = try quality(name)["defects"]?.elements.compactMap { $0["code"]?.string } ?? []
    let id = try id(name)
    for code in Quality.Code.allCases {
      #expect(try list(code).contains(id) == codes.contains(code.rawValue), "\(code) of \(name)")
    }
    #expect(try list(nil).contains(id) == !codes.isEmpty, "\(name)")
    return codes
  }

  fileprivate func details(_ name: String = "user_id:ann") throws -> [String] {
    try quality(name)["defects"]?.elements.compactMap { $0["detail"]?.string } ?? []
  }

  /// The work list, page by page.
  fileprivate func list(_ code: Quality.Code?, limit: Int = 2) throws -> [String] {
    let now = store.clock.now
    return try store.database.read { session in
      var (ids, place) = ([String](), Int64.max)
      while true {
        let page = try QualityList(of: code, below: place, limit: limit, now: now, in: session)
        ids += page.rows.map { $0.publicID }
        guard let next = page.next else { return ids }
        place = next
      }
    }
  }

  fileprivate func rows(_ tables: [String] = ["quality_defect", "quality_twin", "quality_source"]) throws -> [String] {
    try store.database.read { try Self.rows(tables, in: $0) }
  }

  fileprivate static func rows(
    _ tables: [String] = ["quality_defect", "quality_twin", "quality_source"], in session: any Session
  ) throws -> [String] {
    var rows: [String] = []
    for table in tables {
      try session.forEachRow(ofText: "SELECT * FROM \(table) ORDER BY 1, 2", []) { row in
        rows.append(table + (0..<row.count).map { " \(row.value($0))" }.joined())
        return true
      }
    }
    return rows.sorted()
  }

  fileprivate func sources() throws -> [String: SourceQuality] {
    let all = try store.database.read { try SourceQuality.all(in: $0) }
    return Dictionary(uniqueKeysWithValues: all.map { ($0.source, $0) })
  }
}

private let start = TurnedClock().now

@Suite struct QualityTests {
  // MARK: One customer

  @Test func `whom nothing is wrong with has the full score`() throws {
    let town = try Town()
    try town.ann()
    #expect(try town.quality()["score"]?.integer == 100)
    #expect(try town.codes().isEmpty)
    #expect(try town.rows() == [])
  }

  @Test(arguments: [
    ("phone", "12", "+79161234567", "invalid_phone", "the phone number that prover gave cannot be dialled"),
    (
      "phone", "+79999999999", "8 916 123-45-67", "invalid_phone", "the phone number that prover gave cannot be dialled"
    ),
    ("phone", "none", "", "invalid_phone", "the phone number that prover gave cannot be dialled"),
    ("email", "ann(at)b.test", "ann@b.test", "invalid_email", "the address of mail that prover gave reaches nobody"),
    ("email", "noreply@b.test", " ", "invalid_email", "the address of mail that prover gave reaches nobody"),
  ])
  func `what reaches nobody is told until its source says better`(
    trait: String, bad: String, good: String, code: String, detail: String
  ) throws {
    let town = try Town()
    try town.ann()
    try town.say("user_id:ann", [(trait, bad)])
    #expect(try town.codes() == [code])
    #expect(try town.details() == [detail])
    #expect(try town.quality()["score"]?.integer == 85)
    // What was true before changes nothing, also where it comes late.
    try town.say("user_id:ann", [(trait, good)], at: start)
    #expect(try town.codes() == [code])
    try town.say("user_id:ann", [(trait, good)])
    #expect(try town.codes() == [])
    try town.say("user_id:ann", [(trait, bad)])
    // Another source's newer value goes before it, and so does an agent's removal.
    try town.say("user_id:ann", [(trait, good)], from: "backend")
    #expect(try town.codes() == [])
    try town.say("user_id:ann", [(trait, bad)])
    try town.edit("user_id:ann", #"{"\#(trait)": null}"#)
    #expect(try town.codes() == [])
    try town.edit("user_id:ann", #"{"\#(trait)": "\#(bad)"}"#)
    #expect(try town.codes() == [code])
    #expect(try town.findings() == [])
  }

  @Test func `mail that bounced is told until mail arrives, or another address holds`() throws {
    let town = try Town()
    try town.ann()
    try town.mail("Email Delivered", "user_id:ann", to: "ann@b.test")
    let bounce = town.store.clock.now
    try town.mail("Email Bounced", "user_id:ann", to: "ANN@b.test")
    #expect(try town.codes() == ["bounced_address"])
    #expect(try town.details() == ["mail to ann@b.test bounced on 2026-01-02"])
    #expect(try town.quality()["score"]?.integer == 80)
    // Another address, or an earlier time, says nothing of it; the same moment does.
    try town.mail("Email Delivered", "user_id:ann", to: "other@b.test")
    try town.mail("Email Opened", "user_id:ann", to: "ann@b.test", at: bounce - .milliseconds(1))
    try town.mail("Email Marked as Spam", "user_id:ann", to: "ann@b.test")
    #expect(try town.codes() == ["bounced_address"])
    try town.mail("Email Opened", "user_id:ann", to: "ann@b.test", at: bounce)
    #expect(try town.codes() == [])
    try town.mail("Email Bounced", "user_id:ann")
    #expect(try town.details() == ["mail bounced on 2026-01-02"])
    try town.say("user_id:ann", [("email", "new@b.test")])
    #expect(try town.codes() == [])
    try town.mail("Email Bounced", "user_id:ann", to: "new@b.test")
    #expect(try town.codes() == ["bounced_address"])
    try town.mail("Email Link Clicked", "user_id:ann")
    #expect(try town.codes() == [])
    // Somebody without an address has none that bounces.
    try town.say("user_id:bob phone:+79161234567")
    try town.mail("Email Bounced", "user_id:bob", to: "ann@b.test")
    try town.mail("Email Bounced", "user_id:bob")
    #expect(try town.codes("user_id:bob") == [])
    #expect(try town.findings() == [])
  }

  @Test func `who was silent for 400 days is not stale, and a millisecond later he is`() throws {
    let town = try Town()
    try town.ann()
    try town.send("anonymous_id:a", from: "page")
    let last = town.store.clock.now
    try town.say("user_id:ann")
    town.store.clock.advance(by: Quality.mostSilence - .seconds(1))
    #expect(town.store.clock.now == last + Quality.mostSilence)
    #expect(try town.codes() == [])
    town.store.clock.advance(by: .milliseconds(1))
    #expect(try town.codes() == ["stale"])
    #expect(try town.details() == ["nothing has happened since 2026-01-02"])
    #expect(try town.quality()["score"]?.integer == 90)
    #expect(try town.codes("anonymous_id:a") == [], "nobody knows who that was")
    try town.say("user_id:ann")
    #expect(try town.codes() == [])
  }

  @Test(arguments: [
    "email:ann@b.test", "phone:+79161234567", "telegram:17", "whatsapp:+79161234567", "viber:v",
  ])
  func `who cannot be reached is told of, until he can be`(contact: String) throws {
    let town = try Town()
    try town.say("user_id:ann card:C1 device:d")
    #expect(try town.codes() == ["no_contact"])
    #expect(try town.quality()["score"]?.integer == 80)
    try town.say("user_id:ann \(contact)")
    #expect(try town.codes() == [])
  }

  @Test func `an address that an agent types reaches somebody, one that is none does not`() throws {
    let town = try Town()
    try town.say("user_id:ann")
    try town.edit("user_id:ann", #"{"email": "ann at home"}"#)
    #expect(try town.codes() == ["invalid_email", "no_contact"])
    #expect(try town.quality()["score"]?.integer == 65)
    try town.edit("user_id:ann", #"{"email": "ann@b.test"}"#)
    #expect(try town.codes() == [])
    #expect(try town.findings() == [])
  }

  @Test func `all codes together take the whole score`() {
    #expect(Quality.Code.allCases.reduce(0) { $0 + $1.weight } == 100)
  }

  // MARK: Duplicates

  @Test(arguments: [
    (
      [("name", "Ann Lee"), ("birthday", "1990-03-12")], [("name", "LEE, Ánn"), ("birthday", "1990-03-12T00:00:00Z")],
      "birthday"
    ),
    (
      [("firstName", "Ann"), ("lastName", "Lee"), ("postalCode", "LV-1010")],
      [("name", "Ann Lee"), ("postalCode", "lv 1010")], "postal code"
    ),
  ])
  func `the same name with the same second sign is told on both sides`(
    ann: [(String, String)], other: [(String, String)], sign: String
  ) throws {
    let town = try Town()
    try town.say("user_id:ann email:a@b.test", ann)
    try town.say("user_id:lee email:l@b.test", other)
    #expect(try town.codes() == ["likely_duplicate"])
    let (annID, leeID) = (try town.id("user_id:ann"), try town.id("user_id:lee"))
    #expect(try town.details() == ["\(leeID) has the same name and \(sign)"])
    #expect(try town.details("user_id:lee") == ["\(annID) has the same name and \(sign)"])
    let told = try town.quality()["defects"]?.elements.first { _ in true }
    #expect(told?["customer"]?.string == leeID)
    #expect(try town.quality()["score"]?.integer == 80)
    // He himself is told of nobody else.
    #expect(try town.quality(isOwn: true)["defects"]?.count == 0)
    #expect(try town.quality(isOwn: true)["score"]?.integer == 100)
    try town.say("user_id:lee", [("name", "Bob Lee"), ("lastName", "Bob")])
    #expect(try town.codes() == [])
    #expect(try town.codes("user_id:lee") == [])
    #expect(try town.findings() == [])
  }

  @Test(arguments: [
    [("name", "Ann"), ("birthday", "1990-03-12")], [("name", "Ann Lee"), ("birthday", "1990-03-13")],
    [("name", "Ann Lee"), ("birthday", "spring")], [("name", "Ann Lee")],
    [("name", "Ann Leigh"), ("birthday", "1990-03-12")],
    [("birthday", "1990-03-12")],
  ])
  func `a name alone, a short one, or a sign alone makes no duplicate`(other: [(String, String)]) throws {
    let town = try Town()
    try town.say("user_id:ann email:ann@b.test", [("name", "Ann Lee"), ("birthday", "1990-03-12")])
    try town.say("user_id:lee email:lee@b.test", other)
    #expect(try town.codes() == [])
    #expect(try town.codes("user_id:lee") == [])
  }

  @Test func `a claimed, a shared and a doubted identifier are signs too`() throws {
    let town = try Town()
    try town.say("user_id:ann phone:+79161234567", [("name", "Ann Lee")])
    try town.say("anonymous_id:a1 phone:+79161234567", [("name", "Ann Lee")], from: "page")
    try town.say("anonymous_id:a2 phone:+79161234567", [("name", "Bob Lee")], from: "page")
    let visitor = try town.id("anonymous_id:a1")
    #expect(try town.details() == ["\(visitor) has the same name and phone"])
    #expect(try town.codes("anonymous_id:a1") == ["likely_duplicate"])
    #expect(try town.codes("anonymous_id:a2") == [])
    // Two cards that met at a till, which together would be too many.
    try town.say("user_id:eve card:C1 email:eve@b.test", [("name", "Eve Poe")])
    try town.say("user_id:eva card:C2 email:eva@b.test", [("name", "Poe Eve")])
    #expect(try town.codes("user_id:eve") == [])
    try town.say("user_id:eve card:C2")
    #expect(try town.details("user_id:eve") == ["\(try town.id("user_id:eva")) has the same name and an open review"])
    #expect(try town.codes("user_id:eva") == ["likely_duplicate"])
    #expect(try town.findings() == [])
  }

  @Test func `of one name five are told, among the first twenty who share a number`() throws {
    let town = try Town()
    try town.say("user_id:ann phone:+79161234567", [("name", "Ann Lee")])
    for number in 1...LikelyDuplicates.mostTold + 1 {
      if number == LikelyDuplicates.mostTold + 1 {
        #expect(try town.details().count == LikelyDuplicates.mostTold)
      }
      try town.say("anonymous_id:n\(number) phone:+79161234567", [("name", "Ann Lee")], from: "page")
    }
    #expect(try town.details().count == LikelyDuplicates.mostTold)
    try town.say("user_id:bea email:bea@b.test", [("name", "Bea Lee")])
    for number in 1..<LikelyDuplicates.mostExamined {
      try town.say("anonymous_id:m\(number) email:bea@b.test", [("name", "No Body")], from: "page")
    }
    try town.say("anonymous_id:last email:bea@b.test", [("name", "Bea Lee")], from: "page")
    #expect(try town.details("user_id:bea").count == 1)
    try town.say("user_id:cid email:cid@b.test", [("name", "Cid Lee")])
    for number in 1...LikelyDuplicates.mostExamined {
      try town.say("anonymous_id:k\(number) email:cid@b.test", [("name", "No Body")], from: "page")
    }
    try town.say("anonymous_id:late email:cid@b.test", [("name", "Cid Lee")], from: "page")
    #expect(try town.details("user_id:cid") == [])
  }

  @Test func `ten numbers and addresses of one customer are asked for, not an eleventh`() throws {
    let town = try Town()
    let emails = (1...5).map { "email:e\($0)@b.test" }
    let phones = (1...5).map { "phone:+7916123456\($0)" }
    try town.say("user_id:ann " + (emails + phones).joined(separator: " "), [("name", "Ann Lee")])
    try town.say("anonymous_id:a \(phones[4])", [("name", "Ann Lee")], from: "page")
    #expect(try town.details().count == 1)
    // A claim comes after what is his own.
    let more = try Town()
    try more.say("user_id:ann " + (emails + phones).joined(separator: " "), [("name", "Ann Lee")])
    try more.say("user_id:ann email:claimed@b.test", from: "backend")
    try more.say("anonymous_id:a email:claimed@b.test", [("name", "Ann Lee")], from: "page")
    #expect(try more.details().isEmpty)
    #expect(LikelyDuplicates.mostValues == 10)
  }

  // MARK: Merges

  @Test func `a merge combines what is wrong without touching a row, and an undo parts it again`() throws {
    let town = try Town()
    let twin = [("name", "Ann Lee"), ("birthday", "1990-03-12")]
    try town.say("user_id:ann email:ann@b.test", twin + [("phone", "12")])
    try town.say("user_id:lee email:lee@b.test", twin)
    try town.mail("Email Bounced", "user_id:lee", to: "lee@b.test")
    let before = try town.rows()
    let told = (try town.codes(), try town.codes("user_id:lee"))
    #expect(told.0 == ["invalid_phone", "likely_duplicate"])
    #expect(told.1 == ["bounced_address", "likely_duplicate"])
    try town.merge("user_id:ann", "user_id:lee")
    #expect(try town.codes() == ["invalid_phone", "bounced_address"])
    #expect(try town.rows() == before)
    try town.mail("Email Opened", "user_id:ann", to: "lee@b.test")
    #expect(try town.codes() == ["invalid_phone"])
    try town.undo(town.merges("user_id:ann")[0])
    // Whom a person told apart is no duplicate; the mail that was opened stands with the other one.
    #expect(try town.codes() == ["invalid_phone"])
    #expect(try town.codes("user_id:lee") == ["bounced_address"])
    #expect(try town.rows() == before)
    #expect(try town.findings() == [])
  }

  @Test func `the past had its own defects`() throws {
    let town = try Town()
    try town.say("user_id:ann", [("phone", "12")])
    try town.mail("Email Bounced", "user_id:ann", to: "ann@b.test")
    let then = AsOf.Name.sequence(try town.lastSequence())
    let picture = try town.told("user_id:ann")
    #expect(picture.contains("invalid_phone") && picture.contains("no_contact"))
    try town.say("user_id:ann email:ann@b.test", [("phone", "+79161234567"), ("email", "ann@b.test")])
    #expect(try town.codes() == ["bounced_address"])
    let bounced = AsOf.Name.sequence(try town.lastSequence())
    try town.mail("Email Opened", "user_id:ann", to: "ann@b.test")
    #expect(try town.codes() == [])
    #expect(try town.told("user_id:ann", asOf: then) == picture)
    #expect(try town.told("user_id:ann", asOf: bounced).contains("bounced_address"))
    #expect(try !town.told("user_id:ann", asOf: .sequence(town.lastSequence())).contains("bounced_address"))
  }

  // MARK: Erasure and replay

  @Test func `of an erased person nothing is left but the counts of his sources`() throws {
    let town = try Town()
    let twin = [("name", "Ann Lee"), ("birthday", "1990-03-12")]
    try town.say("user_id:lee email:l@b.test", twin)
    try town.say("user_id:ann email:ann@b.test", twin + [("phone", "12")])
    try town.mail("Email Bounced", "user_id:ann", to: "ann@b.test")
    // What another event says of the erased one's address goes with him.
    try town.mail("Email Bounced", "user_id:lee email:ann@b.test", to: "ann@b.test")
    #expect(try town.rows(["quality_defect"]).count == 3)
    #expect(try town.codes("user_id:lee") == ["bounced_address", "likely_duplicate"])
    try town.erase("user_id:ann")
    #expect(try town.codes("user_id:lee") == [], "it was not his address that mail bounced at")
    #expect(try town.rows(["quality_defect"]).filter { $0.contains("ann@") } == [])
    #expect(try town.rows(["quality_twin"]).count == 1)
    #expect(try town.sources()["prover"]?.defects == ["invalid_phone": 1])
    for code in Quality.Code.allCases { #expect(try town.list(code) == []) }
    town.store.clock.advance(by: Quality.mostSilence + .seconds(10))
    #expect(try town.list(.stale) == [town.id("user_id:lee")], "the erased are on no list")
    #expect(try town.findings() == [])
  }

  @Test func `an export tells what was wrong`() throws {
    let town = try Town()
    try town.ann()
    try town.say("user_id:ann", [("phone", "12")])
    try town.mail("Email Bounced", "user_id:ann", to: "ann@b.test")
    let leader = try town.leader("user_id:ann")
    let export = try town.store.database.read { session in
      let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
      var writer = JSONWriter()
      try writer.object { try QualityFold().export(of: origins, to: &$0, in: session) }
      return try JSONDocument(writer.bytes).root
    }
    let told = export["quality"]?.elements.map { "\($0["code"]?.string ?? "") \($0["of"]?.string ?? "")" }
    #expect(told == ["invalid_phone prover", "bounced_address ann@b.test"])
  }

  @Test func `in twenty orders the same events give the same rows`() throws {
    let town = try Town()
    for number in 0..<40 {
      let who = "user_id:u\(number % 3)"
      switch number % 5 {
      case 0: try town.say(who, [("phone", number % 2 == 0 ? "12" : "+79161234567")], at: start)
      case 1: try town.mail("Email Bounced", who, to: "e\(number % 2)@b.test", at: start + .seconds(number % 4))
      case 2: try town.say(who, [("name", "Ann Lee \(number % 4)")], at: start + .seconds(number % 3))
      case 3: try town.say(who, [("birthday", "1990-03-1\(number % 2)")], from: "backend", at: start)
      default: try town.say(who, [("postalCode", "10\(number % 3)"), ("firstName", "Ann"), ("lastName", "Poe")])
      }
    }
    let expected = try town.rows()
    #expect(expected.count > 6)
    let entries = try town.log()
    var chance = SplitMix64(seed: 3)
    for _ in 1...20 {
      let aside = TemporaryDirectory()
      let other = try Database(
        engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20), migrations: Schema.migrations)
      defer { other.close() }
      let shuffled = entries.shuffled(using: &chance)
      let rows = try other.write { session in
        for entry in shuffled {
          for fold in [QualityFold(), TraitFold(), SourceQualityFold()] as [any Fold] {
            try fold.apply(entry, in: session)
          }
        }
        return try Town.rows(in: session)
      }
      #expect(rows == expected)
    }
  }

  @Test func `an event without a defect writes no row of these`() throws {
    let town = try Town()
    try town.ann()
    try town.say("user_id:ann", [("name", "Ann Lee"), ("birthday", "1990-03-12")])
    let entry = try #require(try town.log().last)
    let writes = try town.store.database.write { session in
      let counting = CountingSession(session)
      try QualityFold().apply(entry, in: counting)
      try SourceQualityFold().apply(entry, in: counting)
      return counting.statements
    }
    #expect(writes == 1, "it reads what is known of the name")
  }

  // MARK: The list and the sources

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
