import Base
import Dispatch
import SQL
import Synchronization
import TestKit
import Testing

/// A disk that a test holds up, or breaks.
private final class SlowDisk: Engine, Sendable {
  private let engine: SQLiteEngine
  private let isBroken = Mutex(false)
  let gate = DispatchSemaphore(value: 0)
  let syncs = Mutex(0)
  let closings = Mutex(0)

  init(_ path: String) { engine = SQLiteEngine(path: path, memory: 1 << 20) }

  func openWriter() throws(SQLFailure) -> any EngineSession { try engine.openWriter() }
  func openReader() throws(SQLFailure) -> any EngineSession { try engine.openReader() }
  func committed(by writer: any EngineSession) { engine.committed(by: writer) }
  func copy(to path: String) throws(SQLFailure) { try engine.copy(to: path) }
  func emptyJournal(by writer: any EngineSession) -> Bool { engine.emptyJournal(by: writer) }
  func close() {
    closings.withLock { $0 += 1 }
    engine.close()
  }
  func fail() { isBroken.withLock { $0 = true } }

  func makeDurable() throws(SQLFailure) {
    // The first is the migrations', before anybody can open the gate.
    let number = syncs.withLock { syncs in
      syncs += 1
      return syncs
    }
    if number > 1 { gate.wait() }
    if isBroken.withLock({ $0 }) { throw SQLFailure(.other(10), "the disk is gone") }
    try engine.makeDurable()
  }
}

private func note(_ number: Int, weight: Int = 1, in database: Database, _ answers: Answers<Int>) {
  database.write(weight: weight) {
    try $0.execute(Notes.insert, .integer(Int64(number)), nil, nil)
  } then: { result in
    answers.add(result.isSuccess ? number : -number)
  }
}

private func count(_ database: Database) throws -> Int64? {
  try database.read { try $0.first(of: Notes.count) { $0.integer(0) } }
}

@Test func `nobody is answered before the disk has it, and the writer goes on meanwhile`() throws {
  let directory = TemporaryDirectory()
  let disk = SlowDisk(directory.file("db"))
  let database = try Database(engine: disk, migrations: Notes.migrations)
  defer { database.close() }
  let answers = Answers<Int>()
  note(1, in: database, answers)
  while disk.syncs.withLock({ $0 }) < 2 {}
  note(2, weight: 64 << 10, in: database, answers)
  note(3, weight: 64 << 10, in: database, answers)
  while try count(database) != 3 {}
  #expect(answers.all.isEmpty)
  disk.gate.signal()
  #expect(answers.wait(1) == [1])
  disk.gate.signal()
  #expect(answers.wait(2) == [1, 2, 3])
  #expect(disk.syncs.withLock { $0 } == 3, "one sync is for all that is committed by then")
}

@Test func `what is little waits for the disk, and goes in with what came meanwhile`() throws {
  let directory = TemporaryDirectory()
  let disk = SlowDisk(directory.file("db"))
  let database = try Database(engine: disk, migrations: Notes.migrations)
  defer { database.close() }
  let answers = Answers<Int>()
  note(1, in: database, answers)
  while disk.syncs.withLock({ $0 }) < 2 {}
  let commits = database.counters.commits
  for number in 2...9 { note(number, in: database, answers) }
  disk.gate.signal()
  #expect(answers.wait(1) == [1])
  disk.gate.signal()
  #expect(answers.wait(8) == Array(1...9))
  #expect(database.counters.commits == commits + 1)
}

@Test func `a disk that fails once is asked no more`() throws {
  let directory = TemporaryDirectory()
  let disk = SlowDisk(directory.file("db"))
  let database = try Database(engine: disk, migrations: Notes.migrations)
  defer { database.close() }
  let answers = Answers<Int>()
  disk.fail()
  note(1, in: database, answers)
  while try count(database) != 1 {}
  note(2, in: database, answers)
  disk.gate.signal()
  disk.gate.signal()
  #expect(answers.wait(2) == [-1, -2])
  note(3, in: database, answers)
  #expect(answers.wait(1) == [-1, -2, -3])
  #expect(disk.syncs.withLock { $0 } == 2)
  #expect(database.counters.failures == 1)
}

@Test func `a database that cannot be made durable is not opened, and nothing of it stays open`() throws {
  let directory = TemporaryDirectory()
  let disk = SlowDisk(directory.file("db"))
  disk.fail()
  #expect(throws: SQLFailure.self) { _ = try Database(engine: disk, migrations: Notes.migrations) }
  #expect(disk.closings.withLock { $0 } == 1)
  #expect(directory.size("db-wal") == 0, "no session is open")
}

@Test func `whatever is answered is in the files, also after rollbacks, large transactions and checkpoints`() throws {
  let directory = TemporaryDirectory()
  let database = try Database(
    engine: SQLiteEngine(path: directory.file("db"), memory: 1 << 20), migrations: Notes.migrations)
  defer { database.close() }
  struct Refused: Error {}
  var written: Int64 = 0
  for round in 1...40 {
    // Some are larger than the page cache, so that pages go to the journal before the commit; some are taken back.
    let rows: Int64 = round % 10 == 0 ? 600 : 3
    @Sendable func fill(_ session: any Session) throws {
      for row in 0..<rows {
        try session.execute(
          Notes.insert, .integer(row), .text("round \(round)"), .bytes([UInt8](repeating: UInt8(round), count: 5000)))
      }
    }
    if round % 3 == 0 {
      #expect(throws: Refused.self) {
        try database.write { session in
          try fill(session)
          throw Refused()
        }
      }
    } else {
      try database.write { try fill($0) }
      written += rows
    }
    // As a kill would leave them.
    let copy = TemporaryDirectory()
    for end in ["", "-wal"] { copy.write(directory.contents("db\(end)"), to: "db\(end)") }
    let session = try SQLiteEngine(path: copy.file("db"), memory: 0).openReader()
    defer { session.close() }
    #expect(try session.first(of: Notes.count) { $0.integer(0) } == written, "\(round)")
    #expect(try session.damage() == [], "\(round)")
  }
}
