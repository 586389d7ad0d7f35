import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func source(_ text: String) throws -> Source { try Source(document: JSONDocument(Array(text.utf8)).root) }

@Test func `a document has versions, and what decides reads the newest`() throws {
  let store = try TestStore()
  var shop = try Source(name: "shop", channel: "web", trust: .verified)
  try store.add(shop)
  shop.proves = []
  shop.tiesAnonymousID = false
  shop.eventsPerSecond = 7
  try store.add(shop)
  let found = try store.database.read { try DocumentFold.source("shop", in: $0) }
  shop.version = 2
  #expect(found == shop)
  #expect(try store.database.read { try DocumentFold.sources(in: $0) } == [shop])
  // It proves nothing any more, and the event says by which version.
  let now = store.clock.now
  try store.send([Town.event("m1", "user_id:u1", receivedAt: now)], from: "shop")
  let outcome = try store.database.read { try EventLog.entry(3, in: $0)?.outcome }
  #expect(outcome?.sourceVersion == 2 && outcome?.rulings.map { $0.became } == [.claimed])
  #expect(try store.verify() + store.replay() == [])
}

@Test func `a document that is there already is not created again`() throws {
  let store = try TestStore()
  let shop = try Source(name: "shop", channel: "web", trust: .verified)
  try store.add(shop)
  let failure = #expect(throws: Failure.self) {
    _ = try store.database.write { [intake = store.intake] session in
      try intake.store(
        kind: "source", id: "shop", body: shop.document, author: "test", at: Instant(milliseconds: 0), create: true,
        in: session)
    }
  }
  #expect(failure?.code == .conflict)
}

@Test func `the directory of sources follows the documents`() throws {
  let store = try TestStore()
  let directory = try store.database.read { try SourceDirectory(in: $0) }
  #expect(directory.find("shop") == nil)
  try store.add(Source(name: "shop", channel: "web", trust: .verified))
  try store.database.read { try directory.refresh(in: $0) }
  #expect(directory.find("shop")?.version == 1)
}

@Test(arguments: [
  (
    #"{"name":"web-shop","channel":"web"}"#,
    #"{"name":"web-shop","channel":"web","trust":"anonymous","proves":[],"tiesAnonymousId":false}"#
  ),
  (
    #"{"name":"a","channel":"web","trust":"verified"}"#,
    #"{"name":"a","channel":"web","trust":"verified","proves":["user_id"],"tiesAnonymousId":true}"#
  ),
  (
    #"{"name":"a","channel":"store","trust":"verified","eventsPerSecond":1}"#,
    #"{"name":"a","channel":"store","trust":"verified","proves":["user_id","card"],"tiesAnonymousId":false,"eventsPerSecond":1}"#
  ),
  (
    #"{"name":"a","channel":"phone","trust":"verified","proves":["phone","email","phone"],"tiesAnonymousId":true,"eventsPerSecond":null}"#,
    #"{"name":"a","channel":"phone","trust":"verified","proves":["email","phone"],"tiesAnonymousId":true}"#
  ),
  (
    #"{"name":"a","channel":"web","country":"ru"}"#,
    #"{"name":"a","channel":"web","trust":"anonymous","proves":[],"tiesAnonymousId":false,"country":"RU"}"#
  ),
  (
    #"{"name":"a","channel":"web","country":null}"#,
    #"{"name":"a","channel":"web","trust":"anonymous","proves":[],"tiesAnonymousId":false}"#
  ),
  (
    #"{"name":"a","channel":"chat","trust":"verified"}"#,
    #"{"name":"a","channel":"chat","trust":"verified","proves":["user_id","telegram","whatsapp","viber"],"tiesAnonymousId":false}"#
  ),
])
func `a source is what its document says, and the rest follows from channel and trust`(text: String, document: String)
  throws
{
  #expect(String(decoding: try source(text).document, as: UTF8.self) == document)
  #expect(String(decoding: try source(document).document, as: UTF8.self) == document)
}

