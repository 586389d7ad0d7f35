import Glibc

/// Where time comes from.
///
/// It is passed in, so that a test can turn the hands.
package protocol Clock: Sendable {
  /// The moment now.
  var now: Instant { get }
}

/// The machine's clock, in Universal Time.
package struct SystemClock: Clock {
  /// A clock that reads the machine's.
  package init() {}

  package var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
