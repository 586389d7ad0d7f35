import Base
import Dispatch
import Glibc
import Synchronization

/// The one place that writes: it takes all that was queued meanwhile, does each caller's work and commits once for all.
///
/// Beside it what is committed is made durable, for as many commits as there are by then, and
/// its callers are answered after that.
///
/// So durability costs little under load, the next group does not wait for the disk, and nothing waits for a timer
/// when there is no load; a caller whose work fails takes nobody else's with it. All work runs on one serial queue, to
/// which the session is confined.
final class Writer: Sendable {
  /// One caller's work.
  ///
  /// `run` may be given up after it returned, and run again, so it changes nothing but tables.
  struct Job: Sendable {
    let weight: Int
    let run: @Sendable (any Session) throws -> Void
    let done: @Sendable ((any Error)?) -> Void
  }

  /// Runs work that answers all whose commits became durable at one time.
  typealias Together = @Sendable (() -> Void) -> Void

  /// What is done with the session while no transaction is open; with none where the writer is closed.
  typealias Between = @Sendable ((any EngineSession)?) -> Void

  private struct Queued: Sendable {
    var jobs: [Job] = []
    /// What is done on the session between two transactions.
    var between: [Between] = []
    /// How much waits for its commit or for the disk.
    var waiting = 0
    var weight = 0
    var isRunning = false
    var isClosed = false
  }

  /// What waits for the disk.
  private struct Committed: Sendable {
    var answers: [(job: Job, failure: (any Error)?)] = []
    var isRunning = false
    /// Why nothing can be made durable any more.
    var failure: SQLFailure?
    /// How far they go, for who watches.
    var mark: Int64?
  }

  /// Bytes of work that go in with others as long as the disk is busy.
  ///
  /// Measured with single events of 1 KB over 32 connections: groups twice as large, an eighth less CPU an event and an
  /// eighth more of them.
  private static let smallGroup = 64 << 10

  private let limits: DatabaseLimits
  private let engine: any Engine
  private let queue = DispatchQueue(label: "throughline.writer", qos: .userInitiated)
  private let queued = Mutex(Queued())
  private let durability = DispatchQueue(label: "throughline.durability", qos: .userInitiated)
  private let committed = Mutex(Committed())
  private let counters: DatabaseCounters
  private let together: Together
  /// Who is told how far the durable commits go.
  let watch = Mutex<CommitWatch?>(nil)
  // protected by `queue`: only blocks on it use the session
  private nonisolated(unsafe) let session: any EngineSession

  init(
    engine: any Engine, session: any EngineSession, limits: DatabaseLimits, counters: DatabaseCounters,
    together: @escaping Together
  ) {
    self.together = together
    self.engine = engine
    self.session = session
    self.limits = limits
    self.counters = counters
  }

  /// Queues the work, or fails it at once with `overloaded` when too much is queued.
  func submit(_ job: Job) {
    if let failure = committed.withLock({ $0.failure }) { return job.done(failure) }
    let isTaken = queued.withLock { queued in
      guard !queued.isClosed, queued.waiting == 0 || queued.weight + job.weight <= limits.queuedBytes,
        queued.waiting < limits.queuedJobs
      else { return false }
      queued.jobs.append(job)
      queued.waiting += 1
      queued.weight += job.weight
      // Within the lock, so that `close` stands behind it in the queue.
      if !queued.isRunning { queue.async { @Sendable [self] in drain() } }
      queued.isRunning = true
      return true
    }
    if !isTaken { job.done(SQLFailure(.overloaded, "the queue of writes is full")) }
  }

  /// Does `work` between two transactions.
  func beside(_ work: @escaping Between) {
    let isTaken = queued.withLock { queued in
      guard !queued.isClosed else { return false }
      queued.between.append(work)
      if !queued.isRunning { queue.async { @Sendable [self] in drain() } }
      queued.isRunning = true
      return true
    }
    if !isTaken { work(nil) }
  }

  private func takeBetween() -> [Between] {
    queued.withLock { queued in
      defer { queued.between = [] }
      return queued.between
    }
  }

  private func drain() {
    session.confine(toThisThread: true)
    defer { session.confine(toThisThread: false) }
    var callers = 0
    while true {
      for work in takeBetween() { work(session) }
      // Few wait, or fewer than were served just now: the others are about to be answered and to ask again. To wait for
      // the disk with those few makes groups larger and costs them nothing, for their answer comes after the disk anyway.
      let areFew = queued.withLock { queued in
        !queued.jobs.isEmpty && (queued.jobs.count < callers || queued.weight < Self.smallGroup)
      }
      if areFew { durability.sync {} }
      guard let group = takeGroup() else { return }
      if group.isEmpty { continue }
      callers = group.count
      commit(group)
    }
  }

