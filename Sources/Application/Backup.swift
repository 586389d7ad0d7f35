import Base
import Customers
import FoundationEssentials
import Glibc
import SQL

/// A copy of the database in one file, with the journal of erasures in another one beside it.
///
/// The command reads the database itself, as `verify` does, whether the directory is served or not: so the file is made
/// with the rights and in the file system of whoever asked for it, and neither a stop of the server nor an end of the
/// command disturbs the other.
struct Backup {
  /// What was made.
  struct Report {
    /// The place in the log that the copy goes to.
    var sequence: Int64
    var bytes: Int
    var time: Duration
  }

  private let source: DataDirectory

  /// - Throws: `notFound` where there is no database.
  init(_ source: DataDirectory) throws {
    guard source.hasDatabase else { throw Failure(.notFound, "there is no database in \(source.path)") }
    self.source = source
  }

  /// Copies the database into `file`, which has its name only when it is whole and durable.
  ///
  /// - Parameter replaces: whether a file of that name may be there.
  /// - Throws: `conflict` where there is one and it may not.
  func write(to file: String, replaces: Bool) throws -> Report {
    let start = ContinuousClock.now
    let (directory, name) = Disk.split(file)
    try check(file, replaces: replaces)
    Leftovers.sweep("\(name).partial", in: directory)
    let partial = "\(directory)/\(Leftovers.name("\(name).partial"))"
    try Disk.make(partial)
    do {
      let sequence = try copy(to: partial)
      CrashPoint.pass("backup.beforeName")
      // Somebody may have made it meanwhile.
      try check(file, replaces: replaces)
      let bytes = Disk.status(partial).map { Int($0.st_size) } ?? 0
      // The journal first, and those of older backups beside it, which learn from it whom they have no more.
      try refreshJournals(in: directory, from: partial, beside: name)
      CrashPoint.pass("backup.afterJournal")
      try Disk.rename(partial, to: "\(directory)/\(name)")
      return Report(sequence: sequence, bytes: bytes, time: ContinuousClock.now - start)
    } catch {
      unlink(partial)
      throw error
    }
  }

  /// Writes the journal of the copy, and brings those up to date that this installation's older backups have beside it.
  private func refreshJournals(in directory: String, from copy: String, beside name: String) throws {
    let session = try SQLiteEngine(path: copy, memory: 0).openReader()
    defer { session.close() }
    guard try session.tables().contains("tombstone"), let seed = try Setting.existingMessageSeed(in: session) else {
      return
    }
    let journal = try ErasureJournal(seed: seed, in: session)
    for file in Self.journals(in: directory) where file != name + ErasureJournal.suffix {
      guard let older = try? ErasureJournal(path: "\(directory)/\(file)"), older.installation == journal.installation,
        Set(older.tombstones).isSubset(of: journal.tombstones), older.tombstones.count < journal.tombstones.count
      else { continue }
      try journal.write(to: "\(directory)/\(file)")
    }
    try journal.write(to: "\(directory)/\(name)\(ErasureJournal.suffix)")
  }

  /// The names of the journals in a directory.
  static func journals(in directory: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasSuffix(ErasureJournal.suffix) }.sorted()
  }

  private func check(_ file: String, replaces: Bool) throws {
    guard let there = Disk.status(file) else { return }
    guard replaces else { throw Failure(.conflict, "there is a file \(file) already", hint: "--force replaces it") }
    guard there.st_mode & S_IFMT == S_IFREG else { throw Failure(.conflict, "\(file) is no file") }
    if let own = Disk.status(source.database), own.st_dev == there.st_dev, own.st_ino == there.st_ino {
      throw Failure(.conflict, "\(file) is the database itself")
    }
  }

  /// Copies, and reads from the copy how far it goes.
  private func copy(to partial: String) throws -> Int64 {
    do {
      try SQLiteEngine(path: source.database, memory: 0).copy(to: partial)
    } catch {
      if error.code == .full { throw Failure(.unavailable, "there is no room for the copy", hint: "make room") }
      throw Store.told(error, source.database)
    }
    CrashPoint.pass("backup.afterCopy")
    let session = try SQLiteEngine(path: partial, memory: 0).openReader()
    defer { session.close() }
    guard try session.tables().contains("event") else {
      throw Failure(.unavailable, "\(source.database) has never been served", hint: "throughline serve")
    }
    return try EventLog.last(in: session)
  }
}