@Test(
  arguments: [
    ("[]", ""), ("{}", "/name"), (#"{"name":"a"}"#, "/channel"), (#"{"name":1,"channel":"web"}"#, "/name"),
    (#"{"name":"","channel":"web"}"#, "/name"), (#"{"name":"Shop","channel":"web"}"#, "/name"),
    (#"{"name":"a b","channel":"web"}"#, "/name"), (#"{"name":"é","channel":"web"}"#, "/name"),
    (#"{"name":"a/b","channel":"web"}"#, "/name"),
    (#"{"name":"a\#(String(repeating: "a", count: 64))","channel":"web"}"#, "/name"),
    (#"{"name":"a","channel":"fax"}"#, "/channel"),
    (#"{"name":"a","channel":"web","trust":"some"}"#, "/trust"),
    (#"{"name":"a","channel":"web","trust":null}"#, "/trust"),
    (#"{"name":"a","channel":"web","proves":["user_id"]}"#, "/trust"),
    (#"{"name":"a","channel":"web","tiesAnonymousId":true}"#, "/trust"),
    (#"{"name":"a","channel":"web","trust":"verified","proves":"user_id"}"#, "/proves"),
    (#"{"name":"a","channel":"web","trust":"verified","proves":["user_id","anonymous_id"]}"#, "/proves/1"),
    (#"{"name":"a","channel":"web","trust":"verified","proves":["name"]}"#, "/proves/0"),
    (#"{"name":"a","channel":"web","tiesAnonymousId":"yes"}"#, "/tiesAnonymousId"),
    (#"{"name":"a","channel":"web","eventsPerSecond":0}"#, "/eventsPerSecond"),
    (#"{"name":"a","channel":"web","eventsPerSecond":1.5}"#, "/eventsPerSecond"),
    (#"{"name":"a","channel":"web","country":"Russia"}"#, "/country"),
    (#"{"name":"a","channel":"web","country":"XX"}"#, "/country"),
    (#"{"name":"a","channel":"web","country":7}"#, "/country"),
    (#"{"name":"a","channel":"web","color":1}"#, "/color"),
  ] as [(String, String?)])
func `a document that is no source is refused with the field at fault`(text: String, pointer: String?) {
  let failure = #expect(throws: Failure.self) { _ = try source(text) }
  #expect(failure?.code == .invalid && failure?.faults.first?.pointer == pointer)
}

@Test func `a source's name has at most 64 characters`() throws {
  #expect(try Source(name: String(repeating: "a", count: 64), channel: "web", trust: .anonymous).name.count == 64)
}

// MARK: Keys

@Test func `a key is found by its text alone, and by no other`() throws {
  let store = try TestStore()
  let tokens = TokenSource(clock: store.clock, randomness: SystemRandomness())
  let keyring = try store.database.read { try Keyring(in: $0) }
  let now = store.clock.now
  let owner = Keyring.draft(role: .owner, source: nil, name: "Ann", tokens: tokens, now: now)
  let writer = Keyring.draft(role: .source, source: "shop", name: "shop", tokens: tokens, now: now)
  #expect(keyring.find(Array(owner.text.utf8), now: now) == nil)
  for draft in [owner, writer] {
    try store.database.write { try Keyring.store(draft, in: $0) }
    keyring.activate(draft)
  }
  let again = try store.database.read { try Keyring(in: $0) }
  for ring in [keyring, again] {
    #expect(ring.find(Array(owner.text.utf8), now: now)?.role == .owner)
    #expect(ring.find(Array(writer.text.utf8), now: now)?.source == "shop")
  }
  let text = writer.text
  let (id, secret, body) = (owner.text.dropFirst(3).prefix(26), text.suffix(43), text.dropFirst(2))
  let wrong: [String] = [
    "", "wk", "wk_", "wk__", "_", "tk\(body)", "Wk\(body)", "wk\(body.dropLast())", "\(text)x", " \(text)",
    text.uppercased(),
    "\(text.dropLast())\(text.hasSuffix("A") ? "B" : "A")", "tk_\(id)_", "wk_\(owner.text.dropFirst(3))",
    "tk_\(id)_\(secret)",
  ]
  for wrong in wrong { #expect(keyring.find(Array(wrong.utf8), now: now) == nil, "\(wrong)") }
  // The tables have no key, only its hash.
  let rows = try store.database.read { session in
    var rows: [String] = []
    try session.forEachRow(ofText: "SELECT id, hash, role, source, name FROM access_key", []) { row in
      rows.append((0..<row.count).map { "\(row.value($0))" }.joined())
      return true
    }
    return rows.joined()
  }
  #expect(!rows.contains(owner.text.suffix(43)) && !rows.contains(text.suffix(43)))
}

@Test func `a key ends at its time`() throws {
  let store = try TestStore()
  let now = store.clock.now
  let draft = Keyring.draft(role: .agent, source: nil, name: "Ann", tokens: store.tokens, now: now)
  try store.database.write { session in
    try Keyring.store(draft, in: session)
    try session.forEachRow(
      ofText: "UPDATE access_key SET expires_at = ?1", [.integer(now.milliseconds + 1000)]
    ) { _ in true }
  }
  let keyring = try store.database.read { try Keyring(in: $0) }
  #expect(keyring.find(Array(draft.text.utf8), now: now + .milliseconds(999)) != nil)
  #expect(keyring.find(Array(draft.text.utf8), now: now + .seconds(1)) == nil)
}

@Test func `the seed of an installation is made once`() throws {
  let directory = TemporaryDirectory()
  let first = try TestStore(directory)
  first.database.close()
  #expect(try TestStore(directory, chance: 99).seed == first.seed)
  #expect(first.seed.count == 16)
}
