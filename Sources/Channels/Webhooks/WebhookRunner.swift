package import Base
package import Customers
import Dispatch
import Glibc
package import SQL
import Synchronization

/// Tells webhooks what is in the log, each in its order, on a thread of its own.
///
/// The log is the outbox: a webhook has a place in it, and what is behind the place goes out, message by message. Each
/// attempt is written down before it starts, so a message whose answer nobody has seen is sent again under the same id.
/// One that fails is tried again on a schedule, while the others of that webhook wait and those of all others do not.
package final class WebhookRunner: Sendable {
  /// How long nothing happens at most before it looks for what is due.
  private static let patience: Duration = .seconds(1)
  /// What comes within it is looked at together, so that a busy shop makes 50 looks a second, in microseconds.
  private static let pause: UInt32 = 20_000

  private let lanes: Mutex<WebhookLanes>
  private let sender: any WebhookSender
  private let tail: LogTail
  private let queue = DispatchQueue(label: "throughline.webhooks", qos: .utility)
  private let isStopping = Atomic<Bool>(false)
  private let isWaiting = Atomic<Bool>(false)
  private let inbox = Mutex(Inbox())
  /// What it has done, for the operator's tools.
  package let counts = WebhookCounts()

  /// What it was asked meanwhile.
  struct Inbox: Sendable {
    var hasChanged = true
    var pings: [WebhookPing] = []
  }

  /// - Parameters:
  ///   - chance: spreads the pauses.
  ///   - sender: sends, to whom that may be.
  package init(
    database: Database, intake: Intake, tail: LogTail, vault: Vault, tokens: TokenSource, chance: any Randomness,
    clock: any Clock, log: Log, sender: any WebhookSender
  ) {
    self.sender = sender
    self.tail = tail
    lanes = Mutex(
      WebhookLanes(
        WebhookOffice(
          database: database, intake: intake, tail: tail, vault: vault, tokens: tokens, chance: chance, clock: clock,
          log: log, sender: sender, counts: counts)))
    tail.onAdvance { [weak self] in
      guard let self, isWaiting.load(ordering: .relaxed) else { return }
      sender.wake()
    }
  }

  /// Begins to deliver.
  package func start() { queue.async { @Sendable [self] in while !isStopping.load(ordering: .relaxed) { step() } } }

  /// Comes back when nothing is running; what is on its way is sent again at the next start.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    sender.wake()
    queue.sync {}
    for ping in inbox.withLock({ $0.pings }) { ping.done(nil) }
  }

  /// Looks at webhooks, their places and their dead letters anew.
  package func wake() {
    inbox.withLock { $0.hasChanged = true }
    sender.wake()
  }

  /// Sends a webhook a message of the type `ping`, and tells how that went; nothing where it has no secret, or the server
  /// stops.
  package func ping(_ name: String, then done: @escaping @Sendable (WebhookResult?) -> Void) {
    inbox.withLock { $0.pings.append(WebhookPing(name: name, done: done)) }
    sender.wake()
  }

  /// One round: takes what has ended, writes it down with what is tried next, and sends that.
  package func step(patience: Duration? = nil) {
    let results = sender.run(for: patience ?? Self.patience)
    let asked = inbox.withLock { inbox in
      defer { inbox = Inbox(hasChanged: false) }
      return inbox
    }
    if patience == nil, results.isEmpty, !asked.hasChanged, asked.pings.isEmpty { usleep(Self.pause) }
    // Until it is known, lest it is missed what comes meanwhile.
    self.isWaiting.store(true, ordering: .relaxed)
    let (isDone, isWaiting) = lanes.withLock { lanes in (lanes.round(results, asked), lanes.isWaiting) }
    self.isWaiting.store(isWaiting, ordering: .relaxed)
    // A database that takes nothing now is left alone for a moment.
    if !isDone { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(500)) }
  }
}

/// Somebody waits to hear whether a webhook can be reached.
struct WebhookPing: Sendable {
  let name: String
  let done: @Sendable (WebhookResult?) -> Void
}

/// What those who deliver work with.
struct WebhookOffice: Sendable {
  let database: Database
  let intake: Intake
  let tail: LogTail
  let vault: Vault
  let tokens: TokenSource
  let chance: any Randomness
  let clock: any Clock
  let log: Log
  let sender: any WebhookSender
  let counts: WebhookCounts
}

/// What became of attempts, and where each webhook is.
package final class WebhookCounts: Sendable {
  /// What an attempt came to.
  package enum Outcome: String, Sendable, CaseIterable {
    case delivered, failed, dead, disabled
  }

  private struct State: Sendable {
    var outcomes: [Outcome: Int] = [:]
    var places: [String: Int64] = [:]
  }

  private let state = Mutex(State())

  func add(_ outcome: Outcome) { state.withLock { $0.outcomes[outcome, default: 0] += 1 } }
  func set(_ places: [String: Int64]) { state.withLock { $0.places = places } }

  /// How many attempts came to that.
  package func count(_ outcome: Outcome) -> Int { state.withLock { $0.outcomes[outcome] ?? 0 } }

  /// The place that each active webhook is told next, by name.
  package var places: [(name: String, place: Int64)] {
    state.withLock { $0.places.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 }
  }
}
