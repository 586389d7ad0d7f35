package import Base
import FoundationEssentials
import Glibc
import Synchronization

/// A clock whose hands a test turns.
package final class TurnedClock: Clock {
  private let time: Mutex<Instant>

  /// A clock that stands at `now`.
  package init(_ now: Instant = Instant(milliseconds: 1_767_323_045_000)) { time = Mutex(now) }

  package var now: Instant { time.withLock { $0 } }

  /// Turns the hands on.
  package func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A directory of a test's own, gone with the last reference to it.
package final class TemporaryDirectory: Sendable {
  /// Where it is.
  package let path: String

  /// Makes one below `parent`, else below `$TMPDIR` or `/tmp`.
  ///
  /// A process that a test lets crash leaves its own behind, so it makes it below its parent's.
  package init(below parent: String? = nil) {
    let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/throughline-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { preconditionFailure("no temporary directory: \(errno)") }
    path = String(cString: made)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// What a file in it holds; empty where there is none.
  package func contents(_ name: String) -> [UInt8] {
    FileManager.default.contents(atPath: file(name)).map(Array.init) ?? []
  }

  /// How long a file in it is; 0 where there is none.
  package func size(_ name: String) -> Int {
    var status = stat()
    return stat(file(name), &status) == 0 ? Int(status.st_size) : 0
  }

  /// The names of what stands in a directory in it; none where there is no such directory.
  package func names(in name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: file(name))) ?? []).sorted()
  }

  /// Puts a file into it.
  package func write(_ bytes: [UInt8], to name: String) {
    precondition(FileManager.default.createFile(atPath: file(name), contents: Data(bytes)), "cannot write \(name)")
  }
}

/// Random bytes that a seed fixes.
package final class SeededRandomness: Randomness {
  private let generator: Mutex<SplitMix64>

  /// The bytes of that seed.
  package init(seed: UInt64) { generator = Mutex(SplitMix64(seed: seed)) }

  package func bytes(_ count: Int) -> [UInt8] {
    generator.withLock { generator in (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
  }
}
