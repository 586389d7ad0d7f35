import Base
package import Customers
import Dispatch
import HTTP
package import SQL
import Synchronization

/// Tells open streams what is new in the log.
///
/// The log is looked at once for all of them when something has become durable, and what is told is made once. A reader
/// who comes with a place is first told what he missed, page by page as fast as he takes it, and then joins the others
/// where he has got to; nothing is told twice or left out.
package final class LiveHub: Sendable {
  /// How many streams may be open: with what each holds at most, 256 MiB if all of them stand still.
  package static let mostStreams = 2000
  /// What is held for a slow reader: three pages.
  ///
  /// He is cut off beyond it, and comes back with the place that he has.
  static let heldBytes = 128 << 10
  /// How long a client waits before it comes back.
  static let retry: Duration = .seconds(1)
  /// What comes within it is told together: no reader sees the difference, and a busy shop makes 20 looks a second.
  private static let pause: DispatchTimeInterval = .milliseconds(50)
  /// A reader of one customer is told after so many entries of others how far he is, so that he comes back to there.
  private static let quiet: Int64 = 1000

  /// Who is told.
  private final class Reader: Sendable {
    let stream: EventStream
    /// Only what the customer of this origin is in.
    let origin: Origin.Number?
    /// Whether he still may read.
    let isWelcome: @Sendable () -> Bool
    /// Up to where he has been told everything; set by whoever tells him, one at a time.
    let place: Atomic<Int64>

    init(
      _ stream: EventStream, of origin: Origin.Number?, from place: Int64,
      while isWelcome: @escaping @Sendable () -> Bool
    ) {
      (self.stream, self.origin, self.isWelcome) = (stream, origin, isWelcome)
      self.place = Atomic(place)
    }
  }

  private struct State: Sendable {
    /// How many streams are open, with those that are not told by the look for all yet.
    var open = 0
    var readers: [ObjectIdentifier: Reader] = [:]
    /// Up to where those have been told.
    var told: Int64
    var isLooking = false
  }

  private let database: Database
  package let tail: LogTail
  private let room: Int
  private let queue = DispatchQueue(label: "throughline.live", qos: .userInitiated)
  private let state: Mutex<State>

  /// - Parameter room: how many streams may be open.
  package init(database: Database, tail: LogTail, room: Int = mostStreams) {
    self.database = database
    self.tail = tail
    self.room = room
    state = Mutex(State(told: tail.place))
    tail.onAdvance { [weak self] in self?.wake() }
  }

  /// How many streams are open.
  package var count: Int { state.withLock { $0.open } }

  /// - Throws: `unavailable` where so many streams are open that there is no room for another.
  func checkRoom() throws {
    guard count < room else {
      throw Failure(.unavailable, "too many live streams are open", retryAfter: .seconds(5))
    }
  }

  /// Tells a stream everything that comes after a place in the log.
  ///
  /// - Parameters:
  ///   - place: what the reader has; nil for what comes from now on.
  ///   - origin: only what the customer of this origin is in, whoever that is when it is told.
  ///   - isWelcome: asked before each page; where it says no, the stream ends and tells nothing more.
  func tell(
    _ stream: EventStream, after place: Int64?, of origin: Origin.Number?,
    while isWelcome: @escaping @Sendable () -> Bool
  ) {
    let start = place ?? tail.place
    let reader = Reader(stream, of: origin, from: start, while: isWelcome)
    state.withLock { $0.open += 1 }
    stream.onClose { [weak self] in
      self?.state.withLock { state in
        state.open -= 1
        state.readers[ObjectIdentifier(reader)] = nil
      }
    }
    // Who is told nothing before he is cut off shall come back to here.
    var text = EventText()
    text.append(id: "\(start)")
    stream.send(text)
    catchUp(reader)
  }

  // MARK: What was missed

  private func catchUp(_ reader: Reader) {
    if reader.stream.isClosed { return }
    guard reader.stream.pendingBytes == 0 else { return later(reader) }
    let place = reader.place.load(ordering: .relaxed)
    let isJoined = state.withLock { state in
      guard place >= state.told else { return false }
      state.readers[ObjectIdentifier(reader)] = reader
      return true
    }
    if isJoined {
      // It may have ended since, and been taken out before it was in.
      if reader.stream.isClosed { state.withLock { $0.readers[ObjectIdentifier(reader)] = nil } }
      return wake()
    }
    let watched: Set<Origin.Number> = reader.origin.map { [$0] } ?? []
    let last = tail.place
    database.read { session in
      try LivePage(after: place, upTo: last, watching: watched, in: session)
    } then: { [weak self] (result: Result<LivePage, any Error>) in
      guard let self else { return }
      switch result {
      case .success(let page):
        tell(reader, page, Self.text(of: page), isMissed: true)
        catchUp(reader)
      case .failure: later(reader)
      }
    }
  }

  private func later(_ reader: Reader) {
    queue.asyncAfter(deadline: .now() + Self.pause) { @Sendable [weak self] in self?.catchUp(reader) }
  }

  // MARK: What is new

  /// Looks at the log soon, if anybody is to be told of it.
  private func wake() {
    let starts = state.withLock { state in
      if state.readers.isEmpty {
        if !state.isLooking { state.told = max(state.told, tail.place) }
        return false
      }
      guard !state.isLooking, state.told < tail.place else { return false }
      state.isLooking = true
      return true
    }
    if starts { queue.async { @Sendable [weak self] in self?.look() } }
  }

  private func look() {
    let last = tail.place
    let next = state.withLock { state -> (told: Int64, watched: Set<Origin.Number>)? in
      guard !state.readers.isEmpty, state.told < last else {
        state.isLooking = false
        if state.readers.isEmpty { state.told = max(state.told, last) }
        return nil
      }
      return (state.told, Set(state.readers.values.compactMap { $0.origin }))
    }
    guard let next else {
      // What came meanwhile has woken nobody.
      if tail.place > last { wake() }
      return
    }
    database.read { session in
      try LivePage(after: next.told, upTo: last, watching: next.watched, in: session)
    } then: { [weak self] (result: Result<LivePage, any Error>) in
      guard let self else { return }
      let page = try? result.get()
      if let page { publish(page) }
      let isFull = page?.isFull ?? false
      queue.asyncAfter(deadline: isFull ? .now() : .now() + Self.pause) { @Sendable [weak self] in self?.look() }
    }
  }

  private func publish(_ page: LivePage) {
    let readers = state.withLock { state in
      state.told = max(state.told, page.end)
      return Array(state.readers.values)
    }
    let text = Self.text(of: page)
    for reader in readers {
      if let origin = reader.origin, page.leaders[origin] == nil {
        // He came while the page was read, which does not know whose it is.
        state.withLock { $0.readers[ObjectIdentifier(reader)] = nil }
        catchUp(reader)
      } else {
        tell(reader, page, text, isMissed: false)
      }
    }
  }

  // MARK: One reader

  /// The entries of a page, one event for each.
  private static func text(of page: LivePage) -> EventText {
    var text = EventText()
    for entry in page.entries { text.append(id: "\(entry.sequence)", event: "entry", data: entry.json) }
    return text
  }

  private func tell(_ reader: Reader, _ page: LivePage, _ text: EventText, isMissed: Bool) {
    let place = reader.place.load(ordering: .relaxed)
    guard page.end > place else { return }
    guard reader.isWelcome() else { return reader.stream.close() }
    let indices = page.indices(after: place, of: reader.origin)
    if reader.origin != nil, indices.isEmpty {
      // He does not see how far he is from what he is told, and would begin far back when he comes again.
      guard isMissed || page.end - place >= Self.quiet else { return }
      var quiet = EventText()
      quiet.append(id: "\(page.end)")
      reader.stream.send(quiet)
    } else if let first = indices.first, indices.count == text.ends.count - first {
      reader.stream.send(text, from: first)
    } else {
      var his = EventText()
      for index in indices {
        his.append(id: "\(page.entries[index].sequence)", event: "entry", data: page.entries[index].json)
      }
      reader.stream.send(his)
    }
    reader.place.store(page.end, ordering: .relaxed)
  }
}
