import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A shop with its own prices, stock, points and carts, in which one thing follows from another.
struct WholeShop {
  let store: TestStore
  var commerce: Commerce { store.features.compactMap { $0 as? Commerce }[0] }

  init() throws {
    store = try TestStore(hasCommerce: true, orderBooks: nil)
    for (name, channel) in [("backend", "web"), ("till", "store")] {
      try store.add(try Source(name: name, channel: channel, trust: .verified))
    }
    try put("store", "riga", #"{"id": "riga", "name": "Riga", "timeZone": "Europe/Riga"}"#)
    try put("store", "liepaja", #"{"id": "liepaja", "name": "Liepaja", "timeZone": "Europe/Riga"}"#)
    try put("product", "mug", #"{"sku": "mug", "name": "A mug", "category": "kitchen"}"#)
    try put("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": 1000, "currency": "EUR"}}"#)
    try put("programme", "default", #"{"currency": "EUR", "earn": {"points": 1, "per": 100}, "pointValue": 10}"#)
    try put("promotion", "once", #"{"name": "once", "percent": 10, "code": "ONCE", "limit": 1}"#)
  }

  func put(_ kind: String, _ id: String, _ body: String) throws {
    let kind = try #require(Commerce.documentKinds.first { $0.name == kind })
    let draft = try kind.draft(JSONDocument(Array(body.utf8)).root, id: id)
    let now = store.clock.now
    _ = try store.database.write { [intake = store.intake] session in
      try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    }
  }

  /// Counts the mugs on a shelf.
  func count(_ quantity: Int64, at place: String) throws {
    let now = store.clock.now
    let body = #"[{"store": "\#(place)", "sku": "mug", "onHand": \#(quantity), "asOf": "\#(now.text)"}]"#
    let list = StockList(try JSONDocument(Array(body.utf8)).root.elements.map { $0 }[...], source: "api:erp", now: now)
    _ = try store.database.write { [intake = store.intake, tokens = store.tokens] session in
      try list.record(messageID: tokens.next("s_"), author: "api:erp", through: intake, in: session)
    }
    store.clock.advance(by: .seconds(1))
  }

  func send(_ user: String, _ name: String, _ properties: String, id: String, from source: String = "till") throws {
    let body = #"{"type": "track", "event": "\#(name)", "properties": \#(properties)}"#
    let mention = Identifier(.userID, user).map { [Event.Mention($0, isProved: false)] } ?? []
    try store.send(
      [
        Event(
          kind: .track, name: name, messageID: id, at: store.clock.now, originalAt: nil, sentAt: nil,
          receivedAt: store.clock.now, body: Array(body.utf8), envelope: nil, mentions: mention, traits: [])
      ], from: source)
  }

  func place(
    _ user: String, _ id: String, _ more: String = "", quantity: Int = 1, way: String = "pickup",
    store: String? = "riga",
    lines: String? = nil, isGuest: Bool = false
  ) throws {
    let body = """
      {"id": "\(id)", "customer": "user_id:\(user)", "fulfilment": {"type": "\(way)", "store": \(store.map { "\"\($0)\"" } ?? "null")},
       "lines": \(lines ?? #"[{"sku": "mug", "quantity": \#(quantity)}]"#)\(more)}
      """
    let now = self.store.clock.now
    let draft = try OrderDraft(JSONDocument(Array(body.utf8)).root, now: now)
    let origin = try origin(of: user)
    _ = try self.store.database.write { [intake = self.store.intake, orders = commerce.orders] session in
      let event = Event.request(.order, name: "place", body: Array(body.utf8), messageID: "place-\(id)", at: now)
      return try intake.record(event, at: origin, author: "api:site", in: session) { outcome in
        let placing = Orders.Placing(id: id, at: origin, now: now, channel: "web", isGuest: isGuest)
        try orders.place(draft, placing, into: &outcome, in: session)
      }
    }
  }

  func origin(of user: String) throws -> Origin.Number {
    try store.database.read { session in
      let name = try #require(CustomerName("user_id:\(user)", country: nil))
      guard case .customer(let leader) = try Lookup.find(name, in: session) else { return 0 }
      return leader
    }
  }

  /// The whole picture's member.
  func picture(_ user: String, _ read: (JSON) -> String?) throws -> String? {
    let leader = try origin(of: user)
    let bytes = try store.database.read { [features = store.features, now = store.clock.now] session in
      try Profile.json(ofCustomer: leader, now: now, features: features, in: session)
    }
    return read(try JSONDocument(bytes).root)
  }

  func balance(_ user: String) throws -> String? { try picture(user) { $0["loyalty"]?["balance"]?.number } }

  /// `balance/pending`.
  func points(_ user: String) throws -> String? {
    try picture(user) { "\($0["loyalty"]?["balance"]?.number ?? "-")/\($0["loyalty"]?["pending"]?.number ?? "-")" }
  }

  func findings() throws -> [Finding] { try store.verify() + store.replay() }
}

@Suite struct ShopTests {
  @Test func `an order reserves, earns, takes the cart and the code; its refund gives all of it back`() throws {
    let shop = try WholeShop()
    try shop.count(5, at: "riga")
    try shop.send("ann", "Product Added", #"{"sku": "mug", "quantity": 3}"#, id: "a-1", from: "backend")
    #expect(try shop.picture("ann") { $0["cart"]?["totals"]?["due"]?["amount"]?.number } == "3000")
    try shop.place("ann", "A-1", #", "coupons": ["ONCE"]"#, quantity: 2)
    #expect(try shop.picture("ann") { $0["cart"]?["lines"]?.elements.map { $0 }.first?["quantity"]?.number } == "1")
    // 10 percent off 2000.
    #expect(try shop.points("ann") == "0/18")
    let refused = #expect(throws: Failure.self) { try shop.place("ann", "A-2", #", "coupons": ["ONCE"]"#) }
    #expect(refused?.faults.first?.pointer == "/coupons")
    let short = #expect(throws: OrderShortfall.self) { try shop.place("ann", "A-3", quantity: 4) }
    #expect(short?.lines.first?.available == Quantity(thousandths: 3000))
    for act in [OrderAct.ready, .collect] { try shop.act(act, "A-1") }
    #expect(try shop.points("ann") == "18/0")
    try shop.send("ann", "Order Refunded", #"{"order_id": "A-1"}"#, id: "r-1")
    #expect(try shop.points("ann") == "0/0")
    #expect(try shop.findings().isEmpty)
  }

  @Test func `a till's receipt takes stock, earns once, and may pay with points of the site`() throws {
    let shop = try WholeShop()
    try shop.count(1, at: "riga")
    let receipt =
      #"{"order_id": "R-1", "store_id": "riga", "currency": "EUR", "total": "20.00", "products": [{"sku": "mug", "quantity": 2, "price": "10.00", "total": "20.00"}]}"#
    try shop.send("ann", "Order Completed", receipt, id: "t-1")
    try shop.send("ann", "Order Completed", receipt, id: "t-1")
    try shop.send("ann", "Order Completed", receipt, id: "site-1", from: "backend")
    #expect(try shop.balance("ann") == "20")
    let level = try shop.store.database.read { session -> Int64 in
      var book = try StockBook(Outcome(.matched, origin: nil), in: session)
      return try book.level(StockPlace(store: "riga", sku: "mug")).onHand
    }
    #expect(level == -1000)
    #expect(throws: OrderShortfall.self) { try shop.place("ann", "A-1", #", "points": 20"#) }
    try shop.count(3, at: "riga")
    try shop.place("ann", "A-1", #", "points": 20"#)
    // 200 of 1000 were paid with points; what is earned is of the rest.
    #expect(try shop.points("ann") == "0/8")
    #expect(throws: Failure.self) { try shop.place("ann", "A-4", #", "points": 1"#) }
    #expect(try shop.findings().isEmpty)
  }
}
