import Base
import CLinux
import FoundationEssentials
import Glibc

/// The one directory that holds everything: the database, the lock of the process that has it open, and the socket by
/// which commands reach a running server.
struct DataDirectory {
  let path: String
  var database: String { path + "/throughline.db" }
  var socket: String { path + "/control.sock" }
  /// Where what is kept of a person is written down for him.
  var exports: String { path + "/exports" }
  /// The master key, where the configuration has none.
  var masterKey: String { path + "/master.key" }
  /// The journal of erasures, for backups from before.
  var erasures: String { path + "/erasures" }
  private var lock: String { path + "/lock" }

  /// A Unix socket's address holds 107 bytes of path (unix(7)).
  private static let longestSocketPath = 107

  /// What names begin with that `replay`, `restore` and `doctor` make in it for themselves.
  static let replaying = "replay"
  static let restoring = "restore"
  static let probing = "doctor"
  static let sealing = "master.key.partial"

  init(path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// Refuses a path in which no control socket can be made.
  func checkLength() throws {
    guard socket.utf8.count <= Self.longestSocketPath else {
      throw Failure(
        .invalid, "the data directory's path is too long: its control socket's may have \(Self.longestSocketPath) bytes"
      )
    }
  }

  /// Makes the directory, for its owner alone, where it is not there yet, and takes away what killed commands left.
  func make() throws {
    try checkLength()
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure(.unavailable, "the data directory \(path) cannot be made", cause: "\(error)")
    }
    sweep()
  }

  /// Takes away what killed commands left.
  func sweep() {
    for prefix in [Self.replaying, Self.restoring, Self.probing, Self.sealing] { Leftovers.sweep(prefix, in: path) }
  }

  /// Whether there is a database in it.
  var hasDatabase: Bool { FileManager.default.fileExists(atPath: database) }

  /// Takes the directory for this process until the process ends.
  ///
  /// - Throws: `conflict` where another process has it.
  func take() throws {
    let descriptor = open(lock, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(
        .unavailable, "the data directory \(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Failure(.conflict, "the data directory \(path) is in use by another process")
    }
  }
}
