import CSQLite
import Synchronization

/// SQLite's files, whose syncs and writes fail when a test says so.
///
/// As Linux does (fsync(2)), a disk that failed tells each open file once and succeeds from then on.
enum FailingFiles {
  /// What names of files contain that can fail.
  static let mark = "failing-"

  private struct State: Sendable {
    /// Where each open file has its path, as SQLite keeps it, and whether it will be told of a failure.
    var open: [UInt: (path: String, fails: Bool)] = [:]
    var methods: [UInt: UInt] = [:]
    /// How many writes to a file succeed before the next one stops half way; none for most files.
    var writes: [String: Int] = [:]
    /// Files that fail as soon as they are opened: nobody was told of what they have lost.
    var untold: Set<String> = []
  }

  private static let state = Mutex(State())

  /// Puts itself before SQLite's own way of opening files, once.
  static let install: Void = {
    guard let files = sqlite3_vfs_find("unix") else { return }
    original.withLock { $0 = files.pointee.xOpen }
    files.pointee.xOpen = { files, name, file, flags, opened in
      guard let result = original.withLock({ $0 })?(files, name, file, flags, opened) else { return SQLITE_CANTOPEN }
      if result == SQLITE_OK, let name, let file { FailingFiles.watch(file, String(cString: name)) }
      return result
    }
  }()

  private typealias Open =
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
      UnsafeMutablePointer<Int32>?
    ) -> Int32

  private static let original = Mutex<Open?>(nil)

  private static func watch(_ file: UnsafeMutablePointer<sqlite3_file>, _ path: String) {
    guard path.contains(mark), let methods = file.pointee.pMethods else { return }
    state.withLock { state in
      state.open[UInt(bitPattern: file)] = (path, state.untold.remove(path) != nil)
      let known = state.methods[UInt(bitPattern: methods)]
      // One copy for each of SQLite's own tables, kept as long as the process.
      let copy = known.flatMap { UnsafeMutablePointer<sqlite3_io_methods>(bitPattern: $0) } ?? .allocate(capacity: 1)
      if known == nil {
        copy.initialize(to: methods.pointee)
        copy.pointee.xSync = { file, _ in FailingFiles.sync(file) }
        copy.pointee.xWrite = { file, bytes, count, offset in FailingFiles.write(file, bytes, count, offset) }
        state.methods[UInt(bitPattern: methods)] = UInt(bitPattern: copy)
      }
      file.pointee.pMethods = UnsafePointer(copy)
    }
  }

  private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    state.withLock { state in
      let key = UInt(bitPattern: file)
      guard state.open[key]?.fails == true else { return SQLITE_OK }
      state.open[key]?.fails = false
      return SQLITE_IOERR | (4 << 8)  // SQLITE_IOERR_FSYNC
    }
  }

  private static func write(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: sqlite3_int64
  ) -> Int32 {
    let (real, fails) = state.withLock { state in
      let methods = state.methods.first { $0.value == UInt(bitPattern: file?.pointee.pMethods) }?.key ?? 0
      guard let path = state.open[UInt(bitPattern: file)]?.path, let left = state.writes[path] else {
        return (methods, false)
      }
      state.writes[path] = left > 0 ? left - 1 : nil
      return (methods, left == 0)
    }
    guard let write = UnsafePointer<sqlite3_io_methods>(bitPattern: real)?.pointee.xWrite else { return SQLITE_MISUSE }
    let result = write(file, bytes, fails ? count / 2 : count, offset)
    return fails ? SQLITE_FULL : result
  }

  /// The disk becomes full after that many writes to the file, and has room again at once.
  static func fill(_ path: String, after writes: Int) { state.withLock { $0.writes[path] = writes } }

  /// The disk loses what was written to the file: who has it open is told at his next sync.
  static func fail(_ path: String) {
    state.withLock { state in
      for (key, file) in state.open where file.path == path { state.open[key]?.fails = true }
    }
  }

  /// The disk has lost what was written to the file, and whoever opens it next is the first to be told.
  static func failOnOpening(_ path: String) { _ = state.withLock { $0.untold.insert(path) } }
}
