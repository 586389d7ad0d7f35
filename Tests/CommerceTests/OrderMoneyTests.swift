import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// How an order that nobody has yet comes to its end.
enum Ending: CaseIterable {
  case request, event, noShow
}

extension WholeShop {
  /// A shop whose mug costs 450.00 and whose points pay 1.00 each, and somebody who has points.
  init(points: Int64) throws {
    try self.init()
    try put("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": 45000, "currency": "EUR"}}"#)
    try put(
      "programme", "default",
      #"{"currency": "EUR", "earn": {"points": 1, "per": 100}, "pointValue": 100, "maxShare": 100}"#)
    try count(5, at: "riga")
    try send("ann", "Page Opened", "{}", id: "a-1", from: "backend")
    let (origin, now) = (try origin(of: "ann"), store.clock.now)
    let event = Event.request(.points, name: "adjust", body: Array("{}".utf8), messageID: "points", at: now)
    if points == 0 { return }
    _ = try store.database.write { [intake = store.intake] session in
      try intake.record(event, at: origin, author: "api:ann", in: session) { outcome in
        try Loyalty.adjust(points, at: origin, now: now, into: &outcome, in: session)
      }
    }
  }

  func act(_ act: OrderAct, _ id: String, _ body: String = "{}") throws {
    let (now, message) = (store.clock.now, store.tokens.next("req_"))
    let request = try OrderActRequest(act, JSONDocument(Array(body.utf8)).root)
    _ = try store.database.write { [intake = store.intake, orders = commerce.orders] session in
      guard let order = try OrderStore.find(id, in: session) else { throw Failure(.notFound, id) }
      let event = Event.request(.order, name: act.rawValue, body: Array(body.utf8), messageID: message, at: now)
      return try intake.record(event, at: order.origin, author: "api:test", in: session) { outcome in
        try orders.act(request, on: order, now: now, into: &outcome, in: session)
      }
    }
  }

