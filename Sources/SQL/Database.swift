import Dispatch
import Synchronization

/// A database with one writer that commits for many callers at once, and readers that never wait for it.
///
/// ```swift
/// database.write(weight: body.count) { session in try carts.add(item, in: session) } then: { result in … }
/// database.read { session in try carts.find(id, in: session) } then: { result in … }
/// ```
/// Closures run on the database's own threads, answers come on them too. A write's answer comes after its commit is
/// durable. The closure of a write changes tables and nothing else: it may be given up and run again.
package final class Database: Sendable {
  private let engine: any Engine
  private let writer: Writer
  private let readers: ReaderPool
  /// The steps that make its schema, also in a `ScratchDatabase`.
  package let migrations: [Migration]
  /// What the writer has done since the start.
  package let counters = DatabaseCounters()

  /// Opens the database and brings its schema to the newest of `migrations`.
  ///
  /// - Parameter together: runs what answers all callers whose writes became durable at one time, so that whoever is
  ///   answered by it may gather that.
  /// - Throws: `busy`, `readOnly`, `corrupt`, `newer`, `cannotOpen` as they are found.
  package init(
    engine: any Engine, migrations: [Migration], limits: DatabaseLimits = DatabaseLimits(),
    together: @escaping @Sendable (() -> Void) -> Void = { $0() }
  ) throws {
    self.engine = engine
    self.migrations = migrations
    let session = try engine.openWriter()
    do {
      try session.migrate(migrations)
      try engine.makeDurable()
    } catch {
      session.close()
      // It may have opened the journal that goes with the last session.
      engine.close()
      throw error
    }
    writer = Writer(engine: engine, session: session, limits: limits, counters: counters, together: together)
    readers = ReaderPool(engine: engine, limits: limits)
  }

  /// Does `work` in the next transaction and answers when it is durable.
  ///
  /// - Parameters:
  ///   - weight: about how many bytes it writes, by which the queue is bounded.
  ///   - work: changes tables and nothing else.
  ///   - done: is told what came of it: what `work` threw, or `overloaded`, or why the commit failed.
  package func write<T: Sendable>(
    weight: Int = 0, _ work: @escaping @Sendable (any Session) throws -> T,
    then done: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    let box = ResultBox<T>()
    writer.submit(
      Writer.Job(
        weight: weight,
        run: { session in
          let value = try work(session)
          box.result.withLock { $0 = value }
        },
        done: { failure in
          if let failure { return done(.failure(failure)) }
          guard let value = box.result.withLock({ $0 }) else { preconditionFailure("work that did not run") }
          done(.success(value))
        }))
  }

  /// Does `work` on one snapshot and answers.
  ///
  /// - Parameter here: whether `work` is short: then it may be done, and answered, on the calling thread before this
  ///   returns, which spares two threads their waking.
  package func read<T: Sendable>(
    here: Bool = false, _ work: @escaping @Sendable (any Session) throws -> T,
    then done: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    readers.submit(here: here) { session in done(Result { try Self.snapshot(session.get(), work) }) }
  }

  private static func snapshot<T>(_ session: any Session, _ work: (any Session) throws -> T) throws -> T {
    guard let session = session as? any EngineSession else { preconditionFailure("a reader is a session of an engine") }
    try session.beginReading()
    defer { session.rollback() }
    return try work(session)
  }

  /// Writes and waits for the answer: for commands and tests, never on a loop or in a task.
  package func write<T: Sendable>(_ work: @escaping @Sendable (any Session) throws -> T) throws -> T {
    try waiting { done in write(work, then: done) }
  }

  /// From now on `watch` is told how far the durable commits go.
  package func follow(_ watch: CommitWatch) { writer.watch.withLock { $0 = watch } }

  /// Reads and waits for the answer: for commands and tests, never on a loop or in a task.
  package func read<T: Sendable>(_ work: @escaping @Sendable (any Session) throws -> T) throws -> T {
    try waiting { done in read(work, then: done) }
  }

  private func waiting<T: Sendable>(
    _ start: (@escaping @Sendable (Result<T, any Error>) -> Void) -> Void
  ) throws -> T {
    let box = ResultBox<Result<T, any Error>>()
    let ready = DispatchSemaphore(value: 0)
    start { result in
      box.result.withLock { $0 = result }
      ready.signal()
    }
    ready.wait()
    guard let result = box.result.withLock({ $0 }) else { preconditionFailure("signalled without a result") }
    return try result.get()
  }

  /// Leaves nothing in the journal: what was written over or deleted is on the disk no more when this answers true.
  ///
  /// It waits for the writer, and for readers a moment.
  ///
  /// - Returns: false where somebody still reads what was there before.
  package func emptyJournal() throws -> Bool {
    try waiting { (done: @escaping @Sendable (Result<Bool, any Error>) -> Void) in
      writer.beside { [engine] session in done(.success(session.map { engine.emptyJournal(by: $0) } ?? false)) }
    }
  }

  /// Finishes what is queued and closes every connection.
  package func close() {
    readers.close()
    // The writer's last commits may begin a checkpoint, so the engine ends after it.
    writer.close()
    engine.close()
  }
}

/// Where a thread leaves what another one takes.
private final class ResultBox<T: Sendable>: Sendable {
  let result = Mutex<T?>(nil)
}
