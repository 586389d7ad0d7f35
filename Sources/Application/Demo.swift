import Base
import Channels
import Commerce
import Customers
import Dispatch
import SQL
import Synchronization

/// Fills a data directory with the histories of a practice town, straight through the intake, in this process.
struct Demo {
  /// What came of it.
  struct Report {
    var events: Int
    var duplicates: Int
    var time: Duration
    var sequence: Int64
  }

  /// How many calls may wait for the disk: enough for the writer to commit for many at once.
  private static let mostWaiting = 64

  private let store: Store

  init(_ store: Store) { self.store = store }

  /// Sends what a town of so many people did, up to the midnight (UTC) before the first time that this directory was
  /// filled.
  ///
  /// The same scale and seed on the same day give the same log, but for the seed under which message ids are hashed; a
  /// run that was interrupted is taken up again by the same command.
  /// - Throws: `conflict` where the directory has events that were not made up.
  func fill(scale: Int, seed: UInt64) throws -> Report {
    let (end, begin) = try store.database.write { [clock = store.clock] session in
      (try Self.beginPractice(now: clock.now, in: session), try EventLog.last(in: session))
    }
    // Ids of people come from the seed too; where a run goes on, from elsewhere than before.
    let tokens = TokenSource(
      clock: StoppedClock(now: end), randomness: PracticeRandomness(seed, UInt64(scale), UInt64(begin)))
    let intake = Intake(
      database: store.database, folds: store.intake.folds, messages: store.messages, tokens: tokens,
      features: [Commerce(tokens: tokens)])
    try addSources(to: intake, at: end)
    let town = PracticeTown(scale: scale, seed: seed, until: end)
    let started = ContinuousClock.now
    let counts = try send(town, through: intake, tokens)
    return Report(
      events: counts.events, duplicates: counts.duplicates, time: ContinuousClock.now - started,
      sequence: try store.database.read { try EventLog.last(in: $0) })
  }

  /// Marks a directory as one of practice data, if it has no other.
  ///
  /// - Returns: when its histories end: the midnight before it was marked first.
  /// - Throws: `conflict` where it has events that were not made up.
  static func beginPractice(now: Instant, in session: any Session) throws -> Instant {
    guard try EventLog.last(in: session) == 0 || Setting.isPractice(in: session) else {
      throw Failure(
        .conflict, "the directory has events that demo did not make", hint: "name one that is empty, or not there")
    }
    let midnight = Instant(milliseconds: now.milliseconds - now.milliseconds % day)
    return try Setting.markPractice(until: midnight, in: session)
  }

  private static let day: Int64 = 86_400_000

  private func addSources(to intake: Intake, at time: Instant) throws {
    let sources = try PracticeTown.sources(.few)
    try store.database.write { session in
      for source in sources where try DocumentFold.source(source.name, in: session) == nil {
        _ = try intake.store(
          kind: Source.documentKind, id: source.name, body: source.document, author: "demo", at: time, create: true,
          in: session)
      }
    }
  }

  private struct Counts: Sendable {
    var events = 0
    var duplicates = 0
    var failure: (any Error)?
  }

  private func send(_ town: PracticeTown, through intake: Intake, _ tokens: TokenSource) throws -> Counts {
    var town = town
    let room = DispatchSemaphore(value: Self.mostWaiting)
    let counts = Tally()
    while case let calls = town.next(), !calls.isEmpty, counts.value.failure == nil {
      for call in calls {
        let items = try SegmentCall.batch.items(
          of: JSONDocument(call.body).root, receivedAt: call.receivedAt, tokens: tokens)
        let events = items.compactMap { item -> Event? in
          guard case .event(let event) = item else { return nil }
          return event
        }
        guard events.count == items.count else {
          throw Failure(.internal, "the practice town has made an event that is none")
        }
        room.wait()
        intake.submit(events, from: call.source) { result in
          counts.add(result)
          room.signal()
        }
      }
    }
    for _ in 0..<Self.mostWaiting { room.wait() }
    // A semaphore is given back as it was made.
    for _ in 0..<Self.mostWaiting { room.signal() }
    if let failure = counts.value.failure { throw failure }
    return counts.value
  }

  private final class Tally: Sendable {
    private let counts = Mutex(Counts())

    var value: Counts { counts.withLock { $0 } }

    func add(_ result: Result<Intake.Answers, any Error>) {
      counts.withLock { counts in
        switch result {
        case .failure(let failure): counts.failure = counts.failure ?? failure
        case .success(let answers):
          counts.events += answers.answers.count
          for case .duplicate in answers.answers { counts.duplicates += 1 }
          for case .conflict in answers.answers {
            counts.failure = Failure(.internal, "the practice town has said two things under one id")
          }
        }
      }
    }
  }
}

/// A clock that shows one time.
private struct StoppedClock: Clock {
  let now: Instant
}

/// Bytes that a seed fixes, for ids of people who never were.
private final class PracticeRandomness: Randomness {
  private let chance: Mutex<PracticeChance>

  init(_ seed: UInt64, _ scale: UInt64, _ begin: UInt64) { chance = Mutex(PracticeChance(seed, scale, begin)) }

  func bytes(_ count: Int) -> [UInt8] {
    chance.withLock { chance in
      var bytes: [UInt8] = []
      while bytes.count < count { withUnsafeBytes(of: chance.next().littleEndian) { bytes += $0 } }
      return Array(bytes.prefix(count))
    }
  }
}
