import CSQLite

extension SQLiteSession {
  package func makeTable(_ name: String, like table: String) throws {
    var scripts: [String] = []
    var names = [table: name]
    // The table before its indexes, which name it.
    try forEachRow(
      ofText: "SELECT name, sql, type FROM sqlite_master WHERE tbl_name = ?1 AND sql IS NOT NULL ORDER BY type DESC",
      [.text(table)]
    ) { row in
      if row.text(2) == "index" { names[row.text(0)] = Self.other(row.text(0)) }
      scripts.append(row.text(1))
      return true
    }
    guard !scripts.isEmpty else { throw SQLFailure(.other(SQLITE_ERROR), "there is no table \(table)") }
    for script in scripts { try run(script: TableNames(names).renamed(script) + ";") }
  }

  /// An index keeps its name when its table is renamed, so the two that are there at one time take turns.
  private static func other(_ index: String) -> String {
    index.hasSuffix("_b") ? String(index.dropLast(2)) : index + "_b"
  }

  package func renameTable(_ table: String, to name: String) throws(SQLFailure) {
    try run(script: "ALTER TABLE \(table) RENAME TO \(name);")
  }

  package func dropTable(_ table: String) throws(SQLFailure) { try run(script: "DROP TABLE IF EXISTS \(table);") }
}
