import Base
import Customers
import Synchronization

/// Keeps a source within the events a second that its document allows.
///
/// Each source has a bucket that fills at its rate and holds one second of it: a batch is taken while the bucket is
/// not empty and may take it below zero, so that any batch passes in the end and the average holds.
package final class RateLimiter: Sendable {
  private struct Bucket: Sendable {
    var tokens: Double
    var at: Instant
  }

  private let buckets = Mutex<[String: Bucket]>([:])

  package init() {}

  /// Takes `count` events of the source's allowance.
  ///
  /// - Throws: `limited` with the time until there is some again.
  func take(_ count: Int, of source: Source, now: Instant) throws {
    guard let rate = source.eventsPerSecond.map(Double.init) else { return }
    let wait = buckets.withLock { buckets -> Double? in
      var bucket = buckets[source.name] ?? Bucket(tokens: rate, at: now)
      let passed = Double(max(now.milliseconds - bucket.at.milliseconds, 0)) / 1000
      bucket.tokens = min(bucket.tokens + passed * rate, rate)
      bucket.at = now
      defer { buckets[source.name] = bucket }
      guard bucket.tokens > 0 else { return (1 - bucket.tokens) / rate }
      bucket.tokens -= Double(count)
      return nil
    }
    if let wait {
      throw Failure(
        .limited, "the source sends more than \(Int(rate)) events a second", retryAfter: .seconds(wait.rounded(.up)))
    }
  }
}
