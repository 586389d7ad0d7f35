import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A shop in whose books every table has rows.
private func furnished() throws -> TestStore {
  let shop = try PointsShop()
  let (ann, bob) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"))
  try shop.give(100, to: ann)
  try shop.earn(10_000, "o1", at: ann)
  try shop.hold("h1", 60, at: ann)
  try shop.hold("h2", 10, at: ann)
  try shop.capture("h2", 5, order: "o2", at: ann)
  try shop.burn(70, "o3", at: bob, isFact: true)
  try shop.promise(10_000, "o4", at: bob)
  try shop.handOver("o4", 5000, of: 10_000, at: bob)
  try shop.join(ann, with: bob)
  #expect(try shop.findings() == [])
  return shop.store
}

@Test(arguments: [
  ("points", "UPDATE loyalty_posting SET points = points + 1 WHERE ledger = 'issued'"),
  ("points", "UPDATE loyalty_posting SET account = account + 1 WHERE ledger = 'redeemed'"),
  ("points", "DELETE FROM loyalty_posting WHERE ledger = 'redeemed'"),
  ("lots", "UPDATE loyalty_lot SET remaining = remaining + 1 WHERE kind = 'earn'"),
  ("lots", "UPDATE loyalty_lot SET points = remaining - 1 WHERE kind = 'earn'"),
  ("lots", "UPDATE loyalty_lot SET sequence = NULL WHERE kind = 'earn'"),
  ("owed", "UPDATE loyalty_shortage SET open = open - 1"), ("owed", "DELETE FROM loyalty_shortage"),
  ("holds", "UPDATE loyalty_hold SET points = points - 1 WHERE id = 'h1'"),
  ("holds", "UPDATE loyalty_hold SET state = 'voided' WHERE id = 'h1'"), ("holds", "DELETE FROM loyalty_hold"),
  ("promises", "UPDATE loyalty_order SET withdrawn = 51 WHERE ord = 'o4'"),
  ("promises", "UPDATE loyalty_order SET taken = 51 WHERE ord = 'o4'"),
  ("promises", "UPDATE loyalty_order SET promised = 1 WHERE ord = 'o1'"),
  ("points in the log", "UPDATE loyalty_order SET promised = promised + 1 WHERE ord = 'o4'"),
  ("points in the log", "UPDATE loyalty_order SET earned = earned + 1 WHERE ord = 'o1'"),
  ("points in the log", "DELETE FROM loyalty_order WHERE ord = 'o3'"),
  ("points in the log", "UPDATE loyalty_member SET account = 0"),
  ("points in the log", "DELETE FROM loyalty_household"),
  ("points in the log", "UPDATE loyalty_lot SET expires_at = expires_at + 1 WHERE kind = 'earn'"),
  ("points in the log", "UPDATE loyalty_hold SET until = until + 1 WHERE id = 'h1'"),
  (
    "points in the log",
    "UPDATE loyalty_posting SET points = 2 * points WHERE sequence = (SELECT sequence FROM loyalty_lot WHERE kind = 'earn')"
  ),
])
func `each check sees the damage that it is there for`(check: String, script: String) throws {
  let store = try furnished()
  store.close()
  let session = try SQLiteEngine(path: store.directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: script)
  session.close()
  let damaged = try TestStore(store.directory, hasCommerce: true)
  let names = Set(try damaged.verify().map { $0.check })
  #expect(names.contains(check), "\(names)")
  #expect(try !damaged.replay().isEmpty)
}
