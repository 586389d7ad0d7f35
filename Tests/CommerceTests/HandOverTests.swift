import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

extension WholeShop {
  /// A shop whose points pend for two weeks after the hand-over, with mugs at 10.00 that earn a point for each 1.00.
  static func pending() throws -> WholeShop {
    let shop = try WholeShop()
    try shop.put(
      "programme", "default",
      #"{"currency": "EUR", "earn": {"points": 1, "per": 100}, "pointValue": 10, "pendingDays": 14, "tiers": [{"name": "gold", "threshold": 2000}]}"#
    )
    try shop.count(100, at: "riga")
    try shop.send("ann", "Page Opened", "{}", id: "a-1", from: "backend")
    return shop
  }

  func tier(_ user: String) throws -> String? { try picture(user) { $0["loyalty"]?["tier"]?.string } }
  func merge(_ one: Origin.Number, _ other: Origin.Number) throws -> String {
    let taken = try decide(.merge, at: one) { _ = try $0.merge(one, other, into: &$1) }
    return try store.database.read { session in
      try EventLog.entry(taken, in: session)?.outcome.ties.compactMap { $0.merge }.first ?? ""
    }
  }

  func undo(_ merge: String) throws {
    let merge = try #require(try store.database.read { try Merge.find(merge, in: $0) })
    try decide(.undo, at: merge.pair.first) { try $0.undo(merge, keep: [], into: &$1) }
  }

