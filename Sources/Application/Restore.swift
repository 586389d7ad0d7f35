import Base
import Customers
import FoundationEssentials
import Glibc
import SQL

/// Puts a backup into a data directory.
///
/// Everything is done and checked beside the database in use, which is replaced in one step at the end; so whatever goes
/// wrong before leaves the directory as it was.
struct Restore {
  /// What was done.
  struct Report {
    /// The place in the log that the backup goes to.
    var sequence: Int64
    /// The migrations that the backup had been through, and has been through now.
    var migrated: (from: Int64, to: Int64)
    /// How many names of persons the backup had who were erased since, and has no more.
    var erased = 0
    /// What does not hold in the backup; where there is anything, the directory is as it was.
    var findings: [Finding]
    /// Where the database that was replaced stands now.
    var kept: String?
  }

  private let directory: DataDirectory
  private let clock: any Clock

  init(_ directory: DataDirectory, clock: any Clock = SystemClock()) {
    self.directory = directory
    self.clock = clock
  }

  /// Puts the backup in `file` into the directory.
  ///
  /// Whoever was erased since the backup was made is erased in it too, by the journals of erasures: that of the
  /// directory, those beside the backup, and the one that is named.
  ///
  /// - Parameters:
  ///   - replaces: whether there may be a database, which is kept under another name.
  ///   - erasures: a further journal.
  /// - Throws: `conflict` where the directory is being served, or has a database and may not.
  func read(from file: String, replaces: Bool, erasures: String? = nil) throws -> Report {
    guard Disk.status(file) != nil else { throw Failure(.notFound, "there is no file \(file)") }
    try directory.make()
    try directory.take()
    guard replaces || !directory.hasDatabase else {
      throw Failure(
        .conflict, "there is a database in \(directory.path)",
        hint: "--force replaces it and keeps it under another name")
    }
    let place = "\(directory.path)/\(Leftovers.name(DataDirectory.restoring))"
    let aside = DataDirectory(path: place)
    try aside.make()
    defer { try? FileManager.default.removeItem(atPath: place) }
    try Disk.copy(file, to: aside.database)
    var report: Report
    do {
      report = try prepare(aside, file, try journals(beside: file, and: erasures))
    } catch let failure as SQLFailure where failure.code == .corrupt {
      throw Store.told(failure, file)
    }
    if !report.findings.isEmpty { return report }
    if Disk.status(aside.erasures) != nil { try Disk.rename(aside.erasures, to: directory.erasures) }
    CrashPoint.pass("restore.beforeKeeping")
    if directory.hasDatabase { report.kept = try keep() }
    CrashPoint.pass("restore.beforeName")
    if let owner = Disk.status(directory.path) { chown(aside.database, owner.st_uid, owner.st_gid) }
    try Disk.rename(aside.database, to: directory.database)
    return report
  }

  /// What is known of erasures: another installation's journals are read and mean nothing.
  private func journals(beside file: String, and named: String?) throws -> [ErasureJournal] {
    let (place, _) = Disk.split(file)
    let own = Disk.status(directory.erasures) == nil ? [] : [directory.erasures]
    let paths = own + Backup.journals(in: place).map { "\(place)/\($0)" } + [named].compactMap { $0 }
    return try paths.map { try ErasureJournal(path: $0) }
  }

  /// Erases whom a backup still has.
  ///
  /// - Returns: how many names he, or they, had.
  private func erase(_ journals: [ErasureJournal], in store: Store, _ aside: DataDirectory) throws -> Int {
    let (erasure, now) = (store.erasure, clock.now)
    let messageID = store.tokens.next("req_")
    let count = try store.database.write { session in
      guard let seed = try Setting.existingMessageSeed(in: session) else { return 0 }
      let journal = try ErasureJournal(seed: seed, in: session, with: journals)
      let origins = try journal.origins(seed: seed, in: session)
      for tombstone in journal.tombstones { try Tombstone.keep(tombstone, in: session) }
      if origins.isEmpty { return 0 }
      let act = Erasure.Act(
        reason: "erased before the backup was restored", author: "restore", messageID: messageID, at: now)
      _ = try erasure.erase(origins, by: act, in: session)
      return origins.count
    }
    try store.database.read { session in
      guard let seed = try Setting.existingMessageSeed(in: session) else { return }
      let journal = try ErasureJournal(seed: seed, in: session)
      if !journal.tombstones.isEmpty { try journal.write(to: aside.erasures) }
    }
    return count
  }

  /// Checks the copy of the backup, migrates it, erases whom it should not have and verifies it.
  private func prepare(_ aside: DataDirectory, _ file: String, _ journals: [ErasureJournal]) throws -> Report {
    let from = try Store.migration(of: aside, named: file)
    let store = try Store(aside, memory: Configuration().memory << 20, named: file)
    defer { store.database.close() }
    try ViewBuilder(database: store.database, folds: store.folds).finish()
    let sequence = try store.database.read { try EventLog.last(in: $0) }
    let erased = try erase(journals, in: store, aside)
    // Of sign-outs since the backup was made its log knows nothing.
    try store.database.write { try Vault.endTokens(in: $0) }
    return try store.database.read { session in
      guard let seed = try Setting.existingMessageSeed(in: session) else {
        preconditionFailure("an open store without a seed")
      }
      let findings = try Verification(folds: Store.folds(seed: seed).all).run(in: session)
      return Report(
        sequence: sequence, migrated: (from, try session.lastMigration()), erased: erased, findings: findings, kept: nil
      )
    }
  }

  /// Gives the database that is there a second name, and lets it have the first until that is taken over.
  ///
  /// Its journal must not stand beside the new one, which would take it for its own. So opening it folds the journal in;
  /// where that fails, because it is damaged, the journal stays beside the one that is kept.
  private func keep() throws -> String {
    let time = clock.now.text.filter { $0 != "-" && $0 != ":" }
    let (kept, journal) = ("\(directory.database).replaced-\(time)", "\(directory.database)-wal")
    try Disk.link(directory.database, as: kept)
    let hasJournal = Disk.status(journal) != nil
    if hasJournal { try Disk.link(journal, as: "\(kept)-wal") }
    if let session = try? SQLiteEngine(path: directory.database, memory: 0).openWriter() {
      session.close()
      if hasJournal, Disk.status(journal) == nil { unlink("\(kept)-wal") }
    }
    for suffix in ["-wal", "-shm"] { unlink(directory.database + suffix) }
    return kept
  }
}
