import Dispatch
import Glibc
import Synchronization

/// An event loop: it accepts connections, reads requests, calls handlers, and writes answers, all on one thread at a
/// time.
///
/// A turn is one batch of events. One `recv` and one `send` serve all the requests of a connection that came with it;
/// what other threads want comes by mail, all letters with one wake. Nothing on a loop blocks.
///
/// `@unchecked Sendable`: all but the mailbox, the counters and the thread's mark is
/// protected by being touched during turns only, which one thread at a time runs.
final class Loop: @unchecked Sendable {
  /// Bytes read at once: larger ones measured no faster, and one client has the loop for so much at most.
  static let readSize = 64 << 10
  /// Connections accepted in one turn, so that those which are open are served too.
  static let acceptBatch = 64
  /// Bodies from here on are sent from where they stand instead of being copied.
  static let copiedBody = 32 << 10
  /// How many connections that are turned away may wait for their client to have read why: few, because they take of
  /// the descriptors that are kept for others.
  static let turnedAwayAtOnce = 16
  /// When stopping, how long a connection must have been idle: its client's next request may be under way.
  static let quietTicks: UInt32 = 3

  let shared: SharedState
  let limits: Limits
  let counters = Counters()
  let bounds: HeadParser.Bounds
  let ticks: LimitTicks
  let readiness: any Readiness
  private let mailbox = Mailbox()
  /// Whether it waited before this turn, and has done no work of a handler since.
  private var isFresh = false
  private let thread = Atomic<UInt>(0)
  private let done: DispatchGroup

  var table = ConnectionTable()
  var listeners: [Listener] = []
  var spareDescriptor: Int32
  var generation: UInt32 = 0
  var turningAway = 0

