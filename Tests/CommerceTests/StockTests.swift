import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct StockTests {
  @Test func `a snapshot holds what came before it, and not what comes after`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("10", minutes: 60))
    try depot.sell(("A", "2"), minutes: 30)
    #expect(try depot.books() == "8, 0, 0")
    // Later than the sale, so it holds it.
    try depot.tell(depot.count("7", minutes: 20))
    #expect(try depot.books() == "7, 0, 0")
    // Sold before the snapshot and heard of only now.
    try depot.sell(("A", "1"), order: "O-2", minutes: 25)
    #expect(try depot.books() == "7, 0, 0")
    // Sent backwards in time.
    try depot.tell(depot.count("100", minutes: 50), depot.delta("5", minutes: 40))
    #expect(try depot.books() == "7, 0, 0")
    try depot.tell(depot.delta("-3", minutes: 10), depot.delta("0.5", minutes: 5))
    #expect(try depot.books() == "4.5, 0, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `what was told comes to the same in any order`() throws {
    var sums: Set<String> = []
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
      let depot = try Depot()
      let now = [
        depot.count("10", minutes: 60), depot.delta("-2", minutes: 50), depot.count("9", minutes: 40),
        depot.delta("4", minutes: 30),
      ]
      for index in order { try depot.tell(now[index]) }
      sums.insert(try depot.books())
      #expect(try depot.findings() == [])
    }
    #expect(sums == ["13, 0, 0"])
  }

  @Test func `of the second of a count, what was heard of before it is in it, and what comes after is not`() throws {
    let depot = try Depot()
    // A till's clock tells whole seconds.
    depot.store.clock.advance(by: .milliseconds(1000 - depot.store.clock.now.milliseconds % 1000))
    try depot.sell(("A", "1"), order: "O-1")
    let second = depot.store.clock.now
    depot.store.clock.advance(by: .milliseconds(300))
    try depot.tell(depot.count("10"))
    #expect(try depot.books() == "10, 0, 0")
    func late(_ order: String, _ time: Instant) throws {
      try depot.record("sell") {
        try Stock.sell(Depot.lines([("A", "1")]), at: "near", time: time, order: order, into: &$0, in: $1)
      }
    }
    try late("O-2", second)
    #expect(try depot.books() == "9, 0, 0")
    // The count's own moment, and one that tells its milliseconds before it.
    try late("O-3", second + .milliseconds(300))
    #expect(try depot.books() == "8, 0, 0")
    try late("O-4", second + .milliseconds(299))
    try late("O-5", second - .seconds(1))
    #expect(try depot.books() == "8, 0, 0")
    #expect(try depot.findings() == [])
    // Counted again in that second, by somebody who saw what was sold.
    try depot.tell(depot.count("7"))
    #expect(try depot.books() == "7, 0, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `what is on its way is shown as it was told last, and never promised`() throws {
    let depot = try Depot()
    func expect(_ quantity: String, minutes: Double, more: String = "", in place: String = "near") throws
      -> StockList.Result
    {
      let asOf = depot.ago(minutes).text
      let line = #"{"store": "\#(place)", "sku": "A", "incoming": \#(quantity), "asOf": "\#(asOf)"\#(more)}"#
      return try depot.tell(line)[0]
    }
    func shown(in place: String = "near") throws -> String {
      let now = depot.store.clock.now
      let store = try depot.store.database.read { session in
        try Availability(of: "A", near: nil, now: now, in: session).stores.first { $0.store.id == place }
      }
      var writer = JSONWriter()
      store?.write(to: &writer, forTill: false)
      let told = try JSONDocument(writer.bytes).root["incoming"]
      return "\(told?["quantity"]?.number ?? "-") \(told?["expectedAt"]?.string ?? "-")"
    }
    let friday = #", "expectedAt": "2026-01-09T08:00:00Z""#
    #expect(try expect("12", minutes: 30, more: friday).status == .accepted)
    #expect(try shown() == "12 2026-01-09T08:00:00.000Z" && depot.available() == "0" && depot.books() == "0, 0, 0")
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "1")) }
    #expect(try expect("12", minutes: 30, more: friday).status == .duplicate)
    #expect(try expect("99", minutes: 31).status == .duplicate)
    #expect(try shown() == "12 2026-01-09T08:00:00.000Z")
    // Half of it came.
    try depot.tell(depot.count("6", minutes: 10))
    #expect(try expect("6.5", minutes: 9).status == .accepted)
    #expect(try shown() == "6.5 -" && depot.available() == "6")
    #expect(try expect("0", minutes: 8).status == .accepted)
    #expect(try shown() == "- -" && depot.books() == "6, 0, 0")
    // In one list, beside what was counted.
    let lines = [depot.delta("1"), #"{"store": "near", "sku": "A", "incoming": 2}"#, depot.delta("2")]
    let results = try depot.tell(lines[0], lines[1], lines[2], id: "k-1")
    #expect(results.map { $0.status } == [.accepted, .accepted, .accepted])
    #expect(results.map { $0.change?.decimal } == ["1", nil, "2"])
    #expect(try depot.tell(lines[0], lines[1], lines[2], id: "k-1").map { $0.change?.decimal } == ["1", nil, "2"])
    for (more, pointer) in [
      (#", "onHand": 1"#, "/onHand"), (#", "id": "x""#, "/id"), (#", "expectedAt": "Friday""#, "/expectedAt"),
    ] {
      let result = try expect("1", minutes: 0, more: more)
      #expect(result.status == .invalid && result.faults.map { $0.pointer } == [pointer])
    }
    #expect(try expect("-1", minutes: 0).faults.map { $0.pointer } == ["/incoming"])
    #expect(try depot.tell(depot.delta("1").dropLast() + friday + "}")[0].faults.map { $0.pointer } == ["/expectedAt"])
    #expect(try depot.findings() == [])
  }

  @Test func `the same line counts once, by its id or its request's key`() throws {
    let depot = try Depot()
    let line = depot.delta("5", id: "d-1")
    #expect(try depot.tell(line, line).map { $0.status } == [.accepted, .duplicate])
    #expect(try depot.tell(line, depot.delta("6", id: "d-1")).map { $0.status } == [.duplicate, .conflict])
    #expect(try depot.books() == "5, 0, 0")
    let bare = depot.delta("1")
    #expect(try depot.tell(bare, "{}", id: "k-1").map { $0.status } == [.accepted, .invalid])
    #expect(try depot.tell(bare, "{}", id: "k-1").map { $0.status } == [.accepted, .invalid])
    #expect(try depot.tell(depot.delta("2"), id: "k-1").isEmpty)
    #expect(try depot.books() == "6, 0, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `one stock list ten times with sales in between changes nothing`() throws {
    let depot = try Depot()
    let list = depot.count("20", minutes: 1)
    for number in 0..<10 {
      #expect(try depot.tell(list)[0].status == (number == 0 ? .accepted : .duplicate))
      try depot.sell(("A", "1"), order: "O-\(number)")
    }
    #expect(try depot.books() == "10, 0, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `a bad line takes no good one with it`() throws {
    let depot = try Depot()
    let bad: [(String, String)] = [
      ("{}", "/store"), (#"{"store": "near", "sku": "A"}"#, "/onHand"),
      (#"{"store": "near", "sku": "A", "onHand": 1, "delta": 1}"#, "/onHand"),
      (#"{"store": "near", "sku": "A", "onHand": -1}"#, "/onHand"),
      (#"{"store": "near", "sku": "A", "onHand": 1.0001}"#, "/onHand"),
      (#"{"store": "near", "sku": "A", "delta": 1000001}"#, "/delta"),
      (#"{"store": "near", "sku": "A", "onHand": 1, "asOf": "2999-01-01T00:00:00Z"}"#, "/asOf"),
      (#"{"store": "near", "sku": "A", "onHand": 1, "asOf": "yesterday"}"#, "/asOf"),
      (#"{"store": "near", "sku": "A", "onHand": 1, "quantity": 1}"#, "/quantity"),
      (#"{"store": "nowhere", "sku": "A", "onHand": 1}"#, "/store"), ("[]", ""),
    ]
    for (line, pointer) in bad {
      let results = try depot.tell(line, depot.delta("1"))
      #expect(results.map { $0.status } == [.invalid, .accepted], "\(line)")
      #expect(results[0].faults.contains { $0.pointer == pointer }, "\(line): \(results[0].faults)")
    }
    #expect(try depot.books() == "\(bad.count), 0, 0")
    #expect(try depot.tell(#"{"store": "near", "sku": "B", "delta": 1000000}"#)[0].status == .accepted)
    #expect(try depot.findings() == [])
  }

  @Test func `a clock a little ahead is set back, and one that is more is refused`() throws {
    let depot = try Depot()
    let minutes = Double(StockItem.mostAhead.components.seconds) / 60
    #expect(try depot.tell(depot.count("3", minutes: -minutes))[0].status == .accepted)
    depot.store.clock.advance(by: .seconds(1))
    try depot.sell(("A", "1"))
    #expect(try depot.books() == "2, 0, 0")
    #expect(try depot.tell(depot.count("3", minutes: -minutes - 0.001))[0].status == .invalid)
  }

  // MARK: Orders

  @Test func `nothing is promised beyond what is available`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("5"), depot.count("1", of: "B"))
    try depot.reserve(("A", "2"), order: "O-1")
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "4"), order: "O-2") }
    // All lines or none; two lines of one article count together.
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "1"), ("B", "2"), order: "O-2") }
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "2"), ("A", "2"), order: "O-2") }
    #expect(try depot.books() == "5, 2, 0")
    try depot.reserve(("A", "2"), ("A", "1"), ("B", "1"), order: "O-2")
    #expect(try depot.books() == "5, 5, 0")
    #expect(try depot.books("B") == "1, 1, 0")
    #expect(throws: Failure.self) { try depot.reserve(("A", "1"), in: "nowhere") }
    #expect(try depot.findings() == [])
  }

  @Test func `a shortfall says what is short and where it is`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("1"), depot.count("5", in: "far"), depot.count("4", in: "night"))
    do {
      try depot.reserve(("A", "3"))
      Issue.record("it was promised")
    } catch let shortfall as Shortfall {
      let line = try #require(shortfall.lines.first)
      #expect((line.sku, line.asked.decimal, line.available.decimal) == ("A", "3", "1"))
      #expect(line.stores.map { $0.store } == ["night", "far"])
    }
  }

  @Test func `the safety stock is not promised`() throws {
    let depot = try Depot()
    try depot.put(.store, #"{"id": "near", "name": "Near", "timeZone": "Europe/Riga", "safetyStock": 2}"#)
    try depot.tell(depot.count("5"))
    #expect(try depot.available() == "3")
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "4")) }
    try depot.reserve(("A", "3"))
    #expect(try depot.available() == "0")
    #expect(try depot.findings() == [])
  }

  @Test func `old stock is marked, and too old stock is not promised`() throws {
    let depot = try Depot()
    try depot.put(.stockPolicy, #"{"staleAfter": 60, "promisedFor": 120}"#)
    try depot.tell(depot.count("5"))
    func isStale() throws -> Bool? {
      let now = depot.store.clock.now
      return try depot.store.database.read { try Availability(of: "A", near: nil, now: now, in: $0).stores[0].isStale }
    }
    depot.store.clock.advance(by: .seconds(3600))
    #expect(try isStale() == false)
    depot.store.clock.advance(by: .milliseconds(1))
    #expect(try isStale() == true)
    depot.store.clock.advance(by: .milliseconds(3_599_999))
    try depot.reserve(("A", "1"))
    depot.store.clock.advance(by: .milliseconds(1))
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "1")) }
    #expect(try depot.available() == "0")
    try depot.tell(depot.delta("0"))
    try depot.reserve(("A", "1"))
    #expect(try depot.books() == "5, 2, 0")
  }

  @Test func `a sale ends what its order had set aside, here first`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("5", minutes: 1), depot.count("5", in: "far", minutes: 1))
    try depot.reserve(("A", "2"))
    try depot.reserve(("A", "2"), in: "far")
    try depot.sell(("A", "3"))
    #expect(try depot.books() == "2, 0, 0")
    #expect(try depot.books(in: "far") == "5, 1, 0")
    try depot.release()
    #expect(try depot.books(in: "far") == "5, 0, 0")
    try depot.restock(("A", "3"))
    #expect(try depot.books() == "5, 0, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `a part is released, and more is set aside for the same order`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("5"))
    try depot.reserve(("A", "3"))
    try depot.release(("A", "1"), ("B", "4"))
    #expect(try depot.books() == "5, 2, 0")
    try depot.reserve(("A", "3"))
    #expect(try depot.books() == "5, 5, 0")
    try depot.release(("A", "9"))
    #expect(try depot.books() == "5, 0, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `one entry may release, sell and give back, and sees itself`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("3"))
    try depot.reserve(("A", "2"), order: "O-1", hours: 1)
    let now = depot.store.clock.now
    let later = now + .seconds(1)
    try depot.record("exchange") { outcome, session in
      try Stock.release(order: "O-1", lines: nil, into: &outcome, in: session)
      try Stock.reserve(
        Depot.lines([("A", "3")]), at: "near", until: now + .seconds(60), order: "O-2", now: now, into: &outcome,
        in: session)
      for (order, count) in [("O-2", "3"), ("O-3", "2")] {
        let lines = Depot.lines([("A", count)])
        try Stock.sell(lines, at: "near", time: later, order: order, into: &outcome, in: session)
      }
      let back = Depot.lines([("A", "1")])
      try Stock.restock(back, at: "near", time: later, order: "O-1", into: &outcome, in: session)
      #expect(outcome.timers.isEmpty)
    }
    #expect(try depot.books() == "-1, 0, 1")
    #expect(try depot.findings() == [])
  }

  // MARK: Shortages

  @Test func `what a till sold beyond the books is a shortage until stock comes, the oldest made up first`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("1", minutes: 9))
    try depot.sell(("A", "3"), order: "O-1", minutes: 8)
    try depot.sell(("A", "1"), order: "O-2", minutes: 7)
    #expect(try depot.books() == "-3, 0, 3")
    func open() throws -> [String] {
      try depot.store.database.read { session in
        try StockShortages(limit: 10, in: session).rows.map { "\($0.order ?? "-") \($0.remaining / 1000)" }
      }
    }
    #expect(try open() == ["O-1 2", "O-2 1"])
    try depot.tell(depot.delta("1", minutes: 6))
    #expect(try open() == ["O-1 1", "O-2 1"])
    try depot.restock(("A", "1"), order: "O-1", minutes: 5)
    #expect(try open() == ["O-2 1"])
    try depot.tell(depot.count("4", minutes: 4))
    #expect(try open() == [])
    // Counted lower than what is promised.
    try depot.reserve(("A", "4"), order: "O-3")
    try depot.tell(depot.count("1", minutes: 1))
    #expect(try open() == ["- 3"])
    try depot.release(order: "O-3")
    #expect(try open() == [])
    #expect(try depot.findings() == [])
  }
}
