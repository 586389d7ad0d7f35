import Dispatch
import Synchronization

/// Sessions that only read, each used by one caller at a time and seeing one snapshot; none waits for the writer.
final class ReaderPool: Sendable {
  /// What is done with a session, or with why there is none.
  typealias Job = @Sendable (Result<any Session, any Error>) -> Void

  // protected by `ReaderPool.state`: a session is in `idle` or in the hands of one block
  private struct Reader: @unchecked Sendable {
    let session: any EngineSession
  }

  private struct State: Sendable {
    var idle: [Reader] = []
    var open = 0
    var waiting: [Job] = []
    var isClosed = false
    /// From when on reads may be done on their callers' threads.
    var here = ContinuousClock.now
  }

  private let engine: any Engine
  private let limits: DatabaseLimits
  private let queue = DispatchQueue(label: "throughline.readers", qos: .userInitiated, attributes: .concurrent)
  private let state = Mutex(State())
  private let ended = DispatchGroup()
  private let memory = LastingMemory()

  init(engine: any Engine, limits: DatabaseLimits) {
    self.engine = engine
    self.limits = limits
  }

  /// Runs `job` on a session as soon as one is free.
  ///
  /// Where too many wait already, or the pool is closed, it is told `overloaded`.
  ///
  /// - Parameter here: whether it is short enough to be run on the calling thread, where a session is free.
  func submit(here: Bool, _ job: @escaping Job) {
    enum Way {
      case here(Reader)
      case elsewhere
      case refused
    }
    let way = state.withLock { state -> Way in
      if state.isClosed { return .refused }
      // Within the lock, so that `close` waits for it.
      if let reader = state.idle.popLast() {
        if here, state.here <= .now {
          ended.enter()
          return .here(reader)
        }
        queue.async(group: ended) { @Sendable [self] in run(job, on: reader) }
      } else if state.open < limits.readers {
        state.open += 1
        queue.async(group: ended) { @Sendable [self] in openReader(for: job) }
      } else {
        guard state.waiting.count < limits.queuedReads else { return .refused }
        state.waiting.append(job)
      }
      return .elsewhere
    }
    switch way {
    case .here(let reader): runHere(job, on: reader)
    case .elsewhere: break
    case .refused: job(.failure(SQLFailure(.overloaded, "the queue of reads is full")))
    }
  }

  private func runHere(_ job: @escaping Job, on reader: Reader) {
    let start = ContinuousClock.now
    perform(job, on: reader)
    let end = ContinuousClock.now
    if end - start > limits.longestReadHere { state.withLock { $0.here = end + limits.pauseOfReadsHere } }
    // Whoever has come meanwhile is not for this thread.
    if let next = next(after: reader) { queue.async(group: ended) { @Sendable [self] in run(next, on: reader) } }
    ended.leave()
  }

  private func openReader(for job: @escaping Job) {
    do {
      let session = try engine.openReader()
      session.memory.lasting = memory
      run(job, on: Reader(session: session))
    } catch {
      // Whoever waits for a session would wait for ever when there is none left to come.
      let stranded = state.withLock { state in
        state.open -= 1
        guard state.open == 0 else { return [Job]() }
        defer { state.waiting = [] }
        return state.waiting
      }
      for job in [job] + stranded { job(.failure(error)) }
    }
  }

  private func run(_ job: @escaping Job, on reader: Reader) {
    perform(job, on: reader)
    while let next = next(after: reader) { perform(next, on: reader) }
  }

  private func perform(_ job: Job, on reader: Reader) {
    reader.session.confine(toThisThread: true)
    job(.success(reader.session))
    reader.session.confine(toThisThread: false)
  }

  /// What the reader does next; without it, it is idle, or closed with the pool.
  private func next(after reader: Reader) -> Job? {
    let (next, isLast) = state.withLock { state -> (Job?, isLast: Bool) in
      if !state.waiting.isEmpty { return (state.waiting.removeFirst(), false) }
      if !state.isClosed { state.idle.append(reader) }
      return (nil, state.isClosed)
    }
    if isLast { reader.session.close() }
    return next
  }

  /// Finishes what is queued, then closes.
  func close() {
    let idle = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    ended.wait()
    for reader in idle { reader.session.close() }
  }
}
