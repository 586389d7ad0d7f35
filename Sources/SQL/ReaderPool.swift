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
  }

  private let engine: any Engine
  private let limits: DatabaseLimits
  private let queue = DispatchQueue(label: "throughline.readers", qos: .userInitiated, attributes: .concurrent)
  private let state = Mutex(State())
  private let ended = DispatchGroup()

  init(engine: any Engine, limits: DatabaseLimits) {
    self.engine = engine
    self.limits = limits
  }

  /// Runs `job` on a session as soon as one is free.
  ///
  /// Where too many wait already, or the pool is closed, it is told `overloaded`.
  func submit(_ job: @escaping Job) {
    let isTaken = state.withLock { state in
      if state.isClosed { return false }
      // Within the lock, so that `close` waits for it.
      if let reader = state.idle.popLast() {
        queue.async(group: ended) { @Sendable [self] in run(job, on: reader) }
      } else if state.open < limits.readers {
        state.open += 1
        queue.async(group: ended) { @Sendable [self] in openReader(for: job) }
      } else {
        guard state.waiting.count < limits.queuedReads else { return false }
        state.waiting.append(job)
      }
      return true
    }
    if !isTaken { job(.failure(SQLFailure(.overloaded, "the queue of reads is full"))) }
  }

  private func openReader(for job: @escaping Job) {
    do {
      run(job, on: Reader(session: try engine.openReader()))
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
    var job = job
    while true {
      reader.session.confine(toThisThread: true)
      job(.success(reader.session))
      reader.session.confine(toThisThread: false)
      let (next, isLast) = state.withLock { state -> (Job?, isLast: Bool) in
        if !state.waiting.isEmpty { return (state.waiting.removeFirst(), false) }
        if !state.isClosed { state.idle.append(reader) }
        return (nil, state.isClosed)
      }
      if isLast { reader.session.close() }
      guard let next else { return }
      job = next
    }
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
