import Foundation
import Glibc
package import SQL

/// A PostgreSQL of a test's own: in a temporary directory, at a Unix socket alone, gone with the last reference.
package final class PostgreSQLServer {
  /// Where Debian puts its programs, or nil where PostgreSQL is not installed.
  package static let programs: String? = {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
      .first { FileManager.default.isExecutableFile(atPath: "\($0)/postgres") }
  }()

  package struct Failed: Error, CustomStringConvertible {
    package var description: String
  }

  private let directory = TemporaryDirectory()
  private let programs: String
  private let server: Process

  /// Makes a cluster that sorts as people do, so that a statement which relies on the order of bytes is seen.
  package init(programs: String) throws {
    self.programs = programs
    server = Process()
    // The server refuses to run as root.
    let user = getpwnam("postgres")
    if geteuid() == 0, let user { chown(directory.path, user.pointee.pw_uid, user.pointee.pw_gid) }
    try run(
      unprivileged(
        "initdb", "-D", directory.file("data"), "-U", "throughline", "-A", "trust", "-E", "UTF8", "--no-sync",
        "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"))
    let command = unprivileged(
      "postgres", "-D", directory.file("data"), "-k", directory.path, "-c", "listen_addresses=", "-c", "fsync=off")
    server.executableURL = URL(filePath: command[0])
    server.arguments = Array(command.dropFirst())
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle.nullDevice
    try server.run()
    for attempt in 0... {
      if (try? ask("SELECT 1")) == ["1"] { return }
      guard attempt < 200, server.isRunning else { throw Failed(description: "PostgreSQL did not start") }
      usleep(50_000)
    }
  }

  deinit {
    // The fast way to stop: clients are sent away.
    server.interrupt()
    server.waitUntilExit()
  }

  /// Runs a script of psql's and answers its lines; the first error ends it.
  package func ask(_ script: String) throws -> [String] {
    directory.write(Array(script.utf8), to: "script.sql")
    let output = try run([
      "\(programs)/psql", "-h", directory.path, "-U", "throughline", "-d", "postgres", "-X", "-q", "-A", "-t", "-F",
      "|",
      "-P", "null=NULL", "-v", "ON_ERROR_STOP=1", "-f", directory.file("script.sql"),
    ])
    return output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The name under which psql keeps a statement.
  package static func name<S: StatementSet>(_ statement: S) -> String { "\(S.self)_\(statement.rawValue)".lowercased() }

  /// The commands that prepare every statement of a set, each under its name.
  package static func preparations<S: StatementSet>(_ set: S.Type) -> [String] {
    set.allCases.map { "PREPARE \(name($0)) AS \(PostgreSQLDialect.text($0.sql));" }
  }

  private func unprivileged(_ program: String, _ arguments: String...) -> [String] {
    let command = ["\(programs)/\(program)"] + arguments
    if geteuid() != 0 { return command }
    return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] + command
  }

  @discardableResult
  private func run(_ command: [String]) throws -> String {
    let process = Process()
    let (output, errors) = (directory.file("output"), directory.file("errors"))
    directory.write([], to: "output")
    directory.write([], to: "errors")
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.currentDirectoryURL = URL(filePath: directory.path)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(description: String(decoding: directory.contents("errors"), as: UTF8.self))
    }
    return String(decoding: directory.contents("output"), as: UTF8.self)
  }
}
