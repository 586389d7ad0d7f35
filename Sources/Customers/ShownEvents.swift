import SQL
import Synchronization

/// Events that were shown lately: whoever is looked at once is looked at again, by an agent who pages, by a storefront at
/// each click.
///
/// An event of the log changes only by an erasure and goes only into a summary. Both are counted in the tables
/// (`EventLog.rewrites`), so a snapshot knows whether what is kept here is what it would read.
final class ShownEvents: Sendable {
  /// About the bytes that it takes: the pages of some hundred customers.
  static let mostBytes = 24 << 20

  private let mostBytes: Int

  init(mostBytes: Int = mostBytes) { self.mostBytes = mostBytes }

  private struct State {
    /// How often the log had been rewritten when these were read.
    var rewrites: Int64 = 0
    /// What was asked for since `former` was put aside.
    var recent: [Int64: Timeline.ShownEvent] = [:]
    /// What was asked for before; what is not asked for again goes with it.
    var former: [Int64: Timeline.ShownEvent] = [:]
    var recentBytes = 0

    mutating func keep(_ event: Timeline.ShownEvent, most: Int) {
      if recentBytes + event.size > most / 2 { (former, recent, recentBytes) = (recent, [:], 0) }
      if recent.updateValue(event, forKey: event.sequence) == nil { recentBytes += event.size }
    }
  }

  private let state = Mutex(State())

  func find(_ sequence: Int64, _ rewrites: Int64) -> Timeline.ShownEvent? {
    state.withLock { state in
      guard state.rewrites == rewrites else { return nil }
      if let event = state.recent[sequence] { return event }
      guard let event = state.former[sequence] else { return nil }
      state.keep(event, most: mostBytes)
      return event
    }
  }

  /// Keeps an event, unless somebody knows already that the log was rewritten since it was read.
  func keep(_ event: Timeline.ShownEvent, _ rewrites: Int64) {
    state.withLock { state in
      if state.rewrites < rewrites { state = State(rewrites: rewrites) }
      if state.rewrites == rewrites { state.keep(event, most: mostBytes) }
    }
  }

  /// About what it takes now.
  var bytes: Int {
    state.withLock { state in
      state.recent.values.reduce(0) { $0 + $1.size } + state.former.values.reduce(0) { $0 + $1.size }
    }
  }

  /// The events of one snapshot, those that were shown lately from memory.
  struct Reader {
    private let session: any Session
    private let rewrites: Int64
    private let shown: ShownEvents?

    init(_ session: any Session) throws {
      self.session = session
      shown = session.memory.lasting?.value { ShownEvents() }
      rewrites = shown == nil ? 0 : try EventLog.rewrites(in: session)
    }

    /// The event at that place of the log; nil where there is none.
    func event(_ sequence: Int64) throws -> Timeline.ShownEvent? {
      if let event = shown?.find(sequence, rewrites) { return event }
      let stored = try session.first(of: TimelineStatement.event, .integer(sequence)) { Timeline.StoredEvent($0) }
      guard let event = try stored.map({ try Timeline.ShownEvent($0) }) else { return nil }
      shown?.keep(event, rewrites)
      return event
    }
  }
}
