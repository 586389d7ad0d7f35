import Dispatch
import TestKit
import Testing

@testable import SQL

@Test func `each type comes back as it was bound`() throws {
  let test = try TestDatabase()
  let told = try test.database.write { session -> [[String]] in
    let values: [[SQLValue]] = [
      [.integer(.max), "a\u{0}é", .bytes([0, 255])], [.integer(.min), .utf8(Array("ü".utf8)), .bytes([])],
      [0, "", .utf8([])], [nil, nil, nil], [.integer(nil), .text(nil), .utf8(nil as [UInt8]?)],
    ]
    for row in values { try session.execute(Notes.insert, row) }
    return try (1...values.count).map { id in
      try session.first(of: Notes.find, .integer(Int64(id))) { row in
        [
          "\(row.integer(0)) \(String(describing: row.optionalInteger(0)))",
          "\(row.text(1).debugDescription) \(String(describing: row.optionalText(1)))",
          "\(row.bytes(2)) \(String(describing: row.optionalBytes(2)))", "\(row.count)",
        ]
      } ?? []
    }
  }
  #expect(
    told == [
      ["\(Int64.max) Optional(\(Int64.max))", "\"a\\0é\" Optional(\"a\\0é\")", "[0, 255] Optional([0, 255])", "3"],
      ["\(Int64.min) Optional(\(Int64.min))", "\"ü\" Optional(\"ü\")", "[] Optional([])", "3"],
      ["0 Optional(0)", "\"\" Optional(\"\")", "[] Optional([])", "3"],
      ["0 nil", "\"\" nil", "[] nil", "3"], ["0 nil", "\"\" nil", "[] nil", "3"],
    ])
}

@Test(arguments: [
  ("SELECT typeof(?1)", SQLValue.text(""), "text"), ("SELECT typeof(?1)", .bytes([]), "blob"),
  ("SELECT typeof(?1)", .utf8([]), "text"), ("SELECT typeof(?1)", nil, "null"), ("SELECT typeof(?1)", 5, "integer"),
  ("SELECT length(?1)", "é\u{1F600}", "2"), ("SELECT ?1 = 'a'' OR 1=1'", "a' OR 1=1", "1"),
])
func `what is empty is not null, and what is bound is not read as SQL`(sql: String, value: SQLValue, told: String)
  throws
{
  let test = try TestDatabase()
  let answer = try test.database.read { session in
    var answer = ""
    try session.forEachRow(ofText: sql, [value]) { row in
      answer = row.text(0)
      return true
    }
    return answer
  }
  #expect(answer == told)
}

@Test func `a value is told by its type`() throws {
  let test = try TestDatabase()
  let told = try test.database.read { session in
    var told: [String] = []
    try session.forEachRow(ofText: "SELECT NULL, 1, 'x', x'00', 1.5, ''", []) { row in
      told = (0..<row.count).map { "\(row.value($0))" }
      return true
    }
    return told
  }
  #expect(told == ["null", "integer(1)", "text(\"x\")", "bytes([0])", "text(\"1.5\")", "text(\"\")"])
}

@Test func `a statement is prepared once and never left open`() throws {
  struct Stop: Error {}
  let test = try TestDatabase()
  try test.database.write { session in
    let session = try #require(session as? SQLiteSession)
    let before = session.keptStatements
    for number in Int64(0)..<100 { try session.execute(Notes.insert, .integer(number), "x", nil) }
    #expect(session.keptStatements == before + 1)
    for _ in 0..<3 {
      _ = try session.first(of: Notes.list) { $0.integer(0) }
      try session.forEachRow(of: Notes.list, []) { _ in false }
      #expect(throws: Stop.self) { try session.forEachRow(of: Notes.list, []) { _ in throw Stop() } }
      #expect(throws: Stop.self) { _ = try session.rows(of: Notes.list) { _ in throw Stop() } }
      #expect(throws: Stop.self) { try session.forEachRow(ofText: "SELECT 1", []) { _ in throw Stop() } }
    }
    #expect(session.keptStatements == before + 2)
    #expect(session.openStatements == 0)
    #expect(try session.rows(of: Notes.list) { $0.integer(0) } == Array(0..<100))
  }
}

@Test func `a change says how many rows it changed`() throws {
  enum Change: Int, StatementSet {
    case all, none
    var sql: String {
      switch self {
      case .all: "UPDATE note SET text = 'y'"
      case .none: "DELETE FROM note WHERE id < 0"
      }
    }
  }
  let test = try TestDatabase()
  let counts = try test.database.write { session in
    for _ in 0..<3 { try session.execute(Notes.insert, 1, nil, nil) }
    return [try session.execute(Change.all), try session.execute(Change.none)]
  }
  #expect(counts == [3, 0])
}

@Test func `a reader cannot write`() throws {
  let test = try TestDatabase()
  let failure = #expect(throws: SQLFailure.self) {
    try test.database.read { session in _ = try session.execute(Notes.insert, 1, nil, nil) }
  }
  #expect(failure?.code == .readOnly)
}

@Test func `a failure names tables and never values`() throws {
  let test = try TestDatabase()
  let failure = #expect(throws: SQLFailure.self) {
    try test.database.write { session in
      for _ in 0..<2 { try session.execute(Notes.insertOnce, "secret") }
    }
  }
  #expect(failure?.code == .constraint)
  #expect(failure?.description.contains("secret") == false)
}

@Test func `the tables are told, and a sound file has no damage`() throws {
  let test = try TestDatabase()
  #expect(try test.database.read { try $0.tables() } == ["migration", "note", "once"])
  #expect(try test.database.read { try $0.damage() } == [])
}

/// What a test hands over although it must not.
// protected by nothing: that is what the test is about
private struct Smuggled: @unchecked Sendable { let session: any Session }

@Test func `a session outside its thread is trapped`() async {
  let directory = TemporaryDirectory()
  await #expect(processExitsWith: .failure) { [path = directory.path as String] in
    let test = try TestDatabase(TemporaryDirectory(below: path))
    try test.database.write { session in
      let smuggled = Smuggled(session: session)
      let done = DispatchSemaphore(value: 0)
      DispatchQueue(label: "elsewhere").async {
        _ = try? smuggled.session.execute(Notes.count)
        done.signal()
      }
      done.wait()
    }
  }
}

@Test func `a statement inside its own rows is trapped`() async {
  let directory = TemporaryDirectory()
  await #expect(processExitsWith: .failure) { [path = directory.path as String] in
    let test = try TestDatabase(TemporaryDirectory(below: path))
    try test.database.write { session in
      try session.execute(Notes.insert, 1, nil, nil)
      try session.forEachRow(of: Notes.list, []) { _ in
        try session.forEachRow(of: Notes.list, []) { _ in true }
        return false
      }
    }
  }
}
