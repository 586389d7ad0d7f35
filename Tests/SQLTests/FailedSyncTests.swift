import CSQLite
import TestKit
import Testing

@testable import SQL

/// A database whose files can fail, with a note in its journal.
private func opened(
  in directory: TemporaryDirectory
) throws -> (engine: SQLiteEngine, writer: SQLiteSession, path: String) {
  FailingFiles.install
  let path = directory.file(FailingFiles.mark + "db")
  let engine = SQLiteEngine(path: path, memory: 1 << 20, patience: .milliseconds(50))
  let writer = try #require(try engine.openWriter() as? SQLiteSession)
  try writer.migrate(Notes.migrations)
  try add(1, by: writer)
  return (engine, writer, path)
}

private func add(_ number: Int64, by writer: SQLiteSession) throws {
  try writer.beginWriting()
  try writer.execute(Notes.insert, .integer(number), nil, nil)
  try writer.commit()
}

private func numbers(in path: String) throws -> [Int64] {
  let database = try Database(
    engine: SQLiteEngine(path: path, memory: 1 << 20, patience: .milliseconds(50)), migrations: Notes.migrations)
  defer { database.close() }
  return try database.read { try $0.rows(of: Notes.list) { $0.integer(0) } }
}

/// The ways in which a sync of the database's own file is asked for.
private enum Way: CaseIterable {
  case checkpoint, restart, background
}

@Test(arguments: Way.allCases)
private func `after a failed sync of the database nothing is durable any more, and the journal stays`(way: Way) throws {
  let directory = TemporaryDirectory()
  let (engine, writer, path) = try opened(in: directory)
  let other = try #require(try engine.openReader() as? SQLiteSession)
  #expect(throws: Never.self) { try engine.makeDurable() }
  FailingFiles.fail(path)
  switch way {
  case .checkpoint: _ = writer.checkpoint()
  case .restart: #expect(writer.restartJournal(patience: .zero) != SQLITE_OK)
  case .background: other.syncDatabase()
  }
  #expect(throws: SQLFailure.self) { try engine.makeDurable() }
  try add(2, by: writer)
  #expect(throws: SQLFailure.self, "the disk tells it once only, so it is not asked again") { try engine.makeDurable() }
  writer.close()
  other.close()
  engine.close()
  #expect(directory.size(FailingFiles.mark + "db-wal") > 0, "only the journal still has what was lost")
  #expect(try numbers(in: path) == [1, 2])
}

@Test func `after a failed sync the journal is not copied any more`() throws {
  let directory = TemporaryDirectory()
  let (engine, writer, path) = try opened(in: directory)
  FailingFiles.fail(path)
  _ = writer.checkpoint()
  writer.journalPages = Checkpointer.restartBytes / Checkpointer.pageSize + 1
  engine.committed(by: writer)
  try add(2, by: writer)
  // What has begun anew is as short as one commit.
  #expect(writer.journalPages > 8)
  writer.close()
  engine.close()
}

@Test func `whoever opens a database copies what a killed process has left in the journal`() throws {
  let directory = TemporaryDirectory()
  let (engine, writer, _) = try opened(in: directory)
  let copy = TemporaryDirectory()
  for end in ["db", "db-wal"] { copy.write(directory.contents(FailingFiles.mark + end), to: end) }
  writer.close()
  engine.close()
  let before = copy.size("db")
  let next = SQLiteEngine(path: copy.file("db"), memory: 1 << 20, patience: .milliseconds(50))
  let session = try next.openWriter()
  #expect(copy.size("db") > before)
  session.close()
  next.close()
  #expect(try numbers(in: copy.file("db")) == [1])
}

@Test func `a database whose disk fails on opening is not opened, and is whole the next time`() throws {
  let directory = TemporaryDirectory()
  let (engine, writer, path) = try opened(in: directory)
  FailingFiles.fail(path)
  _ = writer.checkpoint()
  let reader = try #require(try engine.openReader() as? SQLiteSession)
  writer.close()
  engine.close()
  let next = SQLiteEngine(path: path, memory: 1 << 20, patience: .milliseconds(50))
  #expect(throws: SQLFailure.self) {
    FailingFiles.failOnOpening(path)
    _ = try next.openWriter()
  }
  reader.close()
  #expect(try numbers(in: path) == [1])
}
