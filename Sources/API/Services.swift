package import Base
package import Channels
package import Customers
import HTTP
package import SQL
import Synchronization

/// What the routes work with.
package struct Services: Sendable {
  package let database: Database
  package let intake: Intake
  package let keyring: Keyring
  package let sources: SourceDirectory
  /// The secrets that are computed with.
  package let vault: Vault
  package let endedSessions: EndedSessions
  package let metrics: Metrics
  package let limiter: RateLimiter
  package let signIns: SignInLimiter
  package let tokens: TokenSource
  package let clock: any Clock
  package let log: Log
  /// What machines' keys have read.
  package let reads: ReadCounter
  package let jobs: JobRunner
  /// The streams of `GET /v1/live`.
  package let live: LiveHub
  package let webhooks: WebhookRunner
  /// Where webhooks may go.
  package let webhookReach: @Sendable () -> WebhookReach
  /// Two letters of ISO 3166-1: where telephone numbers are dialled when nothing else says so.
  package let country: String?
  private let complaints = Complaints()

  package init(
    database: Database, intake: Intake, keyring: Keyring, sources: SourceDirectory, vault: Vault,
    endedSessions: EndedSessions, metrics: Metrics, tokens: TokenSource, clock: any Clock, log: Log, jobs: JobRunner,
    live: LiveHub, webhooks: WebhookRunner, webhookReach: @escaping @Sendable () -> WebhookReach,
    country: String? = nil
  ) {
    self.database = database
    self.intake = intake
    self.keyring = keyring
    self.sources = sources
    self.vault = vault
    self.endedSessions = endedSessions
    self.metrics = metrics
    self.tokens = tokens
    self.clock = clock
    self.log = log
    self.jobs = jobs
    self.live = live
    self.webhooks = webhooks
    self.webhookReach = webhookReach
    self.country = country
    limiter = RateLimiter()
    signIns = SignInLimiter()
    reads = ReadCounter(database: database)
  }
}

extension Services {
  /// Answers what `work` makes, or the problem that it throws.
  func answer(_ exchange: Exchange, _ work: () throws -> Response) {
    do {
      exchange.respond(try work())
    } catch {
      exchange.respond(problem(error))
    }
  }

  /// Reads on a snapshot, off the loop, and answers what `work` makes of it.
  ///
  /// - Parameter minimum: the place in the log that the snapshot must hold, from the query's `minSequence`.
  func read(
    _ exchange: Exchange, minimum: Int64? = nil, _ work: @escaping @Sendable (any Session) throws -> Response
  ) {
    read(exchange, minimum: minimum, work) { exchange.respond($0) }
  }

  /// Reads on a snapshot and hands over what `work` makes of it; what it throws is answered.
  ///
  /// - Parameter isShort: whether it takes less than a millisecond or so, and need not leave the loop.
  func read<T: Sendable>(
    _ exchange: Exchange, minimum: Int64?, isShort: Bool = false, _ work: @escaping @Sendable (any Session) throws -> T,
    then done: @escaping @Sendable (T) -> Void
  ) {
    database.read(here: isShort && exchange.hasTime) { session in
      if let minimum {
        let last = try EventLog.last(in: session)
        guard minimum <= last else {
          throw Failure(
            .invalid, "minSequence is beyond the log's end", faults: [.init("/minSequence", "is above \(last)")])
        }
      }
      return try work(session)
    } then: { (result: Result<T, any Error>) in
      do { done(try result.get()) } catch { exchange.respond(problem(error)) }
    }
  }

  /// The problem that a failure is told as; what only the operator may know goes into the log.
  func problem(_ error: any Error) -> Response {
    let failure = Failure(telling: error)
    if failure.code == .internal {
      log.write(.error, "a request failed", ["cause": failure.cause ?? "", "hint": failure.hint ?? ""])
    } else if failure.code == .unavailable, let cause = failure.cause, complaints.isDue(at: clock.now) {
      log.write(.error, "requests are refused", ["cause": cause, "hint": failure.hint ?? ""])
    }
    return .problem(Problem(failure))
  }
}

/// Keeps what every request would complain of, such as a full disk, from filling the log.
final class Complaints: Sendable {
  private static let pause: Int64 = 10_000
  private let last = Mutex<Instant?>(nil)

  /// Whether it is time to say it again.
  func isDue(at now: Instant) -> Bool {
    last.withLock { last in
      if let last, now.milliseconds - last.milliseconds < Self.pause { return false }
      last = now
      return true
    }
  }
}
