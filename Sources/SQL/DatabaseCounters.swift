import Synchronization

/// What the writer has done since the start, for the metrics.
package final class DatabaseCounters: Sendable {
  private let commitCount = Atomic<Int>(0)
  private let jobCount = Atomic<Int>(0)
  private let failureCount = Atomic<Int>(0)

  /// Transactions that were made durable.
  package var commits: Int { commitCount.load(ordering: .relaxed) }
  /// Callers whose work was in them.
  package var jobs: Int { jobCount.load(ordering: .relaxed) }
  /// Transactions that could not be made durable.
  package var failures: Int { failureCount.load(ordering: .relaxed) }

  func committed(jobs: Int) {
    commitCount.add(1, ordering: .relaxed)
    jobCount.add(jobs, ordering: .relaxed)
  }

  func failed() { failureCount.add(1, ordering: .relaxed) }
}
