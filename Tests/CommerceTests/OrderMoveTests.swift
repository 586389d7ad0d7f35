import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

extension WholeShop {
  /// The numbers of orders that a store has to pick.
  fileprivate func picking(_ place: String, _ state: OrderState = .reserved) throws -> Int {
    try store.database.read { session in
      try OrderStore.list(store: place, state, after: nil, limit: 10, in: session).count
    }
  }

  /// Whether what is kept there for an order ends by the clock.
  fileprivate func ends(_ id: String, at place: String) throws -> Bool {
    try store.database.read { try PendingTimer.find("stock:\(place):\(OrderID.key(of: id))", in: $0) != nil }
  }

  fileprivate func fire() throws {
    try TimerRunner(
      database: store.database, intake: store.intake, acts: commerce.acts, clock: store.clock,
      log: Log(clock: store.clock, threshold: .error, descriptor: -1)
    ).fire()
  }
}

/// Another store hands over what one has not.
@Suite struct OrderMoveTests {
  @Test func `what is not on the shelf is fetched from another store`() throws {
    let shop = try WholeShop.pending()
    try shop.count(5, at: "liepaja")
    try shop.place("ann", "A-1", quantity: 3)
    let before = try shop.order("A-1")
    try shop.act(.pick, "A-1", #"{"lines": [{"sku": "mug", "found": 2}]}"#)
    try shop.act(.move, "A-1", #"{"store": "liepaja", "lines": [{"sku": "mug", "quantity": 1}]}"#)
    #expect(try shop.lines("A-1") == ["riga mug 2 2000 picking", "liepaja mug 1 1000 reserved"])
    #expect(try shop.level("riga") == "100/2" && shop.level("liepaja") == "5/1")
    #expect(try shop.picking("riga") == 0 && shop.picking("riga", .picking) == 1 && shop.picking("liepaja") == 1)
    let after = try shop.order("A-1")
    #expect(after.code == before.code && after.until == before.until && after.totals == before.totals)
    #expect(try shop.ends("A-1", at: "riga") && shop.ends("A-1", at: "liepaja") && shop.timers("A-1") == 2)
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1", #"{"lines": [{"line": 2}]}"#) }
    #expect(try shop.level("riga") == "100/2" && shop.level("liepaja") == "4/0")
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    #expect(try shop.level("riga") == "98/0" && shop.order("A-1").paid == 3000 && shop.timers("A-1") == 0)
    #expect(try shop.points("ann") == "0/30")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `all of an order may go, and waits no longer than it would have`() throws {
    let shop = try WholeShop.pending()
    try shop.count(5, at: "liepaja")
    try shop.place("ann", "A-1", quantity: 3)
    try shop.act(.ready, "A-1", #"{"lines": [{"line": 1, "quantity": 1}]}"#)
    try shop.act(.move, "A-1", #"{"store": "liepaja"}"#)
    #expect(try shop.lines("A-1") == ["liepaja mug 2 2000 reserved", "liepaja mug 1 1000 reserved"])
    #expect(try shop.level("riga") == "100/0" && shop.level("liepaja") == "5/3")
    #expect(try !shop.ends("A-1", at: "riga") && shop.ends("A-1", at: "liepaja"))
    let bytes = try shop.store.database.read { session -> [UInt8] in
      let number = try #require(try OrderStore.number(of: "A-1", in: session))
      var writer = JSONWriter()
      try OrderView(OrderStore.stored(number, in: session), in: session).write(to: &writer)
      return writer.bytes
    }
    let view = try JSONDocument(bytes).root
    #expect(view["fulfilment"]?["store"]?.string == "liepaja")
    let told = view["history"]?.elements.map { $0 }.last?["lines"]?.elements.map { line in
      "\(line["line"]?.integer ?? 0) \(line["from"]?.string ?? "") \(line["becomes"]?.integer ?? 0) \(line["store"]?.string ?? "")"
    }
    #expect(told == ["1 reserved 2 liepaja", "1 ready 3 liepaja"])
    // And back, where it was before.
    try shop.act(.move, "A-1", #"{"store": "riga", "lines": [{"line": 2}]}"#)
    #expect(try shop.level("riga") == "100/2" && shop.level("liepaja") == "5/1")
    shop.store.clock.advance(by: Order.usualPickup)
    try shop.fire()
    #expect(try shop.order("A-1").status == .expired && shop.reserved("A-1") == [])
    #expect(try shop.level("riga") == "100/0" && shop.level("liepaja") == "5/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a store that has too little gets nothing, and nothing is changed`() throws {
    let shop = try WholeShop.pending()
    try shop.count(1, at: "liepaja")
    try shop.place("ann", "A-1", quantity: 3)
    let short = #expect(throws: OrderShortfall.self) { try shop.act(.move, "A-1", #"{"store": "liepaja"}"#) }
    #expect(short?.lines.map { "\($0.sku) \($0.asked.decimal) \($0.available.decimal)" } == ["mug 3 1"])
    #expect(try shop.lines("A-1") == ["riga mug 3 3000 reserved"] && shop.reserved("A-1") == ["riga 3"])
    #expect(try shop.history("A-1") == ["place api:site"])
    func refused(_ body: String) -> String { refusal { try shop.act(.move, "A-1", body) } }
    #expect(refused("{}") == "invalid /store is missing")
    #expect(refused(#"{"store": "nowhere"}"#) == "invalid /store is no store")
    #expect(refused(#"{"store": "riga"}"#) == "conflict /store has these lines already")
    #expect(refused(#"{"store": "liepaja", "lines": [{"sku": "cup"}]}"#) == "invalid /lines/0 is no line of the order")
    #expect(
      refused(#"{"store": "liepaja", "lines": [{"line": 1, "quantity": 1}, {"line": 1, "quantity": 3}]}"#)
        .hasPrefix("conflict /lines/1 goes not from reserved to reserved in that store, or not so much"))
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    #expect(refused(#"{"store": "liepaja"}"#).hasPrefix("conflict  goes not from collected to reserved"))
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a parcel may be sent by another store`() throws {
    let shop = try WholeShop.pending()
    try shop.count(5, at: "liepaja")
    try shop.place("ann", "A-1", WholeShop.paid(2000), quantity: 2, way: "delivery")
    try shop.act(.pick, "A-1")
    try shop.act(.move, "A-1", #"{"store": "liepaja"}"#)
    #expect(try shop.lines("A-1") == ["liepaja mug 2 2000 reserved"] && !shop.ends("A-1", at: "liepaja"))
    for act in [OrderAct.pick, .ready] { try shop.act(act, "A-1") }
    try shop.act(.ship, "A-1", #"{"carrier": "DPD"}"#)
    #expect(try shop.level("riga") == "100/0" && shop.level("liepaja") == "3/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `however parts of a line go to and fro, its price stays the same`(seed: UInt64) throws {
    let shop = try WholeShop()
    var chance = SplitMix64(seed: seed)
    let price = Int64.random(in: 1...999, using: &chance)
    try shop.put("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": \#(price), "currency": "EUR"}}"#)
    try shop.put("promotion", "odd", #"{"name": "odd", "percent": 13, "code": "ODD"}"#)
    for place in ["riga", "liepaja"] { try shop.count(100, at: place) }
    try shop.send("ann", "Page Opened", "{}", id: "a-1", from: "backend")
    try shop.place("ann", "A-1", #", "coupons": ["ODD"]"#, quantity: 7)
    let whole = try shop.order("A-1")
    for _ in 0..<12 {
      let act = try #require([OrderAct.move, .move, .ready, .collect, .cancel, .refund].randomElement(using: &chance))
      let store = act == .move ? #", "store": "\#(Bool.random(using: &chance) ? "riga" : "liepaja")""# : ""
      let count = Int.random(in: 1...3, using: &chance)
      // What is not allowed then changes nothing.
      try? shop.act(act, "A-1", #"{"lines": [{"sku": "mug", "quantity": \#(count)}]\#(store)}"#)
    }
    let order = try shop.order("A-1")
    #expect(order.lines.reduce(0) { $0 + $1.net } == whole.lines[0].net && order.totals == whole.totals)
    #expect(order.lines.reduce(Quantity.zero) { $0 + $1.quantity } == whole.lines[0].quantity)
    #expect(try shop.findings().isEmpty)
  }
}
