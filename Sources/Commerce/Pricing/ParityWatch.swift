package import Base
import Dispatch
package import SQL
import Synchronization

/// Tells the operator when a source tells other prices than ours: a line in the log and a counter, on a thread of its own.
package final class ParityWatch: Sendable {
  /// How often it looks: a wrong price is found within a minute, and a broken feed fills no log.
  private static let pause: DispatchTimeInterval = .seconds(10)

  private let database: Database
  private let log: Log
  private let queue = DispatchQueue(label: "throughline.parity", qos: .utility)
  private let isStopping = Atomic<Bool>(false)
  private let known = Mutex<[String: Int64]?>(nil)

  package init(database: Database, log: Log) {
    self.database = database
    self.log = log
  }

  /// How many differences there are of each source, as it saw last.
  package var totals: [(source: String, differences: Int64)] {
    known.withLock { $0 ?? [:] }.map { ($0.key, $0.value) }.sorted { $0.source < $1.source }
  }

  /// Begins to look.
  package func start() {
    look()
    tick()
  }

  /// Comes back when nothing is running.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    queue.sync {}
  }

  private func tick() {
    queue.asyncAfter(deadline: .now() + Self.pause) { @Sendable [weak self] in
      guard let self, !isStopping.load(ordering: .relaxed) else { return }
      look()
      tick()
    }
  }

  /// Looks once; what was there at the start is no news.
  func look() {
    do {
      let totals = try database.read { try Parity.totals(in: $0) }
      let before = known.withLock { known in
        defer { known = Dictionary(uniqueKeysWithValues: totals.map { ($0.source, $0.differences) }) }
        return known
      }
      guard let before else { return }
      for (source, differences) in totals where differences > before[source, default: 0] {
        log.write(
          .warning, "a source tells other prices than ours",
          ["source": source, "differences": "\(differences - before[source, default: 0])", "all": "\(differences)"])
      }
    } catch {
      // It looks again at the next occasion.
      log.write(.error, "differences of prices cannot be counted", ["cause": "\(error)"])
    }
  }
}
