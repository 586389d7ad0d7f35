import Synchronization

/// A stream of server-sent events to one reader (the HTML standard, 9.2).
///
/// It may be written from any thread. What the reader has not taken yet is held up to a bound; a reader that falls
/// behind it is cut off and comes back with `Last-Event-ID`, so a slow one never costs more than the bound. The server
/// says a comment when nothing else was said for a while, so that proxies keep the connection open.
public final class EventStream: Sendable {
  private struct State {
    var pending: [UInt8] = []
    var isScheduled = false
    var isFinished = false
    var isClosed = false
    var closeHandlers: [@Sendable () -> Void] = []
  }

  private let state: Mutex<State>
  private let loop: Loop
  private let bound: Int
  let headers: [Header]
  /// Set and read by the loop alone, so that mail for the stream finds its connection.
  // protected by being touched on the loop's thread only
  nonisolated(unsafe) weak var connection: Connection?

  init(loop: Loop, headers: [Header], retry: Duration?, bound: Int) {
    self.loop = loop
    self.headers = headers
    self.bound = bound
    var state = State()
    if let retry { state.pending = Array("retry: \(retry.milliseconds)\n\n".utf8) }
    self.state = Mutex(state)
  }

  /// Whether nobody reads any more.
  public var isClosed: Bool { state.withLock { $0.isClosed || $0.isFinished } }

  /// How much waits for the reader to take it, in bytes.
  public var pendingBytes: Int { state.withLock { $0.pending.count } }

  /// Sends an event; false where the stream is closed, or is now, because its reader fell behind.
  ///
  /// Line breaks in the data are kept; one in `id` or `event` would end the field, so they are left out there.
  @discardableResult
  public func send(id: String? = nil, event: String? = nil, data: some StringProtocol) -> Bool {
    var text = EventText()
    text.append(id: id, event: event, data: data.utf8)
    return write(text.bytes[...])
  }

  /// Sends events that were made before, or those from `first` on.
  @discardableResult
  public func send(_ text: EventText, from first: Int = 0) -> Bool {
    write(text.bytes[(first == 0 ? 0 : text.ends[first - 1])...])
  }

  /// Says something that readers ignore.
  @discardableResult
  public func comment(_ text: String) -> Bool {
    var comment = EventText()
    comment.append(comment: text)
    return write(comment.bytes[...])
  }

  /// Ends the stream after what was sent so far.
  public func close() {
    schedule { state in
      guard !state.isFinished else { return false }
      state.isFinished = true
      return true
    }
  }

  /// Runs `handler` once when the stream is over, whoever ended it; at once if it is.
  ///
  /// It must not block.
  public func onClose(_ handler: @escaping @Sendable () -> Void) {
    let isClosed = state.withLock { state in
      if !state.isClosed { state.closeHandlers.append(handler) }
      return state.isClosed
    }
    if isClosed { handler() }
  }

  private func write(_ bytes: ArraySlice<UInt8>) -> Bool {
    var isTaken = false
    schedule { state in
      guard !state.isClosed, !state.isFinished else { return false }
      if state.pending.count + bytes.count > bound {
        // Cut off in the middle: the reader must not see an end that looks complete.
        state.pending = []
        state.isClosed = true
        // The loop leaves mail for a blocked stream unopened, so it is told once more.
        state.isScheduled = false
        return true
      }
      isTaken = true
      state.pending.append(contentsOf: bytes)
      return true
    }
    return isTaken
  }

  /// Changes the state and, where that says so, lets the loop know, once for many changes.
  private func schedule(_ change: (inout State) -> Bool) {
    let mustPost = state.withLock { state in
      guard change(&state), !state.isScheduled else { return false }
      state.isScheduled = true
      return true
    }
    if mustPost { loop.post(CollectionOfOne(.events(self))) }
  }

  // MARK: - For the loop

  /// What is to be done with the connection.
  enum Work {
    case write([UInt8], isLast: Bool)
    case cut
  }

  /// Whether it fell behind and is to be cut off.
  var isCutOff: Bool { state.withLock { $0.isClosed } }

  /// Whether mail about it was left unopened while its reader did not read.
  var hasWork: Bool { state.withLock { $0.isScheduled } }

  /// Takes what is pending.
  func takeWork() -> Work {
    state.withLock { state in
      state.isScheduled = false
      if state.isClosed { return .cut }
      defer { state.pending = [] }
      return .write(state.pending, isLast: state.isFinished)
    }
  }

  /// Tells those who wait for it that the stream is over.
  func closed() {
    let handlers = state.withLock { state in
      state.isClosed = true
      state.pending = []
      defer { state.closeHandlers = [] }
      return state.closeHandlers
    }
    for handler in handlers { handler() }
  }
}
