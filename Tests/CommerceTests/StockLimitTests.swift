import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct StockLimitTests {
  private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  private static func line(store: String = "near", sku: String = "A", source: String = "erp", id: String = "1")
    -> String
  {
    #"{"store": "\#(store)", "sku": "\#(sku)", "onHand": 1, "source": "\#(source)", "id": "\#(id)"}"#
  }

  @Test(arguments: [
    (line(sku: text(Sale.longestSKU)), line(sku: text(Sale.longestSKU + 1)), "/sku"),
    (line(source: text(StockItem.longestSource)), line(source: text(StockItem.longestSource + 1)), "/source"),
    (line(id: text(StockItem.longestID)), line(id: text(StockItem.longestID + 1)), "/id"),
    (line(store: text(Store.longestID)), line(store: text(Store.longestID + 1)), "/store"),
  ])
  func `a line of stock has words of some length`(right: String, wrong: String, pointer: String) throws {
    let now = Instant(milliseconds: 0)
    _ = try StockItem(JSONDocument(Array(right.utf8)).root, source: "s", now: now)
    #expect(try faults { _ = try StockItem(JSONDocument(Array(wrong.utf8)).root, source: "s", now: now) } == [pointer])
  }

  private static func store(id: Int = 1, name: Int = 1, spans: Int = 1) -> String {
    let span = #"{"days": ["mon"], "open": "09:00", "close": "10:00"}"#
    let hours = [String](repeating: span, count: spans).joined(separator: ",")
    return #"{"id": "\#(text(id))", "name": "\#(text(name))", "timeZone": "Etc/UTC", "hours": [\#(hours)]}"#
  }

  @Test(arguments: [
    (store(id: Store.longestID), store(id: Store.longestID + 1), "/id"),
    (store(name: Store.longestName), store(name: Store.longestName + 1), "/name"),
    (store(spans: OpeningHours.most), store(spans: OpeningHours.most + 1), "/hours"),
  ])
  func `a store has words and hours of some length`(right: String, wrong: String, pointer: String) throws {
    _ = try Store(document: JSONDocument(Array(right.utf8)).root)
    #expect(try faults { _ = try Store(document: JSONDocument(Array(wrong.utf8)).root) } == [pointer])
  }

  private func faults(_ work: () throws -> Void) throws -> [String] {
    do {
      try work()
      return []
    } catch let failure as Failure {
      return failure.faults.map { $0.pointer }
    }
  }

  @Test func `a shortfall names so many other stores, and movements so many reservations`() throws {
    let depot = try Depot()
    for number in 0...Shortfall.mostStores {
      try depot.put(.store, #"{"id": "s\#(number)", "name": "S", "timeZone": "Etc/UTC"}"#)
      try depot.tell(depot.count("1", in: "s\(number)"))
    }
    do {
      try depot.reserve(("A", "1"))
      Issue.record("it was promised")
    } catch let shortfall as Shortfall {
      #expect(shortfall.lines[0].stores.count == Shortfall.mostStores)
    }
    let most = Int(StockMovements.mostReservations)
    try depot.tell(depot.count("\(most + 1)"))
    let now = depot.store.clock.now
    for number in 0...most { try depot.reserve(("A", "1"), order: "O-\(number)") }
    let told = try depot.store.database.read { session in
      var writer = JSONWriter()
      try writer.object { writer in
        try StockMovements.write(
          sumsOf: StockPlace(store: "near", sku: "A"), now: now, to: &writer, in: session)
      }
      return try JSONDocument(writer.bytes).root
    }
    #expect(told["reservations"]?.count == most)
    #expect(told["reserved"]?.integer == Int64(most + 1))
  }

  @Test func `what is sold where no store is stands in the books, and is promised by nobody`() throws {
    let depot = try Depot()
    try depot.sell(("A", "1"), in: "nowhere")
    #expect(try depot.books(in: "nowhere") == "-1, 0, 1")
    try depot.restock(("A", "3"), in: "nowhere")
    #expect(try depot.books(in: "nowhere") == "2, 0, 0")
    let now = depot.store.clock.now
    let (sums, rows) = try depot.store.database.read { session in
      let place = StockPlace(store: "nowhere", sku: "A")
      var writer = JSONWriter()
      try writer.object { try StockMovements.write(sumsOf: place, now: now, to: &$0, in: session) }
      return (try JSONDocument(writer.bytes).root, try StockMovements(of: place, limit: 10, in: session).rows.count)
    }
    #expect((sums["onHand"]?.integer, sums["available"]?.integer, rows) == (2, 0, 2))
    #expect(throws: Failure.self) { try depot.reserve(("A", "1"), in: "nowhere") }
    #expect(try depot.findings() == [])
  }

  @Test(arguments: ["0", "-1"])
  func `nobody sets nothing aside`(quantity: String) throws {
    let depot = try Depot()
    try depot.tell(depot.count("5"))
    #expect(throws: Failure.self) { try depot.reserve(("A", "1"), ("A", quantity)) }
    #expect(try depot.books() == "5, 0, 0")
  }
}
