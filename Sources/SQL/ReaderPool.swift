import Dispatch
import Synchronization

/// Sessions that only read, each used by one caller at a time and seeing one snapshot; none waits for the writer.
final class ReaderPool: Sendable {
  typealias Job = @Sendable (any Session) -> Void

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
  /// - Returns: false where too many wait already or the pool is closed; the job will not run then.
  func submit(_ job: @escaping Job) throws(SQLFailure) -> Bool {
    enum Verdict { case refused, waits, opens, runs(Reader) }
    let verdict = state.withLock { state -> Verdict in
      if state.isClosed { return .refused }
      if let reader = state.idle.popLast() { return .runs(reader) }
      if state.open < limits.readers {
        state.open += 1
        return .opens
      }
      guard state.waiting.count < limits.queuedReads else { return .refused }
      state.waiting.append(job)
      return .waits
    }
    switch verdict {
    case .refused: return false
    case .waits: return true
    case .runs(let reader): start(job, on: reader)
    case .opens:
      do {
        start(job, on: Reader(session: try engine.openReader()))
      } catch {
        state.withLock { $0.open -= 1 }
        throw error
      }
    }
    return true
  }

  private func start(_ job: @escaping Job, on reader: Reader) {
    queue.async(group: ended) { @Sendable [self] in
      var job = job
      while true {
        reader.session.confine(toThisThread: true)
        job(reader.session)
        reader.session.confine(toThisThread: false)
        let next = state.withLock { state -> Job? in
          if !state.waiting.isEmpty { return state.waiting.removeFirst() }
          if !state.isClosed { state.idle.append(reader) }
          return nil
        }
        guard let next else { break }
        job = next
      }
      if state.withLock({ $0.isClosed }) { reader.session.close() }
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
