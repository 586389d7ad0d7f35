import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A history of orders that a seed makes, and the naive model beside it.
private struct OrderHistory {
  let shop: OrderShop
  var chance: SplitMix64
  var orders: [String: OrderUnits] = [:]
  var early: [String: [(OrderAct, (sku: String, count: Int)?)]] = [:]
  var sent: [(name: String, id: String, goods: String, who: String, source: String, message: String, at: Instant)] = []
  var wrong: [String] = []
  var refusals = 0

  private static let price: [String: Int64] = ["mug": 2500, "plate": 1000]

  init(seed: UInt64) throws {
    shop = try OrderShop(chance: seed)
    chance = SplitMix64(seed: seed)
    for person in 0..<4 { try shop.identify("user_id:u\(person)") }
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }
  mutating func who() -> String { "user_id:u\(number(0...3))" }
  mutating func id() -> String { "N-\(number(0...11))" }
  mutating func goods() -> [(sku: String, count: Int)] {
    [("mug", number(1...3)), ("plate", number(0...2))].filter { $0.1 > 0 }
  }

  mutating func step() throws {
    switch number(0...19) {
    case 0...4: try sale()
    case 5...6: try pickup()
    case 7...8: try takeBack()
    case 9...14: try act()
    case 15:
      if let old = sent.randomElement(using: &chance) {
        // The same message again, whatever has become of it since.
        try shop.report(
          old.name, old.id, old.goods, who: old.who, from: old.source, message: old.message, at: old.at)
      }
    case 16:
      shop.store.clock.advance(by: .seconds(number(0...1) == 0 ? 3600 : 86_400))
      try shop.fire()
      for id in orders.keys { orders[id]?.pass(shop.now) }
    case 17: try? shop.merge(who(), who())
    case 18: try shop.undo(who())
    default:
      if number(0...3) == 0 {
        let gone = who()
        try shop.erase(gone)
        // Whoever was one customer with him is gone too.
        for person in 0..<4 { try shop.identify("user_id:u\(person)") }
      }
    }
  }

  private mutating func report(_ name: String, _ id: String, _ goods: String, _ who: String, _ source: String) throws {
    let message = shop.store.tokens.next("msg_")
    let at = shop.now - .seconds(60 * number(0...600))
    try shop.report(name, id, goods, who: who, from: source, message: message, at: at)
    sent.append((name, id, goods, who, source, message, at))
  }

  private mutating func sale() throws {
    let (id, who, goods, source) = (id(), who(), goods(), ["site", "app", "till", "page"][number(0...3)])
    let text = goods.map { "\($0.sku):\($0.count)@\((Self.price[$0.sku] ?? 0) / 100)" }.joined(separator: " ")
    func strangers() throws -> Int { try shop.conflicts().count { $0.hasSuffix("customer") } }
    let before = try strangers()
    try report("Order Completed", id, text, who, source)
    if source == "till", try strangers() == before { orders[id]?.hear(goods, Self.price) }
    guard orders[id] == nil, source != "page" else { return }
    let state: OrderState = source == "till" ? .collected : .placed
    var units = OrderUnits(
      way: source == "till" ? .counter : .delivery, until: nil,
      units: goods.enumerated().flatMap { line, goods in
        (0..<goods.count).map { _ in
          OrderUnits.Unit(sku: goods.sku, price: Self.price[goods.sku] ?? 0, state: state, line: line)
        }
      })
    units.paid = units.sum(OrderState.allCases)
    open(id, units)
  }

  private mutating func open(_ id: String, _ new: OrderUnits) {
    var units = new
    for (act, goods) in early.removeValue(forKey: id) ?? [] { units.hear(act, goods) }
    orders[id] = units
  }

  private mutating func pickup() throws {
    let (id, who) = (id(), who())
    let told = refusal { try shop.pickup(id, who: who) }
    if orders[id] != nil { return }
    if told != "none" { wrong.append("\(id) was not placed: \(told)") }
    open(
      id,
      OrderUnits(
        way: .pickup, awaitsReceipt: true, until: shop.now + Order.usualPickup,
        units: [("mug", 2500, 0), ("mug", 2500, 0), ("plate", 1000, 1)].map {
          OrderUnits.Unit(sku: $0.0, price: $0.1, state: .reserved, line: $0.2, store: "riga")
        }))
  }

  private mutating func takeBack() throws {
    let (id, act, goods) = (id(), number(0...3) == 0 ? OrderAct.cancel : .refund, goods()[0])
    let isWhole = act == .cancel || number(0...2) == 0
    try report(
      act == .cancel ? "Order Cancelled" : "Order Refunded", id, isWhole ? "" : "\(goods.sku):\(goods.count)", who(),
      ["site", "till"][number(0...1)])
    if orders[id] == nil {
      early[id, default: []].append((act, isWhole ? nil : goods))
    } else {
      orders[id]?.hear(act, isWhole ? nil : goods)
    }
  }

