import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let day: Double = 24

private struct Night {
  let town: Town
  let jobs: JobRunner
  let directory = TemporaryDirectory()

  init(_ town: Town) {
    self.town = town
    let store = town.store
    jobs = JobRunner(
      database: store.database, export: Export(folds: store.folds), erasure: store.erasure, retention: store.retention,
      directory: directory.file("exports"), journal: directory.file("erasures"), clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1))
  }

  /// Fires what is due, and lets the jobs run that it wakes.
  func pass() throws {
    try town.runner([RetentionRound(clock: town.store.clock) { [jobs] in jobs.wake() }]).fire()
    jobs.settle()
  }

  func job(_ id: String) throws -> Job? { try town.store.database.read { try JobStore.find(id, in: $0) } }

  /// When the timer is due, in seconds from now.
  var due: Int64? {
    get throws {
      let now = town.store.clock.now
      return try town.store.database.read { try PendingTimer.find("retention:pages", in: $0) }
        .map { ($0.due.milliseconds - now.milliseconds) / 1000 }
    }
  }
}

@Test func `a run goes every night, once, and leaves a job's receipt`() throws {
  let town = try Town.withPages()
  let night = Night(town)
  // It is 3:04:05.
  #expect(try night.due == 86_400 - 245)
  try night.pass()
  #expect(try town.entries(.retention).isEmpty)
  town.store.clock.advance(by: .seconds(86_400))
  try night.pass()
  let job = try #require(try night.job("retention-pages-2026-01-03"))
  #expect(job.state == .done && job.author == "retention:pages" && job.form == nil)
  let run = try #require(try town.entries(.retention).first)
  var writer = JSONWriter()
  job.write(to: &writer)
  let receipt = try #require(try JSONDocument(writer.bytes).root["receipt"])
  #expect(receipt["events"]?.integer == 4 && receipt["sequence"]?.integer == run.sequence)
  #expect(receipt["place"] == nil && receipt["forbiddenBy"]?.count == 0)
  #expect(try night.due == 86_400 - 245)
  // Days that nobody served are not made up for.
  town.store.clock.advance(by: .seconds(5 * 86_400))
  try night.pass()
  #expect(try town.entries(.timer).count == 2 && town.entries(.retention).count == 2)
  #expect(try night.job("retention-pages-2026-01-08")?.state == .done)
  // Stored anew it goes on; put aside it ends.
  try town.retain(#"{"name": "pages", "type": "page", "days": 31}"#)
  #expect(try night.due == 86_400 - 245)
  try town.retain(#"{"name": "pages", "type": "page", "days": 31, "active": false}"#)
  #expect(try night.due == nil)
  #expect(try town.findings() == [])
  // Old ones are forgotten with the jobs of persons.
  town.store.clock.advance(by: .seconds(40 * 86_400))
  night.jobs.wake()
  night.jobs.settle()
  #expect(try night.job("retention-pages-2026-01-03") == nil)
}

@Test func `an interrupted run goes on where it was`() throws {
  let town = try Town.withPages()
  try town.send("user_id:u2", from: "backend")
  try town.view("Home", hoursAgo: 40 * day, who: "user_id:u2")
  let (now, retention) = (town.store.clock.now, town.store.retention)
  // A first step of one origin is done and kept, and then the program ended.
  try town.store.database.write { session in
    try JobStore.queue(.retention("pages"), author: "retention:pages", id: "j", at: now, in: session)
    try JobStore.queue(.retention("pages"), author: "retention:pages", id: "j", at: now, in: session)
    let job = try #require(try JobStore.start(in: session))
    var page = try #require(try retention.page("pages", asked: now, after: .init(), in: session))
    let last = try #require(try EventLog.entry(page.sequences[3], in: session))
    page.sequences.removeLast()
    page.receipt.place = .init(
      origin: last.outcome.origin ?? 0, at: last.event.at.milliseconds, sequence: last.sequence)
    try JobStore.keep(retention.sumUp(page, "pages", asked: now, in: session).json, of: job, in: session)
  }
  #expect(try town.findings() == [])
  let night = Night(town)
  night.jobs.wake()
  night.jobs.settle()
  let job = try #require(try night.job("j"))
  #expect(job.state == .done)
  let receipt = RetentionReceipt(recorded: try JSONDocument(job.receipt ?? []).root)
  #expect([receipt.events, receipt.origins, receipt.kept] == [5, 2, 0])
  #expect(try town.entries(.retention).count == 1)
  // Done already, it does nothing.
  try town.view("Home", hoursAgo: 40 * day)
  try night.jobs.sumUp(job, "pages")
  #expect(try town.entries(.summary).map { $0.outcome.summed } == [4, 1])
  #expect(try town.entries(.retention).count == 1 && town.findings() == [])
}

@Test func `the past tells what is kept`() throws {
  let town = try Town.withPages()
  let then = try #require(try town.log().last).sequence
  try town.sumUp("pages")
  let (folds, migrations, now) = (town.store.intake.folds, town.store.database.migrations, town.store.clock.now)
  let kinds = try town.store.database.read { session in
    let moment = try AsOf(.sequence(then), now: now, in: session)
    let name = CustomerName.identifier(Identifier(recorded: .userID, "u1"))
    return try Past.recall(name, .everything, asOf: moment, folds: folds, migrations: migrations, in: session) {
      lookup, past in
      guard case .customer(let leader) = lookup else { throw Failure(.notFound, "nobody") }
      return try past.timeline(of: leader, limit: 9).events.map { $0.kind }
    }
  }
  #expect(kinds == ["identify", "page", "summary"])
  // A place whose event is gone is still a moment.
  #expect(try town.store.database.read { try AsOf(.sequence(then - 4), now: now, in: $0).sequence } == then - 4)
}
