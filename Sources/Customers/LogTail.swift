package import SQL
import Synchronization

/// The end of the log as it is durable: what is told to anybody outside goes no further.
///
/// Readers see a commit a moment before the disk has it. Told then and lost in a power cut, its place in the log would be
/// taken by another entry, and who has seen the first one would never be told of the second.
package final class LogTail: Sendable {
  private let last: Atomic<Int64>
  private let listeners = Mutex<[@Sendable () -> Void]>([])

  /// Follows the log of `database`, which has been opened just now, so that all of it is durable.
  package init(_ database: Database) throws {
    last = Atomic(try database.read { try EventLog.last(in: $0) })
    database.follow(
      CommitWatch(
        mark: { try EventLog.last(in: $0) },
        durable: { [weak self] place in self?.advance(to: place) }))
  }

  /// The newest place in the log that no power cut takes back.
  package var place: Int64 { last.load(ordering: .acquiring) }

  /// Has `listener` called whenever the log has become longer; it must not block.
  package func onAdvance(_ listener: @escaping @Sendable () -> Void) { listeners.withLock { $0.append(listener) } }

  private func advance(to place: Int64) {
    guard place > last.load(ordering: .relaxed) else { return }
    last.store(place, ordering: .releasing)
    for listener in listeners.withLock({ $0 }) { listener() }
  }
}
