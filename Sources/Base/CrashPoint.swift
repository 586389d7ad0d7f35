import Glibc
import Synchronization

/// Named places at which a test lets the power go.
///
/// In debug builds `THROUGHLINE_CRASH_AT=writer.beforeCommit:3` ends the process, as `kill -9` does, when it passes
/// that place for the third time. Release builds have no such places.
package enum CrashPoint {
  #if DEBUG
  /// The variable that arms a place; none in release builds, where it is an unknown setting.
  package static let variable: String? = "THROUGHLINE_CRASH_AT"
  #else
  package static let variable: String? = nil
  #endif

  /// Passes the place of that name.
  @inline(__always)
  package static func pass(_ name: StaticString) {
    #if DEBUG
    guard let armed = Self.armed, name.description == armed.name else { return }
    if armed.count.passed() { kill(getpid(), SIGKILL) }
    #endif
  }

  #if DEBUG
  private static let armed: (name: String, count: Countdown)? = {
    guard let text = variable.flatMap({ getenv($0) }).map({ String(cString: $0) }) else { return nil }
    let parts = text.split(separator: ":")
    return (String(parts[0]), Countdown(parts.count > 1 ? Int(parts[1]) ?? 1 : 1))
  }()
  #endif
}

#if DEBUG
private final class Countdown: Sendable {
  private let left: Atomic<Int>

  init(_ count: Int) { left = Atomic(count) }

  func passed() -> Bool { left.subtract(1, ordering: .relaxed).newValue == 0 }
}
#endif
