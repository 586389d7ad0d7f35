import Foundation
import SQL
import TestKit
import Testing

/// Writes until there is no room and shows that nothing acknowledged is lost; then makes room and goes on.
private func fill(
  _ directory: TemporaryDirectory, limit: (Database) throws -> Void, makeRoom: (Database) throws -> Void
) throws {
  let test = try TestDatabase(directory)
  let database = test.database
  try limit(database)
  func write(_ number: Int64) throws {
    _ = try database.write { session in
      try session.execute(Notes.insert, .integer(number), nil, .bytes(Array(repeating: 7, count: 50_000)))
    }
  }
  var acknowledged: [Int64] = []
  let failure = #expect(throws: SQLFailure.self) {
    for number in Int64(0)..<1000 {
      try write(number)
      acknowledged.append(number)
    }
  }
  #expect(failure?.code == .full)
  #expect(acknowledged.count > 5)
  #expect(try test.numbers() == acknowledged)
  // It stays so, and reads go on.
  #expect(throws: SQLFailure.self) { try write(2000) }
  #expect(try test.numbers() == acknowledged)
  try makeRoom(database)
  for number in Int64(3000)..<3010 {
    try write(number)
    acknowledged.append(number)
  }
  #expect(try test.numbers() == acknowledged)
  database.close()
  let again = try TestDatabase(directory)
  #expect(try again.numbers() == acknowledged)
  #expect(try again.database.read { try $0.damage() } == [])
}

@Test func `without room writes say so, reads go on, and room lets it go on`() throws {
  func bound(_ pages: Int, of database: Database) throws {
    try database.write { session in
      try session.forEachRow(ofText: "PRAGMA max_page_count = \(pages)", []) { _ in true }
    }
  }
  try fill(TemporaryDirectory(), limit: { try bound(300, of: $0) }, makeRoom: { try bound(100_000, of: $0) })
}

@Test func `when there is no room all that stood in the commit is told so`() throws {
  let test = try TestDatabase()
  try test.database.write { try $0.forEachRow(ofText: "PRAGMA max_page_count = 100", []) { _ in true } }
  let gate = Gate()
  test.database.write { _ in
    gate.pass()
  } then: { _ in
  }
  gate.awaitCaller()
  let answers = Answers<SQLFailure.Code?>()
  for size in [10, 1_000_000, 10] {
    test.database.write { session in
      _ = try session.execute(Notes.insert, 1, nil, .bytes(Array(repeating: 7, count: size)))
    } then: {
      answers.add($0.code)
    }
  }
  gate.open()
  #expect(answers.wait(3) == [.full, .full, .full])
  #expect(try test.numbers() == [])
  _ = try test.database.write { try $0.execute(Notes.insert, 5, nil, nil) }
  #expect(try test.numbers() == [5])
}

/// A file system of that many megabytes in `directory`; false where we may not make one.
private func mount(_ options: String, at directory: TemporaryDirectory) -> Bool {
  run("/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.path)
}

private func run(_ program: String, _ arguments: String...) -> Bool {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}

/// Whether we are one who may mount, as in a container of root's.
private let mayMount: Bool = {
  let directory = TemporaryDirectory()
  defer { _ = run("/bin/umount", directory.path) }
  return mount("size=1m", at: directory)
}()

@Test(.enabled(if: mayMount, "only root may mount a small file system"))
func `a disk that is full says so, reads go on, and room lets it go on`() throws {
  let directory = TemporaryDirectory()
  #expect(mount("size=2m", at: directory))
  defer { _ = run("/bin/umount", directory.path) }
  try fill(directory, limit: { _ in }, makeRoom: { _ in #expect(mount("remount,size=32m", at: directory)) })
}