  private func takeGroup() -> [Job]? {
    queued.withLock { queued in
      guard !queued.jobs.isEmpty else {
        queued.isRunning = !queued.between.isEmpty
        return queued.isRunning ? [] : nil
      }
      var count = 0
      var weight = 0
      while count < queued.jobs.count, count < limits.groupJobs,
        count == 0 || weight + queued.jobs[count].weight <= limits.groupBytes
      {
        weight += queued.jobs[count].weight
        count += 1
      }
      queued.waiting -= count
      queued.weight -= weight
      if count == queued.jobs.count {
        defer { queued.jobs = [] }
        return queued.jobs
      }
      defer { queued.jobs.removeFirst(count) }
      return Array(queued.jobs[..<count])
    }
  }

  /// Commits for all at once, in the hope that nobody's work fails.
  ///
  /// Where one does, it begins anew with each one's work behind a savepoint. A savepoint costs a copy of every page that
  /// is changed after it, which is dear when nearly none is ever needed.
  private func commit(_ group: [Job]) {
    // Whoever could not even begin has waited long enough for another program: no second time.
    do { try session.beginWriting() } catch { return giveUp(group, error) }
    do {
      for job in group { try job.run(session) }
    } catch {
      if (error as? SQLFailure)?.code == .full { return giveUp(group, error) }
      session.rollback()
      // One who is alone has his answer; that his work failed is no failure of the transaction.
      return group.count == 1 ? group[0].done(error) : commitSeparately(group)
    }
    conclude(group, failures: Array(repeating: nil, count: group.count))
  }

  private func commitSeparately(_ group: [Job]) {
    var failures: [(any Error)?] = Array(repeating: nil, count: group.count)
    do {
      try session.beginWriting()
      for (index, job) in group.enumerated() { failures[index] = try attempt(job) }
    } catch {
      return giveUp(group, error)
    }
    conclude(group, failures: failures)
  }

  private func giveUp(_ group: [Job], _ error: any Error) {
    session.rollback()
    counters.failed()
    for job in group { job.done(error) }
  }

  private func conclude(_ group: [Job], failures: [(any Error)?]) {
    let mark: Int64?
    do {
      mark = try watch.withLock { $0 }?.mark(session)
      CrashPoint.pass("writer.beforeCommit")
      try session.commit()
    } catch {
      return giveUp(group, error)
    }
    CrashPoint.pass("writer.afterCommit")
    counters.committed(jobs: group.count)
    let weight = group.reduce(0) { $0 + $1.weight }
    queued.withLock { queued in
      queued.waiting += group.count
      queued.weight += weight
    }
    let starts = committed.withLock { committed in
      committed.answers += zip(group, failures).map { ($0, $1) }
      committed.mark = mark ?? committed.mark
      defer { committed.isRunning = true }
      return !committed.isRunning
    }
    if starts { durability.async { @Sendable [self] in answerDurably() } }
    engine.committed(by: session)
  }

  /// Makes what is committed durable and answers, until nothing waits.
  private func answerDurably() {
    while true {
      let (answers, broken, mark) = committed.withLock { committed in
        defer { committed.answers = [] }
        committed.isRunning = !committed.answers.isEmpty
        return (committed.answers, committed.failure, committed.mark)
      }
      if answers.isEmpty { return }
      let failure = broken ?? makeDurable()
      if failure == nil, let mark { watch.withLock { $0 }?.durable(mark) }
      let weight = answers.reduce(0) { $0 + $1.job.weight }
      queued.withLock { queued in
        queued.waiting -= answers.count
        queued.weight -= weight
      }
      together { for (job, ownFailure) in answers { job.done(ownFailure ?? failure) } }
    }
  }

  /// - Returns: what failed. The commits are seen by then and may be lost by a power cut, and a disk that has refused
  ///   once may pass over the same pages in silence, so nothing is taken any more until the database is opened anew.
  private func makeDurable() -> SQLFailure? {
    do throws(SQLFailure) {
      try engine.makeDurable()
      CrashPoint.pass("writer.afterSync")
      return nil
    } catch {
      counters.failed()
      committed.withLock { $0.failure = error }
      return error
    }
  }

  /// Runs one caller's work and answers what failed in it.
  ///
  /// - Throws: what makes the whole transaction impossible, such as a full disk.
  private func attempt(_ job: Job) throws -> (any Error)? {
    try session.savepoint()
    do {
      try job.run(session)
    } catch let failure as SQLFailure where failure.code == .full {
      throw failure
    } catch {
      // Where the engine has given the whole transaction up, what made it do so is the thing to tell.
      do { try session.rollbackToSavepoint() } catch _ { throw error }
      return error
    }
    try session.release()
    return nil
  }

  /// Finishes what is queued, then closes; what comes later is refused.
  func close() {
    queued.withLock { $0.isClosed = true }
    queue.sync {}
    durability.sync {}
    queue.sync { @Sendable in session.close() }
  }
}
