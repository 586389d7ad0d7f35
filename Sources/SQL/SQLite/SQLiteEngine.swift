import CSQLite
import Glibc
import Synchronization

/// SQLite in its write-ahead mode: one writer, readers that never wait for it, durable at each commit.
package final class SQLiteEngine: Engine {
  private let path: String
  private let memory: Int
  private let patience: Duration
  private let disk = DiskFailure()
  /// The journal's file; below zero until it is needed.
  private let journal = Mutex<Int32>(-1)
  private let checkpointing = Mutex<Checkpointer?>(nil)
  /// The journal's length from which the writer next waits for its readers.
  private let restart = Atomic<Int>(Checkpointer.restartBytes)

  /// `throughline` in ASCII, cut to four letters, so that `file` and our own opening tell our databases from others.
  private static let applicationID = 0x7468_726C

  /// How much of the file the readers map, because each commit empties their caches: what SQLite maps at most.
  ///
  /// The system takes the memory back as it likes.
  private static let mapped: Int64 = 0x7FFF_0000

  /// An engine on the file at `path`, which is made when it is not there.
  ///
  /// - Parameters:
  ///   - memory: bytes that the writer may keep pages in.
  ///   - patience: how long to wait for another program that holds the file, such as the `sqlite3` shell, before
  ///     saying so.
  package init(path: String, memory: Int, patience: Duration = .seconds(5)) {
    self.path = path
    self.memory = memory
    self.patience = patience
  }

  package func openWriter() throws(SQLFailure) -> any EngineSession {
    let session = try SQLiteSession(
      path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, writes: true, patience: patience,
      disk: disk,
      pragmas: [
        // The journal is made durable by `makeDurable`, so a commit does not; copying and beginning anew still do.
        "PRAGMA synchronous = NORMAL;", "PRAGMA wal_autocheckpoint = 0;",
        "PRAGMA journal_size_limit = \(Checkpointer.finishBytes);", "PRAGMA temp_store = MEMORY;",
        "PRAGMA cache_size = -\(memory / 1024);", "PRAGMA secure_delete = ON;",
      ])
    do throws(SQLFailure) {
      // The journal's mode is written into the file, so not before the file is known to be ours.
      try claim(session)
      let mode = try session.word(ofText: "PRAGMA journal_mode = WAL")
      guard mode == "wal" else {
        throw SQLFailure(.cannotOpen, "the file system allows no write-ahead log, only \(mode)")
      }
      try copyJournal(session)
    } catch {
      session.close()
      throw error
    }
    session.watchJournal()
    return session
  }

  package func openReader() throws(SQLFailure) -> any EngineSession {
    try openReader(pragmas: ["PRAGMA query_only = ON;", "PRAGMA mmap_size = \(Self.mapped);"])
  }

  private func openReader(pragmas: [String]) throws(SQLFailure) -> any EngineSession {
    let session = try SQLiteSession(
      path: path, flags: SQLITE_OPEN_READWRITE, writes: false, patience: patience, disk: disk,
      pragmas: pragmas + ["PRAGMA temp_store = MEMORY;"])
    guard try session.word(ofText: "PRAGMA application_id") == "\(Self.applicationID)" else {
      session.close()
      throw SQLFailure(.corrupt, "the file is no database of ours")
    }
    return session
  }

  /// Refuses another program's database and one that cannot be written, marks a new one as ours.
  private func claim(_ session: SQLiteSession) throws(SQLFailure) {
    if session.isReadOnly { throw SQLFailure(.readOnly, "the file cannot be written") }
    let id = try session.word(ofText: "PRAGMA application_id")
    if id == "\(Self.applicationID)" { return }
    guard id == "0", try session.word(ofText: "SELECT count(*) FROM sqlite_master") == "0" else {
      throw SQLFailure(.corrupt, "the file is another program's database")
    }
    try session.run(script: "PRAGMA application_id = \(Self.applicationID);")
  }

  /// Copies what a process that was killed has left in the journal, so that nothing is written behind it.
  ///
  /// A sync may have failed in that process. Its pages are then on no disk, but in the system's memory, where they are
  /// read and taken for written; what is appended to them and synced would be lost with them by a power cut.
  private func copyJournal(_ session: SQLiteSession) throws(SQLFailure) {
    // Another program that reads from it, or a full disk, is no reason not to open.
    _ = session.restartJournal(patience: patience)
    if let failure = disk.failure { throw failure }
  }

  package func makeDurable() throws(SQLFailure) {
    if let failure = disk.failure { throw failure }
    // SQLite keeps the journal's file for as long as a connection is open, so one descriptor serves all that time; a
    // sync by any descriptor covers what others wrote (POSIX, fdatasync).
    let descriptor = journal.withLock { journal in
      if journal < 0 { journal = open(path + "-wal", O_RDONLY | O_CLOEXEC) }
      return journal
    }
    guard descriptor >= 0 else {
      throw SQLFailure(.cannotOpen, "the journal cannot be opened: \(String(cString: strerror(errno)))")
    }
    while fdatasync(descriptor) != 0 {
      if errno != EINTR {
        let failure = SQLFailure(
          .other(SQLITE_IOERR), "the journal cannot be written: \(String(cString: strerror(errno)))")
        disk.note(failure)
        throw failure
      }
    }
  }

  package func committed(by writer: any EngineSession) {
    guard let session = writer as? SQLiteSession, disk.failure == nil else { return }
    let bytes = session.journalPages * Checkpointer.pageSize
    if bytes > restart.load(ordering: .relaxed) {
      checkpointing.withLock { $0?.wait() }
      let isRestarted = session.restartJournal(patience: Checkpointer.restartPatience) == SQLITE_OK
      restart.store(isRestarted ? Checkpointer.restartBytes : bytes + Checkpointer.restartStep, ordering: .relaxed)
    } else if bytes > Checkpointer.stepBytes {
      checkpointing.withLock { checkpointer in
        if checkpointer == nil, let session = try? openReader() as? SQLiteSession {
          checkpointer = Checkpointer(session: session)
        }
        guard let checkpointer else { return }
        let left = checkpointer.bytesLeft(of: session.journalPages)
        if bytes > Checkpointer.finishBytes, left <= Checkpointer.remnantBytes {
          _ = session.checkpoint()
        } else if left > (bytes > Checkpointer.finishBytes ? Checkpointer.remnantBytes : Checkpointer.stepBytes) {
          checkpointer.start()
        }
      }
    }
  }

  package func emptyJournal(by writer: any EngineSession) -> Bool {
    guard let session = writer as? SQLiteSession else { return false }
    checkpointing.withLock { $0?.wait() }
    return session.emptyJournal(patience: Checkpointer.restartPatience)
  }

  /// `VACUUM INTO` and not the backup API: measured on 350 MiB under writes, neither is faster nor keeps the writer
  /// waiting longer, and it leaves out the pages that hold nothing any more and makes every index anew.
  package func copy(to path: String) throws(SQLFailure) {
    let session = try openReader(pragmas: [])
    defer { session.close() }
    do {
      try session.forEachRow(ofText: "VACUUM INTO ?1", [.text(path)]) { _ in true }
    } catch let failure as SQLFailure {
      throw failure
    } catch {
      throw SQLFailure(.other(SQLITE_ERROR), "\(error)")
    }
    // What `VACUUM INTO` has written may still lie in the system's memory (lang_vacuum.html, section 2).
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      let failure = SQLFailure(errno == ENOSPC ? .full : .cannotOpen, String(cString: strerror(errno)))
      Glibc.close(descriptor)
      throw failure
    }
    Glibc.close(descriptor)
  }

  package func close() {
    checkpointing.withLock { checkpointer in
      checkpointer?.close()
      checkpointer = nil
    }
    journal.withLock { journal in
      if journal >= 0 { Glibc.close(journal) }
      journal = -1
    }
  }
}
