/// A connection in the hands of the one who may use it now.
///
/// The writer's session stands in a transaction that is committed for several callers at once; a reader's sees one
/// snapshot from its first statement to its end. A session is never kept beyond the closure it was handed to; using
/// it on another thread is trapped.
package protocol Session: AnyObject {
  /// What the callers of this transaction leave to each other.
  var memory: TransactionMemory { get }

  /// Runs a statement that answers nothing, and says how many rows it changed.
  @discardableResult
  func execute(_ statement: some StatementSet, _ values: [SQLValue]) throws(SQLFailure) -> Int

  /// Runs a statement and hands over its rows until `body` answers false.
  func forEachRow(
    of statement: some StatementSet, _ values: [SQLValue], _ body: (any Row) throws -> Bool
  ) throws

  /// Runs a text that no set holds: the inspection of whole tables.
  func forEachRow(ofText sql: String, _ values: [SQLValue], _ body: (any Row) throws -> Bool) throws

  /// Does `work` and takes back what it wrote: what would come of it.
  func tentatively<T>(_ work: () throws -> T) throws -> T

  /// The names of the tables that are there, the engine's own left out.
  func tables() throws -> [String]

  /// Makes an empty table with the columns, keys and indexes of another.
  func makeTable(_ name: String, like table: String) throws

  /// Gives a table another name.
  func renameTable(_ table: String, to name: String) throws(SQLFailure)

  /// Takes a table away, where it is there.
  func dropTable(_ table: String) throws(SQLFailure)

  /// What the engine's own check of its pages and indexes finds; empty when all is well. It reads everything.
  func damage() throws -> [String]
}

extension Session {
  /// Runs a statement that answers nothing, and says how many rows it changed.
  @discardableResult
  package func execute(_ statement: some StatementSet, _ values: SQLValue...) throws(SQLFailure) -> Int {
    try execute(statement, values)
  }

  /// Every row of the answer, as `map` makes it.
  package func rows<T>(
    of statement: some StatementSet, _ values: SQLValue..., map: (any Row) throws -> T
  ) throws -> [T] {
    var rows: [T] = []
    try forEachRow(of: statement, values) { row in
      rows.append(try map(row))
      return true
    }
    return rows
  }

  /// The first row of the answer, as `map` makes it, or nil.
  package func first<T>(
    of statement: some StatementSet, _ values: SQLValue..., map: (any Row) throws -> T
  ) throws -> T? {
    var first: T?
    try forEachRow(of: statement, values) { row in
      first = try map(row)
      return false
    }
    return first
  }
}
