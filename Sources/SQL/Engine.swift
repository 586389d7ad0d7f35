/// What a database engine gives: sessions, and the verbs of their transactions.
///
/// `Database` builds its writer and its readers on these alone.
package protocol Engine: Sendable {
  /// The one session that may write.
  func openWriter() throws(SQLFailure) -> any EngineSession
  /// A session that only reads.
  func openReader() throws(SQLFailure) -> any EngineSession
  /// Makes all that was committed before durable; when this returns, a power cut cannot undo it.
  ///
  /// It runs beside the writer, which goes on meanwhile.
  func makeDurable() throws(SQLFailure)
  /// What the engine does beside its transactions after a commit, such as keeping its journal small.
  func committed(by writer: any EngineSession)
  /// Copies what the journal holds into the database, writes over it and empties it.
  ///
  /// - Returns: false where a reader still needs it.
  func emptyJournal(by writer: any EngineSession) -> Bool
  /// Writes what the newest commit left into a new database in the file at `path`, durable when this returns.
  ///
  /// It sees one snapshot, and whoever writes to the database goes on meanwhile. An empty file may be there already.
  func copy(to path: String) throws(SQLFailure)
  /// Ends what `committed` began; no session is open any more.
  func close()
}

extension EngineSession {
  package func tentatively<T>(_ work: () throws -> T) throws -> T {
    try savepoint()
    let result = Result { try work() }
    try rollbackToSavepoint()
    return try result.get()
  }
}

/// A session with the verbs of its transactions, for the writer and the readers of `Database` only.
package protocol EngineSession: Session {
  /// Begins a transaction that writes.
  func beginWriting() throws(SQLFailure)
  /// Begins a transaction that sees one snapshot.
  func beginReading() throws(SQLFailure)
  /// Lets every reader that begins from now on see it; `Engine.makeDurable` makes it last.
  func commit() throws(SQLFailure)
  /// Ends the transaction as if it had not been; never fails.
  func rollback()
  /// Marks a point to which the work of one of several callers can be taken back.
  func savepoint() throws(SQLFailure)
  /// Keeps the work since the last point.
  func release() throws(SQLFailure)
  /// Takes back the work since the last point.
  func rollbackToSavepoint() throws(SQLFailure)
  /// Runs texts without parameters or answers: migrations.
  func run(script: String) throws(SQLFailure)
  /// Binds the session to the calling thread, or to none.
  func confine(toThisThread: Bool)
  /// Closes the connection.
  func close()
}
