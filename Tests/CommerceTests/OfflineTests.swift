import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

extension WholeShop {
  /// A till's receipt of so many mugs at 10.00, which came now and was made at a time.
  fileprivate func receipt(
    _ user: String, _ id: String, mugs: Int, points: Int = 0, at place: String = "riga", isOffline: Bool = true,
    time: Instant? = nil
  ) throws {
    let paid = points == 0 ? "" : #", "points_redeemed": \#(points)"#
    let body = """
      {"type": "track", "event": "Order Completed", "properties": {"order_id": "\(id)", "store_id": "\(place)",
       "currency": "EUR", "products": [{"sku": "mug", "quantity": \(mugs), "price": "10.00"}]\(paid)},
       "_metadata": {"offline": \(isOffline)}}
      """
    let mention = Identifier(.userID, user).map { [Event.Mention($0, isProved: false)] } ?? []
    let now = store.clock.now
    try store.send(
      [
        Event(
          kind: .track, name: "Order Completed", messageID: "t-\(id)", at: time ?? now, originalAt: time, sentAt: nil,
          receivedAt: now, body: Array(body.utf8), envelope: nil, mentions: mention, traits: [])
      ], from: "till")
  }

  /// Riga keeps half for its tills, and each store's may take 50 points a day.
  fileprivate static func allowing() throws -> WholeShop {
    let shop = try WholeShop()
    try shop.put(
      "store", "riga", #"{"id": "riga", "name": "Riga", "timeZone": "Europe/Riga", "offlineAllowance": 50}"#)
    try shop.put(
      "programme", "default",
      #"{"currency": "EUR", "earn": {"points": 1, "per": 100}, "pointValue": 10, "offlineAllowance": 50}"#)
    return shop
  }

  /// The open work list, oldest first: `stock riga mug 3/4 +1`, what is allowed, what was taken, how much too much.
  fileprivate func exceeded() throws -> [String] {
    try store.database.read { session in
      try OrderConflict.list(below: .max, limit: 100, in: session).reversed().flatMap { conflict -> [String] in
        var writer = JSONWriter()
        try conflict.write(to: &writer, in: session)
        let told = try JSONDocument(writer.bytes).root
        #expect(told["reason"]?.string == "offline allowance")
        let excesses = told["exceeded"]?.elements.map { $0 } ?? []
        return excesses.map { excess -> String in
          let numbers = ["allowed", "taken", "over"].map { excess[$0]?.number ?? "-" }
          let goods = [excess["of"], excess["store"], excess["sku"]].compactMap { $0?.string }
          return "\(goods.joined(separator: " ")) \(numbers[0])/\(numbers[1]) +\(numbers[2])"
        }
      }
    }
  }

  fileprivate var onHand: String {
    get throws {
      try store.database.read { session in
        var book = try StockBook(Outcome(.matched, origin: nil), in: session)
        return Quantity(thousandths: try book.level(StockPlace(store: "riga", sku: "mug")).onHand).decimal
      }
    }
  }
}

/// What tills may promise without a connection, and what is to be seen of it when they promised more.
@Suite struct OfflineTests {
  @Test(
    arguments: ["0", "1", "2", "7.5", "10"],
    [(0, "0"), (1, "0"), (33, "1"), (50, "0"), (50, "2"), (99, "0.5"), (100, "0")] as [(Int, String)])
  func `others and the tills together promise no more than there is`(count: String, rule: (Int, String)) throws {
    let depot = try Depot()
    try depot.put(
      .store,
      #"{"id": "near", "name": "N", "timeZone": "Etc/UTC", "offlineAllowance": \#(rule.0), "safetyStock": \#(rule.1)}"#)
    try depot.tell(depot.count(count))
    func told() throws -> Availability.InStore {
      let now = depot.store.clock.now
      return try #require(
        try depot.store.database.read { try Availability(of: "A", near: nil, now: now, in: $0).stores.first })
    }
    let before = try told()
    // In two steps, because what is kept must not shrink with what others take.
    for number in 1...2 {
      let half = try Quantity(thousandths: (told().available.thousandths + 1) / 2)
      if half > .zero { try depot.reserve(("A", half.decimal), order: "O-\(number)") }
    }
    let rest = try told()
    if rest.available > .zero { try depot.reserve(("A", rest.available.decimal), order: "O-3") }
    #expect(try told().available == .zero && told().offline == before.offline)
    #expect(throws: Shortfall.self) { try depot.reserve(("A", "0.001"), order: "O-4") }
    if before.offline > .zero { try depot.sell(("A", before.offline.decimal), order: "T-1") }
    #expect(try depot.books().hasSuffix(", 0"))
    #expect(try depot.findings() == [])
  }

  @Test func `what a till sold offline beyond its allowance counts, and is on the work list`() throws {
    let shop = try WholeShop.allowing()
    try shop.count(10, at: "riga")
    let start = shop.store.clock.now
    try shop.send("ann", "Page Opened", "{}", id: "p-1", from: "backend")
    try shop.place("ann", "A-1", quantity: 5)
    #expect(throws: OrderShortfall.self) { try shop.place("ann", "A-2") }
    shop.store.clock.advance(by: .seconds(3600))
    // They come later and in no order.
    try shop.receipt("eve", "R-2", mugs: 2, time: start + .seconds(120))
    try shop.receipt("eve", "R-1", mugs: 3, time: start + .seconds(60))
    #expect(try shop.exceeded() == [])
    try shop.receipt("eve", "R-3", mugs: 2, time: start + .seconds(180))
    try shop.receipt("eve", "R-4", mugs: 1, time: start + .seconds(240))
    try shop.receipt("eve", "R-4", mugs: 1, time: start + .seconds(240))
    #expect(try shop.exceeded() == ["stock riga mug 5/7 +2", "stock riga mug 5/8 +1"])
    #expect(try shop.onHand == "2")
    // Counted again with a connection, of which half is theirs again; one that had a connection notes nothing.
    try shop.count(8, at: "riga")
    try shop.receipt("eve", "R-5", mugs: 4)
    try shop.receipt("eve", "R-6", mugs: 4, isOffline: false)
    #expect(try shop.exceeded().count == 2)
    // What was made before that count is of the time before.
    try shop.receipt("eve", "R-7", mugs: 1, time: start + .seconds(300))
    #expect(try shop.exceeded().last == "stock riga mug 5/9 +1")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `nothing is noted where nothing is allowed, or nobody had told of it`() throws {
    let shop = try WholeShop.allowing()
    try shop.receipt("eve", "R-0", mugs: 3, isOffline: false)
    shop.store.clock.advance(by: .seconds(60))
    try shop.receipt("eve", "R-1", mugs: 3)
    try shop.count(1, at: "liepaja")
    try shop.receipt("eve", "R-2", mugs: 3, at: "liepaja")
    try shop.receipt("eve", "R-3", mugs: 3, at: "nowhere")
    #expect(try shop.exceeded() == [])
    #expect(try shop.findings().isEmpty)
  }

  @Test func `points that a store takes offline are counted by the customer and the day`() throws {
    let shop = try WholeShop.allowing()
    shop.store.clock.advance(by: .days(3))
    // It is a day's noon in Riga.
    let day = try #require(Instant("2026-01-02T10:00:00Z"))
    try shop.receipt("ann", "R-0", mugs: 20, isOffline: false, time: day)
    try shop.receipt("ann", "R-1", mugs: 10, points: 30, at: "liepaja", time: day)
    try shop.receipt("ann", "R-2", mugs: 10, points: 30, time: day)
    try shop.receipt("eve", "R-3", mugs: 10, points: 30, time: day)
    #expect(try shop.exceeded() == [])
    try shop.receipt("ann", "R-4", mugs: 10, points: 30, time: day + .seconds(12 * 3600 - 1))
    #expect(try shop.exceeded() == ["points riga 50/60 +10"])
    // The next day begins at midnight there, and what the till did with a connection is not counted.
    try shop.receipt("ann", "R-5", mugs: 10, points: 50, isOffline: false, time: day + .seconds(12 * 3600))
    try shop.receipt("ann", "R-6", mugs: 10, points: 50, time: day + .seconds(12 * 3600))
    #expect(try shop.exceeded().count == 1)
    // One customer by now: her other name's points count with hers.
    _ = try shop.merge(shop.origin(of: "ann"), shop.origin(of: "eve"))
    try shop.receipt("eve", "R-7", mugs: 10, points: 1, time: day + .seconds(60))
    #expect(try shop.exceeded() == ["points riga 50/60 +10", "points riga 50/91 +1"])
    #expect(try shop.findings().isEmpty)
  }
}

@Suite struct ConflictSettlementTests {
  private func settle(_ shop: OrderShop, _ sequence: Int64, _ reason: String = "told him") throws {
    let (now, message) = (shop.now, shop.store.tokens.next("req_"))
    _ = try shop.store.database.write { [intake = shop.store.intake] session in
      guard let conflict = try OrderConflict.find(sequence, in: session) else { throw Failure(.notFound, "none") }
      let event = ConflictSettlement.event(sequence, reason: reason, messageID: message, at: now)
      return try intake.record(event, at: conflict.stand(in: session), author: "api:olga", in: session) {
        ConflictSettlement.settle(conflict, into: &$0)
      }
    }
  }

  private func list(_ shop: OrderShop, _ state: OrderConflict.State) throws -> [OrderConflict] {
    try shop.store.database.read { try OrderConflict.list(state, below: .max, limit: 100, in: $0) }
  }

  private func settled(_ shop: OrderShop, _ sequence: Int64) throws -> JSON? {
    let bytes = try shop.store.database.read { session in
      var writer = JSONWriter()
      try OrderConflict.find(sequence, in: session)?.write(to: &writer, in: session)
      return writer.bytes
    }
    return try JSONDocument(bytes).root["settled"]
  }

  @Test func `what is settled leaves the list and changes nothing else`() throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00")
    try shop.report("A-1", "mug:2@25.00", who: "user_id:u2", from: "app")
    try shop.report("Order Refunded", "A-2", "mug:1@25.00")
    let before = try shop.text("A-1")
    let open = try list(shop, .open)
    #expect(open.map { $0.reason } == ["unknown order", "customer"])
    for conflict in open { try settle(shop, conflict.sequence) }
    #expect(try list(shop, .open).isEmpty)
    #expect(try list(shop, .settled).map { $0.reason } == ["unknown order", "customer"])
    let told = try settled(shop, open[1].sequence)
    #expect(told?["by"]?.string == "api:olga" && told?["reason"]?.string == "told him")
    #expect(try shop.text("A-1") == before && shop.view("A-1")["history"]?.count == 1)
    // The order comes after all, and what came before it counts as ever.
    try shop.report("A-2", "mug:1@25.00", who: "user_id:u2")
    #expect(try shop.text("A-2").hasPrefix("refunded"))
    #expect(try list(shop, .open).isEmpty)
    #expect(throws: Failure.self) { try settle(shop, 1) }
    #expect(try shop.findings() == [])
    // Whoever is erased takes the reason with him, and the list stays.
    try shop.erase("user_id:u2")
    #expect(try settled(shop, open[1].sequence)?["reason"]?.isNull == true)
    #expect(try list(shop, .settled).count == 2)
    #expect(try shop.findings() == [])
  }

  @Test(arguments: [
    "DELETE FROM order_settled", "UPDATE order_settled SET sequence = 1", "UPDATE order_settled SET conflict = 1",
    "INSERT INTO order_settled VALUES (1, 2)",
    #"UPDATE event SET outcome = replace(outcome, '{"conflict":', '{"conflict":9') WHERE name = 'settle'"#,
  ])
  func `a damaged settlement is found`(script: String) throws {
    let shop = try OrderShop()
    try shop.report("A-1", "mug:2@25.00")
    try shop.report("A-1", "mug:3@25.00")
    for conflict in try list(shop, .open) { try settle(shop, conflict.sequence) }
    #expect(try shop.findings() == [])
    shop.store.close()
    let session = try SQLiteEngine(path: shop.store.directory.file("db"), memory: 1 << 20).openWriter()
    try session.run(script: script + ";")
    session.close()
    let findings = try TestStore(shop.store.directory, hasCommerce: true).verify()
    #expect(findings.contains { $0.check == "orders" }, "\(script)")
    #expect(findings.allSatisfy { $0.check == "orders" }, "\(findings)")
  }
}
