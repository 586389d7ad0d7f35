import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

extension WholeShop {
  /// The lines of an order: `riga mug 2 2000 collected`, with what they come to.
  func lines(_ id: String) throws -> [String] {
    try order(id).lines.flatMap { line in
      OrderState.allCases.compactMap { state in
        guard let quantity = line.parts[state], quantity > .zero else { return nil }
        return "\(line.store ?? "-") \(line.sku) \(quantity.decimal) \(line.value(of: quantity)) \(state.rawValue)"
      }
    }
  }

  /// What is kept of an order: `riga 2`.
  func reserved(_ id: String) throws -> [String] {
    try store.database.read { try Stock.reserved(for: OrderID.key(of: id), in: $0) }
      .map { "\($0.place.store) \(Quantity(thousandths: $0.remaining).decimal)" }
  }

  /// On hand and reserved in a store.
  func level(_ place: String, sku: String = "mug") throws -> String {
    try store.database.read { session in
      var book = try StockBook(Outcome(.matched, origin: nil), in: session)
      let level = try book.level(StockPlace(store: place, sku: sku))
      return "\(level.onHand / 1000)/\(level.reserved / 1000)"
    }
  }

  func conflicts() throws -> [String] {
    try store.database.read { try OrderConflict.list(below: .max, limit: 100, in: $0).map { $0.reason } }
  }

  func timers(_ id: String) throws -> Int {
    try store.database.read { session in
      try OrderTimer.keys(of: OrderID.key(of: id)).count { try PendingTimer.find($0, in: session) != nil }
    }
  }

  /// A receipt of a till in Riga, `mug:2@10.00`, of an order that was placed before.
  func receipt(
    _ number: Int, of order: String?, _ goods: String, total: String, who: String = "ann",
    event: String = "Order Completed",
    id: String? = nil, from source: String = "till", currency: String = "EUR", more: String = ""
  ) throws {
    let products = goods.split(separator: " ").map { word -> String in
      let parts = word.split(whereSeparator: { ":@".contains($0) })
      return #"{"sku": "\#(parts[0])", "quantity": \#(parts[1]), "price": "\#(parts[2])"}"#
    }
    let placed = order.map { #""placed_order_id": "\#($0)", "# } ?? ""
    let body =
      #"{"order_id": "riga/1/1/\#(number)", \#(placed)"store_id": "riga", "currency": "\#(currency)", "total": "\#(total)", "products": [\#(products.joined(separator: ", "))]\#(more)}"#
    try send(who, event, body, id: id ?? "receipt-\(number)", from: source)
  }

  /// What was done with an order, and by whom.
  func history(_ id: String) throws -> [String] {
    try store.database.read { session in
      let number = try #require(try OrderStore.number(of: id, in: session))
      return try OrderStore.stored(number, in: session).entries.map { "\($0.verdict.act.rawValue) \($0.entry.source)" }
    }
  }
}

/// What a till's receipt does for an order that was placed at another door.
@Suite struct OrderReceiptTests {
  @Test func `a receipt collects what it sells of an order, is paid by it and earns once`() throws {
    let shop = try WholeShop.pending()
    try shop.store.add(try Source(name: "till-2", channel: "store", trust: .verified))
    try shop.place("ann", "A-1", quantity: 3)
    try shop.act(.ready, "A-1", #"{"lines": [{"line": 1, "quantity": 1}]}"#)
    #expect(try shop.level("riga") == "100/3" && shop.timers("A-1") == 2)
    try shop.receipt(1, of: "A-1", "mug:2@10.00", total: "20.00")
    #expect(try shop.lines("A-1") == ["riga mug 1 1000 reserved", "riga mug 2 2000 collected"])
    #expect(try shop.order("A-1").paid == 2000)
    #expect(try shop.level("riga") == "98/1" && shop.points("ann") == "0/30")
    // However often it comes, and by whatever road.
    for source in ["till", "till-2", "till-2"] {
      try shop.receipt(1, of: "A-1", "mug:2@10.00", total: "20.00", from: source)
    }
    try shop.receipt(1, of: nil, "mug:2@10.00", total: "20.00", id: "again", from: "till-2")
    #expect(try shop.level("riga") == "98/1" && shop.order("A-1").paid == 2000)
    try shop.receipt(2, of: "A-1", "mug:1@10.00", total: "10.00")
    #expect(try shop.lines("A-1") == ["riga mug 3 3000 collected"])
    #expect(try shop.order("A-1").paid == 3000 && shop.timers("A-1") == 0)
    #expect(try shop.level("riga") == "97/0" && shop.points("ann") == "0/30")
    #expect(
      try shop.history("A-1")
        == ["place api:site", "ready api:test", "collect till", "report till-2", "report till-2", "collect till"])
    shop.wait(days: 14)
    #expect(try shop.points("ann") == "30/0")
    #expect(try shop.conflicts() == [] && shop.findings().isEmpty)
    // By the number of a receipt its order is found.
    #expect(try shop.order("riga/1/1/2").id == OrderID.key(of: "A-1"))
  }

