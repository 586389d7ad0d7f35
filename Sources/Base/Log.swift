import Glibc

/// Structured log lines: one JSON object a line on standard error, for `journalctl` and whatever collects it.
///
/// Nothing personal goes in: no bodies, no identifiers, no paths of requests, no keys.
package struct Log: Sendable {
  /// How much it matters.
  package enum Level: String, Sendable, CaseIterable {
    case debug, info, warning, error

    fileprivate var rank: Int {
      switch self {
      case .debug: 0
      case .info: 1
      case .warning: 2
      case .error: 3
      }
    }
  }

  private let clock: any Clock
  private let threshold: Level
  private let descriptor: Int32

  /// A log that leaves out what matters less than `threshold`.
  package init(clock: any Clock, threshold: Level, descriptor: Int32 = STDERR_FILENO) {
    self.clock = clock
    self.threshold = threshold
    self.descriptor = descriptor
  }

  /// Writes a line, unless it matters too little.
  ///
  /// - Parameters:
  ///   - message: what happened, the same words each time.
  ///   - fields: the particulars.
  package func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
    guard level.rank >= threshold.rank else { return }
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("time", clock.now.text)
      writer.field("level", level.rawValue)
      writer.field("message", message)
      for (name, value) in fields { writer.field(name, value) }
    }
    var line = writer.bytes
    line.append(UInt8(ascii: "\n"))
    // A log that nobody can take is no reason to stop serving, so what cannot be written at once is left out: a pipe
    // that is ready takes 4096 bytes without waiting (pipe(7)).
    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&ready, 1, 0) == 1, ready.revents & Int16(POLLOUT) != 0 else { return }
    _ = Glibc.write(descriptor, line, line.count)
  }
}
