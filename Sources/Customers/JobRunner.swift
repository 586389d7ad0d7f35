package import Base
import Dispatch
import FoundationEssentials
import Glibc
package import SQL
import Synchronization

/// Does jobs one after the other, on a thread of its own, each on one snapshot.
///
/// A result is a file, for its owner alone, that has its name only when it is whole. What was interrupted by an end of
/// the program is begun anew at the next start. Everything that it knows stands in the table of jobs.
package final class JobRunner: Sendable {
  /// How often it looks for results and dead letters that have ended: they may stay so much longer.
  private static let pause: DispatchTimeInterval = .seconds(600)

  /// The job was given up because the program ends.
  struct Stopped: Error {}

  let database: Database
  private let export: Export
  let erasure: Erasure
  let retention: Retention
  let journal: String
  private let directory: String
  let clock: any Clock
  private let log: Log
  private let queue = DispatchQueue(label: "throughline.jobs", qos: .utility)
  private let isStopping = Atomic<Bool>(false)

  /// - Parameters:
  ///   - directory: where results stand, made when it is needed.
  ///   - export: writes a person down.
  ///   - erasure: erases a person.
  ///   - retention: makes old events into summaries.
  ///   - journal: the file of the journal of erasures, written after each of them.
  package init(
    database: Database, export: Export, erasure: Erasure, retention: Retention, directory: String, journal: String,
    clock: any Clock, log: Log
  ) {
    self.database = database
    self.export = export
    self.erasure = erasure
    self.retention = retention
    self.journal = journal
    self.directory = directory
    self.clock = clock
    self.log = log
  }

  /// Takes up what was left when the program ended, and goes on.
  package func start() {
    wake()
    tick()
  }

  /// Says that a job may be waiting.
  package func wake() {
    queue.async { @Sendable [self] in work() }
  }

  /// Comes back when what was asked for until now is done: for tests.
  package func settle() { queue.sync {} }

  /// Gives up the job in hand, which is begun anew at the next start, and comes back when nothing is running.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    settle()
  }

  /// Where the result of a job stands.
  package func path(of job: Job) -> String { "\(directory)/\(job.fileName ?? job.id)" }

  private func tick() {
    queue.asyncAfter(deadline: .now() + Self.pause) { @Sendable [weak self] in
      guard let self, !isStopping.load(ordering: .relaxed) else { return }
      work()
      tick()
    }
  }

  /// What cannot be done now is done at the next occasion; the operator hears of it.
  private func attempt(_ what: String, _ body: () throws -> Void) {
    do { try body() } catch { log.write(.error, what, ["cause": "\(error)"]) }
  }

  private func work() {
    attempt("jobs cannot be done") {
      while !isStopping.load(ordering: .relaxed), let job = try next() { try run(job) }
    }
    if !isStopping.load(ordering: .relaxed) { attempt("what has ended cannot be swept") { try sweep() } }
  }

  /// The job that has waited longest; one that is still said to run was interrupted, because only one does at a time.
  private func next() throws -> Job? {
    let now = clock.now
    return try database.write { session in
      try JobStore.resume(at: now, in: session)
      return try JobStore.start(in: session)
    }
  }

  private func run(_ job: Job) throws {
    var (size, failure): (Int?, String?) = (nil, nil)
    do {
      switch job.parameters {
      case .export(let form): size = try write(job, as: form)
      case .erasure(let asked): try erase(job, asked)
      case .retention(let name): try sumUp(job, name)
      }
    } catch is Stopped {
      return
    } catch {
      log.write(.error, "a job failed", ["cause": "\(error)"])
      failure = told(error, of: job)
    }
    CrashPoint.pass("job.beforeDone")
    let (result, reason, now) = (size, failure, clock.now)
    _ = try database.write { try JobStore.finish(job, size: result, failure: reason, at: now, in: $0) }
  }

  private func told(_ error: any Error, of job: Job) -> String {
    let failure = error as? Failure
    if job.form == nil { return failure?.message ?? "the \(job.parameters.kind) cannot be done" }
    return "the result cannot be written" + (failure?.hint.map { ": \($0)" } ?? "")
  }

  private func write(_ job: Job, as form: Export.Form) throws -> Int {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let partial = "\(directory)/\(job.id).partial"
    unlink(partial)
    let now = clock.now
    return try database.read { [self] session in
      let leader = try JobStore.customer(of: job, in: session)
      let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
      return try Disk.write(path(of: job), beside: partial) { sink in
        try export.write(origins, as: form, at: now, in: session) { bytes in
          try checkStop()
          try sink(bytes)
          CrashPoint.pass("job.writing")
        }
      }
    }
  }

  /// Gives the job in hand up where the program ends.
  func checkStop() throws {
    if isStopping.load(ordering: .relaxed) { throw Stopped() }
  }

  /// Takes away the files of results that have ended, what jobs that are no longer there have left, and dead letters that
  /// are too old.
  func sweep() throws {
    let files = Set((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
    let now = clock.now
    let kept = try database.write { session in
      try DeadLetter.sweep(at: now, in: session)
      return try JobStore.sweep(files: files, at: now, in: session)
    }
    for file in files.subtracting(kept) { unlink("\(directory)/\(file)") }
  }
}
