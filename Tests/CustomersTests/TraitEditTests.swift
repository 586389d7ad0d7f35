import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Edits traits as the API does.
  @discardableResult
  func edit(_ name: String, _ traits: String, id: String? = nil, author: String = "api:ann") throws -> Intake.Answer {
    let (leader, now) = (try leader(name), store.clock.now)
    let id = id ?? store.tokens.next("req_")
    let customer = try #require(CustomerName(name))
    return try store.database.write { [intake = store.intake] session in
      let edit = try TraitEdit(JSONDocument(Array(#"{"traits": \#(traits)}"#.utf8)).root)
      let event = try edit.event(ofCustomer: leader, messageID: id, now: now, in: session)
      let stand = try Lookup.stand(customer, ofCustomer: leader, in: session)
      return try intake.record(event, at: stand, author: author, in: session) {
        try edit.decide(&$0, in: session)
      }
    }
  }

  /// What a source tells of somebody, as it was at that second of the day.
  func report(
    _ who: String, _ traits: [(String, String)], from source: String = "backend", at second: Int64? = nil
  ) throws {
    let at = second.map { Instant(milliseconds: store.clock.now.milliseconds - 86_400_000 + $0 * 1000) }
    try store.send(
      [Town.event(store.tokens.next("msg_"), who, at: at, receivedAt: store.clock.now, traits: traits)], from: source)
  }

  /// The traits of a customer, for example `name "Ann" api:ann lost "Anna" backend`.
  func traits(_ name: String) throws -> [String] {
    let (leader, now) = (try leader(name), store.clock.now)
    let json = try store.database.read { try JSONDocument(Profile.traits(ofCustomer: leader, now: now, in: $0)).root }
    func told(_ value: JSON) -> String {
      "\(value["value"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? "?") \(value["source"]?.string ?? "?")"
    }
    return json["traits"]?.members.map { name, trait in
      ([name, told(trait)] + (trait["lost"]?.elements.map { "lost \(told($0))" } ?? [])).joined(separator: " ")
    } ?? []
  }
}

@Test func `an edit is newer than everything before, also within one millisecond`() throws {
  let town = try Town()
  try town.report("user_id:u1", [("name", "Ann"), ("city", "Riga")])
  try town.edit("user_id:u1", #"{"name": "Anna"}"#)
  #expect(try town.traits("user_id:u1") == [#"city "Riga" backend"#, #"name "Anna" api:ann lost "Ann" backend"#])
  try town.edit("user_id:u1", #"{"name": "Anne"}"#, author: "api:Zoe")
  try town.edit("user_id:u1", #"{"name": "Anni"}"#, author: "api:Bea")
  #expect(try town.traits("user_id:u1")[1].hasPrefix(#"name "Anni" api:Bea lost "Anne" api:Zoe lost "Anna" api:ann"#))
  town.store.clock.advance(by: .seconds(10))
  try town.report("user_id:u1", [("name", "Antonia")])
  #expect(try town.traits("user_id:u1")[1].hasPrefix(#"name "Antonia" backend lost "Anni" api:Bea"#))
  #expect(try town.findings() == [])
}

@Test func `null removes what was said before, and not what a source says later`() throws {
  let town = try Town()
  try town.report("user_id:u1", [("name", "Ann")])
  try town.report("user_id:u1", [("name", "Anna")], from: "till")
  try town.edit("user_id:u1", #"{"name": null, "size": {"shoe": [42]}}"#)
  #expect(try town.traits("user_id:u1") == [#"size {"shoe": [42]} api:ann"#])
  town.store.clock.advance(by: .seconds(10))
  try town.report("user_id:u1", [("name", "Antonia")])
  #expect(try town.traits("user_id:u1")[0] == #"name "Antonia" backend lost "Anna" till"#)
  #expect(try town.findings() == [])
}

@Test func `a source that has no value takes back its own, and nobody else's`() throws {
  let town = try Town()
  try town.report("user_id:u1", [("name", "Ann")], at: 1)
  try town.report("user_id:u1", [("name", "Anna")], from: "till", at: 2)
  let place = Event.TraitPlace(name: "name", parent: "/traits", member: "name")
  var event = Town.event("m", "user_id:u1", receivedAt: town.store.clock.now)
  event.body = Array(#"{"messageId": "m", "traits": {"name": null}}"#.utf8)
  event.traits = [.init(place, value: Array("null".utf8))]
  try town.store.send([event], from: "till")
  #expect(try town.traits("user_id:u1") == [#"name "Ann" backend"#])
  #expect(try town.findings() == [])
}

@Test func `a removed name is told no more, and is exported with what is kept of it`() throws {
  let town = try Town()
  try town.report("user_id:u1", [("name", "Griselda")])
  func name() throws -> String? {
    let json = try town.store.database.read { session in
      try CustomerSearch.json(of: SearchQuery("griselda"), after: nil, limit: 10, in: session).json
    }
    // What somebody said of him once still finds him.
    return try #require(JSONDocument(json).root["data"]?.elements.first { _ in true })["name"]?.string
  }
  #expect(try name() == "Griselda")
  try town.edit("user_id:u1", #"{"name": null}"#)
  #expect(try name() == nil)
  let origins = try town.origins()
  let export = try town.store.database.read { session in
    var writer = JSONWriter()
    try writer.object { try TraitFold().export(of: origins, to: &$0, in: session) }
    return try JSONDocument(writer.bytes).root
  }
  let trait = try #require(export["traits"]?["name"])
  #expect(trait["value"]?.isNull == true && trait["lost"]?.elements.first { _ in true }?["value"]?.string == "Griselda")
}

extension Town {
  fileprivate func origins() throws -> [Origin.Number] {
    let leader = try leader("user_id:u1")
    return try store.database.read { try OriginStore.origins(ofCustomer: leader, in: $0).map { $0.number } }
  }
}

@Test func `the same edit again counts once, and another one under its id is refused`() throws {
  let town = try Town()
  try town.report("user_id:u1", [("name", "Ann")])
  let first = try town.edit("user_id:u1", #"{"name": "Anna"}"#, id: "k")
  #expect(try town.edit("user_id:u1", #"{"name": "Anna"}"#, id: "k").sequence == first.sequence)
  #expect(try town.edit("user_id:u1", #"{"name": "Anne"}"#, id: "k").result == "conflict")
  #expect(try town.traits("user_id:u1")[0].hasPrefix(#"name "Anna""#))
}

private func long(_ count: Int) -> String { String(repeating: "n", count: count) }
private func many(_ count: Int) -> String {
  "{" + (0..<count).map { #""t\#($0)": 1"# }.joined(separator: ",") + "}"
}

@Test(arguments: [
  (#"{"a": 1}"#, nil), (#"{}"#, "/traits"), ("[]", "/traits"), ("null", "/traits"), (many(100), nil),
  (many(101), "/traits"), (#"{"\#(long(100))": 1}"#, nil), (#"{"\#(long(101))": 1}"#, "/traits/\(long(101))"),
  (#"{"": 1}"#, "/traits/"), (#"{"a\u0000": 1}"#, "/traits/a\0"),
  (#"{"a/b": "\#(long(4094))"}"#, nil), (#"{"a/b": "\#(long(4095))"}"#, "/traits/a~1b"),
])
func `an edit's bounds hold, and what is beyond is named`(traits: String, pointer: String?) throws {
  let body = try JSONDocument(Array(#"{"traits": \#(traits)}"#.utf8)).root
  do {
    _ = try TraitEdit(body)
    #expect(pointer == nil)
  } catch let failure as Failure {
    #expect(failure.faults.map { $0.pointer } == [pointer])
    #expect(failure.code == (traits == many(101) ? .tooLarge : .invalid))
  }
}

@Test func `an edit has nothing beside its traits`() throws {
  let body = try JSONDocument(Array(#"{"traits": {"a": 1}, "x": 1}"#.utf8)).root
  #expect { try TraitEdit(body) } throws: { ($0 as? Failure)?.faults.map { $0.pointer } == ["/x"] }
}
