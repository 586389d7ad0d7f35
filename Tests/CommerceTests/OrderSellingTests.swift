import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

extension WholeShop {
  fileprivate func price(_ amount: Int64, _ currency: String, region: String? = nil) throws {
    let more = region.map { #", "region": "\#($0)""# } ?? ""
    try put(
      "price", "mug/\(region ?? "retail")/\(currency)\(region.map { "/\($0)" } ?? "")",
      #"{"sku": "mug", "list": "\#(region ?? "retail")", "price": {"amount": \#(amount), "currency": "\#(currency)"}\#(more)}"#
    )
  }

  fileprivate func count(_ sku: String, _ quantity: Int64, at place: String) throws {
    let now = store.clock.now
    let body = #"[{"store": "\#(place)", "sku": "\#(sku)", "onHand": \#(quantity), "asOf": "\#(now.text)"}]"#
    let list = StockList(try JSONDocument(Array(body.utf8)).root.elements.map { $0 }[...], source: "api:erp", now: now)
    _ = try store.database.write { [intake = store.intake, tokens = store.tokens] session in
      try list.record(messageID: tokens.next("s_"), author: "api:erp", through: intake, in: session)
    }
    store.clock.advance(by: .seconds(1))
  }

  /// A shop with an article that has a price, and somebody known.
  fileprivate static func open() throws -> WholeShop {
    let shop = try WholeShop()
    try shop.count(5, at: "riga")
    try shop.send("ann", "Page Opened", "{}", id: "a-1", from: "backend")
    return shop
  }

  fileprivate func uses() throws -> Int64 { try store.database.read { try Promotions.uses(of: "once", in: $0) } }
}

/// In which currency, by whose prices, with which codes and out of which stores orders are sold.
@Suite struct OrderSellingTests {
  @Test func `a shop with prices in several currencies asks for one, or declares its own`() throws {
    let shop = try WholeShop.open()
    try shop.place("ann", "A-1")
    #expect(try shop.order("A-1").currency?.code == "EUR")
    try shop.price(90000, "AED")
    let refused = #expect(throws: Failure.self) { try shop.place("ann", "A-2") }
    #expect(refused?.code == .conflict && refused?.faults.map { $0.pointer } == ["/currency"])
    try shop.place("ann", "A-2", #", "currency": "EUR""#)
    try shop.place("ann", "A-3", #", "currency": "AED""#)
    #expect(try shop.order("A-2").totals.due == 1000 && shop.order("A-3").totals.due == 90000)
    // A cart is shown all the same, and says what is missing.
    try shop.send("ann", "Product Added", #"{"sku": "mug", "quantity": 1}"#, id: "a-2", from: "backend")
    func issue() throws -> String? {
      try shop.picture("ann") {
        $0["cart"]?["lines"]?.elements.first { _ in true }?["issues"]?.elements.first { _ in true }?["code"]?.string
      }
    }
    #expect(try issue() == "priceUnknown")
    try shop.put("pricing", "default", #"{"currency": "EUR"}"#)
    #expect(try issue() == nil)
    try shop.place("ann", "A-4")
    #expect(try shop.order("A-4").currency?.code == "EUR")
    #expect(try shop.findings().isEmpty)
  }

  @Test(arguments: [
    (#", "currency": "euro""#, "/currency"), (#", "region": """#, "/region"),
    (
      #", "currency": "AED", "payments": [{"method": "card", "amount": {"amount": 1, "currency": "EUR"}}]"#, "/currency"
    ),
  ])
  func `a currency and a region that are none are refused`(more: String, pointer: String) throws {
    let shop = try WholeShop.open()
    let refused = #expect(throws: Failure.self) { try shop.place("ann", "A-1", more) }
    #expect(refused?.code == .invalid && refused?.faults.map { $0.pointer } == [pointer])
  }

  @Test func `an order is bought by the prices of its region`() throws {
    let shop = try WholeShop.open()
    try shop.price(800, "EUR", region: "LV")
    try shop.place("ann", "A-1", #", "region": "LV""#)
    let shown = #"[{"sku": "mug", "quantity": 1, "price": {"amount": 800, "currency": "EUR"}}]"#
    try shop.place("ann", "A-2", #", "region": "LV""#, lines: shown)
    #expect(throws: Failure.self) { try shop.place("ann", "A-3", lines: shown) }
    try shop.place("ann", "A-3")
    #expect(
      try shop.order("A-1").totals.due == 800 && shop.order("A-2").totals.due == 800
        && shop.order("A-3").totals.due == 1000)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a code that a site's event tells counts as used, until the order is called off or given back`() throws {
    let shop = try WholeShop.open()
    func sale(_ id: String, _ coupon: String) throws {
      try shop.send(
        "ann", "Order Completed",
        #"{"order_id": "\#(id)", "currency": "EUR", "total": "9.00", "coupon": "\#(coupon)", "products": [{"sku": "mug", "quantity": 1, "price": "9.00"}]}"#,
        id: "sale-\(id)", from: "backend")
    }
    try sale("S-1", "once")
    #expect(try shop.uses() == 1)
    #expect(throws: Failure.self) { try shop.place("ann", "A-1", #", "coupons": ["ONCE"]"#) }
    // What has happened counts beyond the limit, and a code that is none counts nothing.
    try sale("S-2", "ONCE")
    try sale("S-3", "nothing at all")
    try #require(try shop.order("S-3").totals.due == 900)
    #expect(try shop.uses() == 2)
    try shop.send("ann", "Order Cancelled", #"{"order_id": "S-1"}"#, id: "c-1", from: "backend")
    #expect(try shop.uses() == 1)
    try shop.send("ann", "Order Refunded", #"{"order_id": "S-2"}"#, id: "c-2", from: "backend")
    #expect(try shop.uses() == 0)
    try shop.place("ann", "A-1", #", "coupons": ["ONCE"]"#)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a parcel that no store has all of comes from the fewest that have its lines`() throws {
    let shop = try WholeShop.open()
    try shop.put("store", "jelgava", #"{"id": "jelgava", "name": "Jelgava", "timeZone": "Europe/Riga"}"#)
    for sku in ["cup", "pan"] {
      try shop.put("product", sku, #"{"sku": "\#(sku)", "name": "A \#(sku)"}"#)
      try shop.put(
        "price", "\(sku)/retail/EUR", #"{"sku": "\#(sku)", "price": {"amount": 500, "currency": "EUR"}}"#)
    }
    try shop.count("cup", 1, at: "jelgava")
    try shop.count("cup", 3, at: "liepaja")
    try shop.count("pan", 1, at: "liepaja")
    func lines(_ pans: Int) -> String {
      #"[{"sku": "mug", "quantity": 2}, {"sku": "cup", "quantity": 2}, {"sku": "pan", "quantity": \#(pans)}]"#
    }
    try shop.place("ann", "A-1", way: "delivery", store: nil, lines: lines(1))
    #expect(try shop.order("A-1").lines.map { $0.store } == ["riga", "liepaja", "liepaja"])
    #expect(try shop.order("A-1").status == .reserved)
    let reserved = try shop.store.database.read { try Stock.reserved(for: OrderID.key(of: "A-1"), in: $0) }
    #expect(Set(reserved.map { "\($0.place.store) \($0.place.sku)" }) == ["riga mug", "liepaja cup", "liepaja pan"])
    // An article of which all stores together have too little is refused.
    try shop.count("pan", 1, at: "riga")
    let short = #expect(throws: OrderShortfall.self) {
      try shop.place("ann", "A-2", way: "delivery", store: nil, lines: lines(2))
    }
    #expect(short?.lines.map { "\($0.sku) \($0.available.decimal)" } == ["pan 1"])
    #expect(try shop.findings().isEmpty)
  }

  @Test func `an article that no store has enough of comes from several, and back to them`() throws {
    let shop = try WholeShop.open()
    try shop.count(2, at: "riga")
    try shop.count(1, at: "liepaja")
    try shop.put("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": 3333, "currency": "EUR"}}"#)
    let two = #"[{"sku": "mug", "quantity": 2}, {"sku": "mug", "quantity": 1}]"#
    try shop.place("ann", "A-1", WholeShop.paid(9999), way: "delivery", store: nil, lines: two)
    #expect(
      try shop.lines("A-1") == ["liepaja mug 1 3333 reserved", "riga mug 1 3333 reserved", "riga mug 1 3333 reserved"])
    #expect(try shop.reserved("A-1") == ["liepaja 1", "riga 2"])
    #expect(throws: OrderShortfall.self) {
      try shop.place("ann", "A-2", way: "delivery", store: nil)
    }
    // Each part goes its own way.
    try shop.act(.cancel, "A-1", #"{"lines": [{"line": 1}]}"#)
    #expect(try shop.reserved("A-1") == ["riga 2"])
    for act in [OrderAct.pick, .ready] { try shop.act(act, "A-1") }
    try shop.act(.ship, "A-1", #"{"carrier": "DPD"}"#)
    #expect(try shop.level("riga") == "0/0" && shop.level("liepaja") == "1/0")
    try shop.act(.return, "A-1", #"{"lines": [{"line": 2}]}"#)
    #expect(try shop.level("riga") == "1/0")
    try shop.act(.refund, "A-1")
    let order = try shop.order("A-1")
    #expect(order.status == .refunded && order.refunded == 9999 && order.undone == 9999)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a guest has no prices and codes of the customer that others say he is`() throws {
    let shop = try WholeShop.open()
    try shop.put(
      "promotion", "each", #"{"name": "each", "percent": 10, "code": "EACH", "limitPerCustomer": 1}"#)
    try shop.put(
      "promotion", "buyers", #"{"name": "buyers", "percent": 50, "segment": "order:count=1"}"#)
    try shop.place("ann", "A-1", #", "coupons": ["EACH"]"#)
    #expect(try shop.order("A-1").totals.due == 900)
    let refused = #expect(throws: Failure.self) {
      try shop.place("ann", "A-2", #", "coupons": ["EACH"]"#, isGuest: true)
    }
    #expect(refused?.faults.map { $0.pointer } == ["/coupons"])
    try shop.place("ann", "A-2", isGuest: true)
    #expect(try shop.order("A-2").totals.due == 1000)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `what goes over the counter is not refused, and what the shelf had not is a shortage`() throws {
    let shop = try WholeShop.open()
    try shop.place("ann", "A-1", quantity: 7, way: "counter")
    #expect(try shop.order("A-1").status == .collected)
    let short = try shop.store.database.read { session -> Int64 in
      var book = try StockBook(Outcome(.matched, origin: nil), in: session)
      return try book.level(StockPlace(store: "riga", sku: "mug")).deficit
    }
    #expect(short == 2000)
    // A wish is refused.
    #expect(throws: OrderShortfall.self) { try shop.place("ann", "A-2") }
    #expect(try shop.findings().isEmpty)
  }
}