  @Test func `what a receipt sells beyond an order becomes a line of it`() throws {
    let shop = try WholeShop.pending()
    try shop.put("product", "cup", #"{"sku": "cup", "name": "A cup"}"#)
    try shop.place("ann", "A-1", quantity: 1)
    try shop.receipt(1, of: "A-1", "mug:2@10.00 cup:1@5.00", total: "24.00")
    // A euro off 25, which falls on each by its price.
    #expect(
      try shop.lines("A-1") == ["riga mug 1 1000 collected", "riga mug 1 960 collected", "riga cup 1 480 collected"])
    let order = try shop.order("A-1")
    #expect(order.totals == Order.Totals(goods: 2500, discount: 60, due: 2440) && order.paid == 2400)
    #expect(try shop.level("riga") == "98/0" && shop.level("riga", sku: "cup") == "-1/0")
    #expect(try shop.conflicts() == ["the receipt asks for another amount than the order"])
    #expect(try shop.points("ann") == "0/24")
    // The site still tells of what was ordered.
    let ordered =
      #"{"order_id": "A-1", "currency": "EUR", "total": "10", "products": [{"sku": "mug", "quantity": 1}]}"#
    try shop.send("ann", "Order Completed", ordered, id: "site", from: "backend")
    #expect(try shop.conflicts().count == 1 && shop.history("A-1").last == "report backend")
    // It is not sold again by another door's word for the same receipt.
    try shop.receipt(1, of: "A-1", "mug:2@10.00 cup:1@5.00", total: "24.00", id: "again")
    try shop.receipt(1, of: "A-1", "mug:3@10.00", total: "30.00", id: "other")
    #expect(try shop.conflicts().first == "lines" && shop.order("A-1").paid == 2400)
    // All of it comes back by its number.
    try shop.receipt(1, of: nil, "", total: "24.00", event: "Order Refunded", id: "back")
    #expect(try shop.order("A-1").status == .refunded && shop.order("A-1").refunded == 2400)
    #expect(try shop.level("riga") == "100/0" && shop.points("ann") == "0/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `what a request handed over before its receipt came counts once, and a further sale counts`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", quantity: 2)
    try shop.place("ann", "A-2", quantity: 2, way: "counter")
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    #expect(try shop.level("riga") == "96/0" && shop.points("ann") == "0/40")
    for id in ["A-1", "A-2"] {
      let number = id == "A-1" ? 1 : 2
      try shop.receipt(number, of: id, "mug:2@10.00", total: "20.00")
      try shop.receipt(number, of: id, "mug:2@10.00", total: "20.00", id: "again-\(id)")
    }
    #expect(try shop.level("riga") == "96/0" && shop.points("ann") == "0/40")
    #expect(try shop.order("A-1").paid == 2000 && shop.order("A-2").paid == 2000)
    try shop.receipt(3, of: "A-1", "mug:1@10.00", total: "10.00")
    #expect(try shop.lines("A-1") == ["riga mug 2 2000 collected", "riga mug 1 1000 collected"])
    #expect(try shop.level("riga") == "95/0" && shop.points("ann") == "0/50" && shop.order("A-1").paid == 3000)
    #expect(try shop.conflicts() == [] && shop.findings().isEmpty)
  }

