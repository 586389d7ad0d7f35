import Base
import CSQLite
import SQL
import TestKit
import Testing

@Test func `whatever is answered is in the files, also where a write stopped half way`() throws {
  FailingFiles.install
  let directory = TemporaryDirectory()
  let path = directory.file(FailingFiles.mark + "db")
  let database = try Database(engine: SQLiteEngine(path: path, memory: 1 << 20), migrations: Notes.migrations)
  defer { database.close() }
  var acknowledged: [Int64] = []
  var failed = 0
  var dice = SplitMix64(seed: 7)
  let stranger = Stranger(path)
  for round in Int64(1)...120 {
    FailingFiles.fill(path + "-wal", after: Int.random(in: 0..<12, using: &dice))
    // Some are larger than the page cache and than what is gathered before a write; some change their own pages again.
    let rows = [1, 3, 40, 500].randomElement(using: &dice) ?? 1
    do {
      _ = try database.write { session in
        try session.execute(Notes.insert, .integer(round), .text("round"), nil)
        for row in 0..<rows {
          let name = "\(row * 7919 % 1000) \(round) \(String(repeating: "x", count: 2000))"
          try session.execute(Notes.insertOnce, .text(name))
        }
      }
      acknowledged.append(round)
    } catch let failure as SQLFailure where failure.code == .full {
      failed += 1
    }
    // As a kill would leave them.
    let copy = TemporaryDirectory()
    for end in ["", "-wal"] { copy.write(directory.contents("\(FailingFiles.mark)db\(end)"), to: "db\(end)") }
    let session = try SQLiteEngine(path: copy.file("db"), memory: 0).openReader()
    defer { session.close() }
    #expect(try session.rows(of: Notes.list) { $0.integer(0) } == acknowledged, "\(round)")
    #expect(try session.damage() == [], "\(round)")
    if round % 10 == 0 { #expect(stranger.run("PRAGMA wal_checkpoint(RESTART)") == SQLITE_OK) }
  }
  #expect(acknowledged.count > 5 && failed > 5, "\(acknowledged.count) \(failed)")
}
