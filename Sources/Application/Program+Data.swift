import Base
import Channels
import Customers
import FoundationEssentials
import SQL

extension Program {
  // MARK: backup, restore and migrate

  static func backup(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["data"], switches: ["force"], operand: "FILE")
    let backup = try Backup(DataDirectory(path: try arguments.required("data")))
    let report = try backup.write(to: arguments.operand, replaces: arguments.has("force"))
    say("\(arguments.operand): sequence \(report.sequence), \(report.bytes) bytes, \(seconds(report.time)) s")
    return success
  }

  static func restore(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["data", "erasures"], switches: ["force"], operand: "FILE")
    let restore = Restore(DataDirectory(path: try arguments.required("data")))
    let report = try restore.read(
      from: arguments.operand, replaces: arguments.has("force"), erasures: arguments["erasures"])
    guard report.findings.isEmpty else {
      let code = tell(report.findings)
      say("\(arguments.operand) does not hold what must always hold: nothing was restored")
      return code
    }
    say("restored to sequence \(report.sequence)")
    if report.migrated.from < report.migrated.to {
      say("migrated from \(report.migrated.from) to \(report.migrated.to)")
    }
    if report.erased > 0 { say("erased again: \(report.erased) names of persons who were erased since") }
    if let kept = report.kept { say("the database that was there is kept as \(kept)") }
    return success
  }

  static func migrate(_ words: [String]) throws -> Int32 {
    let directory = DataDirectory(path: try Arguments(words, known: ["data"]).required("data"))
    guard directory.hasDatabase else { throw Failure(.notFound, "there is no database in \(directory.path)") }
    try directory.make()
    try directory.take()
    let from = try Store.migration(of: directory)
    let store = try Store(directory, memory: Configuration().memory << 20)
    defer { store.database.close() }
    try ViewBuilder(database: store.database, folds: store.folds).finish()
    say("migrated from \(from) to \(try store.database.read { try $0.lastMigration() })")
    return success
  }

  /// Whole seconds and thousandths.
  private static func seconds(_ time: Duration) -> String {
    let milliseconds = Int(time / .milliseconds(1))
    return "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
  }

  // MARK: demo

  static func demo(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["people", "scale", "seed", "data", "config"])
    guard arguments["people"] == nil || arguments["scale"] == nil else {
      throw Failure(.invalid, "--people posts a shop, --scale fills a directory to measure with: one of them")
    }
    guard let seed = UInt64(arguments["seed"] ?? "1") else {
      throw Failure(.invalid, "--seed is a whole number from 0")
    }
    let name = arguments["scale"] == nil ? "people" : "scale"
    guard let people = Int(arguments[name] ?? "\(PracticeShop.usualPeople)"),
      (1...PracticeTown.mostPeople).contains(people)
    else { throw Failure(.invalid, "--\(name) is a whole number from 1 to \(PracticeTown.mostPeople)") }
    let directory = DataDirectory(path: try arguments.required("data"))
    try directory.make()
    if name == "scale" { return try fill(directory, scale: people, seed: seed) }
    return try practise(directory, people: people, seed: seed, try configuration(arguments))
  }

  private static func fill(_ directory: DataDirectory, scale: Int, seed: UInt64) throws -> Int32 {
    try directory.take()
    let store = try Store(directory, memory: Configuration().memory << 20)
    defer { store.database.close() }
    let report = try Demo(store).fill(scale: scale, seed: seed)
    let rate = Int(Double(report.events) / max(0.001, report.time / .seconds(1)))
    say(
      "\(scale) people, \(report.events) events, \(report.duplicates) of them sent twice, in \(seconds(report.time)) s")
    say("\(rate) events/s, sequence \(report.sequence)")
    return success
  }

  /// Posts a practice shop to the server that serves the directory, or to one that runs as long as it takes.
  private static func practise(
    _ directory: DataDirectory, people: Int, seed: UInt64, _ configuration: Configuration
  ) throws -> Int32 {
    var node: Node?
    if ControlClient(directory) == nil {
      var own = configuration
      (own.host, own.port, own.certificate, own.certificateKey) = ("127.0.0.1", 0, nil, nil)
      own.logLevel = .error
      let started = try Node(own)
      _ = try started.start()
      node = started
    }
    defer { node?.stop() }
    let start = ContinuousClock.now
    let report = try PracticeShop(directory, people: people, seed: seed).fill()
    if report.isOld {
      say("the practice shop of \(people) people is there already")
      return success
    }
    say(
      """
      \(people) people, \(report.events) events, \(report.duplicates) more that came again, \(report.consents) consents, \
      \(report.states) checkouts left half done, \(report.merges) families taken for one, \(report.reviews) open reviews, \
      in \(seconds(ContinuousClock.now - start)) s
      """)
    return success
  }

  // MARK: documents

  static func apply(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["data"], switches: ["dry-run"], operand: "FILE")
    let (file, isDryRun) = (arguments.operand, arguments.has("dry-run"))
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw Failure(.notFound, "the file \(file) cannot be read")
    }
    guard bytes.count <= Control.longestDocuments else {
      throw Failure(.invalid, "\(file) is longer than \(Control.longestDocuments) bytes")
    }
    let documents: [UInt8]
    do {
      documents = try JSON5.json(Array(bytes))
    } catch {
      throw Failure(.invalid, "\(file): line \(JSON5.line(of: error.offset, in: Array(bytes))): \(error.reason)")
    }
    let set = try Administration.check(documents, file: file)
    let fields: [(name: String, value: String?)] = [
      ("file", file), ("documents", String(decoding: documents, as: UTF8.self)), ("dryRun", "\(isDryRun)"),
    ]
    let directory = DataDirectory(path: try arguments.required("data"))
    // To open the database for writing would migrate it.
    if isDryRun, ControlClient(directory) == nil {
      say(Administration.report(try Inspection(directory).preview(set), isDryRun: true))
      return success
    }
    say(
      try administer(directory, Control.documents, fields) {
        try $0.apply(documents, file: file, isDryRun: isDryRun)
      })
    return success
  }

  // MARK: doctor

  static func doctor(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["config", "data", "host", "port"])
    let findings = Doctor.examine { try configuration(arguments) }
    for finding in findings { say("\(finding.isWrong ? "FAILED " : "ok     ") \(finding.name): \(finding.detail)") }
    return findings.contains { $0.isWrong } ? failure : success
  }
}