  /// Where bytes are read to; some room behind for the parser's words.
  let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: Loop.readSize)
  /// Where ciphertext is read to.
  lazy var cipherScratch = UnsafeMutablePointer<UInt8>.allocate(capacity: Loop.readSize)
  let out = OutputBuffer()
  let head = UnsafeMutablePointer<RequestHead>.allocate(capacity: 1)
  let slots: UnsafeMutablePointer<HeaderSlot>
  let parameters = UnsafeMutablePointer<PathParameter>.allocate(capacity: Router.maximumParameters)
  /// `Server` and `Date`, written once a second.
  let commonFields = OutputBuffer()
  private var second = 0

  /// The connection whose answers are being gathered in `out`.
  var current: Connection?
  var tick: UInt32 = 0
  private var hasTicked = false
  private var letters: [Mail] = []
  private var deferred: [Mail] = []
  var isDraining = false
  private var drainEnd = UInt32.max
  private var isFinished = false

  init(_ shared: SharedState, _ listeners: [Listener], _ readiness: any Readiness, done: DispatchGroup) {
    self.shared = shared
    self.listeners = listeners
    self.readiness = readiness
    self.done = done
    limits = shared.limits
    bounds = limits.head
    ticks = LimitTicks(limits)
    slots = .allocate(capacity: limits.headers)
    head.initialize(to: RequestHead())
    parameters.initialize(repeating: PathParameter(offset: 0, length: 0), count: Router.maximumParameters)
    spareDescriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    tick = Tick.now()
  }

  deinit {
    table.deallocate()
    scratch.deallocate()
    if shared.tls != nil { cipherScratch.deallocate() }
    head.deallocate()
    slots.deallocate()
    parameters.deallocate()
    if spareDescriptor >= 0 { Glibc.close(spareDescriptor) }
  }

  // MARK: - From other threads

  /// Whether the caller runs within one of this loop's turns.
  @inline(__always)
  var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Leaves letters, which go together with others that the calling thread gathers.
  func post(_ letters: some Sequence<Mail>) {
    if let gathering = AnswerGathering.current { gathering.add(letters, to: self) } else { handOver(letters) }
  }

  /// Leaves letters, and wakes the loop if it sleeps.
  func handOver(_ letters: some Sequence<Mail>) {
    if mailbox.post(letters) { readiness.wake() }
  }

  // MARK: - Turns

  /// How long the readiness may wait, in milliseconds.
  var patience: Int32 {
    table.count > 0 || isDraining || listeners.contains(where: \.isPaused) ? Int32(Tick.milliseconds) : -1
  }

  /// It has nothing to do until `endWaiting`.
  func beginWaiting() { shared.waiting.add(1, ordering: .relaxed) }

  func endWaiting() {
    shared.waiting.subtract(1, ordering: .relaxed)
    isFresh = true
  }

  /// Whether some work may be done on the loop's thread: nobody waits for it, as far as is known, or no other loop has
  /// nothing to do, so that no processor would be free to help.
  func takeTime() -> Bool {
    defer { isFresh = false }
    return isFresh || shared.waiting.load(ordering: .relaxed) == 0
  }

  /// The first thing that happens on the loop's thread.
  func begin() {
    beginTurn()
    for listener in listeners { _ = readiness.watch(listener.token, for: .read) }
    endTurn()
  }

  func beginTurn() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    // Before anything happens, because after a long sleep a deadline reckoned from the old one would be over at once.
    let now = Tick.now()
    if now != tick {
      tick = now
      hasTicked = true
    }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
    if time.tv_sec != second { renewCommonFields(time.tv_sec) }
  }

  func endTurn() {
    takeMail()
    if hasTicked {
      hasTicked = false
      passTick()
    }
    thread.store(0, ordering: .relaxed)
    if isFinished { readiness.finish() }
  }

  /// The last thing: nothing is open any more.
  func end() {
    mailbox.close()
    done.leave()
  }

  private func renewCommonFields(_ now: Int) {
    second = now
    commonFields.clear()
    if let name = shared.serverName {
      commonFields.append("Server: ")
      commonFields.appendField(name)
      commonFields.append("\r\n")
    }
    commonFields.append("Date: ")
    commonFields.appendField(HTTPDate.format(now))
    commonFields.append("\r\n")
  }

  private func takeMail() {
    mailbox.take(&letters)
    while true {
      for letter in letters { open(letter) }
      letters.removeAll(keepingCapacity: true)
      if deferred.isEmpty { break }
      swap(&letters, &deferred)
    }
  }

  private func open(_ letter: Mail) {
    switch letter {
    case .answer(let exchange, let response):
      deliver(exchange) { write($0, exchange.packing.applied(to: response, isOnLoop: true)) }
    case .stream(let exchange, let stream): begin(stream, exchange)
    case .events(let stream): writeEvents(stream)
    case .stop(let grace): beginDraining(grace)
    }
  }

  /// Does something later in this turn, when no connection is in hand.
  func later(_ letter: Mail) { deferred.append(letter) }

  private func passTick() {
    for index in listeners.indices where listeners[index].isPaused {
      listeners[index].isPaused = false
      readiness.change(listeners[index].token, to: .read)
    }
    for connection in table.expired(at: tick) where connection.phase != .closed { expire(connection) }
    if isDraining { drain() }
  }

  // MARK: - Stopping

  private func beginDraining(_ grace: Duration) {
    guard !isDraining else { return }
    isDraining = true
    drainEnd = tick + Tick.count(grace)
    for index in listeners.indices {
      // Who is in the queue was promised a connection.
      accept(index, limit: Int(ListeningSocket.backlog))
      readiness.close(listeners[index].token)
    }
    listeners = []
    for connection in table.all where connection.phase == .streaming { endStream(connection) }
    drain()
  }

  private func drain() {
    for connection in table.all {
      let isQuiet = connection.phase == .open && connection.stash.isEmpty && connection.backlog == nil
      if tick >= drainEnd || isQuiet && tick &- connection.since >= Self.quietTicks { close(connection) }
    }
    if table.count == 0 { isFinished = true }
  }
}

/// The times of `Limits` in ticks.
struct LimitTicks: Sendable {
  let head: UInt32
  let body: UInt32
  let write: UInt32
  let idle: UInt32
  let answer: UInt32
  let linger: UInt32
  let heartbeat: UInt32

  init(_ limits: Limits) {
    head = Tick.count(limits.headTime)
    body = Tick.count(limits.bodyTime)
    write = Tick.count(limits.writeTime)
    idle = Tick.count(limits.idleTime)
    answer = Tick.count(limits.answerTime)
    linger = Tick.count(limits.lingerTime)
    heartbeat = Tick.count(limits.heartbeat)
  }
}
