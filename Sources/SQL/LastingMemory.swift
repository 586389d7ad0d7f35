import Synchronization

/// What the readers of one database leave to each other beyond their transactions.
///
/// Nothing empties it: whoever leaves something there sees to it that a snapshot takes no more from it than it would read.
package final class LastingMemory: Sendable {
  private let values = Mutex<[ObjectIdentifier: any Sendable]>([:])

  /// The one thing of its type, made by the first who asks for it.
  package func value<T: Sendable>(_ make: () -> T) -> T {
    values.withLock { values in
      if let known = values[ObjectIdentifier(T.self)] as? T { return known }
      let made = make()
      values[ObjectIdentifier(T.self)] = made
      return made
    }
  }
}
