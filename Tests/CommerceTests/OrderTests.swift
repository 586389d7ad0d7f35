import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct OrderTests {
  // MARK: One order per id

  @Test func `whoever reports an order first opens it, and everybody else adds to its history`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00 plate:1@10", at: shop.now - .seconds(60))
    #expect(shop.books.calls() == ["earn 6000", "take mug:2 plate:1"])
    #expect(try shop.text("A-1") == "placed: mug 2 placed, plate 1 placed; paid 6000, refunded 0")
    // The app, a till without a card, the same source under another message, and a request.
    try shop.report("A-1", "plate:1@10 mug:2@25.00", from: "app")
    try shop.report("A-1", "mug:2@25.00 plate:1@10", who: "anonymous_id:receipt-1", from: "till")
    try shop.report("A-1", "mug:2@25.00 plate:1@10")
    try shop.report("Order Updated", "A-1", "mug:2@25.00 plate:1@10")
    let lines = #""lines": [{"sku": "mug", "quantity": 2}, {"sku": "plate", "quantity": 1}]"#
    let delivery = #"{"id": "A-1", "customer": "user_id:u1", "fulfilment": {"type": "delivery"}, \#(lines)"#
    try shop.place(delivery + "}")
    // What a request asks for beyond what was told cannot be had any more, and is not promised.
    #expect(
      refusal { try shop.pickup("A-1") }
        == "conflict /lines/0/fulfilment is not set aside for it; /lines/1/fulfilment is not set aside for it")
    #expect(
      refusal { try shop.place(delivery + #", "points": 5, "coupons": ["SPRING"]}"#) }
        == "conflict /points were not taken for it; /coupons were not counted for it")
    #expect(shop.books.calls() == [])
    let history = try shop.view("A-1")["history"]?.elements.map {
      "\($0["act"]?.string ?? "") \($0["actor"]?.string ?? "")"
    }
    #expect(history == ["place site", "report app", "report till", "report site", "report site", "report api:test"])
    #expect(try shop.conflicts() == [])
    #expect(try shop.findings() == [])
  }

  @Test func `of many reports the newest are shown, and the order stands as its acts left it`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00", message: "m-1")
    for _ in 0..<30 { try shop.report("Order Updated", "A-1", "mug:2@25.00") }
    try shop.report("Order Refunded", "A-1", "mug:1@25.00")
    for _ in 0..<30 { try shop.report("Order Updated", "A-1", "mug:2@25.00") }
    let acts = try shop.view("A-1")["history"]?.elements.compactMap { $0["act"]?.string } ?? []
    let reports = Array(repeating: "report", count: 50)
    #expect(acts == ["place"] + reports.prefix(20) + ["refund"] + reports.prefix(30))
    let order = try #require(try shop.order("A-1"))
    #expect(order.version == order.number + 61 && order.refunded == 2500)
    #expect(try shop.text("A-1") == "placed: mug 1 placed, mug 1 refunded; paid 5000, refunded 2500")
    #expect(try shop.findings() == [])
  }

  @Test func `an id of another customer or of other goods is a conflict that changes nothing`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00")
    let before = try shop.text("A-1")
    _ = shop.books.calls()
    try shop.report("A-1", "mug:2@25.00", who: "user_id:u2", from: "app")
    try shop.report("A-1", "mug:3@25.00", from: "app")
    try shop.report("A-1", "mug:2@25.00", from: "app", more: #","total":"49.99""#)
    let number = try #require(try shop.order("A-1")).number
    #expect(try shop.conflicts() == ["\(number) total", "\(number) lines", "\(number) customer"])
    #expect(try shop.text("A-1") == before && shop.books.calls() == [])
    #expect(try shop.view("A-1")["history"]?.count == 1)
    // A request is told.
    #expect(refusal { try shop.pickup("A-1", who: "user_id:u2") } == "conflict /id is another customer's order's")
    #expect(refusal { try shop.pickup("A-1") } == "conflict /id has other lines")
    // When the two turn out to be one, a further report fits.
    try shop.merge("user_id:u1", "user_id:u2")
    try shop.report("A-1", "mug:2@25.00", who: "user_id:u2", from: "app")
    #expect(try shop.conflicts().count == 3)
    #expect(try shop.view("A-1")["history"]?.count == 2)
    #expect(try shop.findings() == [])
  }

  @Test func `a page's key opens no order and takes nothing`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00", who: "anonymous_id:a1", from: "page")
    try shop.report("Order Refunded", "A-2", "", who: "anonymous_id:a1", from: "page")
    #expect(try shop.order("A-1") == nil && shop.conflicts() == [] && shop.books.calls() == [])
    try shop.report("A-1", "mug:2@25.00", who: "user_id:u1 anonymous_id:a1")
    _ = shop.books.calls()
    try shop.report("A-1", "mug:2@25.00", who: "user_id:u1", from: "page")
    try shop.report("A-1", "mug:9@1.00", who: "anonymous_id:other", from: "page")
    try shop.report("Order Cancelled", "A-1", "", who: "user_id:u1", from: "page")
    #expect(try shop.text("A-1") == "placed: mug 2 placed; paid 5000, refunded 0")
    #expect(try shop.conflicts() == [] && shop.books.calls() == [])
    #expect(try shop.findings() == [])
  }

  @Test func `a sale without an id counts by its message, and one without goods by its total`() throws {
    let shop = try OrderShop()
    try shop.report(nil, "mug:1@25.00", message: "m-1")
    #expect(try shop.text(OrderID.made(by: "site", "m-1")) == "placed: mug 1 placed; paid 2500, refunded 0")
    try shop.report("A-9", "", from: "site", more: #","total":"12.50""#)
    #expect(try shop.text("A-9") == "placed: ; paid 1250, refunded 0")
    try shop.report("Order Refunded", "A-9", "")
    #expect(try shop.text("A-9") == "refunded: ; paid 1250, refunded 1250")
    #expect(try shop.findings() == [])
  }

  @Test func `what a till sold is carried out and gone from its shelf`() throws {
    let shop = try OrderShop()
    let receipt =
      #","store_id":"riga","tenders":[{"kind":"cash","amount_minor":1000},{"kind":"card","amount_minor":3500}],"total":"45""#
    try shop.report("riga/1/2/3", "mug:2@25.00", from: "till", at: shop.now - .seconds(9000), more: receipt)
    #expect(shop.books.calls() == ["sell riga mug:2", "earn 4500", "take mug:2"])
    let view = try shop.view("riga/1/2/3")
    #expect(view["status"]?.string == "collected" && view["fulfilment"]?["type"]?.string == "counter")
    #expect(view["payments"]?.elements.map { $0["method"]?.string } == ["cash", "card"])
    #expect(view["totals"]?["discount"]?["amount"]?.integer == 500)
    #expect(view["placedAt"]?.string == (shop.now - .seconds(9000)).text)
    #expect(try shop.findings() == [])
  }

  // MARK: Pickup

  @Test func `ordered online, collected in the shop`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1 email:ann@b.test")
    shop.books.put("mug", 2, at: "riga")
    try shop.pickup("A-1")
    #expect(shop.books.calls() == ["reserve riga mug:2 plate:1", "earn 6000", "take mug:2 plate:1"])
    let order = try #require(try shop.order("A-1"))
    let code = try #require(order.code)
    #expect(code.utf8.count == 6 && !code.contains { "01IOio".contains($0) })
    #expect(order.until == shop.now + Order.usualPickup)
    #expect(
      refusal { try shop.act(.collect, "A-1") } == "conflict  goes not from reserved to collected, or not so much of it"
    )
    try shop.act(.pick, "A-1")
    try shop.act(.ready, "A-1")
    #expect(refusal { try shop.act(.collect, "A-1", #"{"code": "999999"}"#) } == "conflict /code is another order's")
    try shop.act(.collect, "A-1", #"{"code": "\#(code.lowercased())", "lines": [{"sku": "mug", "quantity": 1}]}"#)
    #expect(try shop.text("A-1") == "ready: mug 1 ready, mug 1 collected, plate 1 ready; paid 2500, refunded 0")
    try shop.act(.collect, "A-1")
    #expect(try shop.text("A-1") == "collected: mug 2 collected, plate 1 collected; paid 6000, refunded 0")
    #expect(shop.books.calls() == ["sell riga mug:1", "sell riga mug:1 plate:1"])
    // Nothing is timed any more, and the last unit was promised once.
    shop.store.clock.advance(by: Order.longestPickup)
    try shop.fire()
    #expect(try shop.text("A-1").hasPrefix("collected"))
    #expect(refusal { try shop.pickup("A-2") }.contains("OrderShortfall"))
    #expect(try shop.order("A-2") == nil)
    #expect(try shop.findings() == [])
  }

  @Test func `a shelf that turns out empty leads to what can be offered`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    shop.books.put("mug", 5, at: "jelgava")
    shop.books.put("plate", 5, at: "jelgava")
    try shop.pickup("A-1")
    let before = try #require(try shop.order("A-1"))
    let body = #"{"lines": [{"sku": "mug", "found": 1}, {"sku": "plate", "found": 0}]}"#
    try shop.act(.pick, "A-1", body)
    #expect(try shop.text("A-1") == "reserved: mug 1 reserved, mug 1 picking, plate 1 reserved; paid 0, refunded 0")
    let request = try OrderActRequest(.pick, JSONDocument(Array(body.utf8)).root)
    let offers = try shop.store.database.read { [orders = shop.commerce.orders, now = shop.store.clock.now] in
      try orders.offers(request, of: before, now: now, in: $0)
    }
    #expect(
      offers.map { "\($0.line) \($0.sku) \($0.missing.decimal) \($0.stores) \($0.substitutes)" } == [
        #"1 mug 1 ["jelgava"] ["mug-2"]"#, #"2 plate 1 ["jelgava"] ["plate-2"]"#,
      ])
    #expect(try shop.findings() == [])
  }

  @Test func `what nobody collects is reminded of, then goes back to the shelf, once`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    try shop.pickup(
      "A-1", more: #", "points": 1000, "payments": [{"method": "card", "amount": {"amount": 5000, "currency": "EUR"}}]"#
    )
    try shop.act(.ready, "A-1", #"{"lines": [{"sku": "mug"}]}"#)
    _ = shop.books.calls()
    shop.store.clock.advance(by: .seconds(2 * 86_400 - 1))
    try shop.fire()
    #expect(try shop.view("A-1")["history"]?.count == 2)
    shop.store.clock.advance(by: .seconds(1))
    try shop.fire()
    #expect(try shop.view("A-1")["history"]?.elements.map { $0["act"]?.string } == ["place", "ready", "remind"])
    shop.store.clock.advance(by: .seconds(86_400 - 1))
    try shop.fire()
    #expect(try shop.text("A-1").hasPrefix("reserved"))
    shop.store.clock.advance(by: .seconds(1))
    try shop.fire()
    try shop.fire()
    #expect(try shop.text("A-1") == "expired: mug 2 expired, plate 1 expired; paid 5000, refunded 0")
    #expect(shop.books.calls() == ["release riga mug:2 plate:1", "points 6000/6000"])
    #expect(
      refusal { try shop.act(.collect, "A-1") } == "conflict  goes not from expired to collected, or not so much of it")
    // What was paid goes back by a person's act, and points do not go back twice.
    try shop.act(.refund, "A-1")
    #expect(try shop.text("A-1") == "refunded: mug 2 refunded, plate 1 refunded; paid 5000, refunded 5000")
    #expect(shop.books.calls() == [])
    #expect(try shop.findings() == [])
  }

  @Test func `a reservation that would end is gone when the customer was faster`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    let until = (shop.now + .seconds(3600)).text
    try shop.place(
      """
      {"id": "A-1", "customer": "user_id:u1", "fulfilment": {"type": "pickup", "store": "riga", "until": "\(until)"},
       "lines": [{"sku": "mug", "quantity": 2, "price": {"amount": 1, "currency": "EUR"}}]}
      """)
    try shop.act(.ready, "A-1")
    try shop.act(.collect, "A-1", #"{"lines": [{"sku": "mug", "quantity": 1}]}"#)
    shop.store.clock.advance(by: .seconds(3600))
    try shop.fire()
    #expect(try shop.text("A-1") == "collected: mug 1 collected, mug 1 expired; paid 1, refunded 0")
    #expect(try shop.findings() == [])
  }

  // MARK: Delivery

  @Test func `a delivery is packed, shipped and delivered, and comes back in part`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    try shop.place(
      """
      {"id": "A-1", "customer": "user_id:u1", "note": "ring twice",
       "fulfilment": {"type": "delivery", "store": "riga", "address": {"street": "Long Lane 7"}},
       "lines": [{"sku": "lamp", "quantity": 3, "price": {"amount": 3333, "currency": "EUR"}, "serials": ["S-1"],
                  "warrantyEnd": "2028-01-02", "attachments": [{"url": "https://shop.test/w.pdf"}]},
                 {"sku": "mug", "quantity": "0.5", "price": {"amount": 333, "currency": "EUR"},
                  "fulfilment": {"type": "counter", "store": "riga"}}]}
      """)
    #expect(shop.books.calls() == ["reserve riga lamp:3", "sell riga mug:0.5", "earn 10166", "take lamp:3 mug:0.5"])
    #expect(
      refusal { try shop.act(.ship, "A-1", #"{"carrier": "DPD"}"#) }
        == "conflict  goes not from reserved to shipped, or not so much of it")
    #expect(refusal { try shop.act(.ship, "A-1") } == "invalid /carrier is missing")
    try shop.act(.ready, "A-1")
    try shop.act(.ship, "A-1", #"{"carrier": "DPD", "tracking": "T-7"}"#)
    try shop.act(.deliver, "A-1")
    #expect(try shop.text("A-1") == "collected: lamp 3 delivered, mug 0.5 collected; paid 10166, refunded 0")
    #expect(shop.books.calls() == ["sell riga lamp:3"])
    try shop.act(.return, "A-1", #"{"lines": [{"line": 1, "quantity": 1}], "store": "jelgava"}"#)
    #expect(shop.books.calls() == ["restock jelgava lamp:1"])
    try shop.act(.refund, "A-1", #"{"lines": [{"sku": "lamp", "quantity": 2}], "restock": false}"#)
    #expect(shop.books.calls() == ["points 6666/10166"])
    #expect(
      try shop.text("A-1")
        == "collected: lamp 1 delivered, lamp 2 refunded, mug 0.5 collected; paid 10166, refunded 6666")
    let view = try shop.view("A-1")
    #expect(view["fulfilment"]?["address"]?["street"]?.string == "Long Lane 7")
    #expect(view["fulfilment"]?["tracking"]?.string == "T-7" && view["note"]?.string == "ring twice")
    let lamp = view["lines"]?.elements.first { $0["sku"]?.string == "lamp" }
    #expect(lamp?["serials"]?.elements.map { $0.string } == ["S-1"] && lamp?["warrantyEnd"]?.string == "2028-01-02")
    #expect(try shop.findings() == [])
  }

  // MARK: Money back

  @Test func `a refund larger than the order is refused to a request, and capped and noted in a fact`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00")
    _ = shop.books.calls()
    #expect(
      refusal { try shop.act(.refund, "A-1", #"{"amount": {"amount": 5001, "currency": "EUR"}}"#) }
        == "conflict /amount is more than 50.00, which was paid and not given back")
    #expect(
      refusal { try shop.act(.refund, "A-1", #"{"amount": {"amount": 1, "currency": "USD"}}"#) }
        == "invalid /amount is in another currency")
    try shop.act(.refund, "A-1", #"{"amount": {"amount": 5000, "currency": "EUR"}, "reason": "late"}"#)
    #expect(try shop.text("A-1") == "placed: mug 2 placed; paid 5000, refunded 5000")
    #expect(
      refusal { try shop.act(.refund, "A-1", #"{"lines": [{"sku": "mug", "quantity": 1}]}"#) }
        == "conflict /lines is more than 0.00, which was paid and not given back")
    try shop.report("A-2", "mug:2@25.00")
    try shop.report("Order Refunded", "A-2", "mug:5@25.00", more: #","total":"125""#)
    #expect(try shop.text("A-2") == "refunded: mug 2 refunded; paid 5000, refunded 5000")
    let number = try #require(try shop.order("A-2")).number
    #expect(
      try shop.conflicts() == [
        "\(number) more goods were given back than the order has; more was given back than was paid"
      ])
    // An order that nobody has paid has nothing to give back.
    try shop.pickup("A-3")
    #expect(refusal { try shop.act(.refund, "A-3") } == "conflict  nothing was paid")
    #expect(try shop.findings() == [])
  }

  @Test func `a refund may come before its order, and is applied with it`() throws {
    let shop = try OrderShop()
    try shop.report(
      "Order Refunded", "A-1", "mug:1@25.00", who: "anonymous_id:r", from: "till", more: #","total":"25""#)
    try shop.report("Order Refunded", "A-2", "", who: "anonymous_id:r", from: "till")
    #expect(try shop.conflicts() == ["- unknown order", "- unknown order"])
    #expect(shop.books.calls() == [])
    try shop.report("A-1", "mug:3@25.00")
    #expect(try shop.text("A-1") == "placed: mug 2 placed, mug 1 refunded; paid 7500, refunded 2500")
    #expect(shop.books.calls() == ["earn 7500", "take mug:3", "points 2500/7500"])
    #expect(try shop.view("A-1")["history"]?.elements.map { $0["act"]?.string } == ["refund", "place"])
    #expect(try shop.conflicts() == ["- unknown order"])
    try shop.report("Order Cancelled", "A-3", "", from: "till")
    try shop.identify("user_id:u1")
    try shop.pickup("A-3")
    #expect(try shop.text("A-3") == "cancelled: mug 2 cancelled, plate 1 cancelled; paid 0, refunded 0")
    #expect(try shop.findings() == [])
  }

  @Test func `a void takes everything back, and the same day sent twice counts once`() throws {
    let shop = try OrderShop()
    let till = #","store_id":"riga""#
    for _ in 0..<2 {
      try shop.report("R-1", "mug:1@25.00", from: "till", message: "m-1", more: till)
      try shop.report("R-2", "mug:2@25.00", from: "till", message: "m-2", more: till)
      try shop.report("Order Cancelled", "R-1", "", from: "till", message: "m-3", more: till)
      try shop.report("Order Refunded", "R-2", "mug:1@25.00", from: "till", message: "m-4", more: till)
    }
    // The other till sends the same receipts under names of its own.
    try shop.report("R-1", "mug:1@25.00", from: "till-2", message: "x-1", more: till)
    #expect(
      shop.books.calls() == [
        "sell riga mug:1", "earn 2500", "take mug:1", "sell riga mug:2", "earn 5000", "take mug:2",
        "restock riga mug:1", "points 2500/2500", "restock riga mug:1", "points 2500/5000",
      ])
    #expect(try shop.text("R-1") == "refunded: mug 1 refunded; paid 2500, refunded 2500")
    #expect(try shop.text("R-2") == "collected: mug 1 collected, mug 1 refunded; paid 5000, refunded 2500")
    #expect(try shop.findings() == [])
  }
}
