import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A shop with something in every table of catalogue and prices.
private func furnished() throws -> TemporaryDirectory {
  let shop = try Shop()
  try shop.put("product", #"{"sku": "A", "name": "Red kettle", "category": "kitchen"}"#)
  try shop.put("product", #"{"sku": "B", "name": "Pan", "unit": "kg", "step": 0.5}"#)
  try shop.put("price", #"{"sku": "A", "price": {"amount": 100, "currency": "RUB"}}"#)
  try shop.put("price", #"{"sku": "A", "price": {"amount": 110, "currency": "RUB"}}"#)
  try shop.put("promotion", #"{"name": "p", "percent": 10, "code": "ONCE"}"#)
  try shop.send("{}", of: "ann", kind: .identify)
  let ann = try shop.leader("ann")
  try shop.request("place", at: ann) {
    try Promotions.redeem(code: "once", order: "o-1", leader: ann, into: &$0, in: $1)
  }
  try shop.request("place") { try Promotions.redeem(code: "once", order: "o-2", leader: nil, into: &$0, in: $1) }
  try shop.request("cancel") { try Promotions.release(order: "o-2", into: &$0, in: $1) }
  let (context, now, intake) = (try shop.context(of: ann), shop.store.clock.now, shop.store.intake)
  _ = try shop.store.database.write { session in
    let event = Event.request(.cart, name: "quote", body: Array("{}".utf8), messageID: "q-1", at: now)
    return try intake.record(event, at: ann, author: "api:test", in: session) { outcome in
      let quote = try Pricing.quote(lines: [("A", .one)], context: context, in: session)
      try Quotes.keep(quote, id: "quo_1", now: now, into: &outcome, in: session)
    }
  }
  for price in [1, 2] {
    try shop.send(
      #"{"properties": {"sku": "A", "price": \#(price), "currency": "RUB"}}"#, of: "ann", name: "Product Viewed")
    try shop.send(
      #"{"properties": {"sku": "A", "price": \#(price), "currency": "RUB"}}"#, from: "till", name: "Product Viewed")
  }
  #expect(try shop.findings() == [])
  shop.store.close()
  return shop.store.directory
}

private func damage(_ directory: TemporaryDirectory, _ script: String) throws {
  let session = try SQLiteEngine(path: directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: script)
  session.close()
}

private let damages = [
  ("catalogue", "UPDATE product SET name = 'Blue kettle' WHERE sku = 'A'"),
  ("catalogue", "UPDATE product SET step = 1 WHERE sku = 'B'"),
  ("catalogue", "UPDATE product SET category = NULL WHERE sku = 'A'"),
  ("catalogue", "UPDATE product SET sequence = sequence - 1 WHERE sku = 'B'"),
  ("catalogue", "DELETE FROM product WHERE sku = 'B'; DELETE FROM product_word WHERE sku = 'B'"),
  ("catalogue", "DELETE FROM product_word WHERE word = 'kettle'"),
  ("catalogue", "INSERT INTO product_word (sku, word) VALUES ('C', 'kettle')"),
  ("catalogue", "UPDATE price SET amount = 100"), ("catalogue", "UPDATE price SET region = 'R'"),
  ("catalogue", "DELETE FROM price"), ("catalogue", "UPDATE promotion SET code = NULL"),
  ("catalogue", "UPDATE promotion SET is_active = 0"),
  ("promotions", "UPDATE redemption SET uses = 2 WHERE order_id = 'o-1'; UPDATE redemption_total SET uses = 2"),
  ("promotions", "UPDATE redemption_total SET uses = 2"), ("promotions", "DELETE FROM redemption_total"),
  ("promotions", "DELETE FROM redemption WHERE order_id = 'o-2'"),
  ("promotions", "UPDATE redemption SET order_id = 'o-3' WHERE order_id = 'o-1'"),
  ("quotes", "UPDATE quote SET expires_at = expires_at + 1"), ("quotes", "UPDATE quote SET origin = NULL"),
  ("quotes", "UPDATE quote SET body = replace(body, '110', '210')"), ("quotes", "DELETE FROM quote"),
  ("parity", "UPDATE price_parity SET differences = 3 WHERE source = 'site'"),
  ("parity", "UPDATE price_parity SET ours = 1 WHERE source = 'site'"),
  ("parity", "DELETE FROM price_parity WHERE source = 'till'"),
]

@Test(arguments: damages)
func `each check of what is sold sees its damage, and no other does, nor does a replay`(
  check: String, script: String
) throws {
  let directory = try furnished()
  try damage(directory, script)
  let store = try TestStore(directory, hasCommerce: true)
  let findings = try store.verify()
  #expect(Set(findings.map { $0.check }) == [check], "\(findings)")
  #expect(Set(try store.replay().map { $0.check }) == [check])
}

@Test func `an order that counts twice in the log itself is found`() throws {
  let shop = try Shop()
  try shop.put("promotion", #"{"name": "p", "percent": 10, "code": "ONCE"}"#)
  for _ in 1...2 {
    try shop.request("place") { outcome, _ in
      var verdict = try PromotionVerdict(outcome)
      verdict.uses = [.init(promotion: "p", order: "o-1", origin: nil, uses: 1)]
      verdict.put(into: &outcome)
    }
  }
  #expect(try shop.store.verify().map { $0.check } == ["promotions"])
}

@Test func `an erased customer leaves the books as they are`() throws {
  let store = try TestStore(furnished(), hasCommerce: true)
  func count(_ table: String) throws -> Int64 {
    try store.database.read { session in
      var count: Int64 = 0
      try session.forEachRow(ofText: "SELECT count(*) FROM \(table)", []) { row in
        count = row.integer(0)
        return false
      }
      return count
    }
  }
  let before = try ["redemption", "quote", "price_parity"].map(count)
  let (erasure, now) = (store.erasure, store.clock.now)
  let act = Erasure.Act(reason: "he asked for it", author: "api:root", messageID: "job_1", at: now)
  _ = try store.database.write { session in
    guard let name = CustomerName("user_id:ann", country: nil),
      case .customer(let leader) = try Lookup.find(name, in: session)
    else { throw Failure(.notFound, "nobody is ann") }
    return try erasure.erase(Erasure.person(ofCustomer: leader, in: session), by: act, in: session)
  }
  #expect(try ["redemption", "quote", "price_parity"].map(count) == before)
  #expect(try (store.verify() + store.replay()).map { "\($0)" } == [])
}
