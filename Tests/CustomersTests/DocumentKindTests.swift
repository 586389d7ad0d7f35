import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func parsed(_ text: String) throws -> JSON { try JSONDocument(Array(text.utf8)).root }

private func identifier(_ type: IdentifierType, _ value: String) throws -> Identifier {
  try #require(Identifier(type, value), "\(value)")
}

// MARK: Limits

@Test func `the usual limits hold for what a document does not name`() throws {
  let usual = IdentifierLimits()
  let counts: [(IdentifierType, Int64)] = [
    (.userID, 1), (.card, 1), (.email, 5), (.phone, 5), (.telegram, 5), (.whatsApp, 5), (.viber, 5), (.device, 20),
    (.anonymousID, 1000),
  ]
  #expect(counts.map { $0.0 } == IdentifierType.all)
  for (type, count) in counts { #expect(usual[type] == count, "\(type.name)") }
  #expect(try IdentifierLimits(document: parsed("{}")) == usual)
  let fewer = try IdentifierLimits(document: parsed(#"{"email": 1, "device": 10000}"#))
  #expect(fewer[.email] == 1 && fewer[.device] == 10_000 && fewer[.phone] == 5)
  #expect(try IdentifierLimits(document: JSONDocument(fewer.document).root) == fewer)
}

@Test(arguments: [
  ("[]", [""]), (#"{"email": 0}"#, ["/email"]), (#"{"email": 10001}"#, ["/email"]), (#"{"email": "5"}"#, ["/email"]),
  (#"{"email": 1.0, "shoe": 1, "card": -1}"#, ["/email", "/shoe", "/card"]),
])
func `a document that is no limits is refused with every field at fault`(text: String, pointers: [String]) {
  let failure = #expect(throws: Failure.self) { _ = try IdentifierLimits(document: parsed(text)) }
  #expect(failure?.code == .invalid && failure?.faults.map { $0.pointer } == pointers)
}

// MARK: Blocked values

@Test func `a document's values identify nobody, in any spelling`() throws {
  let text = #"{"user_id": [" House "], "email": ["Team@", "a@b.test"], "phone": ["+1 201 555 0123", "+12015550123"]}"#
  let values = try BlockedValues(document: parsed(text))
  #expect(try values.contains(identifier(.userID, "house")) && !values.contains(identifier(.userID, "null")))
  #expect(
    try values.contains(identifier(.email, "team@any.test")) && values.contains(identifier(.email, "A@b.test")))
  #expect(try !values.contains(identifier(.email, "noreply@b.test")))
  #expect(try values.contains(identifier(.phone, "+12015550123")) && !values.contains(identifier(.card, "0000")))
  let kept = try parsed(String(decoding: values.document, as: UTF8.self))
  #expect(kept["phone"]?.count == 1 && kept["email"]?.elements.map { $0.string } == ["team@", "a@b.test"])
  #expect(try BlockedValues(document: kept) == values)
}

@Test(arguments: [
  ("7", [""]), (#"{"shoe": []}"#, ["/shoe"]), (#"{"email": "x"}"#, ["/email"]),
  (#"{"email": ["x", "@", "a@"], "phone": [7]}"#, ["/email/0", "/email/1", "/phone/0"]),
])
func `a document that is no blocked values is refused with every field at fault`(text: String, pointers: [String]) {
  let failure = #expect(throws: Failure.self) { _ = try BlockedValues(document: parsed(text)) }
  #expect(failure?.code == .invalid && failure?.faults.map { $0.pointer } == pointers)
}

@Test func `a list of blocked values has at most a thousand`() throws {
  func list(_ count: Int) throws -> JSON {
    try parsed(#"{"user_id": ["# + (0..<count).map { "\"v\($0)\"" }.joined(separator: ",") + "]}")
  }
  #expect(throws: Never.self) { try BlockedValues(document: list(1000)) }
  #expect(throws: Failure.self) { try BlockedValues(document: list(1001)) }
}

// MARK: Storing

private func put(_ store: TestStore, _ kind: DocumentKind, _ text: String) throws -> DocumentStore.Change {
  let draft = try kind.draft(parsed(text))
  let now = store.clock.now
  return try store.database.write { [intake = store.intake] session in
    try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
  }
}

@Test func `what says the same makes no new version, and what decides reads the newest`() throws {
  let store = try TestStore()
  #expect(try store.database.read { try IdentifierLimits(in: $0) } == IdentifierLimits())
  guard case .created(let first) = try put(store, .limits, #"{"email": 3}"#) else { return #expect(Bool(false)) }
  guard case .unchanged(let same) = try put(store, .limits, #"{ "email":3, "card": 1 }"#) else {
    return #expect(Bool(false))
  }
  #expect(first.version == 1 && same.version == 1 && same.sequence == first.sequence)
  guard case .changed(let second, let from) = try put(store, .limits, #"{"email": 4}"#) else {
    return #expect(Bool(false))
  }
  #expect(second.version == 2 && from.version == 1 && second.sequence == first.sequence + 1)
  #expect(try store.database.read { try IdentifierLimits(in: $0) }[.email] == 4)
  _ = try put(store, .blockedValues, #"{"user_id": ["x"]}"#)
  let values = try store.database.read { try BlockedValues(in: $0) }
  #expect(try values.contains(identifier(.userID, "x")) && !values.contains(identifier(.userID, "null")))
  let versions = try store.database.read {
    try DocumentStore.versions("limits", DocumentKind.onlyID, below: .max, limit: 9, in: $0)
  }
  #expect(versions.map { $0.document.version } == [2, 1] && versions.allSatisfy { $0.author == "test" })
  #expect(try store.verify() + store.replay() == [])
}

@Test func `a set of documents is stored together or not at all`() throws {
  let store = try TestStore()
  let now = store.clock.now
  let set = try DocumentSet(
    parsed(#"{"source": [{"name": "a", "channel": "web"}], "limits": {"email": 2}}"#), kinds: DocumentKind.groundFloor)
  let failure = #expect(throws: Failure.self) {
    try store.database.write { [intake = store.intake] session in
      _ = try set.store(author: "test", at: now, through: intake, in: session)
      throw Failure(.internal, "the last of them fails")
    }
  }
  #expect(failure?.code == .internal)
  #expect(try store.database.read { try set.preview(in: $0) }.map { $0.effect } == [.created, .created])
  _ = try store.database.write { [intake = store.intake] session in
    try set.store(author: "test", at: now, through: intake, in: session)
  }
  #expect(try store.database.read { try set.preview(in: $0) }.map { $0.effect } == [.unchanged, .unchanged])
  #expect(try store.verify() + store.replay() == [])
}

@Test func `a set has at most ten thousand documents`() throws {
  func set(_ count: Int) throws -> DocumentSet {
    let sources = (0..<count).map { #"{"name":"s\#($0)","channel":"web"}"# }.joined(separator: ",")
    return try DocumentSet(parsed(#"{"source":[\#(sources)]}"#), kinds: DocumentKind.groundFloor)
  }
  #expect(throws: Never.self) { try set(DocumentSet.most) }
  #expect(throws: Failure.self) { try set(DocumentSet.most + 1) }
}

@Test func `a document goes only under its own name`() throws {
  let body = try parsed(#"{"name": "a", "channel": "web"}"#)
  #expect(try DocumentKind.source.draft(body, id: "a").id == "a")
  let failure = #expect(throws: Failure.self) { _ = try DocumentKind.source.draft(body, id: "b") }
  #expect(failure?.faults.first?.pointer == "/name")
  #expect(Set(DocumentKind.groundFloor.map { $0.name }).count == DocumentKind.groundFloor.count)
  for kind in DocumentKind.groundFloor where kind.isSingle {
    #expect(try kind.draft(parsed("{}"), id: DocumentKind.onlyID).body.bytes == kind.defaults, "\(kind.name)")
  }
}
