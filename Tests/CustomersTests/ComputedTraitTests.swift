import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Stores the definition of a computed trait.
  func define(_ document: String) throws {
    let draft = try DocumentKind.computedTrait.draft(JSONDocument(Array(document.utf8)).root)
    let now = store.clock.now
    _ = try store.database.write { [intake = store.intake] session in
      try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    }
  }

  /// Lets the cells follow the log to its end.
  func follow() throws {
    while try store.database.write({ try ComputedStore.step(in: $0) }) {}
    #expect(try !store.database.read { try ComputedStore.isBehind(in: $0) })
  }

  /// An event of somebody's, so many hours before the clock's time.
  func happens(
    _ body: String, _ name: String = "Order Completed", who: String = "user_id:u1", hoursAgo: Double = 0,
    id: String? = nil, from source: String = "backend", kind: Event.Kind = .track, envelope: String? = nil
  ) throws {
    let now = store.clock.now
    let at = Instant(milliseconds: now.milliseconds - Int64(hoursAgo * 3_600_000))
    var event = Town.event(
      id ?? store.tokens.next("msg_"), who, at: at, receivedAt: now, kind: kind, name: name)
    event.body = Array(body.utf8)
    event.envelope = envelope.map { Array($0.utf8) }
    try store.send([event], from: source)
  }

  /// What is computed of a customer, for example `orders 3`.
  func computed(_ name: String = "user_id:u1") throws -> [String] {
    let (leader, now) = (try leader(name), store.clock.now)
    return try store.database.read { session in
      try ComputedTraits(ofCustomer: leader, now: now, in: session).values.map {
        "\($0.name) \(String(decoding: $0.value, as: UTF8.self))"
      }
    }
  }
}

private let definitions = [
  #"{"name": "n", "function": "count", "event": "Order Completed"}"#,
  #"{"name": "n2", "function": "count", "event": "Order Completed", "days": 2}"#,
  #"{"name": "sum", "function": "sum", "event": "Order Completed", "property": "/properties/total"}"#,
  #"{"name": "sum2", "function": "sum", "event": "Order Completed", "property": "/properties/total", "days": 2}"#,
  #"{"name": "last", "function": "last", "event": "Order Completed", "property": "/properties/total"}"#,
  #"{"name": "first", "function": "first", "event": "Order Completed", "property": "/properties/total"}"#,
  #"{"name": "first2", "function": "first", "event": "Order Completed", "property": "/properties/total", "days": 2}"#,
  #"{"name": "often", "function": "most_frequent", "property": "/properties/products/*/sku"}"#,
  #"{"name": "often2", "function": "most_frequent", "property": "/properties/products/*/sku", "days": 2}"#,
]

