package import Base
import Dispatch
package import SQL
import Synchronization

/// Fires timers when they are due, the longest due first, on a thread of its own.
///
/// A timer's event is appended and the timer is no longer pending in one transaction, so it fires once, whatever ends the
/// program and when. What was due while no server ran fires at the next start: it happened when it was due, and was
/// received now. Everything that it knows stands in the log, but for what has just failed.
package final class TimerRunner: Sendable {
  /// How often it looks: a timer fires at most so much late.
  private static let pause: DispatchTimeInterval = .seconds(1)
  /// How many fire in one transaction: some tens of milliseconds of the writer's time.
  package static let step = 100
  /// When a timer whose act fails is tried again; until then it is no burden on the others.
  package static let rest: Duration = .seconds(600)
  /// What stands before the kind of a timer in the source of its event; no source's name has a colon.
  package static let source = "timer:"

  private let database: Database
  private let intake: Intake
  private let acts: [String: any TimedAct]
  private let clock: any Clock
  private let log: Log
  private let queue = DispatchQueue(label: "throughline.timers", qos: .utility)
  private let isStopping = Atomic<Bool>(false)
  /// Those that failed, by key, and until when they rest.
  private let resting = Mutex<[String: Instant]>([:])

  /// - Parameter acts: what timers come to, one for each kind.
  package init(database: Database, intake: Intake, acts: [any TimedAct], clock: any Clock, log: Log) {
    self.database = database
    self.intake = intake
    self.acts = Dictionary(uniqueKeysWithValues: acts.map { ($0.kind, $0) })
    self.clock = clock
    self.log = log
  }

  /// Begins to look.
  package func start() { tick(after: .seconds(0)) }

  /// Comes back when nothing is running.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    queue.sync {}
  }

  private func tick(after pause: DispatchTimeInterval) {
    queue.asyncAfter(deadline: .now() + pause) { @Sendable [weak self] in
      guard let self, !isStopping.load(ordering: .relaxed) else { return }
      do {
        try fire()
      } catch {
        log.write(.error, "timers cannot fire", ["cause": "\(error)"])
      }
      tick(after: Self.pause)
    }
  }

  /// Fires everything that is due.
  ///
  /// - Throws: where the database cannot be written; what has not fired fires at the next occasion.
  package func fire() throws {
    let now = clock.now
    resting.withLock { resting in resting = resting.filter { $0.value > now } }
    guard try database.read({ [self] in try !due(now, 1, $0).isEmpty }) else { return }
    var size = Self.step
    while !isStopping.load(ordering: .relaxed) {
      let count = size
      do {
        let fired = try database.write { [self] session in
          let timers = try due(now, count, session)
          for timer in timers { try fire(timer, now, session) }
          CrashPoint.pass("timer.afterFire")
          return timers.count
        }
        if fired == 0 { return }
        size = Self.step
      } catch let failure as SQLFailure {
        throw failure
      } catch {
        // One of them stands in the way of the others, so they go one by one until it is found.
        if size > 1 {
          size = 1
        } else {
          try setAside(now, error)
        }
      }
    }
  }

  /// Those that are due and do not rest.
  private func due(_ now: Instant, _ limit: Int, _ session: any Session) throws -> [PendingTimer] {
    let resting = resting.withLock { $0 }
    let timers = try PendingTimer.due(at: now, limit: limit + resting.count, in: session)
    return Array(timers.filter { resting[$0.key] == nil }.prefix(limit))
  }

  private func setAside(_ now: Instant, _ error: any Error) throws {
    guard let timer = try database.read({ [self] in try due(now, 1, $0).first }) else { return }
    resting.withLock { $0[timer.key] = now + Self.rest }
    log.write(.error, "a timer cannot fire", ["kind": timer.kind, "cause": "\(error)"])
  }

  private func fire(_ timer: PendingTimer, _ now: Instant, _ session: any Session) throws {
    CrashPoint.pass("timer.beforeFire")
    var outcome = Outcome(.matched, origin: timer.origin)
    outcome.ended = [timer.key]
    let told =
      try acts[timer.kind]?.fire(timer, &outcome, in: session)
      ?? TimedEvent(.timer, name: timer.kind, body: timer.payload)
    var event = Event.request(
      told.kind, name: told.name, body: told.body, messageID: intake.tokens.next("tmr_"), at: timer.due)
    event.receivedAt = now
    _ = try intake.record(event, at: timer.origin, author: Self.source + timer.kind, in: session) { $0 = outcome }
  }
}