  @discardableResult
  private func decide(
    _ kind: Event.Kind, at origin: Origin.Number,
    _ decide: @escaping @Sendable (Merging, inout Outcome) throws -> Void
  ) throws -> Int64 {
    let event = Event.request(
      kind, name: nil, body: Array(#"{"reason":"test"}"#.utf8), messageID: store.tokens.next("req_"),
      at: store.clock.now)
    return try store.database.write { [intake = store.intake, tokens = store.tokens] session in
      try intake.record(event, at: origin, author: "api:ann", in: session) {
        try decide(Merging(tokens: tokens, in: session), &$0)
      }.sequence
    }
  }

  func wait(days: Int64) { store.clock.advance(by: .days(days)) }
}

/// When points are earned: with what is paid and handed over.
@Suite struct HandOverTests {
  @Test func `an order earns two weeks after it was collected, and not before`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", quantity: 2)
    #expect(try shop.points("ann") == "0/20" && shop.tier("ann") == nil)
    shop.wait(days: 2)
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    #expect(try shop.points("ann") == "0/20" && shop.tier("ann") == "gold")
    shop.wait(days: 13)
    #expect(try shop.points("ann") == "0/20")
    shop.wait(days: 1)
    #expect(try shop.points("ann") == "20/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test(arguments: Ending.allCases)
  func `an order that nobody collects earns nothing`(ending: Ending) throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", quantity: 2)
    try shop.end("A-1", by: ending)
    #expect(try shop.points("ann") == "0/0" && shop.tier("ann") == nil)
    shop.wait(days: 20)
    #expect(try shop.points("ann") == "0/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `parts that are handed over earn the whole among them, and a refund takes back its own`() throws {
    let shop = try WholeShop.pending()
    try shop.put("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": 3333, "currency": "EUR"}}"#)
    // 99.99 earn 99.
    try shop.place("ann", "A-1", quantity: 3)
    let one = #"{"lines": [{"sku": "mug", "quantity": 1}]}"#
    try shop.act(.ready, "A-1")
    var lots: [String?] = []
    for _ in 0..<3 {
      try shop.act(.collect, "A-1", one)
      #expect(try shop.points("ann") == "0/99")
      lots.append(try shop.picture("ann") { $0["loyalty"]?["lots"].map { "\($0.count)" } })
    }
    #expect(lots == ["1", "2", "3"])
    try shop.act(.refund, "A-1", one)
    #expect(try shop.points("ann") == "0/66")
    shop.wait(days: 14)
    #expect(try shop.points("ann") == "66/0")
    try shop.act(.refund, "A-1")
    #expect(try shop.points("ann") == "0/0" && shop.tier("ann") == nil)
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a parcel that is paid at the door earns at the door`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", quantity: 2, way: "delivery")
    for act in [OrderAct.pick, .ready] { try shop.act(act, "A-1") }
    try shop.act(.ship, "A-1", #"{"carrier": "DPD"}"#)
    shop.wait(days: 14)
    #expect(try shop.points("ann") == "0/20")
    try shop.act(.deliver, "A-1")
    shop.wait(days: 14)
    #expect(try shop.points("ann") == "20/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `what was paid before earns with the parcel that is sent`() throws {
    let shop = try WholeShop.pending()
    try shop.place("ann", "A-1", WholeShop.paid(2000), quantity: 2, way: "delivery")
    for act in [OrderAct.pick, .ready] { try shop.act(act, "A-1") }
    try shop.act(.ship, "A-1", #"{"carrier": "DPD"}"#)
    shop.wait(days: 14)
    #expect(try shop.points("ann") == "20/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a sale that a source tells earns from its own time on`() throws {
    let shop = try WholeShop.pending()
    let sale =
      #"{"order_id": "S-1", "currency": "EUR", "total": "20.00", "products": [{"sku": "mug", "quantity": 2, "price": "10.00"}]}"#
    try shop.send("ann", "Order Completed", sale, id: "s-1", from: "backend")
    #expect(try shop.points("ann") == "0/20" && shop.tier("ann") == "gold")
    shop.wait(days: 14)
    #expect(try shop.points("ann") == "20/0")
    // What a store does with the parcel later earns nothing more, and takes nothing.
    for act in [OrderAct.pick, .ready] { try shop.act(act, "S-1") }
    try shop.act(.ship, "S-1", #"{"carrier": "DPD"}"#)
    #expect(try shop.points("ann") == "20/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `what is promised stands with the order's own customer when a merge is undone`() throws {
    let shop = try WholeShop.pending()
    try shop.send("bob", "Page Opened", "{}", id: "b-1", from: "backend")
    let (ann, bob) = (try shop.origin(of: "ann"), try shop.origin(of: "bob"))
    try shop.place("ann", "A-1", quantity: 2)
    let merge = try shop.merge(ann, bob)
    #expect(try shop.points("bob") == "0/20")
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    try shop.undo(merge)
    #expect(try shop.points("ann") == "0/20" && shop.points("bob") == "0/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `whatever becomes of orders, they earn what is kept of them`(seed: UInt64) throws {
    let shop = try WholeShop()
    try shop.put("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": 3337, "currency": "EUR"}}"#)
    try shop.count(100, at: "riga")
    try shop.send("ann", "Page Opened", "{}", id: "a-1", from: "backend")
    var chance = SplitMix64(seed: seed)
    let acts: [OrderAct] = [.ready, .ready, .collect, .collect, .collect, .cancel, .return, .refund, .refund]
    for number in 1...3 {
      let paid = Bool.random(using: &chance) ? "" : WholeShop.paid(3337 * 4)
      try shop.place("ann", "A-\(number)", paid, quantity: 4)
      for _ in 0..<8 {
        let count = Int.random(in: 1...3, using: &chance)
        let act = try #require(acts.randomElement(using: &chance))
        // What is not allowed then changes nothing.
        try? shop.act(act, "A-\(number)", #"{"lines": [{"sku": "mug", "quantity": \#(count)}]}"#)
      }
    }
    var (balance, pending): (Int64, Int64) = (0, 0)
    for number in 1...3 {
      let order = try shop.order("A-\(number)")
      // 133.48 earn 133, and of halves what is taken back is rounded.
      let left = 133 - (try #require(Money.share(133, order.undone, of: order.worth)))
      let earned = min(try #require(Money.share(133, order.handedOver, of: order.worth)), left)
      (balance, pending) = (balance + earned, pending + left - earned)
    }
    #expect(try shop.points("ann") == "\(balance)/\(pending)")
    #expect(try shop.findings().isEmpty)
  }
}
