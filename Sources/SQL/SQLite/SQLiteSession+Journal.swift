import CSQLite

extension SQLiteSession {
  /// Copies what the journal holds into the database as far as no reader needs the old pages, and tells how many
  /// pages the journal has and how many of them are copied.
  func checkpoint() -> (pages: Int, copied: Int) {
    var pages: Int32 = 0
    var copied: Int32 = 0
    disk.note(sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied))
    return (Int(pages), Int(copied))
  }

  /// Makes what was copied durable.
  func syncDatabase() { disk.note(tl_sqlite3_sync(connection)) }

  /// Copies all that the journal holds and waits for the readers of it to end, so that the next commit begins it anew.
  ///
  /// - Returns: `SQLITE_OK`, or `SQLITE_BUSY` where a reader, or another checkpoint, took longer than `patience`, or
  ///   what failed.
  func restartJournal(patience: Duration) -> Int32 {
    sqlite3_busy_timeout(connection, Self.milliseconds(patience))
    defer { sqlite3_busy_timeout(connection, Self.milliseconds(self.patience)) }
    let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_RESTART, nil, nil)
    disk.note(code)
    return code
  }

  /// Copies all that the journal holds and empties its file, whose bytes are written over before (`journal_file.c`).
  ///
  /// - Returns: false where a reader, or another checkpoint, took longer than `patience`.
  func emptyJournal(patience: Duration) -> Bool {
    sqlite3_busy_timeout(connection, Self.milliseconds(patience))
    defer { sqlite3_busy_timeout(connection, Self.milliseconds(self.patience)) }
    let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    disk.note(code)
    return code == SQLITE_OK
  }

  static func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  /// Keeps `journalPages` from now on.
  func watchJournal() {
    sqlite3_wal_hook(
      connection,
      { session, _, _, pages in
        guard let session else { return SQLITE_OK }
        Unmanaged<SQLiteSession>.fromOpaque(session).takeUnretainedValue().journalPages = Int(pages)
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
