import CSQLite
import Synchronization

/// The first sync that failed on any of an engine's connections.
///
/// Linux tells each descriptor once that pages could not be written, and takes them for written from then on (fsync(2)).
/// So after a sync that failed, one that succeeds proves nothing: were the journal begun anew or taken away then, those
/// pages would be nowhere. Whoever opens the database next copies the whole journal once more.
final class DiskFailure: Sendable {
  private let first = Mutex<SQLFailure?>(nil)

  /// Why nothing that is written to these files can be trusted any more, or nil.
  var failure: SQLFailure? { first.withLock { $0 } }

  /// Takes note of what SQLite answered, where that was a failed sync.
  func note(_ code: Int32) {
    if code == tl_SQLITE_IOERR_FSYNC { note(SQLFailure(.other(code), "what was written could not be made durable")) }
  }

  /// Takes note of a failed sync.
  func note(_ failure: SQLFailure) { first.withLock { $0 = $0 ?? failure } }
}
