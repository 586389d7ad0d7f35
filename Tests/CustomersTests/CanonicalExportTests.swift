import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let views: [any Fold] = [TraitFold(), ConsentFold(), ResumeStateFold()]
private let folds: [any Fold] = [MessageFold(seed: [1]), IdentityFold(), DocumentFold()] + views

private func canonical(_ session: any Session, withoutMerge merge: String? = nil) throws -> (text: String, [String]) {
  var bytes: [UInt8] = []
  let skipped = try CanonicalExport(folds: folds).write(withoutMerge: merge, in: session) { bytes += $0 }
  return (String(decoding: bytes, as: UTF8.self), skipped)
}

private func canonical(_ town: Town, withoutMerge merge: String? = nil) throws -> (text: String, [String]) {
  try town.store.database.read { try canonical($0, withoutMerge: merge) }
}

/// A shop in which a seed's history happened, with consents and states among the events.
private func shop(seed: UInt64) throws -> Town {
  let town = try Town(chance: seed)
  var history = History(seed: seed)
  for number in 0..<120 {
    town.store.clock.advance(by: .seconds(history.number(in: 0...60)))
    let (event, door, _) = history.next(at: town.store.clock.now)
    try town.store.send([event], from: door)
    let name = "user_id:u\(history.number(in: 0...3))"
    guard (try? town.leader(name)) != nil else { continue }
    switch number % 6 {
    case 0: try town.grant(name, "p\(history.number(in: 0...2))")
    case 1: try town.withdraw(name, "p\(history.number(in: 0...2))")
    case 2: try town.stamp(name, ["analytics": number % 4 == 0], from: "backend")
    case 3:
      try town.save(name, "film\(history.number(in: 0...2))", #"{"value": \#(number), "at": "2025-01-01T00:00:00Z"}"#)
    case 4: try town.save(name, "film\(history.number(in: 0...2))", nil)
    default: break
    }
  }
  return town
}

@Test(arguments: UInt64(1)...4)
func `in fifty orders the same events give the same canonical export`(seed: UInt64) throws {
  let town = try shop(seed: seed)
  let expected = try canonical(town).text
  let entries = try town.store.database.read { session in
    var entries: [LogEntry] = []
    try EventLog.forEach(in: session) { entries.append($0) }
    return entries
  }
  let kinds = Set(entries.map { $0.event.kind })
  #expect(kinds.isSuperset(of: [.identify, .consent, .state, .document]))
  let aside = TemporaryDirectory()
  let other = try Database(engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20), migrations: Schema.migrations)
  defer { other.close() }
  var chance = SplitMix64(seed: seed)
  let log = entries.shuffled(using: &chance)
  try other.write { session in
    for entry in log { try EventLog.append(entry, in: session) }
    for entry in entries {
      try IdentityFold().apply(entry, in: session)
      try DocumentFold().apply(entry, in: session)
    }
  }
  for order in 1...50 {
    let shuffled = entries.shuffled(using: &chance)
    let told = try other.write { session in
      for table in views.flatMap({ $0.tables }) {
        try session.forEachRow(ofText: "DELETE FROM \(table.name)", []) { _ in true }
      }
      for entry in shuffled { for fold in views { try fold.apply(entry, in: session) } }
      return try canonical(session).text
    }
    #expect(told == expected, "order \(order)")
  }
}

