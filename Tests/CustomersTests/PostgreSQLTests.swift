import Foundation
import SQL
import TestKit
import Testing

@testable import Customers

/// One use of a statement, with the values it is bound to.
private struct Use {
  let statement: any StatementSet
  let values: [SQLValue]

  init(_ statement: any StatementSet, _ values: SQLValue...) {
    self.statement = statement
    self.values = values
  }
}

private let schema =
  (Schema.migrations.map { $0.script } + ["CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL);"])

private func literal(_ value: SQLValue) -> String {
  switch value {
  case .null: "NULL"
  case .integer(let integer): "\(integer)"
  case .text(let text): "'\(text.replacing("'", with: "''"))'"
  case .utf8(let bytes): "'\(String(decoding: bytes, as: UTF8.self).replacing("'", with: "''"))'"
  case .bytes(let bytes): "'\(hex(bytes))'"
  }
}

private func hex(_ bytes: [UInt8]) -> String {
  "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func shown(_ row: any Row) -> String {
  (0..<row.count).map { column in
    switch row.value(column) {
    case .null: "NULL"
    case .integer(let integer): "\(integer)"
    case .bytes(let bytes): hex(bytes)
    case .text(let text): text
    case .utf8(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }.joined(separator: "|")
}

private func answers(_ use: Use, in session: any Session) throws -> [String] {
  func rows(_ statement: some StatementSet) throws -> [String] {
    var rows: [String] = []
    try session.forEachRow(of: statement, use.values) { row in
      rows.append(shown(row))
      return true
    }
    return rows
  }
  return try rows(use.statement)
}

private func trait(_ name: String, _ value: String, at: Int64, _ messageID: String) -> Use {
  Use(TraitStatement.upsert, 1, .text(name), "web", .text(value), .integer(at), .text(messageID))
}

private func origin(_ number: Int64, _ type: String, _ value: String, standing: Int64 = 0) -> Use {
  Use(
    OriginStatement.insert, .integer(number), .text("cus_\(number)"), .text(type), .text(value), .integer(standing), "",
    .integer(number), 0)
}

private func event(_ sequence: Int64, at: Int64, name: String?) -> Use {
  Use(
    LogStatement.append, .integer(sequence), 1, .integer(at), "track", .text(name), "web", "web", .text("m\(sequence)"),
    nil,
    .integer(-5), .integer(at), .utf8(Array(#"{"a":"it's ?1 \" é"}"#.utf8)), nil, "{}")
}

private func consent(_ messageID: String, at: Int64, _ state: String) -> Use {
  Use(
    ConsentStatement.insert, 1, "marketing", "", .integer(at), "web", .text(messageID), .text(state), 1, nil, "7", "{}",
    4, nil)
}

private func state(_ value: String?, at: Int64, _ messageID: String) -> Use {
  Use(ResumeStateStatement.upsert, 1, "k", .integer(at), "web", .text(messageID), .text(value), nil, nil, 4)
}

private func audit(_ number: Int64, at: Int64, _ action: String?, _ count: Int64) -> Use {
  Use(
    AuditStatement.insert, .integer(number), .integer(at), "k1", "ann", "agent", .text(action), "cus_1", 1, nil,
    .integer(count))
}

/// What both engines are asked; the answers must be the same, line by line.
private let uses: [Use] = [
  Use(LogStatement.last), event(1, at: -2_208_988_800_000, name: nil), event(2, at: 20, name: "Ä"),
  event(3, at: 20, name: ""),
  Use(LogStatement.last), Use(LogStatement.from, 2, 10),
  Use(TimelineStatement.step, 1, .integer(.max), .integer(.max), .integer(.min), .integer(.max), 2, nil, nil, nil, 0),
  Use(TimelineStatement.step, 1, 20, 3, 0, 2, 10, "web", "track", "Ä", 1),
  Use(TimelineStatement.step, 1, 20, 3, 0, 3, 10, "web", "track", "B", 0), Use(TimelineStatement.tie, 2, 20),
  Use(TimelineStatement.tie, 2, 21), Use(LogStatement.received, 2), Use(LogStatement.received, 9),
  origin(1, "user_id", "u'1"), origin(2, "email", "a@b.test", standing: 1), origin(3, "anonymous_id", "an"),
  Use(OriginStatement.find, "u'1", "user_id", 0, ""), Use(OriginStatement.find, "U'1", "user_id", 0, ""),
  Use(OriginStatement.place, 3, 1), Use(OriginStatement.ofCustomer, 1),
  Use(OriginStatement.countTypes, 1), Use(OriginStatement.generations, "u'1", "user_id"),
  Use(SecretStatement.upsert, "tokens", .bytes([0, 255]), 5), Use(SecretStatement.upsert, "tokens", .bytes([1]), 6),
  Use(SecretStatement.all), Use(SecretStatement.deleteAll), Use(TokenStatement.lastOf, 3),
  Use(TokenStatement.insert, 3, 8), Use(TokenStatement.insert, 3, 8), Use(TokenStatement.insert, 3, 9),
  Use(TokenStatement.lastOf, 3), Use(TokenStatement.lastOfCustomer, 1), Use(TokenStatement.lastOfCustomer, 9),
  Use(OriginStatement.share, 3, 1), Use(OriginStatement.standing, 3),
  Use(MergeStatement.insert, "mrg_1", 1, 2, 1, 2, "login", 5), Use(MergeStatement.of, 1, 2),
  Use(MergeStatement.find, "mrg_1"),
  Use(MergeStatement.ofCustomer, 1, 9), Use(MergeStatement.undo, "mrg_1", 6),
  Use(SeparationStatement.insert, 1, 3, 6), Use(SeparationStatement.insert, 1, 3, 7),
  Use(SeparationStatement.between, 1, 1), Use(ReviewStatement.insert, "rev_1", 1, 3, "limit card", 80, 5),
  Use(ReviewStatement.find, 1, 3), Use(ReviewStatement.decide, "rev_1", "apart", 6),
  Use(OriginStatement.byPublicID, "cus_3"), Use(OriginStatement.last), Use(ProfileStatement.publicID, 3),
  Use(IdentifierStatement.place, 1), Use(TieStatement.insert, 1, 3, "login", 2), Use(IdentifierStatement.ties, 1),
  Use(ClaimStatement.insert, 3, 2, 0, 3), Use(ClaimStatement.find, 3, 2), Use(ClaimStatement.tiedOf, 2),
  Use(PastStatement.origin, 2), Use(PastStatement.byPublicID, "cus_3"), Use(PastStatement.connected, 1),
  Use(PastStatement.claimOrigin, "a@b.test", "email"), Use(PastStatement.undos, 2),
  Use(PastStatement.claims, 3, 3), Use(PastStatement.claims, 3, 2), Use(PastStatement.claimants, 2, 9, 5),
  Use(PastStatement.events, 1, 2, 9),
  Use(IdentifierStatement.claims, 3), Use(LookupStatement.claimOrigin, "a@b.test", "email"),
  Use(LookupStatement.claimants, 2, 20), Use(ClaimStatement.onClaimed, "a@b.test", "email", 9, 100),
  trait("name", "\"first\"", at: 10, "m1"), trait("name", "\"older\"", at: 5, "m9"), Use(TraitStatement.ofOrigin, 1),
  trait("name", "\"newer\"", at: 11, "m0"), trait("name", "\"tied, greater\"", at: 11, "m1"),
  trait("name", "\"tied, less\"", at: 11, "m0"), Use(TraitStatement.ofOrigin, 1),
  // In the order of bytes `B` stands before `a`, in people's after it.
  trait("tie", "\"B\"", at: 1, "B"), trait("tie", "\"a\"", at: 1, "a"), trait("tie", "\"C\"", at: 1, "C"),
  Use(TraitStatement.ofOrigin, 1),
  Use(MessageStatement.insert, .bytes([0, 255, 39]), 7), Use(MessageStatement.find, .bytes([0, 255, 39])),
  Use(RecentMessageStatement.insert, 7, .bytes([0, 255, 39])), Use(RecentMessageStatement.insert, 8, .bytes([1])),
  Use(RecentMessageStatement.insert, 9, .bytes([0])), Use(RecentMessageStatement.all),
  Use(RecentMessageStatement.find, 8), Use(RecentMessageStatement.first), Use(RecentMessageStatement.last),
  Use(RecentMessageStatement.byKey, 9), Use(RecentMessageStatement.sweep, 8), Use(RecentMessageStatement.sweep, 8),
  Use(RecentMessageStatement.remove, 8), Use(RecentMessageStatement.removeUpTo, 9), Use(RecentMessageStatement.all),
  Use(SettingStatement.insert, "seed", .bytes([])), Use(SettingStatement.find, "seed"),
  Use(DocumentStatement.insert, "source", "B", 1, "{}", 1), Use(DocumentStatement.insert, "source", "a", 1, "{}", 2),
  Use(DocumentStatement.insert, "source", "a", 2, "{\"v\":2}", 3), Use(DocumentStatement.list, "source"),
  Use(DocumentStatement.current, "source", "a"), Use(DocumentStatement.version, "source", "none"),
  Use(DeadLetterStatement.insert, 1, "web", 5, nil, nil, "no", "{}"),
  Use(DeadLetterStatement.insert, 2, "web", 6, "m", 3, "no", ""),
  Use(DeadLetterStatement.forgetSurplus, "web", 1), Use(DeadLetterStatement.count, "web"),
  Use(DeadLetterStatement.forgetOld, 7), Use(DeadLetterStatement.page, 9, nil, 10),
  Use(LookupStatement.named, "cus_2"), consent("m1", at: 5, "granted"), consent("m2", at: 5, "withdrawn"),
  consent("M3", at: 5, "granted"), consent("m0", at: 6, "granted"), Use(ConsentStatement.ofOrigin, 1),
  Use(ConsentStatement.last, 1, "marketing", 5), Use(ConsentStatement.last, 1, "marketing", 4),
  Use(ConsentEndStatement.newest, 1, "marketing", ""), Use(ConsentEndStatement.grant, 1, "marketing", "", 4),
  Use(ConsentEndStatement.later, 1, "marketing", "", 6, "web", "M"),
  Use(ConsentEndStatement.later, 1, "marketing", "", 6, "web", "m0"),
  Use(ConsentStatement.erase, 1), Use(ConsentStatement.ofOrigin, 1),
  Use(FactStatement.first, 1), Use(FactStatement.last, 1),
  Use(TimerStatement.set, "b", "k", 7, 1, "{}", 4), Use(TimerStatement.set, "a", "k", 7, nil, "{}", 4),
  Use(TimerStatement.set, "a", "k", 7, nil, "[]", 5), Use(TimerStatement.due, 7, 2), Use(TimerStatement.due, 6, 2),
  Use(TimerStatement.find, "a"), Use(TimerStatement.ofOrigin, 1), Use(TimerStatement.erase, 1),
  Use(TimerStatement.end, "a"), Use(TimerStatement.due, 7, 2),
  state("\"first\"", at: 10, "m1"), state("\"older\"", at: 5, "m9"), state("\"tied, less\"", at: 10, "M2"),
  Use(ResumeStateStatement.ofOrigin, 1), state("\"tied, greater\"", at: 10, "m2"), state(nil, at: 10, "m3"),
  Use(ResumeStateStatement.ofOrigin, 1), Use(ResumeStateStatement.erase, 1), Use(ResumeStateStatement.ofOrigin, 1),
  Use(AccessKeyStatement.insert, "k1", .bytes([1]), "agent", nil, "ann", 1, nil, 1), Use(AuditStatement.keys, "ann"),
  Use(AccessKeyStatement.all), Use(AuditStatement.last), audit(1, at: 5, "GET /x", 1), audit(2, at: 5, nil, 3),
  audit(3, at: 7, "GET /y", 1), Use(AuditStatement.addCount, "k1", 5, 1, 4),
  Use(AuditStatement.addCount, "k1", 6, 1, 4),
  Use(AuditStatement.page, .integer(.max), .integer(.max), .integer(.min), 2), Use(AuditStatement.page, 5, 2, 5, 10),
  Use(AuditStatement.ofOrigin, 8, 1, 0, 10, 1, "ann"), Use(AuditStatement.ofOrigin, 8, 1, 0, 10, 1, nil),
  Use(AuditStatement.ofOrigin, 8, 1, 0, 10, 1, "bob"), Use(AuditStatement.ofKey, 8, 1, 0, 1, "k1"),
  Use(AuditStatement.last),
  Use(DeadLetterStatement.count, "web"), Use(MigrationStatement.record, 1, "first"), Use(MigrationStatement.last),
  Use(SearchStatement.known, 1, "name", "web", 11, "m1"), Use(SearchStatement.known, 1, "name", "web", 11, "m2"),
  Use(SearchStatement.addPosting, "анна", 1), Use(SearchStatement.addPosting, "анна", 1),
  Use(SearchStatement.addPosting, "петрова", 1), Use(SearchStatement.addPosting, "анна", 3),
  Use(SearchStatement.dropPosting, "анна", 3), Use(SearchStatement.forgetPosting, "анна", 3),
  Use(SearchStatement.forgetPosting, "анна", 1), Use(SearchStatement.wordsOf, 1), Use(SearchStatement.isPosted, "анна"),
  Use(SearchStatement.addToken, "анна", "анна"), Use(SearchStatement.addToken, "ana", "анна"),
  Use(SearchStatement.addToken, "анна", "анна"), Use(SearchStatement.addVariant, "ана", "анна"),
  Use(ReachStatement.tokens, "ан", "ан\u{10FFFF}", 10), Use(ReachStatement.sameKey, "ana", 10),
  Use(ReachStatement.variants, "ана", 10), Use(ReachStatement.posted, "анна", 10),
  Use(ReachStatement.posts, "анна", 10),
  Use(ReachStatement.together, "анна", "петрова", 10, 10), Use(ReachStatement.wordsOfCustomer, 1, 10),
  Use(ReachStatement.values, "a@", "a@\u{10FFFF}", 10),
  Use(SearchStatement.addPart, "4567/3", 1), Use(SearchStatement.addPart, "4568/4", 2),
  Use(ReachStatement.parts, "4567", "4567\u{10FFFF}", 10, "%"),
  Use(ReachStatement.parts, "456", "456\u{10FFFF}", 10, "%/4"),
  Use(SearchStatement.addOrder, "N-1", 1), Use(SearchStatement.addOrder, "N-1", 1), Use(SearchStatement.ordersOf, 1),
  Use(ReachStatement.orders, "N", "N\u{10FFFF}", 10), Use(SearchedCustomerStatement.leader, 1),
  Use(SearchedCustomerStatement.activity, 1), Use(SearchedCustomerStatement.activity, 99),
  Use(SearchedCustomerStatement.traits, 1, 10), Use(SearchedCustomerStatement.identifiers, 1, 10),
  Use(SearchedCustomerStatement.claimed, 1, 10), Use(SearchedCustomerStatement.orders, 1, 10),
]

@Test(
  .enabled(
    if: PostgreSQLServer.programs != nil || ProcessInfo.processInfo.environment["CI"] != nil,
    "PostgreSQL is not installed: apt-get install postgresql"))
func `PostgreSQL prepares every statement and answers as SQLite does`() throws {
  let server = try PostgreSQLServer(programs: try #require(PostgreSQLServer.programs, "CI needs PostgreSQL"))
  let prepared =
    schema.map { PostgreSQLDialect.text($0) } + allStatementSets.flatMap { PostgreSQLServer.preparations($0) }
  #expect(try server.ask(prepared.joined(separator: "\n")) == [])

  let directory = TemporaryDirectory()
  let test = try Database(
    engine: SQLiteEngine(path: directory.file("db"), memory: 1 << 20),
    migrations: [Migration(9, "all", Schema.migrations.map { $0.script }.joined(separator: "\n"))])
  defer { test.close() }
  let expected = try test.write { session in
    try session.forEachRow(ofText: "DELETE FROM migration", []) { _ in true }
    return try uses.map { try answers($0, in: session) }
  }
  let script = uses.map { use in
    let values = use.values.isEmpty ? "" : "(\(use.values.map(literal).joined(separator: ", ")))"
    return "EXECUTE \(PostgreSQLServer.name(use.statement))\(values);\n\\echo --"
  }
  let told = try server.ask(
    (allStatementSets.flatMap { PostgreSQLServer.preparations($0) } + script).joined(separator: "\n")
  )
  .split(separator: "--", omittingEmptySubsequences: false).dropLast().map { Array($0) }
  #expect(told.count == expected.count)
  for (use, (told, expected)) in zip(uses, zip(told, expected)) where told != expected {
    Issue.record("\(PostgreSQLServer.name(use.statement)): PostgreSQL says \(told), SQLite \(expected)")
  }
}

@Test func `every statement is named in the list`() {
  let names = allStatementSets.map { "\($0)" }
  #expect(Set(names).count == names.count)
  #expect(names == names.sorted())
}
