import FoundationEssentials
import Glibc

/// What commands make beside the database while they work, named by their process, such as `replay-4711`.
///
/// A command takes its own away at its end; a killed one cannot, so the next command does.
enum Leftovers {
  /// The name of what this process makes.
  static func name(_ prefix: String) -> String { "\(prefix)-\(getpid())" }

  /// Takes away what processes that are no more have left in `directory` under names that begin with `prefix`.
  static func sweep(_ prefix: String, in directory: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    for name in names where name.hasPrefix(prefix + "-") {
      guard let process = pid_t(name.dropFirst(prefix.utf8.count + 1)), process > 0 else { continue }
      // No signal is sent by 0: it only asks whether there is such a process (kill(2)).
      if kill(process, 0) != 0, errno == ESRCH {
        try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
      }
    }
  }
}
