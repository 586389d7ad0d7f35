import Base
import SQL

extension JobRunner {
  /// Makes the old events of a class into summaries, a thousand in one transaction, and tells in the log what was done.
  ///
  /// After each step everything holds; an interrupted run goes on where it was.
  func sumUp(_ job: Job, _ name: String) throws {
    var receipt = try job.receipt.map { RetentionReceipt(recorded: try JSONDocument($0).root) } ?? RetentionReceipt()
    if receipt.sequence != nil { return }
    // Only what computed traits have counted may go.
    while try database.write({ try ComputedStore.step(in: $0) }) { try checkStop() }
    let asked = job.createdAt
    while true {
      let from = receipt
      guard let page = try database.read({ [retention] in try retention.page(name, asked: asked, after: from, in: $0) })
      else { break }
      receipt = page.receipt
      if !page.sequences.isEmpty {
        receipt = try database.write { [retention] session in
          let receipt = try retention.sumUp(page, name, asked: asked, in: session)
          try JobStore.keep(receipt.json, of: job, in: session)
          return receipt
        }
        CrashPoint.pass("retention.step")
      }
      try checkStop()
    }
    let (done, now) = (receipt, clock.now)
    try database.write { [retention] session in
      let told = try retention.record(done, of: name, job: job.id, at: now, in: session)
      try JobStore.keep(told.json, of: job, in: session)
    }
    CrashPoint.pass("retention.afterRecord")
  }
}
