import CSQLite
import Glibc

/// One connection to SQLite, opened without its mutexes: `confine` sees to it that one thread has it at a time.
///
/// `@unchecked Sendable` is not claimed: a session travels only inside `Writer` and `ReaderPool`, which confine it.
final class SQLiteSession: EngineSession {
  private let connection: OpaquePointer
  private var prepared: [ObjectIdentifier: [OpaquePointer?]] = [:]
  private let bindings = BindingSpace()
  private var owner: pthread_t?
  private var isClosed = false
  let memory = TransactionMemory()
  private let patience: Duration

  /// - Parameter writes: whether it is the one that writes, and so gathers what it writes to the journal.
  init(path: String, flags: Int32, writes: Bool, patience: Duration, pragmas: [String]) throws(SQLFailure) {
    var handle: OpaquePointer?
    let road = writes ? tl_sqlite3_gathering_vfs() : nil
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, road)
    guard code == SQLITE_OK, let handle else {
      let failure = handle.map { Self.failure($0, code) } ?? SQLFailure(.cannotOpen, "out of memory")
      sqlite3_close_v2(handle)
      throw failure
    }
    connection = handle
    sqlite3_extended_result_codes(handle, 1)
    self.patience = patience
    sqlite3_busy_timeout(handle, Self.milliseconds(patience))
    do {
      for pragma in pragmas { try run(script: pragma) }
    } catch {
      sqlite3_close_v2(handle)
      throw error
    }
  }

  func confine(toThisThread confined: Bool) { owner = confined ? pthread_self() : nil }

  private func checkOwner() {
    precondition(owner.map { pthread_equal($0, pthread_self()) != 0 } ?? true, "a session outside its thread")
  }

  // MARK: Statements

  private func statement<S: StatementSet>(_ statement: S) throws(SQLFailure) -> OpaquePointer {
    checkOwner()
    let set = ObjectIdentifier(S.self)
    if let known = prepared[set]?[statement.rawValue] {
      // Its rows would begin anew, and never end.
      precondition(sqlite3_stmt_busy(known) == 0, "a statement inside its own rows")
      return known
    }
    let handle = try prepare(statement.sql, persistent: true)
    prepared[set, default: Array(repeating: nil, count: S.allCases.count)][statement.rawValue] = handle
    return handle
  }

  private func prepare(_ sql: String, persistent: Bool) throws(SQLFailure) -> OpaquePointer {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(
      connection, sql, -1, persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &handle, nil)
    guard code == SQLITE_OK, let handle else { throw Self.failure(connection, code) }
    return handle
  }

  /// Binds the values, runs `body` and resets.
  private func run<Answer>(
    _ statement: OpaquePointer, _ values: [SQLValue], _ body: (OpaquePointer) throws -> Answer
  ) throws -> Answer {
    var size = 0
    for value in values { size += value.size }
    let place = bindings.reserve(size)
    defer { bindings.release(place, size) }
    var free = place
    for index in values.indices {
      let code = bind(values[index], to: statement, Int32(index + 1), &free)
      guard code == SQLITE_OK else { throw Self.failure(connection, code) }
    }
    defer { sqlite3_reset(statement) }
    return try body(statement)
  }

  /// Binds one value; what is no number is copied to `free`, because nothing else keeps it until the reset.
  private func bind(
    _ value: SQLValue, to statement: OpaquePointer, _ index: Int32, _ free: inout UnsafeMutableRawPointer
  ) -> Int32 {
    let start = free
    func keep(_ bytes: UnsafeRawBufferPointer) -> Int32 {
      UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyMemory(from: bytes)
      return Int32(bytes.count)
    }
    let count: Int32
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let integer): return sqlite3_bind_int64(statement, index, integer)
    case .text(var text): count = text.withUTF8 { keep(UnsafeRawBufferPointer($0)) }
    case .utf8(let bytes), .bytes(let bytes): count = bytes.withUnsafeBytes(keep)
    }
    free += Int(count)
    if case .bytes = value { return tl_sqlite3_bind_blob(statement, index, start, count) }
    return tl_sqlite3_bind_text(statement, index, start, count)
  }

  func execute(_ set: some StatementSet, _ values: [SQLValue]) throws(SQLFailure) -> Int {
    let statement = try statement(set)
    do {
      try run(statement, values) { statement in
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw Self.failure(connection, code) }
      }
    } catch let failure as SQLFailure {
      throw failure
    } catch {
      throw SQLFailure(.other(SQLITE_ERROR), "\(error)")
    }
    return Int(sqlite3_changes64(connection))
  }

  func forEachRow(of set: some StatementSet, _ values: [SQLValue], _ body: (any Row) throws -> Bool) throws {
    try forEachRow(try statement(set), values, body)
  }

  func forEachRow(ofText sql: String, _ values: [SQLValue], _ body: (any Row) throws -> Bool) throws {
    checkOwner()
    let statement = try prepare(sql, persistent: false)
    defer { sqlite3_finalize(statement) }
    try forEachRow(statement, values, body)
  }

  private func forEachRow(
    _ statement: OpaquePointer, _ values: [SQLValue], _ body: (any Row) throws -> Bool
  ) throws {
    try run(statement, values) { statement in
      let row = SQLiteRow(statement: statement)
      while true {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: guard try body(row) else { return }
        case SQLITE_DONE: return
        case let code: throw Self.failure(connection, code)
        }
      }
    }
  }

  func run(script: String) throws(SQLFailure) {
    checkOwner()
    let code = sqlite3_exec(connection, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw Self.failure(connection, code) }
  }

  /// The first value of the answer to a text, as text; empty where there is none.
  func word(ofText sql: String) throws(SQLFailure) -> String {
    do {
      return try rows(ofText: sql).first ?? ""
    } catch let failure as SQLFailure {
      throw failure
    } catch {
      throw SQLFailure(.other(SQLITE_ERROR), "\(error)")
    }
  }

  func tables() throws -> [String] {
    try rows(ofText: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
  }

  func damage() throws -> [String] {
    var damage: [String] = []
    do {
      try forEachRow(ofText: "PRAGMA integrity_check(10)", []) { row in
        if row.text(0) != "ok" { damage.append(row.text(0)) }
        return true
      }
    } catch let failure as SQLFailure where failure.code == .corrupt {
      // The check itself stops at what is too badly damaged.
      damage.append(failure.message)
    }
    return damage
  }

  private func rows(ofText sql: String) throws -> [String] {
    var rows: [String] = []
    try forEachRow(ofText: sql, []) { row in
      rows.append(row.text(0))
      return true
    }
    return rows
  }

  // MARK: Transactions

  private enum Verb: Int, StatementSet {
    case beginWriting, beginReading, commit, rollback, savepoint, release, rollbackToSavepoint

    var sql: String {
      switch self {
      case .beginWriting: "BEGIN IMMEDIATE"
      case .beginReading: "BEGIN"
      case .commit: "COMMIT"
      case .rollback: "ROLLBACK"
      case .savepoint: "SAVEPOINT caller"
      case .release: "RELEASE caller"
      case .rollbackToSavepoint: "ROLLBACK TO caller"
      }
    }
  }

  func beginWriting() throws(SQLFailure) {
    memory.begin(alone: true)
    try execute(Verb.beginWriting)
  }

  func beginReading() throws(SQLFailure) {
    memory.begin(alone: false)
    try execute(Verb.beginReading)
  }

  func commit() throws(SQLFailure) { try execute(Verb.commit) }
  func savepoint() throws(SQLFailure) { try execute(Verb.savepoint) }
  func release() throws(SQLFailure) { try execute(Verb.release) }

  func rollbackToSavepoint() throws(SQLFailure) {
    memory.forget()
    try execute(Verb.rollbackToSavepoint)
    try execute(Verb.release)
  }

  func rollback() {
    memory.forget()
    // After a full disk or an I/O error SQLite may have rolled back by itself (lang_transaction.html, section 3).
    guard sqlite3_get_autocommit(connection) == 0 else { return }
    do { try execute(Verb.rollback) } catch { precondition(sqlite3_get_autocommit(connection) != 0, "\(error)") }
  }

  /// Whether the file could be opened for reading only, which SQLite makes do with when asked for both.
  var isReadOnly: Bool { sqlite3_db_readonly(connection, "main") == 1 }

  // MARK: The journal

  /// Copies what the journal holds into the database as far as no reader needs the old pages, and tells how many
  /// pages the journal has and how many of them are copied.
  func checkpoint() -> (pages: Int, copied: Int) {
    var pages: Int32 = 0
    var copied: Int32 = 0
    sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied)
    return (Int(pages), Int(copied))
  }

  /// Makes what was copied durable.
  ///
  /// Where it fails, the writer finds out, whose own descriptor is told the same before the journal begins anew.
  func syncDatabase() { _ = tl_sqlite3_sync(connection) }

  /// Copies all that the journal holds and waits for the readers of it to end, so that the next commit begins it anew.
  ///
  /// - Returns: false where a reader, or another checkpoint, took longer than `patience`.
  func restartJournal(patience: Duration) -> Bool {
    sqlite3_busy_timeout(connection, Self.milliseconds(patience))
    defer { sqlite3_busy_timeout(connection, Self.milliseconds(self.patience)) }
    return sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_RESTART, nil, nil) == SQLITE_OK
  }

  /// Copies all that the journal holds and empties its file, whose bytes are written over before (`journal_file.c`).
  ///
  /// - Returns: false where a reader, or another checkpoint, took longer than `patience`.
  func emptyJournal(patience: Duration) -> Bool {
    sqlite3_busy_timeout(connection, Self.milliseconds(patience))
    defer { sqlite3_busy_timeout(connection, Self.milliseconds(self.patience)) }
    return sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) == SQLITE_OK
  }

  private static func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  /// How many pages the journal had after this session's last commit.
  private(set) var journalPages = 0

  /// Keeps `journalPages` from now on.
  func watchJournal() {
    sqlite3_wal_hook(
      connection,
      { session, _, _, pages in
        guard let session else { return SQLITE_OK }
        Unmanaged<SQLiteSession>.fromOpaque(session).takeUnretainedValue().journalPages = Int(pages)
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// How many statements are in the middle of their rows: none, between two callers.
  var openStatements: Int {
    var count = 0
    var statement = sqlite3_next_stmt(connection, nil)
    while let open = statement {
      if sqlite3_stmt_busy(open) != 0 { count += 1 }
      statement = sqlite3_next_stmt(connection, open)
    }
    return count
  }

  /// How many statements are kept prepared.
  var keptStatements: Int { prepared.values.reduce(0) { $0 + $1.count { $0 != nil } } }

  func close() {
    // A second time it would close whatever connection has the same memory by then.
    if isClosed { return }
    isClosed = true
    for statements in prepared.values { for statement in statements { sqlite3_finalize(statement) } }
    prepared = [:]
    sqlite3_close_v2(connection)
  }

  private static func failure(_ connection: OpaquePointer, _ code: Int32) -> SQLFailure {
    let kind: SQLFailure.Code =
      switch code & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_FULL: .full
      case SQLITE_IOERR where [ENOSPC, EDQUOT, EFBIG].contains(tl_sqlite3_system_errno(connection)): .full
      case SQLITE_READONLY: .readOnly
      case SQLITE_PERM: .readOnly
      case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
      case SQLITE_CONSTRAINT: .constraint
      case SQLITE_CANTOPEN: .cannotOpen
      default: .other(code)
      }
    return SQLFailure(kind, String(cString: sqlite3_errmsg(connection)))
  }
}
