import Synchronization

/// What a server has done since it was started.
public struct Statistics: Sendable, Equatable {
  /// Connections that are open now.
  public var openConnections = 0
  /// Connections that were accepted, with those that were turned away.
  public var accepted = 0
  /// Connections that were turned away because there were too many.
  public var turnedAway = 0
  /// Requests that were answered, with refusals.
  public var answered = 0
  /// Requests that the server itself refused because of their form, size or time.
  public var refused = 0
  /// Connections that were closed because their client did not read.
  public var slowReaders = 0
  /// Event streams that are open now.
  public var openStreams = 0
}

/// A loop's own counters: written by it alone, read by everybody.
final class Counters: Sendable {
  let accepted = Counter()
  let turnedAway = Counter()
  let answered = Counter()
  let refused = Counter()
  let slowReaders = Counter()
  let openStreams = Counter()
}

/// A number with one writer, so that counting needs no locked instruction.
struct Counter: ~Copyable, Sendable {
  private let value = Atomic<Int>(0)

  @inline(__always)
  func add(_ amount: Int = 1) {
    value.store(value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  var total: Int { value.load(ordering: .relaxed) }
}
