import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct ReservationEndTests {
  @Test func `a reservation ends by itself, and in the log`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("2"))
    try depot.reserve(("A", "2"), hours: 2)
    depot.store.clock.advance(by: .seconds(7199))
    try depot.timers.fire()
    #expect(try depot.books() == "2, 2, 0")
    depot.store.clock.advance(by: .seconds(1))
    try depot.timers.fire()
    #expect(try depot.books() == "2, 0, 0")
    let last = try depot.store.database.read { try EventLog.entry(EventLog.last(in: $0), in: $0) }
    #expect(last?.event.name == ReservationEnd.event)
    #expect(try depot.findings() == [])
  }

  @Test func `what is paid after its reservation has ended is sold, of what is there or beyond it`() throws {
    for isTaken in [false, true] {
      let depot = try Depot()
      try depot.tell(depot.count("1"))
      try depot.reserve(("A", "1"), order: "O-1", hours: 1)
      depot.store.clock.advance(by: .seconds(3600))
      try depot.timers.fire()
      if isTaken { try depot.reserve(("A", "1"), order: "O-2") }
      try depot.sell(("A", "1"), order: "O-1")
      #expect(try depot.books() == (isTaken ? "0, 1, 1" : "0, 0, 0"))
      #expect(try depot.findings() == [])
    }
  }

  @Test func `a timer goes with what is sold, and moves with what is set aside anew`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("5"), depot.count("5", of: "B"))
    func due() throws -> [Int64] {
      try depot.store.database.read { session in
        var due: [Int64] = []
        try session.forEachRow(ofText: "SELECT due FROM timer ORDER BY due", []) { row in
          due.append(row.integer(0) - depot.store.clock.now.milliseconds)
          return true
        }
        return due.map { $0 / 3_600_000 }
      }
    }
    try depot.reserve(("A", "1"), hours: 3)
    try depot.reserve(("B", "1"), hours: 1)
    #expect(try due() == [1])
    try depot.sell(("B", "1"))
    #expect(try due() == [3])
    try depot.reserve(("A", "1"), hours: 5)
    #expect(try due() == [5])
    try depot.release()
    #expect(try due() == [])
    #expect(try depot.findings() == [])
  }

  @Test func `what an erased person had set aside still ends`() throws {
    let depot = try Depot()
    let source = try Source(name: "backend", channel: "web", trust: .verified)
    try depot.store.add(source)
    let now = depot.store.clock.now
    var event = Event.request(.identify, name: nil, body: Array("{}".utf8), messageID: "m", at: now)
    event.mentions = [.init(try #require(Identifier(.userID, "ann")), isProved: false)]
    try depot.store.send([event], from: "backend")
    try depot.tell(depot.count("2"))
    try depot.reserve(("A", "2"), hours: 1, at: 1)
    try depot.store.database.write { [erasure = depot.store.erasure] session in
      let act = Erasure.Act(reason: "asked", author: "api:root", messageID: "e", at: now)
      _ = try erasure.erase(Erasure.person(ofCustomer: 1, in: session), by: act, in: session)
    }
    #expect(try depot.books() == "2, 2, 0")
    #expect(try depot.findings() == [])
    depot.store.clock.advance(by: .seconds(3600))
    try depot.timers.fire()
    #expect(try depot.books() == "2, 0, 0")
    #expect(try depot.findings() == [])
  }
}
