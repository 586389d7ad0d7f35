import CSQLite

/// A database in memory for one piece of work: what is put together there leaves no trace on the disk.
package enum ScratchDatabase {
  /// Does `work` on an empty database with the schema of `migrations`, which is gone when this returns.
  ///
  /// It takes about a millisecond, and as much memory as `work` writes.
  package static func use<T>(_ migrations: [Migration], _ work: (any Session) throws -> T) throws -> T {
    let session = try SQLiteSession(
      path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, writes: false, patience: .zero,
      disk: DiskFailure(), pragmas: ["PRAGMA journal_mode = OFF;", "PRAGMA temp_store = MEMORY;"])
    defer { session.close() }
    try session.beginWriting()
    // One transaction for all of it: nothing here needs to last.
    for migration in migrations { try session.run(script: migration.script) }
    defer { session.rollback() }
    return try work(session)
  }
}
