import CSQLite
import Dispatch
import Synchronization

/// SQLite in its write-ahead mode: one writer, readers that never wait for it, durable at each commit.
package final class SQLiteEngine: Engine {
  private let path: String
  private let memory: Int
  private let checkpointing = Mutex<Checkpointer?>(nil)

  /// `throughline` in ASCII, cut to four letters, so that `file` and our own opening tell our databases from others.
  private static let applicationID = 0x7468_726C

  /// The part of the memory that the writer keeps pages in; the readers map the file instead, because each commit
  /// empties their caches.
  private static let mapped: Int64 = 1 << 30

  /// An engine on the file at `path`, which is made when it is not there.
  ///
  /// - Parameter memory: bytes that the writer may keep pages in.
  package init(path: String, memory: Int) {
    self.path = path
    self.memory = memory
  }

  package func openWriter() throws(SQLFailure) -> any EngineSession {
    let session = try SQLiteSession(
      path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
      pragmas: [
        "PRAGMA journal_mode = WAL;", "PRAGMA synchronous = FULL;", "PRAGMA wal_autocheckpoint = 0;",
        "PRAGMA journal_size_limit = \(Checkpointer.forcedBytes);", "PRAGMA temp_store = MEMORY;",
        "PRAGMA cache_size = -\(memory / 1024);", "PRAGMA secure_delete = ON;",
      ])
    try claim(session)
    session.watchJournal()
    return session
  }

  package func openReader() throws(SQLFailure) -> any EngineSession {
    try SQLiteSession(
      path: path, flags: SQLITE_OPEN_READWRITE,
      pragmas: [
        "PRAGMA query_only = ON;", "PRAGMA temp_store = MEMORY;", "PRAGMA mmap_size = \(Self.mapped);",
      ])
  }

  /// Refuses another program's database, marks a new one as ours.
  private func claim(_ session: SQLiteSession) throws(SQLFailure) {
    var id: Int64 = 0
    var tables: Int64 = 0
    do {
      try session.forEachRow(ofText: "PRAGMA application_id", []) { row in
        id = row.integer(0)
        return false
      }
      try session.forEachRow(ofText: "SELECT count(*) FROM sqlite_master", []) { row in
        tables = row.integer(0)
        return false
      }
    } catch let failure as SQLFailure {
      throw failure
    } catch {
      throw SQLFailure(.other(SQLITE_ERROR), "\(error)")
    }
    if id == Self.applicationID { return }
    guard id == 0, tables == 0 else { throw SQLFailure(.corrupt, "the file is another program's database") }
    try session.run(script: "PRAGMA application_id = \(Self.applicationID);")
  }

  package func committed(by writer: any EngineSession) {
    guard let session = writer as? SQLiteSession else { return }
    let bytes = session.journalPages * Checkpointer.pageSize
    if bytes > Checkpointer.forcedBytes {
      _ = session.checkpoint()
    } else if bytes > Checkpointer.quietBytes {
      checkpointing.withLock { checkpointer in
        if checkpointer == nil, let session = try? openReader() as? SQLiteSession {
          checkpointer = Checkpointer(session: session)
        }
        checkpointer?.start()
      }
    }
  }

  package func close() {
    checkpointing.withLock { checkpointer in
      checkpointer?.close()
      checkpointer = nil
    }
  }
}
