import SQL
import Synchronization

/// Events that were shown lately: whoever is looked at once is looked at again, by an agent who pages, by a storefront at
/// each click.
///
/// An event of the log changes only by an erasure and goes only into a summary. Both are counted in the tables
/// (`EventLog.rewrites`), so a snapshot knows whether what is kept here is what it would read.
///
/// A place of the log has two slots that its number says. What comes into the first moves what was there to the second, so
/// that what is asked for again and again stays, and nothing is ever cleared at once.
final class ShownEvents: Sendable {
  /// Pairs of slots: the newest events of some six hundred customers, about 40 MiB of what shops send; the memory is taken
  /// as it is used.
  static let usualPairs = 1 << 14
  /// A longer event is read anew, so that all of them together have a bound.
  static let longest = 4096

  private struct Slot: Sendable {
    /// How often the log had been rewritten when it was read.
    var rewrites: Int64 = 0
    var event: Timeline.ShownEvent?
  }

  private let slots: Mutex<[Slot]>
  private let mask: Int

  /// - Parameter pairs: a power of two.
  init(pairs: Int = usualPairs) {
    slots = Mutex(Array(repeating: Slot(), count: 2 * pairs))
    mask = pairs - 1
  }

  func find(_ sequence: Int64, _ rewrites: Int64) -> Timeline.ShownEvent? {
    let first = 2 * (Int(sequence) & mask)
    return slots.withLock { slots in
      for place in first...first + 1 where slots[place].rewrites == rewrites {
        if let event = slots[place].event, event.sequence == sequence { return event }
      }
      return nil
    }
  }

  /// Keeps an event that was read when the log had been rewritten so often.
  func keep(_ event: Timeline.ShownEvent, _ rewrites: Int64) {
    guard event.size <= Self.longest else { return }
    let first = 2 * (Int(event.sequence) & mask)
    slots.withLock { slots in
      slots[first + 1] = slots[first]
      slots[first] = Slot(rewrites: rewrites, event: event)
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
