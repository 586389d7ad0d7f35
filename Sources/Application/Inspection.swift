import Base
import Customers
import FoundationEssentials
import SQL

/// Reads a data directory, served or not, on one snapshot, and changes nothing in it.
struct Inspection {
  private let directory: DataDirectory

  /// - Throws: `notFound` where there is no database.
  init(_ directory: DataDirectory) throws {
    self.directory = directory
    guard directory.hasDatabase else { throw Failure(.notFound, "there is no database in \(directory.path)") }
    directory.sweep()
  }

  /// Runs every check but those of views that are being made anew.
  func verify() throws -> (names: [String], postponed: Set<String>, findings: [Finding]) {
    try reading { session, folds in
      let verification = Verification(folds: folds)
      return (verification.names, try verification.postponed(in: session), try verification.run(in: session))
    }
  }

  /// Folds the log anew, in a database beside the one in use, and compares.
  func replay() throws -> Replay.Report {
    let place = "\(directory.path)/\(Leftovers.name(DataDirectory.replaying))"
    let aside = DataDirectory(path: place)
    try aside.make()
    defer { try? FileManager.default.removeItem(atPath: place) }
    return try reading { session, folds in
      let empty = try Database(
        engine: SQLiteEngine(path: aside.database, memory: Configuration().memory << 20),
        migrations: Store.migrations)
      defer { empty.close() }
      let source = Borrowed(session)
      return try empty.write { try Replay(folds: folds).run(from: source.session, into: $0) }
    }
  }

  /// Writes everything that is kept in its canonical form.
  ///
  /// - Returns: what was left out for the merge.
  func export(withoutMerge merge: String?, to sink: ([UInt8]) throws -> Void) throws -> [String] {
    try reading { session, folds in
      try CanonicalExport(folds: folds).write(withoutMerge: merge, in: session, to: sink)
    }
  }

  /// What storing these documents would come to.
  func preview(_ documents: DocumentSet) throws -> [DocumentSet.Line] {
    try reading { session, _ in try documents.preview(in: session) }
  }

  /// What another version of the program wrote, only that version can judge.
  private func checkMigration(_ session: any Session) throws {
    let (number, newest) = (try session.lastMigration(), Store.migrations.last?.number ?? 0)
    if number > newest { throw SQLFailure(.newer(number), "the database is newer than the program") }
    if number < newest {
      throw Failure(
        .unavailable, "\(directory.database) was written by an older program",
        hint: "throughline migrate brings it up to date")
    }
  }

  private func reading<T>(_ work: (any Session, [any Fold]) throws -> T) throws -> T {
    do {
      let session = try SQLiteEngine(path: directory.database, memory: 0).openReader()
      defer { session.close() }
      try session.beginReading()
      defer { session.rollback() }
      try checkMigration(session)
      guard let seed = try Setting.existingMessageSeed(in: session) else {
        throw Failure(.unavailable, "\(directory.database) has never been served", hint: "throughline serve")
      }
      return try work(session, Store.folds(seed: seed).all)
    } catch let failure as SQLFailure {
      throw Store.told(failure, directory.database)
    }
  }
}

/// A session that another thread uses while its owner waits.
// protected by its owner, who does not touch it until that thread is done
private struct Borrowed: @unchecked Sendable {
  let session: any Session
  init(_ session: any Session) { self.session = session }
}