  private mutating func act() throws {
    let acts: [OrderAct] = [
      .pick, .ready, .ready, .collect, .collect, .ship, .deliver, .move, .move, .cancel, .return, .refund,
    ]
    let (id, act) = (id(), acts[number(0...acts.count - 1)])
    guard var order = orders[id] else { return }
    let goods = number(0...1) == 0 ? nil : goods()[0]
    var body =
      goods.map { #""lines": [{"sku": "\#($0.sku)", "\#(act == .pick ? "found" : "quantity")": \#($0.count)}]"# } ?? ""
    let store = ["riga", "jelgava", "liepaja"][number(0...2)]
    if act == .ship { body += (body.isEmpty ? "" : ", ") + #""carrier": "DPD""# }
    if act == .move { body += (body.isEmpty ? "" : ", ") + #""store": "\#(store)""# }
    let told = refusal { try shop.act(act, id, "{\(body)}") }
    if told != "none" { refusals += 1 }
    let isAllowed = act == .move ? order.move(goods, to: store) : order.ask(act, goods)
    if isAllowed != (told == "none") { wrong.append("\(id) \(act.rawValue) \(body): \(told), and \(order.text)") }
    if isAllowed { orders[id] = order }
  }

  /// What the shop has that the model has not.
  mutating func compare() throws {
    for number in 0...11 {
      let id = "N-\(number)"
      let found = try shop.text(id).split(separator: ": ", maxSplits: 1).last.map(String.init) ?? ""
      let expected = orders[id]?.text ?? "none"
      if found != expected { wrong.append("\(id): \(found) instead of \(expected)") }
    }
  }
}

/// Every row of the tables of orders.
private func rows(_ session: any Session) throws -> [String] {
  var rows: [String] = []
  for table in OrderFold().tables {
    let keys = table.key.joined(separator: ", ")
    // A state from which as much was taken as was ever put there is as good as none.
    try session.forEachRow(ofText: "SELECT * FROM \(table.name) ORDER BY \(keys)", []) { row in
      rows.append(table.name + (0..<row.count).map { " \(row.value($0))" }.joined())
      return true
    }
  }
  return rows
}

@Test(arguments: UInt64(1)...40)
func `any history of orders comes to what a naive model says`(seed: UInt64) throws {
  var history = try OrderHistory(seed: seed)
  for _ in 0..<70 { try history.step() }
  try history.compare()
  #expect(history.wrong == [])
  #expect(history.orders.count > 5 && history.refusals > 0)
  let shop = history.shop
  let findings = try shop.findings()
  #expect(findings == [])
  // Entries with their outcomes give the same tables in any order.
  let entries = try shop.store.database.read { session in
    var entries: [LogEntry] = []
    try EventLog.forEach(in: session) { entries.append($0) }
    return entries
  }
  let aside = TemporaryDirectory()
  let other = try Database(
    engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20),
    migrations: (Schema.migrations + Commerce.migrations).sorted { $0.number < $1.number })
  defer { other.close() }
  let shuffled = entries.shuffled(using: &history.chance)
  let told = try other.write { session in
    for entry in shuffled { try OrderFold().apply(entry, in: session) }
    return try rows(session)
  }
  #expect(try told == shop.store.database.read { try rows($0) })
}

/// A shop with an order in every table, on a directory that a test may damage.
private func furnished() throws -> TemporaryDirectory {
  let shop = try OrderShop()
  try shop.report("A-1", "mug:2@25.00")
  try shop.report("A-1", "mug:2@25.00", who: "user_id:u2")
  try shop.pickup("A-2")
  try shop.act(.ready, "A-2")
  try shop.act(.refund, "A-1", #"{"lines": [{"sku": "mug", "quantity": 1}]}"#)
  try shop.report("Order Refunded", "A-3", "mug:1@25.00")
  try shop.report("Order Refunded", "A-4", "")
  try shop.report("A-4", "mug:1@25.00")
  try shop.pickup("A-5")
  try shop.act(.move, "A-5", #"{"store": "jelgava", "lines": [{"sku": "mug", "quantity": 1}]}"#)
  try shop.report("R-5", "mug:1@25.00 lamp:1@30", from: "till", more: #","placed_order_id":"A-5""#)
  #expect(try shop.findings() == [])
  shop.store.close()
  return shop.store.directory
}

@Test(arguments: [
  "UPDATE sales_order SET id = 'A-9' WHERE name = 'A-1'", "UPDATE sales_order SET origin = 99 WHERE name = 'A-1'",
  "UPDATE sales_order SET at = at - 1 WHERE name = 'A-1'",
  "UPDATE sales_order SET currency = 'USD' WHERE name = 'A-1'",
  "UPDATE sales_order SET due = due + 1 WHERE name = 'A-1'",
  "UPDATE sales_order SET held_until = 1 WHERE name = 'A-2'",
  "UPDATE sales_order SET code = 'AAAAAA' WHERE name = 'A-2'",
  "DELETE FROM sales_order WHERE name = 'A-1'",
  "UPDATE sales_order SET name = 'A-9' WHERE name = 'A-1'", "UPDATE sales_order SET name = NULL WHERE name = 'A-1'",
  "INSERT INTO sales_order SELECT 99, 'A-9', origin, at, currency, code, held_until, due, NULL FROM sales_order WHERE name = 'A-1'",
  "UPDATE order_sum SET paid = paid + 1 WHERE refunded > 0", "UPDATE order_sum SET refunded = 0",
  "UPDATE order_sum SET undone = undone + 1 WHERE refunded = 0",
  "DELETE FROM order_sum WHERE refunded > 0", "INSERT INTO order_sum VALUES (99, 0, 0, 0, 0)",
  "UPDATE order_part SET quantity = 2000 WHERE state = 'refunded'",
  "UPDATE order_part SET state = 'packed' WHERE state = 'refunded'",
  "UPDATE order_part SET sku = 'x' WHERE state = 'ready'", "UPDATE order_part SET store = 'x' WHERE state = 'ready'",
  "UPDATE order_part SET at = at + 1 WHERE state = 'ready'", "UPDATE order_part SET origin = 99 WHERE state = 'ready'",
  "DELETE FROM order_part WHERE state = 'ready'",
  "INSERT INTO order_part SELECT number, line + 9, state, quantity, sku, store, at, origin FROM order_part WHERE state = 'ready'",
  "DELETE FROM order_entry WHERE number <> sequence", "UPDATE order_entry SET sequence = sequence + 100",
  "UPDATE order_entry SET report = 1", "UPDATE order_entry SET adds = 0",
  "UPDATE order_sum SET added = added + 1 WHERE added > 0", "UPDATE order_part SET store = 'x' WHERE store = 'jelgava'",
  "DELETE FROM order_part WHERE sku = 'lamp'", "DELETE FROM order_receipt", "UPDATE order_receipt SET id = 'x'",
  "UPDATE order_receipt SET number = 1", "UPDATE order_receipt SET sequence = 1",
  "UPDATE order_receipt SET name = NULL",
  "INSERT INTO order_receipt SELECT 'x', number, sequence, name FROM order_receipt",
  "DELETE FROM order_early WHERE applied IS NULL", "UPDATE order_early SET id = 'A-9' WHERE applied IS NULL",
  "UPDATE order_early SET applied = NULL", "DELETE FROM order_conflict", "UPDATE order_conflict SET reason = 'x'",
  "UPDATE order_conflict SET number = 1", "UPDATE order_conflict SET origin = NULL",
  // What the log itself says must hold too: as much in its states as was bought, no more back than paid, one per id.
  #"UPDATE event SET outcome = replace(outcome, '"refunded",1000', '"refunded",3000') WHERE kind = 'order'"#,
  #"UPDATE event SET outcome = replace(outcome, '"refunded":2500', '"refunded":9000')"#,
  "UPDATE event SET outcome = replace(outcome, '\(OrderID.key(of: "A-4"))', '\(OrderID.key(of: "A-1"))') WHERE name <> 'Order Refunded'",
])
func `a damaged table of orders fails its check`(script: String) throws {
  let directory = try furnished()
  let session = try SQLiteEngine(path: directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: script + ";")
  session.close()
  let findings = try TestStore(directory, hasCommerce: true).verify()
  #expect(findings.contains { $0.check == "orders" }, "\(script)")
  #expect(findings.allSatisfy { $0.check == "orders" }, "\(findings)")
}

/// The log and the sums agree that points went back for another amount than what is undone.
@Test(arguments: [1, 2499, 2501, 5000, 9000])
func `points that went back more than once, or less than whole, are seen`(undone: Int) throws {
  let directory = try furnished()
  let session = try SQLiteEngine(path: directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(
    script: """
      UPDATE event SET outcome = replace(outcome, '"undone":2500', '"undone":\(undone)');
      UPDATE order_sum SET undone = \(undone) WHERE undone = 2500;
      """)
  session.close()
  let findings = try TestStore(directory, hasCommerce: true).verify()
  // One of two units was given back in one order, and the whole of another.
  #expect(findings.count == 2 && findings.allSatisfy { "\($0)".contains("gave points back for \(undone)") })
}

@Test(.enabled(if: PickupCode.library != nil, "libqrencode is not installed: apt-get install libqrencode4"))
func `a pickup code is an image with its quiet zone`() throws {
  let svg = String(decoding: try PickupCode.svg(of: "7KM3QX"), as: UTF8.self)
  // Six characters of bytes at level M are version 1: 21 modules and four on either side.
  #expect(svg.contains(#"viewBox="0 0 29 29""#) && svg.hasPrefix("<svg "))
  #expect(svg.contains("M4 4h1v1h-1z") && !svg.contains("M3 "))
  #expect(try PickupCode.svg(of: "7KM3QX") == PickupCode.svg(of: "7KM3QX"))
}
