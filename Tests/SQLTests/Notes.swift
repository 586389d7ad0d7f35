import Base
import CSQLite
import Dispatch
import SQL
import Synchronization
import TestKit

/// A schema to try the engine with.
enum Notes: Int, StatementSet {
  case insert, insertOnce, list, count, find, grow

  static let migrations = [
    Migration(1, "notes", "CREATE TABLE note (id INTEGER PRIMARY KEY, number INTEGER, text TEXT, bytes BLOB);"),
    Migration(2, "once", "CREATE TABLE once (name TEXT PRIMARY KEY) WITHOUT ROWID;"),
  ]

  var sql: String {
    switch self {
    case .insert: "INSERT INTO note (number, text, bytes) VALUES (?1, ?2, ?3)"
    case .insertOnce: "INSERT INTO once (name) VALUES (?1)"
    case .list: "SELECT number FROM note ORDER BY id"
    case .count: "SELECT count(*) FROM note"
    case .find: "SELECT number, text, bytes FROM note WHERE id = ?1"
    case .grow: "PRAGMA max_page_count"
    }
  }
}

/// A database of a test's own.
final class TestDatabase: Sendable {
  let directory: TemporaryDirectory
  let database: Database

  init(
    _ directory: TemporaryDirectory = TemporaryDirectory(), limits: DatabaseLimits = DatabaseLimits(),
    patience: Duration = .milliseconds(50), together: @escaping @Sendable (() -> Void) -> Void = { $0() }
  ) throws {
    self.directory = directory
    database = try Database(
      engine: SQLiteEngine(path: directory.file("db"), memory: 1 << 20, patience: patience),
      migrations: Notes.migrations, limits: limits, together: together)
  }

  /// Closed aside: the last to let go of it may be a connection's own thread, which cannot wait for itself.
  deinit {
    DispatchQueue.global().async { [database, directory] in withExtendedLifetime(directory) { database.close() } }
  }

  /// The numbers of all notes, in the order of their writing.
  func numbers() throws -> [Int64] { try database.read { try $0.rows(of: Notes.list) { $0.integer(0) } } }
}

/// Answers that come on other threads, in the order of their coming.
final class Answers<T: Sendable>: Sendable {
  private let answers = Mutex<[T]>([])
  private let arrived = DispatchSemaphore(value: 0)

  func add(_ answer: T) {
    answers.withLock { $0.append(answer) }
    arrived.signal()
  }

  /// Waits for that many.
  func wait(_ count: Int) -> [T] {
    for _ in 0..<count { arrived.wait() }
    return all
  }

  var all: [T] { answers.withLock { $0 } }
}

/// Holds whoever passes until it is opened.
final class Gate: Sendable {
  private let reached = DispatchSemaphore(value: 0)
  private let opened = DispatchSemaphore(value: 0)

  func pass() {
    reached.signal()
    opened.wait()
  }

  /// Waits until somebody stands at it.
  func awaitCaller() { reached.wait() }

  func open() { opened.signal() }
}

extension Result {
  /// The code of the failure of the engine, or nil.
  var code: SQLFailure.Code? {
    if case .failure(let failure as SQLFailure) = self { failure.code } else { nil }
  }

  var isSuccess: Bool { if case .success = self { true } else { false } }
}

/// Another program that has the file open.
final class Stranger {
  private var connection: OpaquePointer?

  init(_ path: String) { sqlite3_open(path, &connection) }

  deinit { sqlite3_close_v2(connection) }

  @discardableResult
  func run(_ sql: String) -> Int32 { sqlite3_exec(connection, sql, nil, nil, nil) }
}
