import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// Sends messages of these numbers and answers which were new.
private func send(_ numbers: ClosedRange<Int>, to town: Town) throws -> [Bool] {
  try numbers.map { number in
    let event = Town.event("m\(number)", "user_id:u1", receivedAt: town.store.clock.now, kind: .track)
    return try town.store.send([event], from: "backend").answers.allSatisfy {
      if case .accepted = $0 { true } else { false }
    }
  }
}

/// How many messages stand in the index and among the newest.
private func counts(_ town: Town) throws -> [Int64] {
  try town.store.database.read { session in
    try ["message", "message_recent"].map { table in
      var count: Int64 = 0
      try session.forEachRow(ofText: "SELECT count(*) FROM \(table)", []) { row in
        count = row.integer(0)
        return true
      }
      return count
    }
  }
}

@Test func `a message counts once, whether it stands among the newest, in both or in the index`() throws {
  let town = try Town()
  let sources = Int64(Town.sources.count)
  #expect(try send(1...20, to: town).allSatisfy { $0 })
  let sweeper = MessageSweeper(database: town.store.database)
  let last = try sweeper.putAside()
  #expect(try send(21...30, to: town).allSatisfy { $0 })
  #expect(try sweeper.index(upTo: last)?.count == 20 + Int(sources))
  #expect(try counts(town) == [20 + sources, 30 + sources])
  #expect(try !send(1...30, to: town).contains(true))
  #expect(try town.findings() == [])
  try sweeper.sweep()
  #expect(try counts(town) == [30 + sources, 0])
  #expect(try send(1...31, to: town) == Array(repeating: false, count: 30) + [true])
  #expect(try counts(town) == [30 + sources, 1])
  #expect(try town.findings() == [])
}

@Test func `a sweep that was cut off loses no message and counts none twice`() throws {
  var town = try Town()
  _ = try send(1...20, to: town)
  let sweeper = MessageSweeper(database: town.store.database)
  let last = try sweeper.putAside()
  let places = try #require(try sweeper.index(upTo: last))
  // A part of them has gone from the newest when the program ends.
  let end = try #require(places.sorted().dropFirst(9).first)
  try town.store.database.write { _ = try $0.execute(RecentMessageStatement.removeUpTo, .integer(end)) }
  town = try town.restarted(chance: 2, hasBooks: false)
  #expect(try !send(1...20, to: town).contains(true))
  #expect(try send(21...25, to: town).allSatisfy { $0 })
  try MessageSweeper(database: town.store.database).sweep()
  #expect(try counts(town) == [25 + Int64(Town.sources.count), 0])
  #expect(try !send(1...25, to: town).contains(true))
  #expect(try town.findings() == [])
}

@Test func `what was taken back is no message, neither at once nor after a sweep`() throws {
  let town = try Town()
  struct TakenBack: Error {}
  let fold = try #require(town.store.folds.compactMap { $0 as? MessageFold }.first)
  for _ in 1...2 {
    #expect(throws: TakenBack.self) {
      try town.store.database.write { session in
        let next = try EventLog.last(in: session) + 1
        #expect(try fold.insert("backend", "m1", at: next, in: session))
        #expect(try fold.find("backend", "m1", in: session) == next)
        throw TakenBack()
      }
    }
    #expect(try town.store.database.write { try fold.find("backend", "m1", in: $0) } == nil)
    try MessageSweeper(database: town.store.database).sweep()
  }
  // Another message takes the place that it had.
  #expect(try send(2...2, to: town) == [true])
  #expect(try send(1...2, to: town) == [true, false])
  #expect(try town.findings() == [])
}

@Test func `the newest are put into the index when they are too many, and not one before`() throws {
  let town = try Town()
  let sweeper = MessageSweeper(database: town.store.database, most: 10)
  let first = try town.store.database.read { try EventLog.last(in: $0) }
  try sweeper.sweep()
  func grow() throws {
    sweeper.logGrew(to: try town.store.database.read { try EventLog.last(in: $0) })
    sweeper.finish()
  }
  _ = try send(1...10, to: town)
  try grow()
  #expect(try counts(town) == [first, 10])
  // It looks again when the log has grown by as many.
  _ = try send(11...20, to: town)
  try grow()
  #expect(try counts(town) == [first + 20, 0])
  #expect(try !send(1...20, to: town).contains(true))
  #expect(try town.findings() == [])
}
