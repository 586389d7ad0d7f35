import Base
import HTTP
import Synchronization

/// Holds back whoever tries keys: of each address so many wrong ones in a while.
///
/// Right keys are not counted, because all of a shop's agents may share one address.
package final class SignInLimiter: Sendable {
  private struct Count: Sendable {
    var wrong: Int
    var since: Instant
  }

  /// Nobody mistypes what he pastes ten times a minute.
  static let mostWrong = 10
  static let period: Duration = .seconds(60)
  /// Addresses that are remembered at once: a megabyte or two.
  static let mostAddresses = 10_000

  private let counts = Mutex<[Peer: Count]>([:])

  package init() {}

  /// - Throws: `limited` where too many wrong keys came from there.
  func check(_ peer: Peer, now: Instant) throws {
    let wait = counts.withLock { counts -> Int64? in
      guard let count = counts[peer], count.wrong >= Self.mostWrong else { return nil }
      return (count.since + Self.period).milliseconds - now.milliseconds
    }
    if let wait, wait > 0 {
      throw Failure(
        .limited, "too many wrong keys came from this address", retryAfter: .seconds((wait + 999) / 1000))
    }
  }

  /// Notes a wrong key.
  func refused(_ peer: Peer, now: Instant) {
    counts.withLock { counts in
      if counts.count >= Self.mostAddresses, counts[peer] == nil {
        counts = counts.filter { now < $0.value.since + Self.period }
        // Where a whole network tries keys, everybody begins anew: 256 bits are not found by trying.
        if counts.count >= Self.mostAddresses { counts = [:] }
      }
      if let count = counts[peer], now < count.since + Self.period {
        counts[peer]?.wrong += 1
      } else {
        counts[peer] = Count(wrong: 1, since: now)
      }
    }
  }
}
