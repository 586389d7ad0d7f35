package import Base
import Dispatch
package import SQL
import Synchronization

/// Lets the cells of computed traits follow the log, on a thread of its own.
package final class ComputedRunner: Sendable {
  /// How often it looks whether the log has grown: what it has not seen by then is read from the log.
  private static let pause: DispatchTimeInterval = .seconds(2)

  private let database: Database
  private let log: Log
  private let queue = DispatchQueue(label: "throughline.computed", qos: .utility)
  private let isStopping = Atomic<Bool>(false)

  package init(database: Database, log: Log) {
    self.database = database
    self.log = log
  }

  /// Begins to follow.
  package func start() { tick() }

  /// Comes back when nothing is running.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    queue.sync {}
  }

  private func tick() {
    queue.asyncAfter(deadline: .now() + Self.pause) { @Sendable [weak self] in
      guard let self, !isStopping.load(ordering: .relaxed) else { return }
      do {
        try follow()
      } catch {
        // It goes on at the next occasion; until then profiles read the log.
        log.write(.error, "computed traits cannot be kept", ["cause": "\(error)"])
      }
      tick()
    }
  }

  private func follow() throws {
    guard try database.read({ try ComputedStore.isBehind(in: $0) }) else { return }
    while !isStopping.load(ordering: .relaxed), try database.write({ try ComputedStore.step(in: $0) }) {}
  }
}
