import Dispatch
import Glibc
import Synchronization
import TestKit
import Testing

@testable import SQL

private func engine(_ directory: TemporaryDirectory, _ name: String) -> SQLiteEngine {
  SQLiteEngine(path: directory.file(name), memory: 1 << 20, patience: .milliseconds(50))
}

/// Writes pairs of notes, each pair in one transaction, until it is told to stop.
private final class PairWriter: Sendable {
  private let stopped = Atomic<Bool>(false)
  private let group = DispatchGroup()

  init(_ database: Database) {
    DispatchQueue(label: "pairs").async(group: group) { @Sendable [self] in
      var number: Int64 = 0
      while !stopped.load(ordering: .relaxed) {
        let first = number
        _ = try? database.write { session in
          for number in [first, first + 1] {
            try session.execute(Notes.insert, .integer(number), nil, .bytes(Array(repeating: 7, count: 2000)))
          }
        }
        number += 2
      }
    }
  }

  func stop() {
    stopped.store(true, ordering: .relaxed)
    group.wait()
  }
}

@Test func `a copy under writes is whole, of one moment, and plain`() throws {
  let test = try TestDatabase()
  let writer = PairWriter(test.database)
  var counts: [Int64] = []
  for number in 0..<5 {
    usleep(20_000)
    let name = "copy \(number)'s"
    try engine(test.directory, "db").copy(to: test.directory.file(name))
    // A reader makes no journal beside a file that is none of write-ahead mode.
    let session = try engine(test.directory, name).openReader()
    counts.append(try session.first(of: Notes.count) { $0.integer(0) } ?? 0)
    #expect(try session.damage() == [])
    #expect(test.directory.size(name + "-wal") == 0 && test.directory.size(name + "-shm") == 0)
    session.close()
  }
  writer.stop()
  #expect(counts.allSatisfy { $0.isMultiple(of: 2) }, "\(counts)")
  #expect(counts == counts.sorted() && (counts.last ?? 0) > 0)
}

@Test func `a copy opens as a database, and has its migrations`() throws {
  let test = try TestDatabase()
  _ = try test.database.write { try $0.execute(Notes.insert, 1, nil, nil) }
  try engine(test.directory, "db").copy(to: test.directory.file("copy"))
  let copy = try Database(engine: engine(test.directory, "copy"), migrations: Notes.migrations)
  #expect(try copy.read { try $0.first(of: Notes.count) { $0.integer(0) } } == 1)
  #expect(try copy.read { try $0.lastMigration() } == test.database.read { try $0.lastMigration() })
  copy.close()
}

@Test func `what was deleted is not in a copy`() throws {
  let test = try TestDatabase()
  _ = try test.database.write { session in
    for number in Int64(0)..<2000 {
      try session.execute(Notes.insert, .integer(number), nil, .bytes(Array(repeating: 7, count: 500)))
    }
  }
  _ = try test.database.write { try $0.forEachRow(ofText: "DELETE FROM note", []) { _ in true } }
  try engine(test.directory, "db").copy(to: test.directory.file("copy"))
  #expect(test.directory.size("copy") < 100 << 10)
}

@Test func `a copy takes an empty file's place and no other's`() throws {
  let test = try TestDatabase()
  let engine = engine(test.directory, "db")
  test.directory.write([], to: "empty")
  try engine.copy(to: test.directory.file("empty"))
  #expect(test.directory.size("empty") > 0)
  test.directory.write(Array("something".utf8), to: "taken")
  #expect(throws: SQLFailure.self) { try engine.copy(to: test.directory.file("taken")) }
  #expect(test.directory.contents("taken") == Array("something".utf8))
  #expect(throws: SQLFailure.self) { try engine.copy(to: test.directory.file("no/such/copy")) }
}
