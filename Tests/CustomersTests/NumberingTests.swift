import Base
import SQL
import Synchronization
import TestKit
import Testing

@testable import Customers

private let (ann, bob) = ("+79161234567", "+79161234568")

/// A table that has no number, or another one, in the place of some, and counts what it is asked.
private final class Plans: Sendable {
  let asked = Mutex(0)
  private let version: String
  private let changed: [String: String?]

  init(_ version: String, _ changed: [String: String?] = [:]) { (self.version, self.changed) = (version, changed) }

  func look(_ town: Town) throws {
    let table = NumberingTable(version: version) { [self] number in
      asked.withLock { $0 += 1 }
      if let now = changed[number] { return now }
      return number
    }
    try NumberingRunner(
      database: town.store.database, intake: town.store.intake, table: table, clock: town.store.clock
    ).finish()
  }
}

private func town() throws -> Town {
  let town = try Town()
  try town.send("user_id:ann phone:\(ann)", from: "prover")
  try town.send("user_id:bob phone:\(bob)", from: "prover")
  // Anybody can say that.
  try town.send("anonymous_id:v phone:+79161234569", from: "page")
  return town
}

@Test func `numbers that a newer table has too open no review`() throws {
  let town = try town()
  let before = try town.log().count
  let plans = Plans("2", ["+79161234569": nil])
  try plans.look(town)
  #expect(try town.reviews().isEmpty && town.log().count == before)
  #expect(plans.asked.withLock { $0 } == 2)
  // It is not done again until the table is another one.
  try plans.look(town)
  #expect(plans.asked.withLock { $0 } == 2)
  try Plans("3").look(town)
  #expect(try town.reviews().isEmpty && town.log().count == before && town.findings() == [])
}

@Test func `a number that is none any more opens one review and stays whose it is`() throws {
  let town = try town()
  try Plans("2", [ann: nil]).look(town)
  let review = try #require(try town.reviews().first)
  #expect(try town.reviews().count == 1)
  #expect(review.reason == "numbering" && review.isOfOne && review.score == 0)
  #expect(review.customers.map { $0.leader } == [try town.leader("user_id:ann"), try town.leader("user_id:ann")])
  var writer = JSONWriter()
  writer.object { review.write(to: &$0) }
  #expect(try JSONDocument(writer.bytes).root["customers"]?.count == 1)
  #expect(try town.leader("phone:\(ann)") == town.leader("user_id:ann"))
  let told = try #require(try town.log().last)
  #expect(told.event.kind == .numbering && told.outcome.origin == review.pair.first)
  #expect(String(decoding: told.event.body, as: UTF8.self) == #"{"version":"2"}"#)
  // A later table says so too.
  try Plans("3", [ann: nil]).look(town)
  #expect(try town.reviews().count == 1 && town.findings() == [])
  // He is one customer, so there is nobody to be merged with or told apart from.
  #expect(throws: Failure.self) {
    try town.act(.review, at: "user_id:ann") { _ = try $0.decide(review, .merged, into: &$1) }
  }
  try town.act(.review, at: "user_id:ann") { _ = try $0.decide(review, .apart, into: &$1) }
  #expect(try town.reviews().isEmpty && town.reviews(.apart).count == 1)
  try Plans("4", [ann: nil]).look(town)
  #expect(try town.reviews().isEmpty && town.findings() == [])
  try town.merge("user_id:ann", "user_id:bob")
  try town.undo(try #require(try town.merges("user_id:ann").first))
  try town.erase("user_id:ann")
  try Plans("5", [ann: nil, bob: nil]).look(town)
  #expect(try town.reviews().map { $0.customers[0].leader } == [try town.leader("user_id:bob")])
  #expect(try town.reviews(.apart).isEmpty && town.findings() == [])
}

@Test func `a number that became another one is a doubt about the two who have them`() throws {
  let town = try town()
  try Plans("2", [bob: ann]).look(town)
  let review = try #require(try town.reviews().first)
  #expect(try Set(review.customers.map { $0.leader }) == [town.leader("user_id:ann"), town.leader("user_id:bob")])
  #expect(review.reason == "numbering" && review.score == 50)
  #expect(try town.leader("phone:\(bob)") == town.leader("user_id:bob"))
  try town.act(.review, at: "user_id:ann") { _ = try $0.decide(review, .apart, into: &$1) }
  #expect(try town.reviews().isEmpty && town.findings() == [])
}

@Test func `a page of places ends with its last one`() throws {
  let town = try town()
  let last = try town.leader("phone:\(bob)")
  #expect(NumberingRunner.step == 10_000)
  // The number of bob moves to the end of a page and to the beginning of the next.
  for place in [NumberingRunner.step, NumberingRunner.step + 1] {
    let phones = try town.store.database.write { session in
      try session.forEachRow(
        ofText: """
          INSERT INTO origin (number, public_id, type, value, standing, source, customer, sequence, generation, shared)
          VALUES (?1, ?2, 'phone', ?3, 0, '', ?4, 1, 0, 0)
          """, [.integer(place), .text("p\(place)"), .text("+7916000\(place)"), .integer(last)]
      ) { _ in true }
      return try session.rows(of: NumberingStatement.phones, .integer(0), .integer(NumberingRunner.step)) {
        $0.integer(0)
      }
    }
    #expect(phones.contains(NumberingRunner.step) && !phones.contains(NumberingRunner.step + 1))
  }
  let plans = Plans("2")
  try plans.look(town)
  #expect(plans.asked.withLock { $0 } == 4)
}