private func order(_ total: String, _ skus: String...) -> String {
  let products = skus.map { #"{"sku": "\#($0)"}"# }.joined(separator: ",")
  return #"{"properties": {"total": \#(total), "products": [\#(products)]}}"#
}

/// When the cells are made, which changes nothing of what is read.
enum Following: CaseIterable {
  case never, before, between, after, newVersion
}

@Test(arguments: Following.allCases)
func `what is computed is exact, however far the cells have come`(following: Following) throws {
  let town = try Town()
  if following == .before { for definition in definitions { try town.define(definition) } }
  if following == .before { try town.follow() }
  try town.happens(order("10.5", "a", "a", "b"), hoursAgo: 100)
  try town.happens(order("0.000001", "b"), hoursAgo: 48)
  if following == .newVersion {
    for definition in definitions {
      try town.define(#"{"name": "n", "function": "count"}"#); try town.define(definition)
    }
  }
  if following == .between || following == .newVersion { for definition in definitions { try town.define(definition) } }
  if following == .between || following == .newVersion { try town.follow() }
  // A late one: what happened before is told after.
  try town.happens(order("2", "b", "c"), hoursAgo: 47.99)
  try town.happens(order("-1.25", "c", "c"), hoursAgo: 1)
  try town.happens(#"{"properties": {}}"#, hoursAgo: 1)
  try town.happens(order("100", "x", "x", "x", "x"), who: "user_id:u2")
  try town.happens(order("100"), "Order Cancelled")
  if following == .never || following == .after { for definition in definitions { try town.define(definition) } }
  if following == .after { try town.follow() }
  let expected = [
    "first 10.5", "first2 2", "last -1.25", "n 5", "n2 3", #"often "c""#, #"often2 "c""#, "sum 11.250001", "sum2 0.75",
  ]
  #expect(try town.computed() == expected)
  if following == .never { try town.follow() }
  #expect(try town.computed() == expected)
  // Time passes, and nothing else.
  town.store.clock.advance(by: .seconds(3600 * 24))
  #expect(try town.computed().filter { $0.contains("2 ") } == ["first2 -1.25", "n2 2", #"often2 "c""#, "sum2 -1.25"])
  town.store.clock.advance(by: .seconds(3600 * 24))
  #expect(try town.computed().filter { $0.contains("2 ") } == ["n2 0", "sum2 0"])
  #expect(try town.computed("user_id:u2").contains("sum 100"))
  #expect(try town.findings() == [])
}

@Test(arguments: [false, true])
func `of one moment the greater source and message come last, whichever came first`(follows: Bool) throws {
  let town = try Town()
  for name in ["last", "first"] {
    try town.define(#"{"name": "\#(name)", "function": "\#(name)", "property": "/properties/v"}"#)
  }
  for (id, source, value) in [("b", "till", "3"), ("a", "till", "2"), ("z", "backend", "1")] {
    try town.happens(#"{"properties": {"v": \#(value)}}"#, hoursAgo: 1, id: id, from: source)
    if follows { try town.follow() }
  }
  #expect(try town.computed() == ["first 1", "last 3"])
  #expect(try town.findings() == [])
}

@Test(arguments: [false, true])
func `a visitor's first touch goes with him, and an undo leaves it with its side`(follows: Bool) throws {
  let town = try Town()
  try town.define(
    #"{"name": "touch", "function": "first", "type": "page", "property": "/context/campaign/source"}"#)
  try town.happens(
    #"{"name": "Home"}"#, "Home", who: "anonymous_id:a1", hoursAgo: 2, from: "page", kind: .page,
    envelope: #"{"context": {"campaign": {"source": "ad"}}}"#)
  try town.happens(
    #"{"context": {"campaign": {"source": "mail"}}}"#, "Home", who: "user_id:u1", hoursAgo: 1, kind: .page)
  if follows { try town.follow() }
  #expect(try town.computed() == [#"touch "mail""#])
  #expect(try town.computed("anonymous_id:a1") == [#"touch "ad""#])
  try town.send("user_id:u1 anonymous_id:a1", from: "backend")
  #expect(try town.computed() == [#"touch "ad""#])
  try town.say(.removed, "anonymous_id:a1", of: "user_id:u1")
  #expect(try town.computed() == [#"touch "mail""#])
  #expect(try town.findings() == [])
}

@Test func `a definition that is changed or put aside leaves nothing behind`() throws {
  let town = try Town()
  try town.define(#"{"name": "n", "function": "count"}"#)
  try town.happens("{}")
  try town.follow()
  try town.define(#"{"name": "n", "function": "count", "event": "Other"}"#)
  #expect(try town.computed() == ["n 0"])
  try town.follow()
  #expect(try town.computed() == ["n 0"])
  try town.define(#"{"name": "n", "function": "count", "active": false}"#)
  try town.follow()
  #expect(try town.computed() == [])
  let left = try town.store.database.read { session in
    var left: Int64 = 0
    for table in ["computed_cell", "computed_progress"] {
      try session.forEachRow(ofText: "SELECT count(*) FROM \(table)", []) { row in
        left += row.integer(0)
        return true
      }
    }
    return left
  }
  #expect(left == 0)
}

@Test func `a profile shows what is computed before what was said, as it was then too`() throws {
  let town = try Town()
  try town.report("user_id:u1", [("n", "many"), ("name", "Ann")])
  try town.define(#"{"name": "n", "function": "count"}"#)
  try town.happens("{}")
  let then = try town.log().last?.sequence ?? 0
  try town.happens("{}")
  #expect(try town.traits("user_id:u1") == [#"n 2 computed lost "many" backend"#, #"name "Ann" backend"#])
  #expect(throws: Failure.self) { try town.edit("user_id:u1", #"{"n": 7}"#) }
  #expect(try town.recalled(then)["n"]?["value"]?.integer == 1)
  #expect(try town.recalled(then - 2)["n"]?["value"]?.string == "many")
}

extension Town {
  /// The traits of the profile as it was at that place of the log.
  fileprivate func recalled(_ sequence: Int64) throws -> JSON {
    let (folds, migrations, now) = (store.intake.folds, store.database.migrations, store.clock.now)
    let profile = try store.database.read { session in
      let moment = try AsOf(.sequence(sequence), now: now, in: session)
      let name = CustomerName.identifier(Identifier(recorded: .userID, "u1"))
      return try Past.recall(name, .everything, asOf: moment, folds: folds, migrations: migrations, in: session) {
        lookup, past in
        guard case .customer(let leader) = lookup else { throw Failure(.notFound, "nobody") }
        return try past.profile(of: leader)
      }
    }
    return try #require(JSONDocument(profile).root["traits"])
  }
}

@Test func `an erased customer leaves no value, and the others theirs`() throws {
  let town = try Town()
  try town.define(#"{"name": "n", "function": "count"}"#)
  try town.define(#"{"name": "said", "function": "last", "property": "/said"}"#)
  try town.happens(#"{"said": "a secret"}"#)
  try town.happens(#"{"said": "hello"}"#, who: "user_id:u2")
  try town.follow()
  try town.erase("user_id:u1")
  #expect(try town.computed("user_id:u2") == ["n 1", #"said "hello""#])
  #expect(try !town.dump().contains("a secret"))
  #expect(try town.findings() == [])
  try town.follow()
  #expect(try town.findings() == [])
}

private func text(_ count: Int) -> String { String(repeating: "n", count: count) }

@Test(arguments: [
  (#"{"name": "a", "function": "count"}"#, []), (#"{"name": "\#(text(100))", "function": "count"}"#, []),
  (#"{"name": "\#(text(101))", "function": "count"}"#, ["/name"]), ("[]", [""]),
  (#"{"name": "a", "function": "mean", "x": 1}"#, ["/x", "/function"]),
  (#"{"name": "a", "function": "sum"}"#, ["/property"]),
  (#"{"name": "a", "function": "count", "property": "/a"}"#, ["/property"]),
  (#"{"name": "a", "function": "sum", "property": "a"}"#, ["/property"]),
  (#"{"name": "a", "function": "sum", "property": "/\#(text(199))"}"#, []),
  (#"{"name": "a", "function": "sum", "property": "/\#(text(200))"}"#, ["/property"]),
  (#"{"name": "a", "function": "count", "event": "\#(text(200))"}"#, []),
  (#"{"name": "a", "function": "count", "event": "\#(text(201))"}"#, ["/event"]),
  (#"{"name": "a", "function": "count", "type": "consent"}"#, ["/type"]),
  (#"{"name": "a", "function": "count", "days": 3650}"#, []),
  (#"{"name": "a", "function": "count", "days": 3651}"#, ["/days"]),
  (#"{"name": "a", "function": "count", "days": 0, "active": 1}"#, ["/days", "/active"]),
])
func `a definition's faults are named`(document: String, pointers: [String]) throws {
  do {
    let trait = try ComputedTrait(document: JSONDocument(Array(document.utf8)).root)
    #expect(pointers == [])
    #expect(try ComputedTrait(document: JSONDocument(trait.document).root).document == trait.document)
  } catch let failure as Failure {
    #expect(failure.faults.map { $0.pointer } == pointers)
  }
}

@Test func `there are at most fifty definitions`() throws {
  let town = try Town()
  for number in 0..<50 { try town.define(#"{"name": "n\#(number)", "function": "count"}"#) }
  #expect(throws: Failure.self) { try town.define(#"{"name": "n50", "function": "count"}"#) }
  try town.define(#"{"name": "n49", "function": "count", "days": 1}"#)
}

@Test(arguments: [
  ("0", "0"), ("-0", "0"), ("12.5", "12.5"), ("-0.000001", "-0.000001"), ("999999999999.999999", "999999999999.999999"),
  ("1000000000000", nil), ("0.0000001", nil), ("1e3", nil), ("007", "7"),
])
func `numbers are added to the millionth`(literal: String, sum: String?) {
  #expect(ComputedCell.amount(literal).map { String(decoding: ComputedCell.literal($0), as: UTF8.self) } == sum)
}

@Test(arguments: [(0, 0), (86_399_999, 0), (86_400_000, 1), (-1, -1), (-86_400_000, -1), (-86_400_001, -2)])
func `a day is one of Universal Time, also before 1970`(at: Int64, day: Int64) {
  #expect(ComputedCell.day(of: at) == day)
}

@Test(arguments: [(100, "100"), (101, "100")])
func `of one event's values the first hundred count, and long ones do not`(count: Int, sum: String) throws {
  let town = try Town()
  try town.define(#"{"name": "sum", "function": "sum", "property": "/v/*"}"#)
  try town.define(#"{"name": "last", "function": "last", "property": "/w"}"#)
  try town.happens(#"{"v": [\#(Array(repeating: "1", count: count).joined(separator: ","))], "w": "\#(text(254))"}"#)
  try town.happens(#"{"w": "\#(text(255))"}"#)
  #expect(try town.computed() == [#"last "\#(text(254))""#, "sum \(sum)"])
}

@Test func `names are told apart by their bytes, in the cells as in the log`() throws {
  let town = try Town()
  let names = ["Caf\u{e9}", "Cafe\u{301}"]
  for name in names { try town.define(#"{"name": "\#(name)", "function": "count", "event": "\#(name)"}"#) }
  try town.define(#"{"name": "\#(names[0])", "function": "count", "event": "\#(names[0])", "active": true, "days": 9}"#)
  try town.define(#"{"name": "often", "function": "most_frequent", "property": "/v"}"#)
  for (index, name) in names.enumerated() {
    for _ in 0...index { try town.happens(#"{"v": "\#(name)"}"#, name) }
  }
  let told = ["\(names[1]) 2", "\(names[0]) 1", #"often "\#(names[1])""#].map { Array($0.utf8) }
  #expect(try town.computed().map { Array($0.utf8) } == told)
  try town.follow()
  #expect(try town.computed().map { Array($0.utf8) } == told)
  #expect(try town.findings() == [])
}

@Test func `cells of a definition that was replaced are no finding while they are taken away, nor after an erasure`()
  throws
{
  let town = try Town()
  for number in 0...Int(ComputedStore.mostForgotten) {
    try town.happens(order("7", "kettle"), who: "user_id:x\(number)")
  }
  try town.define(definitions[4])
  try town.follow()
  try town.define(definitions[4].replacing("\"}", with: "\", \"days\": 3}"))
  try town.erase("user_id:x7")
  #expect(try town.store.verify() == [])
  #expect(try town.store.database.write { try ComputedStore.step(in: $0) })
  #expect(try town.store.verify() == [])
  try town.follow()
  #expect(try town.store.verify() == [])
}
