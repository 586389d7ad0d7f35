import Glibc

/// The loops' coarse clock.
enum Tick {
  /// A tenth of a second: fine enough for the shortest limit, and ten wake-ups a second cost nothing.
  static let milliseconds = 100

  /// The number of ticks after which at least `duration` has passed.
  static func count(_ duration: Duration) -> UInt32 {
    UInt32(clamping: (duration.milliseconds + milliseconds - 1) / milliseconds + 1)
  }

  /// The tick that it is now.
  @inline(__always)
  static func now() -> UInt32 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt32(truncatingIfNeeded: time.tv_sec &* 10 &+ time.tv_nsec / 100_000_000)
  }

  /// Nanoseconds of a clock that only goes forward.
  @inline(__always)
  static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}

extension Duration {
  /// Whole milliseconds, cut.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
