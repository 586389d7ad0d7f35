/// How much may wait, and how much goes into one commit.
package struct DatabaseLimits: Sendable {
  /// Work in one commit: above this, a commit's share of a write is nothing, and readers of fresh state wait longer.
  package var groupJobs = 1000
  /// Bytes in one commit, so that large batches do not make everybody's commit long.
  package var groupBytes = 2 << 20
  /// Writes that may wait; at 10,000 a second that is a second of waiting, after which "try again" is more honest.
  package var queuedJobs = 10_000
  /// Bytes that may wait.
  package var queuedBytes = 32 << 20
  /// Connections that read at the same time: more than a small machine has cores, since a read may wait for the disk.
  package var readers = 4
  /// Reads that may wait for a connection.
  package var queuedReads = 10_000

  /// How long a read may keep its caller's thread: as long as a loop may leave others unanswered.
  package var longestReadHere = Duration.milliseconds(5)
  /// After a longer one, as from a slow disk, reads leave their callers' threads alone for so long.
  package var pauseOfReadsHere = Duration.milliseconds(250)

  package init() {}
}
