import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// A store in which every table has rows: a known customer with a browser and a card, visitors who claim, two doors
/// that say different things, a document with two versions, consents by request and by event, a state that was written
/// twice and one that was deleted, a customer who has signed out, somebody who was erased, and old pages
/// of which a summary is left.
private func furnished() throws -> TemporaryDirectory {
  let town = try Town()
  let now = town.store.clock.now
  // The sources are the log's first five entries; these are 6 to 13, which the index of messages has.
  try town.send("anonymous_id:a1 email:e@1.test", from: "page")
  try town.send("user_id:u1 anonymous_id:a1", from: "backend")
  try town.send("user_id:u1 card:C1", from: "till")
  try town.send("anonymous_id:a2 email:e@2.test user_id:u1", from: "page")
  for (number, source) in ["backend", "till"].enumerated() {
    try town.store.send(
      [Town.event("t\(number)", "user_id:u1", receivedAt: now, traits: [("name", "Ann"), ("city", "Riga")])],
      from: source)
  }
  try town.store.send([Town.event("plain", "user_id:u1", receivedAt: now, kind: .track)], from: "backend")
  try town.store.send([Town.event("alone", "user_id:alone", receivedAt: now, kind: .track)], from: "backend")
  try MessageSweeper(database: town.store.database).sweep()
  try town.store.add(Source(name: "page", channel: "web", trust: .anonymous))
  try town.store.send(
    [
      Town.event(
        "order", "user_id:u1", receivedAt: now, kind: .track, name: "Order Completed",
        properties: [("order_id", "N-17")])
    ], from: "backend")
  try town.consent(
    "user_id:u1",
    #"""
    [{"purpose": "marketing", "channel": "email", "state": "withdrawn", "legalBasis": "consent", "textVersion": "7",
      "proof": {"form": "7"}}, {"purpose": "service", "state": "granted", "at": "2020-01-01T00:00:00Z"}]
    """#)
  try town.stamp("user_id:alone", ["analytics": false, "service": true], from: "backend")
  for body in [#"{"value": 1}"#, #"{"value": 2, "device": "phone", "expiresAt": "2026-06-01T00:00:00Z"}"#] {
    try town.save("user_id:u1", "film", body)
  }
  try town.save("user_id:u1", "form", #"{"value": {"a": 1}}"#)
  try town.save("user_id:u1", "form", nil)
  try town.send("user_id:gone", from: "backend")
  try town.erase("user_id:gone")
  try town.signOut("user_id:alone")
  try town.define(#"{"name": "orders", "function": "count", "event": "Order Completed"}"#)
  try town.define(
    #"{"name": "order", "function": "last", "event": "Order Completed", "property": "/properties/order_id"}"#)
  try town.follow()
  var wrong = Town.event(
    "wrong", "user_id:wrong", receivedAt: now,
    traits: [("phone", "12"), ("firstName", "Bob"), ("lastName", "Lee"), ("birthday", "1990-03-12")])
  wrong.unusable = ["phone"]
  let bounced = Town.event("bounced", "user_id:wrong", receivedAt: now, kind: .track, name: "Email Bounced")
  try town.store.send([wrong, bounced], from: "backend")
  try town.consent(
    "user_id:alone", #"[{"purpose": "news", "state": "granted", "expiresAt": "2027-01-01T00:00:00Z"}]"#)
  try town.set([Outcome.Timer(key: "round", kind: "round", due: now)])
  try town.define(#"{"name": "views", "function": "count", "type": "page"}"#)
  try town.retain(#"{"name": "pages", "type": "page", "days": 30}"#)
  for minute in 1...3 { try town.view("Home", hoursAgo: 960 + Double(minute) / 60) }
  try town.sumUp("pages")
  #expect(try town.findings() == [])
  town.store.database.close()
  return town.store.directory
}

private func folds(_ seed: [UInt8]) -> [any Fold] {
  [
    MessageFold(seed: seed), SearchFold(), QualityFold(), IdentityFold(), TraitFold(), DocumentFold(), ConsentFold(),
    ResumeStateFold(), TokenFold(), SourceQualityFold(), TimerFold(),
  ]
}

/// Changes rows behind the program's back.
private func damage(_ directory: TemporaryDirectory, _ script: String) throws {
  let session = try SQLiteEngine(path: directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: script)
  session.close()
}

@Test func `a furnished store has all that the damages below need`() throws {
  let store = try TestStore(furnished())
  let rows = try store.database.read { session in
    try [
      "event", "message", "origin", "tie", "claim", "trait", "document", "consent", "resume_state", "search_posting",
      "search_token", "search_variant", "search_part", "search_order", "token_end", "computed_cell",
      "computed_progress", "quality_defect", "quality_twin", "quality_source", "timer", "summed_event",
      "message_recent",
    ].map { table in
      var count: Int64 = 0
      try session.forEachRow(ofText: "SELECT count(*) FROM \(table)", []) { row in
        count = row.integer(0)
        return true
      }
      return count
    }
  }
  #expect(rows == [34, 14, 10, 2, 3, 8, 10, 9, 2, 4, 6, 4, 2, 1, 1, 3, 3, 2, 1, 1, 3, 3, 23])
}

@Test(arguments: [
  (
    "storage",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'envelope TEXT', 'envelope TEXT NOT NULL') WHERE name = 'event'"
  ),
  ("tables", "CREATE TABLE stray (id INTEGER)"), ("tables", "DROP TABLE access_key"),
  ("log", "UPDATE event SET body = '{' WHERE message_id = 'plain'"),
  ("log", "UPDATE event SET outcome = '{' WHERE message_id = 'plain'"),
  ("log", "UPDATE event SET origin = 1 WHERE message_id = 'plain'"),
  ("log", "UPDATE event SET origin = NULL WHERE message_id = 'plain'"),
  ("log", "UPDATE event SET at = received_at + 1 WHERE message_id = 'plain'"),
  ("log", "DELETE FROM message WHERE sequence = 12; DELETE FROM event WHERE sequence = 12"),
  ("messages", "DELETE FROM message WHERE sequence = 12"),
  ("messages", "DELETE FROM message_recent WHERE sequence = 20"),
  ("messages", "UPDATE message_recent SET sequence = 100 WHERE sequence = 20"),
  ("messages", "INSERT INTO message (key, sequence) SELECT key, 12 FROM message_recent WHERE sequence = 20"),
  ("messages", "UPDATE message SET sequence = 11 WHERE sequence = 12"),
  ("messages", "INSERT INTO message (key, sequence) VALUES (x'00', 12)"),
  ("messages", "UPDATE event SET message_id = 'other' WHERE message_id = 'plain'"),
  ("messages", "UPDATE event SET source = 'other' WHERE message_id = 'plain'"),
  ("messages", "UPDATE setting SET value = x'00'"),
  ("origins", "UPDATE origin SET value = 'other' WHERE value = 'a1'"),
  ("origins", "UPDATE origin SET public_id = 'cus_x' WHERE number = 1"),
  ("origins", "UPDATE origin SET sequence = sequence + 1 WHERE number = 1"),
  ("origins", "UPDATE origin SET source = 'x' WHERE number = 1"),
  ("origins", "UPDATE origin SET type = 'email' WHERE value = 'u1' AND standing = 0"),
  ("origins", "DELETE FROM origin WHERE value = 'alone'"),
  (
    "origins",
    "INSERT INTO origin SELECT 99, 'cus_x', type, 'x', standing, source, 0, 0, 99, sequence, NULL FROM origin WHERE number = 1"
  ),
  ("ties", "UPDATE tie SET rule = 'other' WHERE rule = 'login'"), ("ties", "UPDATE tie SET sequence = sequence + 1"),
  ("ties", "DELETE FROM claim WHERE tied = 0"), ("ties", "UPDATE claim SET sequence = sequence + 1"),
  ("ties", "INSERT INTO claim SELECT 7, 8, 0, 1"), ("ties", "UPDATE claim SET claimant = 8 WHERE tied = 0"),
  ("origins", "UPDATE origin SET generation = 1 WHERE value = 'a1'"),
  ("origins", "UPDATE origin SET named = 6 WHERE value = 'a1'"),
  ("acts", "UPDATE merge SET second = first"), ("acts", "UPDATE merge SET undone = 3"), ("acts", "DELETE FROM merge"),
  ("acts", "INSERT INTO separation VALUES (1, 2, 3)"), ("acts", "UPDATE origin SET shared = 1 WHERE number = 1"),
  ("acts", "INSERT INTO review VALUES ('rev_x', 1, 2, 'x', 1, 'open', 3, NULL)"),
  ("customers", "UPDATE origin SET customer = number WHERE value = 'C1'"),
  ("customers", "UPDATE origin SET customer = 1 WHERE value IN ('a1', 'u1', 'C1') AND standing = 0"),
  ("customers", "UPDATE origin SET customer = 8 WHERE value = 'e@2.test'"),
  (
    "public",
    #"UPDATE event SET origin = 1, outcome = replace(outcome, '"origin":' || origin, '"origin":1') WHERE sequence = 9"#
  ),
  (
    "public",
    #"UPDATE event SET origin = o, outcome = replace(outcome, '"origin":' || origin, '"origin":' || o) FROM (SELECT number AS o FROM origin WHERE value = 'u1' AND standing = 0) WHERE sequence = 9"#
  ),
  ("traits", "UPDATE trait SET value = '\"Eve\"' WHERE name = 'city' AND source = 'till'"),
  ("traits", "UPDATE trait SET at = at - 1 WHERE name = 'city'"),
  ("traits", "UPDATE trait SET message_id = 'x' WHERE name = 'city'"),
  ("traits", "DELETE FROM trait WHERE name = 'city' AND source = 'till'"),
  ("traits", "INSERT INTO trait SELECT 1, name, source, value, at, message_id FROM trait"),
  ("documents", "UPDATE document SET body = replace(body, 'store', 'phone') WHERE id = 'till'"),
  ("documents", "DELETE FROM document WHERE version = 2"),
  ("documents", "UPDATE document SET sequence = 6 WHERE id = 'till'"),
  ("search", "UPDATE search_posting SET count = 3 WHERE word = 'ann'"),
  ("search", "UPDATE search_posting SET origin = 1 WHERE word = 'ann'"),
  ("search", "DELETE FROM search_posting WHERE word = 'riga'"),
  ("search", "INSERT INTO search_posting (word, origin, count) VALUES ('eve', 1, 1)"),
  ("search", "DELETE FROM search_token WHERE word = 'riga'"),
  ("search", "UPDATE search_token SET key = 'rigo' WHERE key = 'riga'"),
  ("search", "INSERT INTO search_token (key, word) VALUES ('eve', 'eve')"),
  ("search", "DELETE FROM search_variant WHERE key = 'iga'"),
  ("search", "UPDATE search_variant SET key = 'igo' WHERE key = 'iga'"),
  ("search", "DELETE FROM search_part WHERE origin = 2"),
  ("search", "UPDATE search_part SET text = 'x' WHERE origin = 2"),
  ("search", "INSERT INTO search_part (text, origin) VALUES ('x', 1)"),
  ("search", "DELETE FROM search_order"), ("search", "UPDATE search_order SET number = 'N-18'"),
  ("search", "INSERT INTO search_order (number, origin) VALUES ('N-17', 1)"),
  ("documents", "INSERT INTO document SELECT kind, 'more', version, body, sequence FROM document WHERE version = 2"),
  ("consents", "UPDATE consent SET state = 'granted' WHERE channel = 'email' AND origin <> stand"),
  ("consents", "UPDATE consent SET state = 'granted' WHERE purpose = 'analytics'"),
  ("consents", "UPDATE consent SET stand = 1 WHERE purpose = 'service'"),
  ("consents", "UPDATE consent SET at = at + 1 WHERE purpose = 'service'"),
  ("consents", "UPDATE consent SET legal_basis = 'contract' WHERE channel = 'email'"),
  ("consents", "UPDATE consent SET text_version = '8' WHERE channel = 'email'"),
  ("consents", "UPDATE consent SET proof = NULL WHERE channel = 'email'"),
  ("consents", "UPDATE consent SET sequence = 1 WHERE channel = 'email'"),
  ("consents", "DELETE FROM consent WHERE channel = 'email' AND origin <> stand"),
  ("consents", "UPDATE consent SET origin = 99 WHERE purpose = 'analytics'"),
  (
    "consents",
    "INSERT INTO consent SELECT origin, 'more', channel, at, source, message_id, state, stand, legal_basis, text_version, proof, sequence, expires_at FROM consent WHERE purpose = 'analytics'"
  ),
  (
    "consents",
    #"UPDATE event SET outcome = replace(outcome, '"covers":[', '"covers":[99,') WHERE kind = 'consent'"#
  ),
  ("erasures", "DELETE FROM tombstone"),
  ("erasures", #"UPDATE event SET outcome = replace(outcome, '"erased":[9]', '"erased":[]') WHERE kind = 'erasure'"#),
  ("erasures", #"UPDATE event SET outcome = replace(outcome, '[9]', '[8,9]') WHERE kind = 'erasure'"#),
  ("erasures", "UPDATE event SET sent_at = 1 WHERE origin = 9"),
  ("erasures", "UPDATE event SET envelope = '{}' WHERE origin = 9"),
  (
    "erasures",
    #"UPDATE event SET outcome = replace(replace(outcome, '"identifiers":[', '"identifiers":[{"type":"email","value":"a@b.test","proved":false,"became":"claimed"},'), '"places":[', '"places":[null,') WHERE origin = 9"#
  ),
  ("erasures", "UPDATE event SET name = 'x' WHERE origin = 9"),
  ("erasures", "UPDATE event SET source = 'customer:cus_1' WHERE origin = 9"),
  ("erasures", #"UPDATE event SET body = '{"properties":{"name":"Ann"}}' WHERE origin = 9"#),
  ("states", "UPDATE resume_state SET value = '1' WHERE key = 'film'"),
  ("states", "UPDATE resume_state SET value = '{}' WHERE key = 'form'"),
  ("states", "UPDATE resume_state SET at = at - 1 WHERE key = 'film'"),
  ("states", "UPDATE resume_state SET source = 'api:x' WHERE key = 'film'"),
  ("states", "UPDATE resume_state SET message_id = 'x' WHERE key = 'film'"),
  ("states", "UPDATE resume_state SET sequence = sequence - 1 WHERE key = 'film'"),
  ("states", "UPDATE resume_state SET device = NULL WHERE key = 'film'"),
  ("states", "UPDATE resume_state SET expires_at = NULL WHERE key = 'film'"),
  ("computed", "UPDATE computed_cell SET count = 2 WHERE definition = 'orders'"),
  ("computed", "UPDATE computed_cell SET units = 1 WHERE definition = 'orders'"),
  ("computed", "UPDATE computed_cell SET micros = 1 WHERE definition = 'orders'"),
  ("computed", "UPDATE computed_cell SET at = at - 1 WHERE definition = 'orders'"),
  ("computed", "UPDATE computed_cell SET payload = '1' WHERE definition = 'order'"),
  ("computed", "UPDATE computed_cell SET day = 1"), ("computed", "UPDATE computed_cell SET origin = 1"),
  ("computed", "DELETE FROM computed_cell WHERE definition = 'order'"),
  ("computed", "DELETE FROM computed_progress WHERE definition = 'order'"),
  ("computed", "UPDATE computed_progress SET version = 2 WHERE definition = 'order'"),
  ("computed", "UPDATE computed_progress SET sequence = 1 WHERE definition = 'order'"),
  ("computed", "INSERT INTO computed_progress VALUES ('other', 1, 1)"),
  ("quality", "UPDATE quality_defect SET at = at - 1 WHERE code = 'invalid_phone'"),
  ("quality", "UPDATE quality_defect SET message_id = 'x' WHERE code = 'invalid_phone'"),
  ("quality", "UPDATE quality_defect SET subject = 'till' WHERE code = 'invalid_phone'"),
  ("quality", "UPDATE quality_defect SET code = 'invalid_email' WHERE code = 'invalid_phone'"),
  ("quality", "UPDATE quality_defect SET subject = 'a@b.test' WHERE code = 'bounced_address'"),
  ("quality", "UPDATE quality_defect SET origin = 1"), ("quality", "DELETE FROM quality_defect WHERE subject = ''"),
  ("quality", "INSERT INTO quality_defect VALUES (1, 'invalid_phone', 'till', 1, 'x')"),
  ("quality", "UPDATE quality_twin SET key = key + 1"), ("quality", "UPDATE quality_twin SET origin = 1"),
  ("quality", "DELETE FROM quality_twin"), ("quality", "INSERT INTO quality_twin VALUES (1, 1)"),
  ("sources", "UPDATE quality_source SET count = 2"), ("sources", "UPDATE quality_source SET source = 'till'"),
  ("sources", "UPDATE quality_source SET code = 'invalid_email'"), ("sources", "DELETE FROM quality_source"),
  ("sources", "INSERT INTO quality_source VALUES ('till', 'no_identifier', 1)"),
  ("timers", "DELETE FROM timer WHERE kind = 'round'"),
  ("timers", "UPDATE timer SET due = due + 1 WHERE kind = 'round'"),
  ("timers", "UPDATE timer SET kind = 'other' WHERE kind = 'round'"), ("timers", "UPDATE timer SET origin = 1"),
  ("timers", "UPDATE timer SET origin = NULL"),
  ("timers", "UPDATE timer SET payload = '{\"a\":1}' WHERE kind = 'round'"),
  ("timers", "UPDATE timer SET sequence = sequence - 1 WHERE kind = 'round'"),
  ("timers", "UPDATE timer SET key = 'other' WHERE kind = 'round'"),
  ("timers", "INSERT INTO timer SELECT 'more', kind, due, origin, payload, sequence FROM timer WHERE kind = 'round'"),
  ("consents", "UPDATE consent SET expires_at = NULL WHERE purpose = 'news'"),
  ("consents", "UPDATE consent SET expires_at = 1 WHERE purpose = 'service'"),
  ("states", "DELETE FROM resume_state WHERE key = 'form'"),
  ("tokens", "DELETE FROM token_end"), ("tokens", "UPDATE token_end SET sequence = sequence - 1"),
  ("tokens", "UPDATE token_end SET origin = 1"), ("tokens", "INSERT INTO token_end VALUES (1, 3)"),
  (
    "log",
    """
    UPDATE message_recent SET sequence = -1 WHERE sequence = (SELECT min(sequence) FROM summed_event);
    UPDATE summed_event SET sequence = -1 WHERE sequence = (SELECT min(sequence) FROM summed_event)
    """
  ),
  (
    "log",
    """
    UPDATE message_recent SET sequence = 12 WHERE sequence = (SELECT min(sequence) FROM summed_event);
    UPDATE summed_event SET sequence = 12 WHERE sequence = (SELECT min(sequence) FROM summed_event)
    """
  ),
  (
    "log",
    """
    UPDATE message_recent SET sequence = 999 WHERE sequence = (SELECT min(sequence) FROM summed_event);
    UPDATE summed_event SET sequence = 999 WHERE sequence = (SELECT min(sequence) FROM summed_event)
    """
  ),
  ("messages", "UPDATE summed_event SET key = x'00' WHERE sequence = (SELECT min(sequence) FROM summed_event)"),
  ("messages", "UPDATE message_recent SET sequence = 1 WHERE sequence = (SELECT min(sequence) FROM summed_event)"),
  ("summaries", "UPDATE summed_event SET origin = 1"),
  ("summaries", "UPDATE event SET at = at - 1 WHERE kind = 'summary'"),
  ("summaries", #"UPDATE event SET body = replace(body, '"count":3', '"count":4') WHERE kind = 'summary'"#),
  ("summaries", #"UPDATE event SET body = replace(body, '"first":"2025', '"first":"2099') WHERE kind = 'summary'"#),
  ("summaries", #"UPDATE event SET outcome = replace(outcome, '"summed":3', '"summed":4') WHERE kind = 'summary'"#),
  ("computed", "UPDATE computed_cell SET count = 2 WHERE definition = 'views'"),
  ("computed", "UPDATE computed_cell SET at = at - 1 WHERE definition = 'views'"),
  (
    "states",
    "INSERT INTO resume_state SELECT 1, key, at, source, message_id, value, device, expires_at, sequence FROM resume_state"
  ),
])
func `each check sees its damage, and no other does`(check: String, script: String) throws {
  let directory = try furnished()
  try damage(directory, script)
  let session = try SQLiteEngine(path: directory.file("db"), memory: 0).openReader()
  defer { session.close() }
  // The seed is read anew, as the command does.
  let folds = folds(try Setting.existingMessageSeed(in: session) ?? [])
  let findings = try Verification(folds: folds).run(in: session)
  #expect(Set(findings.map { $0.check }) == [check], "\(findings)")
}

@Test func `every check was seen to fail`() throws {
  let names = Set(Verification(folds: folds([])).names)
  #expect(
    names == [
      "storage", "tables", "log", "messages", "origins", "ties", "acts", "customers", "public", "traits", "documents",
      "consents",
      "states", "search", "tokens", "quality", "sources", "timers", "computed", "erasures",
      "summaries",
    ])
}

@Test(arguments: [
  ("messages", "UPDATE message SET sequence = 11 WHERE sequence = 12"),
  ("identity", "UPDATE origin SET customer = number WHERE value = 'C1'"),
  ("identity", "UPDATE tie SET rule = 'other'"), ("identity", "DELETE FROM claim WHERE tied = 0"),
  ("traits", "UPDATE trait SET value = '\"Eve\"'"), ("traits", "DELETE FROM trait WHERE source = 'till'"),
  ("documents", "UPDATE document SET body = '{}' WHERE version = 2"),
  ("consents", "DELETE FROM consent WHERE origin <> stand"),
  ("consents", "UPDATE consent SET text_version = '8' WHERE channel = 'email'"),
  ("states", "UPDATE resume_state SET value = '1' WHERE key = 'film'"),
  ("states", "DELETE FROM resume_state WHERE key = 'form'"),
  ("search", "UPDATE search_posting SET count = 3 WHERE word = 'ann'"), ("search", "DELETE FROM search_token"),
  ("search", "UPDATE search_variant SET key = 'x' || key"), ("search", "DELETE FROM search_part"),
  ("search", "DELETE FROM search_order"), ("tokens", "DELETE FROM token_end"), ("timers", "DELETE FROM timer"),
  ("timers", "UPDATE timer SET due = 1"),
  ("quality", "DELETE FROM quality_defect"), ("quality", "DELETE FROM quality_twin"),
  ("sources", "UPDATE quality_source SET count = 2"),
  ("messages", "UPDATE summed_event SET key = x'00' WHERE sequence = (SELECT min(sequence) FROM summed_event)"),
])
func `a replay sees where the state is not what the log adds up to`(fold: String, script: String) throws {
  let directory = try furnished()
  try damage(directory, script)
  #expect(try TestStore(directory).replay().map { $0.check } == [fold])
}

@Test func `a page that cannot be read is a finding, and the other checks go on`() throws {
  let directory = try furnished()
  var bytes = directory.contents("db")
  // The last page is a leaf of the documents or of what stands beside them: all of it is overwritten.
  for index in bytes.count - 4096..<bytes.count { bytes[index] = 0x5A }
  directory.write(bytes, to: "db")
  let findings = try TestStore(directory).verify()
  #expect(findings.contains { $0.check == "storage" })
}