@Test func `a canonical export is the same twice, and changes with every event`() throws {
  let town = try shop(seed: 9)
  var seen: Set<String> = [try canonical(town).text]
  #expect(try seen.contains(canonical(town).text))
  let steps: [() throws -> Void] = [
    { try town.send("user_id:new", from: "backend") }, { try town.grant("user_id:new") },
    { try town.save("user_id:new", "k", #"{"value": 100.10}"#) },
    { try town.save("user_id:new", "k", #"{"value": 100.1}"#) },
    { try town.send("anonymous_id:new user_id:new", from: "page") },
    { try town.store.add(Source(name: "page", channel: "app", trust: .anonymous)) },
  ]
  for (number, step) in steps.enumerated() {
    try step()
    #expect(try seen.insert(canonical(town).text).inserted, "step \(number)")
  }
}

@Test func `a customer is one line, and lines are sorted by name`() throws {
  let town = try Town()
  for user in ["zoe", "ann", "Bob"] { try town.send("user_id:\(user)", from: "backend") }
  let lines = try canonical(town).text.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
  let names = lines.compactMap { line in
    line["customer"]?["identifiers"]?.elements.map { $0["value"]?.string ?? "" }.joined(separator: " ")
  }
  #expect(names == ["Bob", "ann", "zoe"])
  #expect(lines.allSatisfy { $0.canonical(keepsNumbers: true) == $0.bytes })
}

/// Everything that is kept is told or named as left out: also a column that somebody adds tomorrow.
@Test func `a new column of any table shows in the canonical export`() throws {
  let town = try shop(seed: 5)
  let folds = town.store.folds
  @Sendable func canonical(_ session: any Session) throws -> String {
    var bytes: [UInt8] = []
    _ = try CanonicalExport(folds: folds).write(in: session) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
  let tables = folds.flatMap { $0.tables.map { $0.name } } + ["event"]
  let leftOut = Set(CanonicalExport.leftOut.map { $0.what })
  #expect(Set(Schema.ownTables).subtracting(leftOut) == ["event"])
  for table in tables where !leftOut.contains(table) {
    let changes = try town.store.database.write { session -> (String, String) in
      if let row = made[table] {
        try session.forEachRow(ofText: "INSERT INTO \(table) \(row) ON CONFLICT DO NOTHING", []) { _ in true }
      }
      let before = try canonical(session)
      try session.forEachRow(ofText: "ALTER TABLE \(table) ADD COLUMN added INTEGER NOT NULL DEFAULT 7", []) { _ in true
      }
      return (before, try canonical(session))
    }
    #expect(changes.0 != changes.1, "\(table)")
    #expect(changes.1.contains(#""added":7"#), "\(table)")
  }
}

/// Rows for tables in which that shop may have none.
private let made = [
  "merge": "(id, first, second, kept, taken, rule, sequence) VALUES ('mrg_x', 1, 2, 1, 2, 'x', 6)",
  "separation": "(first, second, sequence) VALUES (1, 2, 6)",
  "review": "(id, first, second, reason, score, state, sequence) VALUES ('rev_x', 1, 2, 'x', 1, 'open', 6)",
  "token_end": "(origin, sequence) VALUES (1, 6)",
  "timer": "(key, kind, due, origin, payload, sequence) VALUES ('x', 'x', 1, 1, '{}', 6)",
  "search_order": "(number, origin) VALUES ('1', 1)",
  "search_variant": "(key, word) VALUES ('x', 'y')",
  "quality_defect": "(origin, code, subject, at, message_id) VALUES (1, 'x', 'x', 1, 'x')",
  "quality_twin": "(key, origin) VALUES (1, 1)",
  "quality_source": "(source, code, count) VALUES ('page', 'x', 1)",
]

@Test func `no number of an origin and no place in the log is told of a fold's rows`() throws {
  let town = try shop(seed: 3)
  let rows = try canonical(town).text.split(separator: "\n").flatMap { line -> [JSON] in
    let root = try JSONDocument(Array(line.utf8)).root
    return (root["rows"]?.members.flatMap { Array($0.value.elements) } ?? []) + [root["row"]].compactMap { $0 }
  }
  #expect(rows.count > 100)
  let numbers: Set = [
    "origin", "number", "customer", "first", "second", "claimant", "claimed", "stand", "kept", "taken", "sequence",
    "undone", "decided",
  ]
  for row in rows {
    let wrong = row.members.filter { numbers.contains($0.key) && $0.value.kind == .number }
    #expect(wrong.isEmpty, "\(wrong.map { $0.key })")
  }
}

// MARK: Merge and undo

/// Records an act of a person as it will stand in the log.
private func act(_ town: Town, at origin: Origin.Number, _ decide: (inout Outcome) -> Void) throws {
  var outcome = Outcome(.matched, origin: origin)
  decide(&outcome)
  let (decided, id, now) = (outcome, town.store.tokens.next("req_"), town.store.clock.now)
  _ = try town.store.database.write { [intake = town.store.intake] session in
    let event = Event.request(.consent, name: nil, body: Array(#"{"changes":[]}"#.utf8), messageID: id, at: now)
    return try intake.record(event, at: origin, author: "api:ann", in: session) { $0 = decided }
  }
}

@Test func `a merge and its undo leave what was before, but for their own rows, which are shown`() throws {
  let town = try shop(seed: 7)
  try town.send("user_id:left email:left@b.test", from: "prover")
  try town.send("user_id:right email:right@b.test", from: "prover")
  let (left, right) = (try town.leader("user_id:left"), try town.leader("user_id:right"))
  let before = try canonical(town).text
  try act(town, at: left) { $0.ties = [.init(first: left, second: right, rule: "person", merge: "mrg_1")] }
  #expect(try town.leader("user_id:right") == left)
  #expect(try canonical(town, withoutMerge: "mrg_1").text != before)
  try act(town, at: left) { outcome in
    outcome.undone = ["mrg_1"]
    outcome.cuts = [.init(first: left, second: right)]
    outcome.separations = [.init(first: left, second: right)]
  }
  #expect(try canonical(town).text != before)
  let (after, skipped) = try canonical(town, withoutMerge: "mrg_1")
  #expect(after == before)
  #expect(skipped.map { $0.prefix { $0 != " " } }.sorted() == ["event", "event", "merge", "separation"])
  #expect(throws: Failure.self) { try canonical(town, withoutMerge: "mrg_2") }
}
