package import Base
package import Commerce
package import Customers
import Dispatch
package import SQL
import Synchronization

/// An open data directory of a test's own: the log, its folds and the road into it.
package final class TestStore: Sendable {
  package let directory: TemporaryDirectory
  package let clock: TurnedClock
  package let tokens: TokenSource
  package let database: Database
  package let folds: [any Fold]
  package let features: [any Feature]
  package let seed: [UInt8]
  package let intake: Intake
  package let erasure: Erasure
  package let retention: Retention
  private let migrations: [Migration]
  private let isClosed = Atomic<Bool>(false)

  /// Opens the directory's database, which is made when it is not there.
  ///
  /// - Parameters:
  ///   - hasBooks: whether `BooksFold` stands above the folds.
  ///   - hasCommerce: whether the shop sells: carts, orders, stock and points.
  ///   - orderBooks: what its orders take and give; nil for the shop's own prices, stock, points and carts.
  package init(
    _ directory: TemporaryDirectory = TemporaryDirectory(), clock: TurnedClock = TurnedClock(), chance: UInt64 = 1,
    hasBooks: Bool = false, hasCommerce: Bool = false, orderBooks: (any OrderBooks)? = NoBooks()
  ) throws {
    self.directory = directory
    migrations =
      (Schema.migrations + (hasCommerce ? Commerce.migrations : []) + (hasBooks ? [BooksFold.migration] : []))
      .sorted { $0.number < $1.number }
    let tokens = TokenSource(clock: clock, randomness: SeededRandomness(seed: chance))
    let database = try Database(engine: Self.engine(directory, "db"), migrations: migrations)
    let seed = try database.write { try Setting.messageSeed(in: $0, tokens: tokens) }
    let messages = MessageFold(seed: seed)
    folds =
      [
        messages, SearchFold(), QualityFold(), IdentityFold(), TraitFold(), DocumentFold(), ConsentFold(),
        ResumeStateFold(), TokenFold(), SourceQualityFold(), TimerFold(),
      ] + (hasCommerce ? Commerce.folds : []) + (hasBooks ? [BooksFold()] : [])
    features = hasCommerce ? [Commerce(tokens: tokens, books: orderBooks)] : []
    intake = Intake(
      database: database, folds: folds, messages: messages, tokens: tokens, features: features)
    erasure = Erasure(intake: intake, messages: messages)
    retention = Retention(intake: intake, messages: messages)
    (self.clock, self.tokens, self.database, self.seed) = (clock, tokens, database, seed)
  }

  /// Closed aside: the last to let go of it may be a connection's own thread, which cannot wait for itself.
  deinit {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    DispatchQueue.global().async { [database, directory] in withExtendedLifetime(directory) { database.close() } }
  }

  /// Ends it as a server ends, once.
  package func close() {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    database.close()
  }

  private static func engine(_ directory: TemporaryDirectory, _ name: String) -> SQLiteEngine {
    SQLiteEngine(path: directory.file(name), memory: 4 << 20)
  }

  /// Stores a source as a document.
  package func add(_ source: Source) throws {
    let now = clock.now
    _ = try database.write { [intake] session in
      try intake.store(
        kind: Source.documentKind, id: source.name, body: source.document, author: "test", at: now, create: false,
        in: session)
    }
  }

  /// Sends events and waits for what came of them.
  @discardableResult
  package func send(_ events: [Event], refused: [Intake.Refusal] = [], from source: String) throws -> Intake.Answers {
    let ready = DispatchSemaphore(value: 0)
    let taken = Taken()
    intake.submit(events, refused: refused, from: source) { result in
      taken.result.withLock { $0 = result }
      ready.signal()
    }
    ready.wait()
    guard let result = taken.result.withLock({ $0 }) else { preconditionFailure("signalled without a result") }
    return try result.get()
  }

  private final class Taken: Sendable {
    let result = Mutex<Result<Intake.Answers, any Error>?>(nil)
  }

  /// What does not hold.
  package func verify() throws -> [Finding] {
    try database.read { [folds] in try Verification(folds: folds).run(in: $0) }
  }

  /// Where the state is not what the log adds up to.
  package func replay() throws -> [Finding] {
    let aside = TemporaryDirectory()
    let (kept, empty) = (Self.engine(directory, "db"), Self.engine(aside, "replay"))
    let session = try kept.openReader()
    defer { session.close() }
    let into = try Database(engine: empty, migrations: migrations)
    defer { into.close() }
    let borrowed = Borrowed(session: session)
    return try into.write { [folds] in try Replay(folds: folds).run(from: borrowed.session, into: $0).findings }
  }

  // protected by its owner, who waits until the other thread is done
  private struct Borrowed: @unchecked Sendable { let session: any Session }
}
