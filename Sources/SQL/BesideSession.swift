/// A session whose statements on some tables go to others beside them, which have the same columns.
///
/// So the code that fills a table can fill its next version while readers have the present one.
package final class BesideSession: Session {
  package let memory = TransactionMemory()
  private let session: any Session
  private let names: TableNames

  /// - Parameter names: the table to use for each; the same for as long as the program runs, because statements are
  ///   prepared once.
  package init(_ session: any Session, _ names: [String: String]) {
    self.session = session
    self.names = TableNames(names)
  }

  /// A statement of a set over the other tables.
  private struct Renamed<Base: StatementSet>: StatementSet {
    let base: Base
    var names = TableNames()

    init(_ base: Base, _ names: TableNames) {
      self.base = base
      self.names = names
    }

    init?(rawValue: Int) {
      guard let base = Base(rawValue: rawValue) else { return nil }
      self.base = base
    }

    var rawValue: Int { base.rawValue }
    var sql: String { names.renamed(base.sql) }
    static var allCases: [Renamed<Base>] { Base.allCases.map { Renamed($0, TableNames()) } }
  }

  package func execute(_ statement: some StatementSet, _ values: [SQLValue]) throws(SQLFailure) -> Int {
    try session.execute(Renamed(statement, names), values)
  }

  package func forEachRow(
    of statement: some StatementSet, _ values: [SQLValue], _ body: (any Row) throws -> Bool
  ) throws {
    try session.forEachRow(of: Renamed(statement, names), values, body)
  }

  package func forEachRow(ofText sql: String, _ values: [SQLValue], _ body: (any Row) throws -> Bool) throws {
    try session.forEachRow(ofText: names.renamed(sql), values, body)
  }

  package func tentatively<T>(_ work: () throws -> T) throws -> T { try session.tentatively(work) }
  package func tables() throws -> [String] { try session.tables() }
  package func damage() throws -> [String] { try session.damage() }
  package func makeTable(_ name: String, like table: String) throws { try session.makeTable(name, like: table) }
  package func renameTable(_ table: String, to name: String) throws(SQLFailure) {
    try session.renameTable(table, to: name)
  }
  package func dropTable(_ table: String) throws(SQLFailure) { try session.dropTable(table) }
}
