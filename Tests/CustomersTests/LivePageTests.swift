import Base
import SQL
import Synchronization
import TestKit
import Testing

@testable import Customers

@Suite struct LivePageTests {
  private func page(_ town: Town, after place: Int64, of origin: Origin.Number? = nil) throws -> (LivePage, [Int64]) {
    try town.store.database.read { session in
      let page = try LivePage(
        after: place, upTo: EventLog.last(in: session), watching: origin.map { [$0] } ?? [], in: session)
      return (page, page.indices(after: place, of: origin).map { page.entries[$0].sequence })
    }
  }

  @Test func `pages join without a gap, and the last one goes to the end`() throws {
    let town = try Town()
    let first = try town.send("user_id:u0", from: "backend").sequence - 1
    let count = 2 * LivePage.longest
    for number in 1..<count { try town.send("user_id:u\(number % 3)", from: "backend") }
    var (place, seen) = (first, [Int64]())
    while true {
      let (page, sequences) = try page(town, after: place)
      seen += sequences
      place = page.end
      if !page.isFull { break }
    }
    #expect(seen == Array(first + 1...first + count) && place == first + count)
    // Nothing is told beyond what is durable.
    let bounded = try town.store.database.read { session in
      try LivePage(after: first, upTo: first + 5, watching: [], in: session)
    }
    #expect(bounded.entries.map { $0.sequence } == Array(first + 1...first + 5) && bounded.end == first + 5)
  }

  @Test func `a reader of one customer is told of doubts about him`() throws {
    let town = try Town()
    try town.send("user_id:a card:1", from: "till")
    let start = try town.send("user_id:b card:2", from: "till").sequence
    let (a, b) = try town.store.database.read { session in
      func origin(_ user: String) throws -> Origin.Number? {
        try Identifier(.userID, user).flatMap { try OriginStore.find($0, .own, in: session)?.origin }
      }
      return (try origin("a"), try origin("b"))
    }
    // One card each is the limit, so it is a doubt about both.
    let doubt = try town.send("user_id:a card:2", from: "till")
    #expect(doubt.result == "queued")
    try town.send("user_id:c", from: "till")
    #expect(try page(town, after: start, of: a).1 == [doubt.sequence])
    #expect(try page(town, after: start, of: b).1 == [doubt.sequence])
  }

  @Test func `the end of the log is told when it is durable, once for a group`() throws {
    let town = try Town()
    let tail = try LogTail(town.store.database)
    let start = tail.place
    #expect(start == (try town.store.database.read { try EventLog.last(in: $0) }))
    let places = Mutex<[Int64]>([])
    tail.onAdvance { [weak tail] in places.withLock { $0.append(tail?.place ?? 0) } }
    for number in 1...3 {
      let sequence = try town.send("user_id:u\(number)", from: "backend").sequence
      #expect(tail.place == sequence)
    }
    // A transaction that fails leaves no place behind.
    #expect(throws: Failure.self) {
      try town.store.database.write { session in
        _ = try EventLog.last(in: session)
        throw Failure(.invalid, "no")
      }
    }
    #expect(tail.place == start + 3 && places.withLock { $0 } == [start + 1, start + 2, start + 3])
  }
}
