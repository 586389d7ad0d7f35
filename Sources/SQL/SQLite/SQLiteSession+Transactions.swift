import CSQLite

extension SQLiteSession {
  private enum Verb: Int, StatementSet {
    case beginWriting, beginReading, commit, rollback, savepoint, release, rollbackToSavepoint

    var sql: String {
      switch self {
      case .beginWriting: "BEGIN IMMEDIATE"
      case .beginReading: "BEGIN"
      case .commit: "COMMIT"
      case .rollback: "ROLLBACK"
      case .savepoint: "SAVEPOINT caller"
      case .release: "RELEASE caller"
      case .rollbackToSavepoint: "ROLLBACK TO caller"
      }
    }
  }

  func beginWriting() throws(SQLFailure) {
    memory.begin(alone: true)
    try execute(Verb.beginWriting)
  }

  func beginReading() throws(SQLFailure) {
    memory.begin(alone: false)
    try execute(Verb.beginReading)
  }

  func commit() throws(SQLFailure) { try execute(Verb.commit) }
  func savepoint() throws(SQLFailure) { try execute(Verb.savepoint) }
  func release() throws(SQLFailure) { try execute(Verb.release) }

  func rollbackToSavepoint() throws(SQLFailure) {
    memory.forget()
    try execute(Verb.rollbackToSavepoint)
    try execute(Verb.release)
  }

  func rollback() {
    memory.forget()
    // After a full disk or an I/O error SQLite may have rolled back by itself (lang_transaction.html, section 3).
    guard sqlite3_get_autocommit(connection) == 0 else { return }
    do { try execute(Verb.rollback) } catch { precondition(sqlite3_get_autocommit(connection) != 0, "\(error)") }
  }

  /// Whether the file could be opened for reading only, which SQLite makes do with when asked for both.
  var isReadOnly: Bool { sqlite3_db_readonly(connection, "main") == 1 }
}
