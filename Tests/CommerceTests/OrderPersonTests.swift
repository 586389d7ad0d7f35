import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct OrderPersonTests {
  @Test func `an order stands with whose it was through a merge and its undo`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:1@25.00", who: "user_id:u1")
    try shop.report("A-2", "plate:2@10.00", who: "user_id:u2")
    func bought(_ who: String) throws -> [String] {
      let leader = try shop.stand(who)
      return try shop.store.database.read { session in
        try OrderStore.purchases(ofCustomer: leader, in: session).map { "\($0.sku) \($0.quantity.decimal) \($0.count)" }
      }
    }
    try shop.merge("user_id:u1", "user_id:u2")
    #expect(try bought("user_id:u1") == ["plate 2 1", "mug 1 1"])
    // In the middle of a checkout: the order that is placed meanwhile stands where it was asked for.
    try shop.pickup("A-3", who: "user_id:u2")
    try shop.undo("user_id:u1")
    #expect(try bought("user_id:u1").count + bought("user_id:u2").count == 3)
    try shop.act(.cancel, "A-3")
    #expect(try shop.findings() == [])
  }

  @Test func `the canonical export is the same after a merge and its undo, but for these two`() throws {
    let shop = try OrderShop()
    for user in ["u1", "u2"] {
      try shop.report("A-\(user)", "mug:2@25.00", who: "user_id:\(user)")
      try shop.pickup("B-\(user)", who: "user_id:\(user)")
    }
    try shop.report("Order Refunded", "A-u1", "mug:1@25.00")
    try shop.report("Order Refunded", "A-9", "")
    func lines(_ merge: String? = nil) throws -> Set<String> {
      try shop.store.database.read { [folds = shop.store.folds] session in
        var bytes: [UInt8] = []
        _ = try CanonicalExport(folds: folds).write(withoutMerge: merge, in: session) { bytes += $0 }
        return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
      }
    }
    let before = try lines()
    #expect(before.contains { $0.contains("sales_order") && $0.contains("A-u1") })
    try shop.merge("user_id:u1", "user_id:u2")
    let leader = try shop.stand("user_id:u1")
    let merge = try #require(try shop.store.database.read { try Merge.all(ofCustomer: leader, in: $0) }.first).id
    try shop.undo("user_id:u1")
    #expect(try lines(merge).symmetricDifference(before) == [])
  }

  @Test func `facts of orders`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:1@25.00", at: shop.now - .seconds(600))
    try shop.report("A-2", "mug:1@25.00", at: shop.now - .seconds(60))
    try shop.report("A-3", "mug:1@5.00", at: shop.now - .seconds(30))
    try shop.report("Order Cancelled", "A-3", "")
    let (leader, now) = (try shop.stand("user_id:u1"), shop.now)
    func fact(_ name: String) throws -> Fact? {
      try shop.store.database.read { try OrderFacts().fact(name, ofCustomer: leader, now: now, in: $0) }
    }
    #expect(try fact("count") == .number(2_000_000))
    #expect(try fact("last") == .time(shop.now - .seconds(30)))
    #expect(try fact("spent/EUR") == .number(50_000_000))
    #expect(try fact("spent/USD") == nil && fact("colour") == nil)
  }

  @Test func `who is erased leaves goods and sums behind, and no name`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1 email:ann@b.test")
    try shop.report("ann@b.test/7", "mug:1@25.00")
    try shop.place(
      """
      {"id": "A-1", "customer": "user_id:u1", "note": "for Annabel",
       "fulfilment": {"type": "pickup", "store": "riga", "collector": {"name": "Annabel Lee"}},
       "lines": [{"sku": "mug", "quantity": 1, "price": {"amount": 2500, "currency": "EUR"}, "serials": ["S-77-Annabel"]}]}
      """)
    try shop.place(
      """
      {"id": "ANN@B.TEST-8", "customer": "user_id:u1", "fulfilment": {"type": "pickup", "store": "riga"},
       "lines": [{"sku": "mug", "quantity": 1, "price": {"amount": 2500, "currency": "EUR"}}]}
      """)
    try shop.act(.ready, "A-1", #"{"reason": "Annabel called"}"#)
    // Somebody else returns some before the sale is told.
    try shop.report("Order Refunded", "R-4712", "mug:1@25.00", who: "user_id:u2", from: "till")
    try shop.report("R-4712", "mug:2@25.00")
    try shop.report("R-4711", "mug:2@25.00")
    // Somebody else returns it.
    try shop.report("Order Refunded", "R-4711", "mug:2@25.00", who: "user_id:u2", from: "till")
    #expect(try shop.view("R-4711")["id"]?.string == "R-4711")
    #expect(try shop.view("ann@b.test/7")["id"]?.string == "ann@b.test/7")
    #expect(try shop.view("ANN@B.TEST-8")["id"]?.string == "ANN@B.TEST-8")
    #expect(try #require(try shop.order("ann@b.test/7")).id.hasPrefix("ord_x"))
    #expect(try shop.findings() == [])
    _ = shop.books.calls()
    try shop.erase("user_id:u1")
    #expect(try shop.findings() == [])
    let text = try shop.store.database.read { session in
      var text = ""
      for table in try session.tables() where !["message", "setting", "tombstone"].contains(table) {
        try session.forEachRow(ofText: "SELECT * FROM \(table)", []) { row in
          for column in 0..<row.count { text += "\(row.value(column)) " }
          return true
        }
      }
      return text
    }
    for name in ["annabel", "ann@b", "s-77", "a-1", "r-4711", "r-4712"] {
      #expect(!text.lowercased().contains(name), "\(name)")
    }
    let key = OrderID.key(of: "A-1")
    for id in ["A-1", key] { #expect(try shop.view(id)["id"]?.string == key) }
    #expect(try shop.text("R-4711") == "refunded: mug 2 refunded; paid 5000, refunded 5000")
    let view = try shop.view("A-1")
    #expect(view["customer"]?.isNull == true && view["fulfilment"]?["collector"] == nil && view["note"] == nil)
    #expect(try shop.text("A-1") == "ready: mug 1 ready; paid 0, refunded 0")
    // What waits does not wait for ever.
    shop.store.clock.advance(by: Order.usualPickup)
    try shop.fire()
    #expect(shop.books.calls().filter { $0.hasPrefix("release") } == ["release riga mug:1", "release riga mug:1"])
    #expect(try shop.text("A-1") == "expired: mug 1 expired; paid 0, refunded 0")
    #expect(try shop.findings() == [])
  }

  @Test func `an export tells a person's orders, and no place in the log`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:1@25.00")
    let leader = try shop.stand("user_id:u1")
    let bytes = try shop.store.database.read { session -> [UInt8] in
      var writer = JSONWriter()
      try writer.object { try OrderFold().export(of: [leader], to: &$0, in: session) }
      return writer.bytes
    }
    let orders = try JSONDocument(bytes).root["orders"]?.elements.map { $0 } ?? []
    #expect(orders.map { $0["id"]?.string } == ["A-1"])
    #expect(orders.first?["history"]?.elements.first { _ in true }?["sequence"] == nil)
  }

  @Test func `the whole picture shows open orders with their codes`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    try shop.pickup("A-1")
    try shop.report("R-1", "mug:1@25.00", from: "till")
    let leader = try shop.stand("user_id:u1")
    let bytes = try shop.store.database.read { [features = shop.store.features] in
      try Profile.json(ofCustomer: leader, features: features, in: $0)
    }
    let open = try JSONDocument(bytes).root["openOrders"]?.elements.map { $0 } ?? []
    #expect(open.map { $0["id"]?.string } == ["A-1"])
    #expect(open.first?["code"]?.string == (try shop.order("A-1")?.code))
  }
}
