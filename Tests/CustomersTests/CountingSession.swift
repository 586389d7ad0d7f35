import SQL

/// A session that counts the statements it is asked for.
final class CountingSession: Session {
  private let session: any Session
  private(set) var statements = 0

  init(_ session: any Session) { self.session = session }

  var memory: TransactionMemory { session.memory }

  func execute(_ statement: some StatementSet, _ values: [SQLValue]) throws(SQLFailure) -> Int {
    statements += 1
    return 1
  }

  func forEachRow(of statement: some StatementSet, _ values: [SQLValue], _ body: (any Row) throws -> Bool) throws {
    statements += 1
    try session.forEachRow(of: statement, values, body)
  }

  func forEachRow(ofText sql: String, _ values: [SQLValue], _ body: (any Row) throws -> Bool) throws {
    statements += 1
    try session.forEachRow(ofText: sql, values, body)
  }

  func tables() throws -> [String] { try session.tables() }
  func damage() throws -> [String] { try session.damage() }

  func makeTable(_ name: String, like table: String) throws { try session.makeTable(name, like: table) }
  func renameTable(_ table: String, to name: String) throws(SQLFailure) { try session.renameTable(table, to: name) }
  func dropTable(_ table: String) throws(SQLFailure) { try session.dropTable(table) }

  func tentatively<T>(_ work: () throws -> T) throws -> T { try session.tentatively(work) }
}
