import Glibc
import TestKit
import Testing

@testable import SQL

private func open(
  _ directory: TemporaryDirectory, _ migrations: [Migration] = Notes.migrations, name: String = "db"
) throws -> Database {
  try Database(
    engine: SQLiteEngine(path: directory.file(name), memory: 1 << 20, patience: .milliseconds(50)),
    migrations: migrations)
}

private func code(_ work: () throws -> Void) -> SQLFailure.Code? {
  do {
    try work()
    return nil
  } catch {
    return (error as? SQLFailure)?.code
  }
}

@Test func `a database is made once and found again`() throws {
  let directory = TemporaryDirectory()
  for count in 1...3 {
    let database = try open(directory)
    try database.write { _ = try $0.execute(Notes.insert, 1, nil, nil) }
    #expect(try database.read { try $0.first(of: Notes.count) { $0.integer(0) } } == Int64(count))
    database.close()
  }
  // Nothing is left beside the file, so that a copy of it is whole.
  #expect(directory.size("db-wal") == 0)
}

@Test func `migrations go on from where the database stands`() throws {
  let directory = TemporaryDirectory()
  try open(directory, Array(Notes.migrations[..<1])).close()
  try open(directory).close()
  let database = try open(directory, Notes.migrations + [Migration(3, "more", "CREATE TABLE more (id INTEGER);")])
  #expect(try database.read { try $0.tables() } == ["migration", "more", "note", "once"])
  #expect(try database.read { try $0.first(of: MigrationStatement.last) { $0.integer(0) } } == 3)
  database.close()
}

@Test(arguments: [
  "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);", "CREATE TABLE half (id INTEGER); nonsense;",
  "CREATE TABLE half (id INTEGER); CREATE TABLE note (id INTEGER);",
])
func `a migration that fails leaves nothing, and those before it stand`(script: String) throws {
  let directory = TemporaryDirectory()
  #expect(throws: SQLFailure.self) { _ = try open(directory, Notes.migrations + [Migration(3, "bad", script)]) }
  let database = try open(directory)
  #expect(try database.read { try $0.tables() } == ["migration", "note", "once"])
  database.close()
}

@Test func `a newer program's database is refused and left alone`() throws {
  let directory = TemporaryDirectory()
  try open(directory).close()
  let before = directory.contents("db")
  #expect(code { _ = try open(directory, Array(Notes.migrations[..<1])) } == .newer(2))
  #expect(directory.contents("db") == before)
}

@Test(arguments: ["PRAGMA user_version = 1; CREATE TABLE theirs (id INTEGER);", "PRAGMA application_id = 7;"])
func `another program's database is refused and left as it was`(theirs: String) {
  let directory = TemporaryDirectory()
  _ = Stranger(directory.file("db")).run(theirs)
  let before = directory.contents("db")
  #expect(code { _ = try open(directory) } == .corrupt)
  #expect(directory.contents("db") == before && !before.isEmpty)
}

@Test(arguments: [
  Array("this is no database, but a text that is long enough to be taken for a header of one".utf8)
    + Array(repeating: 10, count: 500),
  Array(repeating: 0xFF, count: 4096),
])
func `a file that is no database is refused`(bytes: [UInt8]) {
  let directory = TemporaryDirectory()
  directory.write(bytes, to: "db")
  #expect(code { _ = try open(directory) } == .corrupt)
  #expect(directory.contents("db") == bytes)
}

@Test func `a damaged page is told as damage`() throws {
  let directory = TemporaryDirectory()
  let database = try open(directory)
  try database.write { session in
    for number in Int64(0)..<2000 { try session.execute(Notes.insert, .integer(number), "some text", nil) }
  }
  database.close()
  var bytes = directory.contents("db")
  for index in 4096 * 8..<4096 * 10 { bytes[index] = 0x5A }
  directory.write(bytes, to: "db")
  let damaged = try open(directory)
  #expect(code { _ = try damaged.read { try $0.rows(of: Notes.list) { $0.integer(0) } } } == .corrupt)
  #expect(try damaged.read { try $0.damage() }.isEmpty == false)
  damaged.close()
}

@Test func `a directory in place of the file, or none around it, is told`() {
  let directory = TemporaryDirectory()
  #expect(mkdir(directory.file("db"), 0o700) == 0)
  #expect(code { _ = try open(directory) } == .cannotOpen)
  #expect(code { _ = try open(directory, name: "no/such/db") } == .cannotOpen)
}

@Test(arguments: ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE"])
func `a database that another program writes to is busy, and opens afterwards`(lock: String) throws {
  let directory = TemporaryDirectory()
  try open(directory).close()
  var stranger: Stranger? = Stranger(directory.file("db"))
  stranger?.run(lock)
  #expect(code { _ = try open(directory) } == .busy)
  stranger = nil
  try open(directory).close()
}

@Test func `a new file that another program holds is busy`() {
  let directory = TemporaryDirectory()
  let stranger = Stranger(directory.file("db"))
  stranger.run("BEGIN EXCLUSIVE")
  #expect(code { _ = try open(directory) } == .busy)
}

@Test(arguments: [0o555, 0o755])
func `a file that may only be read is told, not opened`(mode: mode_t) async {
  // Root may write everything, so this is somebody else's program.
  await #expect(processExitsWith: .success) { [mode] in
    let directory = TemporaryDirectory()
    try open(directory).close()
    chmod(directory.file("db"), 0o444)
    chmod(directory.path, mode)
    if geteuid() == 0 { seteuid(65_534) } else if mode == 0o755 { chmod(directory.path, 0o700) }
    let told = code { _ = try open(directory) }
    if geteuid() != 0 { seteuid(0) }
    chmod(directory.path, 0o700)
    guard told == .readOnly || told == .cannotOpen else { exit(1) }
  }
}