  @Test func `an order that was paid before is not paid again, and one that was paid less still owes`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", WholeShop.paid(1000))
    try shop.receipt(1, of: "A-1", "mug:1@10.00", total: "10.00")
    #expect(try shop.order("A-1").paid == 1000 && shop.conflicts() == [])
    try shop.place("ann", "A-2")
    try shop.receipt(
      2, of: "A-2", "mug:1@10.00", total: "8.00", more: #", "tenders": [{"kind": "cash", "amount_minor": 800}]"#)
    let order = try shop.order("A-2")
    #expect(order.status == .collected && order.paid == 800 && order.owed == 200)
    #expect(try shop.conflicts() == ["the receipt asks for another amount than the order"])
    #expect(try shop.points("ann") == "0/20")
    try shop.act(.pay, "A-2", WholeShop.paid(200).replacing(", \"payments\"", with: "{\"payments\"") + "}")
    #expect(try shop.order("A-2").owed == 0)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a receipt of another customer or in other money changes nothing`() throws {
    let shop = try WholeShop.pending()
    try shop.send("bob", "Page Opened", "{}", id: "b-1", from: "backend")
    try shop.place("ann", "A-1")
    try shop.receipt(1, of: "A-1", "mug:1@10.00", total: "10.00", who: "bob")
    try shop.receipt(2, of: "A-1", "mug:1@10.00", total: "10.00", currency: "USD")
    #expect(try shop.conflicts() == ["currency", "customer"])
    #expect(try shop.lines("A-1") == ["riga mug 1 1000 reserved"] && shop.level("riga") == "100/1")
    // The site, which sells nothing over a counter, has only told of it.
    try shop.send(
      "ann", "Order Completed", #"{"order_id": "A-1", "products": [{"sku": "mug", "quantity": 1}]}"#, id: "site",
      from: "backend")
    #expect(try shop.lines("A-1") == ["riga mug 1 1000 reserved"])
    // An order of which nobody knows is the receipt's own sale.
    try shop.receipt(3, of: "A-9", "mug:1@10.00", total: "10.00")
    #expect(try shop.order("riga/1/1/3").status == .collected)
    #expect(try shop.store.database.read { try OrderStore.number(of: "A-9", in: $0) } == nil)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `what has expired and was sold all the same is a new line`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", quantity: 2)
    try shop.end("A-1", by: .noShow)
    #expect(try shop.level("riga") == "100/0" && shop.points("ann") == "0/0")
    try shop.receipt(1, of: "A-1", "mug:1@10.00", total: "10.00")
    #expect(try shop.lines("A-1") == ["riga mug 2 2000 expired", "riga mug 1 1000 collected"])
    #expect(try shop.order("A-1").paid == 1000 && shop.level("riga") == "99/0" && shop.points("ann") == "0/10")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a void takes back what its receipt sold, though it came before it, and no other's`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", quantity: 4)
    try shop.receipt(1, of: "A-1", "mug:1@10.00", total: "10.00")
    try shop.receipt(2, of: "A-1", "mug:2@10.00", total: "20.00")
    try shop.receipt(2, of: nil, "", total: "20.00", event: "Order Cancelled", id: "void-2")
    #expect(
      try shop.lines("A-1") == [
        "riga mug 1 1000 reserved", "riga mug 1 1000 collected", "riga mug 2 2000 refunded",
      ])
    #expect(try shop.level("riga") == "99/1" && shop.order("A-1").refunded == 2000 && shop.points("ann") == "0/20")
    // The same void once more takes nothing that waits.
    try shop.receipt(2, of: nil, "", total: "20.00", event: "Order Cancelled", id: "void-2b")
    #expect(try shop.order("A-1").lines[0].parts[.reserved] == .one)
    try shop.receipt(3, of: nil, "", total: "10.00", event: "Order Refunded", id: "void-3")
    #expect(try shop.conflicts().contains("unknown order"))
    try shop.receipt(3, of: "A-1", "mug:1@10.00", total: "10.00")
    #expect(try shop.order("A-1").lines[0].parts[.reserved] ?? .zero == .zero)
    #expect(try !shop.conflicts().contains("unknown order"))
    #expect(try shop.findings().isEmpty)
  }

  @Test func `points that are spent at the till are taken once`() throws {
    let shop = try WholeShop(points: 100)
    try shop.place("ann", "A-1", #", "points": 50"#)
    #expect(try shop.balance("ann") == "50")
    // The till prints what was paid at the site too.
    try shop.receipt(1, of: "A-1", "mug:1@450.00", total: "400.00", more: #", "points_redeemed": 50"#)
    #expect(try shop.order("A-1").status == .collected && shop.conflicts() == [])
    #expect(try shop.order("A-1").paid == 40000)
    try shop.place("ann", "A-2")
    try shop.receipt(2, of: "A-2", "mug:1@450.00", total: "420.00", more: #", "points_redeemed": 30"#)
    // 50 are left, 30 are spent, and 400.00 and 420.00 earn.
    #expect(try shop.balance("ann") == "\(50 - 30 + 400 + 420)")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `who is erased leaves no name of his orders in receipts of others`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    try shop.pickup("A-4711")
    try shop.report(
      "R-4712", "mug:2@25.00 plate:1@10", who: "anonymous_id:till-4712", from: "till",
      more: #","placed_order_id":"A-4711""#)
    #expect(try shop.text("A-4711") == "collected: mug 2 collected, plate 1 collected; paid 6000, refunded 0")
    try shop.report("Order Refunded", "R-4712", "plate:1@10", who: "anonymous_id:other", from: "till")
    try shop.erase("user_id:u1")
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
    #expect(!text.contains("A-4711") && !text.contains("R-4712"))
    #expect(
      try shop.text("A-4711") == "collected: mug 2 collected, plate 1 refunded; paid 6000, refunded 1000")
    #expect(try shop.findings() == [])
  }
}
