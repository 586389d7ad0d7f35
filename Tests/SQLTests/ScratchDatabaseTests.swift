import TestKit
import Testing

@testable import SQL

@Test func `a scratch database has the schema and what was written, and ends with the work`() throws {
  let migrations = [
    Migration(1, "first", "CREATE TABLE scrap (text TEXT NOT NULL);"),
    Migration(2, "second", "ALTER TABLE scrap ADD COLUMN number INTEGER;"),
  ]
  for _ in 1...2 {
    let told = try ScratchDatabase.use(migrations) { session -> [String] in
      #expect(try session.tables() == ["scrap"])
      try session.forEachRow(ofText: "INSERT INTO scrap VALUES (?1, 7)", [.text("a")]) { _ in true }
      var rows: [String] = []
      try session.forEachRow(ofText: "SELECT text, number FROM scrap", []) { row in
        rows.append("\(row.text(0)) \(row.integer(1))")
        return true
      }
      return rows
    }
    #expect(told == ["a 7"])
  }
  #expect(throws: SQLFailure.self) {
    try ScratchDatabase.use([Migration(1, "none", "CREATE nothing;")]) { _ in }
  }
}
