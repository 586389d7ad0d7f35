import Base

/// One numbered step of the schema; once released it is never changed.
package struct Migration: Sendable {
  /// Its place: the first is 1, each next one higher.
  package let number: Int64
  /// What it is about, for the one who looks into the table `migration`.
  package let name: String
  /// The statements, each ended by a semicolon.
  package let script: String

  package init(_ number: Int64, _ name: String, _ script: String) {
    self.number = number
    self.name = name
    self.script = script
  }
}

/// Which steps the schema has been through.
package enum MigrationStatement: Int, StatementSet {
  case last, record

  package var sql: String {
    switch self {
    case .last: "SELECT coalesce(max(number), 0) FROM migration"
    case .record: "INSERT INTO migration (number, name) VALUES (?1, ?2)"
    }
  }
}

extension Session {
  /// The number of the newest migration that the database has been through.
  package func lastMigration() throws -> Int64 { try first(of: MigrationStatement.last) { $0.integer(0) } ?? 0 }
}

extension EngineSession {
  /// Brings the schema to the newest of `migrations`, each in a transaction of its own.
  ///
  /// - Throws: `newer` where the database has a migration that this program does not know, `busy` where another
  ///   program writes to it, and `readOnly`, whether or not there is something to do.
  func migrate(_ migrations: [Migration]) throws {
    let newest = migrations.last?.number ?? 0
    var done: Int64 = 0
    try transaction {
      try run(
        script: "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL);")
      done = try lastMigration()
      guard done <= newest else {
        throw SQLFailure(.newer(done), "the database is at migration \(done), this program knows \(newest)")
      }
    }
    for migration in migrations where migration.number > done {
      try transaction {
        try run(script: migration.script)
        CrashPoint.pass("migration.between")
        try execute(MigrationStatement.record, .integer(migration.number), .text(migration.name))
      }
    }
  }

  private func transaction(_ work: () throws -> Void) throws {
    try beginWriting()
    do {
      try work()
      try commit()
    } catch {
      rollback()
      throw error
    }
  }
}
