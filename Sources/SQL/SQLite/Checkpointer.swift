import Base
import Dispatch
import Synchronization

/// Copies the journal into the database on a connection and a queue of its own, so that no commit waits for it.
///
/// It copies whenever `stepBytes` have come since the last time: the larger the step, the more often a page in it was
/// changed several times and is copied once, and the more pages lie side by side. When the journal is longer than
/// `finishBytes` and little is left to copy, the writer itself copies that, because only then, with no commit beside
/// it, can the journal begin anew. Above `restartBytes` it lets no reader keep the journal from that. So the journal
/// stays below `restartBytes` and one commit, unless a single snapshot is held for longer than `restartPatience`.
final class Checkpointer: Sendable {
  /// SQLite's own size of a page.
  static let pageSize = 4096
  /// How much is copied at once in the background.
  ///
  /// Measured with single events of 100,000 customers: a fifth more of them than with steps of 16 MiB, and no longer
  /// waits, since a page of an index that several events changed is copied once.
  static let stepBytes = 64 << 20
  /// The journal's length from which the writer finishes the copying.
  static let finishBytes = 192 << 20
  /// As much as the writer copies itself without anybody noticing: some milliseconds.
  static let remnantBytes = 4 << 20
  /// The journal's length from which the writer copies whatever is left, and waits for whoever still reads from it.
  ///
  /// SQLite begins the journal anew only at a moment when nobody reads from it, and among readers that overlap there
  /// is none: measured, three of 5 ms each let it grow by all that was written.
  static let restartBytes = 256 << 20
  /// How long the writer waits for them: longer than any read of one request, shorter than a caller's patience.
  static let restartPatience: Duration = .milliseconds(100)
  /// How much the journal grows before the writer waits again for a reader who took longer, such as an export.
  static let restartStep = 8 << 20

  private let queue = DispatchQueue(label: "throughline.checkpoint", qos: .utility)
  private let running = Atomic<Bool>(false)
  private let copiedPages = Atomic<Int>(0)
  // protected by `queue`: only blocks on it use the session
  private nonisolated(unsafe) let session: SQLiteSession

  init(session: SQLiteSession) { self.session = session }

  /// How many bytes of a journal of that many pages are not copied yet.
  func bytesLeft(of journalPages: Int) -> Int {
    // Fewer pages than were copied: the journal has begun anew since.
    if copiedPages.load(ordering: .relaxed) > journalPages { copiedPages.store(0, ordering: .relaxed) }
    return (journalPages - copiedPages.load(ordering: .relaxed)) * Self.pageSize
  }

  /// Begins one pass, unless one runs.
  func start() {
    guard !running.exchange(true, ordering: .acquiring) else { return }
    queue.async { @Sendable [self] in
      CrashPoint.pass("checkpoint.before")
      let (pages, copied) = session.checkpoint()
      copiedPages.store(copied, ordering: .relaxed)
      // What follows is the writer's own copying, which waits for the disk: here nobody waits with it.
      if pages * Self.pageSize > Self.finishBytes { session.syncDatabase() }
      CrashPoint.pass("checkpoint.after")
      running.store(false, ordering: .releasing)
    }
  }

  /// Waits for the pass that runs: two cannot copy at once.
  func wait() { queue.sync {} }

  /// Waits for the pass that runs and closes the connection.
  func close() { queue.sync { session.close() } }
}
