import Base
import FoundationEssentials
import Glibc
import Synchronization

/// A server on a directory of its own, in this process, or as a child of it that is killed while requests fly; or one
/// that runs already, of which only its address is known.
final class ProveServer: Sendable {
  /// Nil where it is somebody else's.
  let directory: DataDirectory?
  /// Where it listens, also after a kill.
  let url: String
  private let node: Node?
  private let child: Mutex<Child>

  private struct Child {
    var process: pid_t = 0
    var sent = 0
    /// After how many requests it is killed next.
    var killAt: Int?
    var kills = 0
    var killsLeft = 0
  }

  /// It is killed so often while one thing is tried: once early, and after it has gone on for a while.
  private static let mostKills = 3
  private static let between = 7

  /// One that runs already.
  init(at url: String) {
    (self.url, directory, node) = (url, nil, nil)
    child = Mutex(Child())
  }

  /// - Parameter isKilled: whether it is a child, which is killed.
  init(_ directory: DataDirectory, isKilled: Bool) throws {
    self.directory = directory
    if isKilled {
      let (process, url) = try Self.spawn(directory, port: 0)
      (self.url, node) = (url, nil)
      child = Mutex(Child(process: process))
      return
    }
    var configuration = Configuration()
    (configuration.data, configuration.host, configuration.port) = (directory.path, "127.0.0.1", 0)
    configuration.logLevel = .error
    let node = try Node(configuration)
    url = try node.start()
    self.node = node
    child = Mutex(Child())
  }

  /// An owner's key, where the directory is ours.
  func key() throws -> String {
    guard let directory, let control = ControlClient(directory) else {
      throw Failure(.unavailable, "the server has ended")
    }
    return try control.post(Control.keys, [("role", "owner"), ("name", "prove"), ("holder", "machine")])
  }

  /// How often it has been killed.
  var kills: Int { child.withLock { $0.kills } }

  /// From now on it is killed after so many requests have been sent.
  func arm(after requests: Int, anew: Bool) {
    child.withLock { child in
      guard child.process > 0 else { return }
      if anew { child.killsLeft = Self.mostKills }
      if child.killsLeft > 0 { child.killAt = child.sent + requests }
    }
  }

  /// It is not killed until it is armed again.
  func disarm() { child.withLock { $0.killAt = nil } }

  /// A request is on its way, and may be the one that is interrupted.
  func sent() {
    child.withLock { child in
      child.sent += 1
      guard let killAt = child.killAt, child.sent >= killAt else { return }
      Self.end(child.process, by: SIGKILL)
      child.process = 0
      child.kills += 1
      child.killsLeft -= 1
      child.killAt = child.killsLeft > 0 ? child.sent + Self.between : nil
      let port = UInt16(url.split(separator: ":").last ?? "") ?? 0
      // Where it does not start again, every request fails from here on, and says so.
      if let directory, let (process, _) = try? Self.spawn(directory, port: port) { child.process = process }
    }
  }

  /// Ends it as an operator does.
  func stop() {
    node?.stop()
    child.withLock { child in
      if child.process > 0 { Self.end(child.process, by: SIGTERM) }
      child.process = 0
    }
  }

  private static func end(_ process: pid_t, by signal: Int32) {
    kill(process, signal)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// Starts this program on the directory and waits until it listens.
  private static func spawn(_ directory: DataDirectory, port: UInt16) throws -> (process: pid_t, url: String) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(.unavailable, "no pipe can be made") }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, directory.path + ".log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let words = ["throughline", "serve", "--data", directory.path, "--host", "127.0.0.1", "--port", "\(port)"]
    var arguments = words.map { strdup($0) } + [nil]
    // The operator's settings are for his server.
    var environment =
      ProcessInfo.processInfo.environment.filter {
        !$0.key.hasPrefix("THROUGHLINE_") || $0.key == Protection.variable
      }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/proc/self/exe", &actions, nil, &arguments, &environment)
    close(ends[1])
    guard code == 0 else {
      throw Failure(.unavailable, "no process can be started: \(String(cString: strerror(code)))")
    }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(ends[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    let told = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard told.count == 3, let url = told.last else {
      end(process, by: SIGKILL)
      throw Failure(.unavailable, "the server does not start", hint: directory.path + ".log says why")
    }
    return (process, String(url))
  }
}
