import Base
import Dispatch
import Glibc
import SQL

extension JobRunner {
  /// How long to wait for a reader that still needs what was deleted, before looking again.
  private static let wait: UInt32 = 50_000

  /// Erases a person; when this returns, nothing of him is in any file of the data directory.
  ///
  /// The person goes in one transaction, which also notes that; what comes after it is done again where it was
  /// interrupted.
  func erase(_ job: Job, _ asked: JobErasure) throws {
    let (origin, now) = (job.origin, clock.now)
    if job.receipt == nil {
      while try database.write({ [erasure] in
        try erasure.shorten(asked.origins(around: origin, in: $0), in: $0)
      }) {
        CrashPoint.pass("erasure.shortened")
        try checkStop()
      }
      var row = (number: Int64(0), isLast: false)
      while !row.isLast {
        row = try database.write { [erasure, row] session in
          try erasure.forgetReasons(
            naming: try asked.origins(around: origin, in: session), after: row.number, in: session)
        }
        try checkStop()
      }
      CrashPoint.pass("erasure.beforeAct")
      let act = Erasure.Act(reason: asked.reason, author: job.author, messageID: job.id, at: now)
      try database.write { [erasure, row] session in
        let receipt = try erasure.erase(
          try asked.origins(around: origin, in: session), by: act, reasons: row.number, in: session)
        try JobStore.keep(receipt.json, of: job, in: session)
      }
    }
    CrashPoint.pass("erasure.afterAct")
    try sweep()
    CrashPoint.pass("erasure.afterFiles")
    try database.read { [journal] session in
      guard let seed = try Setting.existingMessageSeed(in: session) else { return }
      try ErasureJournal(seed: seed, in: session).write(to: journal)
    }
    CrashPoint.pass("erasure.afterJournal")
    while try !database.emptyJournal() {
      try checkStop()
      usleep(Self.wait)
    }
    CrashPoint.pass("erasure.afterEmptying")
  }
}
