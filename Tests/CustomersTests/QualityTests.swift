import Base
import SQL
import TestKit
import Testing

@testable import Customers

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
}
