import Base
import Customers
import FoundationEssentials
import Glibc
import SQL

/// The executable: a command and its flags in, an exit code out.
public enum Program {
  /// Everything went well.
  static let success: Int32 = 0
  /// The command could not be done, or found something that does not hold.
  static let failure: Int32 = 1
  /// The command line is wrong.
  private static let usage: Int32 = 2

  /// Runs the command that `arguments` (the program's name first) says and answers the exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    umask(0o077)
    // A closed pipe and a file at its limit are errors of one write, not the end of the process.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    let words = Array(arguments.dropFirst())
    do {
      switch (words.first, words.dropFirst().first) {
      case ("serve", _): return try serve(Array(words.dropFirst()))
      case ("key", "create"): return try createKey(Array(words.dropFirst(2)))
      case ("key", "list"): return try listKeys(Array(words.dropFirst(2)))
      case ("key", "revoke"): return try revokeKey(Array(words.dropFirst(2)))
      case ("source", "create"): return try createSource(Array(words.dropFirst(2)))
      case ("source", "secret"): return try createSecret(Array(words.dropFirst(2)))
      case ("secret", "forget"): return try forgetSecrets(Array(words.dropFirst(2)))
      case ("apply", _): return try apply(Array(words.dropFirst()))
      case ("backup", _): return try backup(Array(words.dropFirst()))
      case ("restore", _): return try restore(Array(words.dropFirst()))
      case ("migrate", _): return try migrate(Array(words.dropFirst()))
      case ("doctor", _): return try doctor(Array(words.dropFirst()))
      case ("demo", _): return try demo(Array(words.dropFirst()))
      case ("export", _): return try export(Array(words.dropFirst()))
      case ("verify", _): return try verify(Array(words.dropFirst()))
      case ("replay", _): return try replay(Array(words.dropFirst()))
      case ("prove", _): return try prove(Array(words.dropFirst()))
      case ("help", _), ("--help", _), ("-h", _):
        print(Help.text)
        return success
      case (nil, _):
        complain(Help.text)
        return usage
      case (let word?, _):
        complain("throughline: there is no command \(word); throughline help lists them")
        return usage
      }
    } catch let failure as Failure {
      complain("throughline: \(failure.message)\(failure.hint.map { " (\($0))" } ?? "")")
      return failure.code == .invalid ? usage : Self.failure
    } catch {
      complain("throughline: \(error)")
      return failure
    }
  }

  static func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  /// Prints a key, which nothing else shows again.
  ///
  /// - Throws: `unavailable` where nobody can have read it.
  static func show(_ key: String) throws {
    let line = Array((key + "\n").utf8)
    guard write(STDOUT_FILENO, line, line.count) == line.count else {
      throw Failure(.unavailable, "the key was made and could not be shown: make another one")
    }
  }

  /// Prints a line at once, also into a pipe.
  static func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDOUT_FILENO, line, line.count)
  }

  // MARK: serve

  private static func serve(_ words: [String]) throws -> Int32 {
    let configuration = try configuration(words)
    let signals = Signals()
    let node = try Node(configuration)
    say("listening on \(try node.start())")
    signals.wait(onHangup: node.reload)
    node.stop()
    return success
  }

  static func configuration(_ words: [String]) throws -> Configuration {
    try configuration(try Arguments(words, known: ["config", "data", "host", "port"]))
  }

  /// The configuration that the flags, the file that they name, and the variables make.
  static func configuration(_ arguments: Arguments) throws -> Configuration {
    var configuration = Configuration()
    if let file = arguments["config"] {
      guard let bytes = FileManager.default.contents(atPath: file) else {
        throw Failure(.invalid, "the configuration file \(file) cannot be read")
      }
      do {
        try configuration.take(json5: Array(bytes))
      } catch let failure as Failure {
        throw Failure(.invalid, "\(file): \(failure.message)")
      }
    }
    try configuration.take(environment: ProcessInfo.processInfo.environment)
    for name in ["data", "host", "port"] {
      if let value = arguments[name] { try configuration.take(name, value) }
    }
    return configuration
  }

  // MARK: keys and sources

  private static func createKey(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["role", "source", "name", "holder", "data"])
    let (role, source, name) = (try arguments.required("role"), arguments["source"], arguments["name"])
    let holder = arguments["holder"]
    try show(
      try administer(
        DataDirectory(path: try arguments.required("data")), Control.keys,
        [("role", role), ("source", source), ("name", name), ("holder", holder)]
      ) {
        try $0.createKey(role: role, source: source, name: name, holder: holder)
      })
    return success
  }

  private static func createSource(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["name", "channel", "trust", "kind", "data"])
    let (name, channel) = (try arguments.required("name"), try arguments.required("channel"))
    let (trust, kind) = (arguments["trust"], arguments["kind"])
    try show(
      try administer(
        DataDirectory(path: try arguments.required("data")), Control.sources,
        [("name", name), ("channel", channel), ("trust", trust), ("kind", kind)]
      ) {
        try $0.createSource(name: name, channel: channel, trust: trust, kind: kind)
      })
    return success
  }

  /// Asks the server that serves the directory; where none does, opens the database here.
  ///
  /// - Parameter masterKey: the configuration's, for a command that needs it.
  static func administer(
    _ directory: DataDirectory, _ path: String, _ fields: [(name: String, value: String?)], masterKey: [UInt8]? = nil,
    _ work: (Administration) throws -> String
  ) throws -> String {
    try directory.make()
    if let client = ControlClient(directory) { return try client.post(path, fields) }
    try directory.take()
    let store = try Store(directory, memory: Configuration().memory << 20, masterKey: masterKey)
    defer { store.database.close() }
    return try work(Administration(store: store))
  }

  // MARK: verify and replay

  private static func verify(_ words: [String]) throws -> Int32 {
    let inspection = try Inspection(DataDirectory(path: try Arguments(words, known: ["data"]).required("data")))
    let (names, postponed, findings) = try inspection.verify()
    for name in names where !findings.contains(where: { $0.check == name }) {
      say(postponed.contains(name) ? "later   \(name): is being made anew" : "ok      \(name)")
    }
    return tell(findings)
  }

  private static func replay(_ words: [String]) throws -> Int32 {
    let inspection = try Inspection(DataDirectory(path: try Arguments(words, known: ["data"]).required("data")))
    let report = try inspection.replay()
    say("\(report.events) events replayed")
    return tell(report.findings)
  }

  static func tell(_ findings: [Finding]) -> Int32 {
    for finding in findings { say("FAILED  \(finding.check): \(finding.detail)") }
    return findings.isEmpty ? success : failure
  }
}