  func end(_ id: String, by ending: Ending) throws {
    switch ending {
    case .request: try act(.cancel, id)
    case .event: try send("ann", "Order Cancelled", #"{"order_id": "\#(id)"}"#, id: "end-\(id)")
    case .noShow:
      store.clock.advance(by: Order.usualPickup)
      try TimerRunner(
        database: store.database, intake: store.intake, acts: commerce.acts, clock: store.clock,
        log: Log(clock: store.clock, threshold: .error, descriptor: -1)
      ).fire()
    }
  }

  func order(_ id: String) throws -> Order {
    try #require(try store.database.read { try OrderStore.find(id, in: $0) })
  }

  /// `, "payments": […]` of so much by card.
  static func paid(_ amount: Int64) -> String {
    #", "payments": [{"method": "card", "amount": {"amount": \#(amount), "currency": "EUR"}}]"#
  }
}

@Suite struct OrderMoneyTests {
  @Test(arguments: Ending.allCases)
  func `points that paid an order alone come back when it is called off`(ending: Ending) throws {
    let shop = try WholeShop(points: 450)
    try shop.place("ann", "A-1", #", "points": 450"#)
    #expect(try shop.balance("ann") == "0" && shop.order("A-1").totals.due == 0)
    try shop.end("A-1", by: ending)
    #expect(try shop.balance("ann") == "450")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `points that paid an order alone come back with the goods, in parts that sum to the whole`() throws {
    let shop = try WholeShop(points: 1000)
    try shop.place("ann", "A-1", #", "points": 900"#, quantity: 2)
    for act in [OrderAct.ready, .collect, .return] { try shop.act(act, "A-1") }
    #expect(try shop.balance("ann") == "100")
    try shop.act(.refund, "A-1", #"{"lines": [{"sku": "mug", "quantity": 1}]}"#)
    #expect(try shop.balance("ann") == "550")
    try shop.act(.refund, "A-1")
    #expect(try shop.balance("ann") == "1000" && shop.order("A-1").status == .refunded)
    // Nothing is left to give back.
    #expect(throws: Failure.self) { try shop.act(.refund, "A-1") }
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a receipt of points without money gives them back once`() throws {
    let shop = try WholeShop(points: 900)
    let receipt =
      #"{"order_id": "R-1", "currency": "EUR", "total": "0.00", "points_redeemed": 900, "products": [{"sku": "mug", "quantity": 2, "price": "450.00"}]}"#
    try shop.send("ann", "Order Completed", receipt, id: "t-1")
    try #require(try shop.order("R-1").points == 900)
    #expect(try shop.balance("ann") == "0")
    for id in ["t-2", "t-3"] { try shop.send("ann", "Order Cancelled", #"{"order_id": "R-1"}"#, id: id) }
    #expect(try shop.balance("ann") == "900")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a refund that came before its order takes points back from whom the order shows for the first time`()
    throws
  {
    let shop = try WholeShop(points: 0)
    try shop.send("eve", "Page Opened", "{}", id: "e-1", from: "backend")
    try shop.send("eve", "Order Refunded", #"{"order_id": "R-1", "total": "100", "currency": "EUR"}"#, id: "e-2")
    try shop.send(
      "new", "Order Completed",
      #"{"order_id": "R-1", "total": "450", "currency": "EUR", "products": [{"sku": "mug", "price": "450"}]}"#,
      id: "n-1")
    #expect(try shop.order("R-1").refunded == 10000)
    let reading = try shop.store.database.read { [origin = try shop.origin(of: "new"), now = shop.store.clock.now] in
      try LoyaltyReading(ofCustomer: origin, now: now, in: $0).balance
    }
    #expect(reading == 350)
    #expect(try shop.store.verify() == [] && shop.store.replay() == [])
  }

  @Test func `the money of a line that was called off gives its points back no second time`() throws {
    let shop = try WholeShop(points: 100)
    try shop.place("ann", "A-1", #", "points": 100"# + WholeShop.paid(80000), quantity: 2)
    // 800.00 earn 800.
    #expect(try shop.points("ann") == "0/800")
    try shop.act(.cancel, "A-1", #"{"lines": [{"sku": "mug", "quantity": 1}]}"#)
    #expect(try shop.points("ann") == "50/400")
    try shop.act(.refund, "A-1", #"{"amount": {"amount": 40000, "currency": "EUR"}}"#)
    #expect(try shop.points("ann") == "50/400")
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    #expect(try shop.points("ann") == "450/0")
    #expect(try shop.order("A-1").paid == 80000)
    try shop.act(.refund, "A-1")
    #expect(try shop.balance("ann") == "100" && shop.order("A-1").refundable == 0)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `an order that was paid can be collected after a goodwill`() throws {
    let shop = try WholeShop(points: 0)
    try shop.place("ann", "A-1", WholeShop.paid(90000), quantity: 2)
    try shop.act(.refund, "A-1", #"{"amount": {"amount": 10000, "currency": "EUR"}}"#)
    #expect(try shop.points("ann") == "0/800")
    #expect(throws: Failure.self) { try shop.act(.pay, "A-1", #"{"payments": [\#(Self.cent)]}"#) }
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    let order = try shop.order("A-1")
    #expect(order.status == .collected && order.paid == 90000 && order.refunded == 10000)
    #expect(try shop.findings().isEmpty)
  }

  private static let cent = #"{"method": "card", "amount": {"amount": 1, "currency": "EUR"}}"#

  @Test(arguments: Ending.allCases)
  func `a code may be used again when its order is called off`(ending: Ending) throws {
    let shop = try WholeShop(points: 0)
    try shop.place("ann", "A-1", #", "coupons": ["ONCE"]"#)
    #expect(throws: Failure.self) { try shop.place("ann", "A-2", #", "coupons": ["ONCE"]"#) }
    try shop.end("A-1", by: ending)
    try shop.place("ann", "A-3", #", "coupons": ["ONCE"]"#)
    #expect(throws: Failure.self) { try shop.place("ann", "A-4", #", "coupons": ["ONCE"]"#) }
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a code of an order that is kept in part is used up`() throws {
    let shop = try WholeShop(points: 0)
    try shop.place("ann", "A-1", #", "coupons": ["ONCE"]"#, quantity: 2)
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1", #"{"lines": [{"sku": "mug", "quantity": 1}]}"#) }
    try shop.end("A-1", by: .noShow)
    #expect(throws: Failure.self) { try shop.place("ann", "A-2", #", "coupons": ["ONCE"]"#) }
    #expect(try shop.findings().isEmpty)
  }

  @Test func `timers that cannot be read are no timers that have ended`() throws {
    let shop = try WholeShop(points: 0)
    try shop.place("ann", "A-1")
    let order = try shop.order("A-1")
    let after = order.moved(try order.moves(for: .cancel, nil))
    #expect(throws: (any Error).self) {
      try shop.store.database.write { [orders = shop.commerce.orders] session in
        try session.dropTable("timer")
        var outcome = Outcome(.matched, origin: nil)
        try orders.endTimers(of: after, into: &outcome, in: session)
      }
    }
  }
}
