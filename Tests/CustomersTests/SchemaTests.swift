import Base
import SQL
import TestKit
import Testing

@testable import Customers

private enum OldStatement: Int, StatementSet {
  case origin, tie

  var sql: String {
    switch self {
    case .origin:
      """
      INSERT INTO origin (number, public_id, type, value, standing, source, customer, sequence)
      VALUES (?1, ?2, 'user_id', ?3, 0, '', 1, 1)
      """
    case .tie: "INSERT INTO tie (first, second, rule, sequence) VALUES (1, 2, 'one event proved both', 1)"
    }
  }
}

@Test func `a directory of the first release is opened with everybody in it`() throws {
  let directory = TemporaryDirectory()
  func open(_ migrations: [Migration]) throws -> Database {
    try Database(engine: SQLiteEngine(path: directory.file("db"), memory: 1 << 20), migrations: migrations)
  }
  let old = try open(Array(Schema.migrations.prefix(1)))
  try old.write { session in
    for (number, value) in [(1, "ann"), (2, "bob")] {
      try session.execute(
        OldStatement.origin, .integer(Int64(number)), .text("cus_\(value)"), .text(value))
    }
    try session.execute(OldStatement.tie)
  }
  old.close()
  let new = try open(Schema.migrations)
  defer { new.close() }
  try new.read { session in
    #expect(try session.lastMigration() == Schema.migrations.last?.number)
    let ann = try #require(Identifier(.userID, "ann"))
    let found = try #require(try OriginStore.find(ann, .own, in: session))
    #expect(found.publicID == "cus_ann")
    #expect(found.generation == 0 && !found.isShared)
    #expect(try OriginStore.origins(ofCustomer: 1, in: session).map { $0.number } == [1, 2])
    #expect(try Merge.all(ofCustomer: 1, in: session).isEmpty)
  }
}
