import Base
import Dispatch
import Synchronization

/// Copies the journal into the database on a connection and a queue of its own, so that no commit waits for it.
///
/// Above `quietBytes` it works beside the writer; the writer itself does the rest above `forcedBytes`, when no commit
/// can add to the journal meanwhile. Measured: the slowest hundredth of commits 21 ms against 49 ms with SQLite's
/// own automatic checkpoint; in the background alone the journal grew to 142 MB beside one busy reader.
final class Checkpointer: Sendable {
  /// SQLite's own size of a page.
  static let pageSize = 4096
  /// The journal's length from which the background copies.
  static let quietBytes = 8 << 20
  /// The journal's length from which the writer copies.
  static let forcedBytes = 32 << 20

  private let queue = DispatchQueue(label: "throughline.checkpoint", qos: .utility)
  private let running = Atomic<Bool>(false)
  // protected by `queue`: only blocks on it use the session
  private nonisolated(unsafe) let session: SQLiteSession

  init(session: SQLiteSession) { self.session = session }

  /// Begins one pass, unless one runs.
  func start() {
    guard !running.exchange(true, ordering: .acquiring) else { return }
    queue.async { @Sendable [self] in
      CrashPoint.pass("checkpoint.before")
      _ = session.checkpoint()
      CrashPoint.pass("checkpoint.after")
      running.store(false, ordering: .releasing)
    }
  }

  /// Waits for the pass that runs and closes the connection.
  func close() { queue.sync { session.close() } }
}
