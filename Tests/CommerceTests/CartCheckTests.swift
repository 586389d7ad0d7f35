import Base
import SQL
import TestKit
import Testing

@testable import Commerce
@testable import Customers

/// A store in which every table of carts has rows.
private func furnished() throws -> TemporaryDirectory {
  let town = try CartTown()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:u2", from: "backend")
  try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2}],"coupons":{"add":["SPRING"]}}"#)
  try town.added("user_id:u1", "A", "1")
  try town.added("user_id:u1", "B", cart: "web-17")
  try town.ask("user_id:u1", "shared") { try $0.share(into: &$1, in: $2) }
  try town.put("user_id:u2", "C", "1")
  try town.empty("user_id:u2")
  #expect(try town.findings() == [])
  town.store.close()
  return town.store.directory
}

@Test(arguments: [
  "UPDATE cart SET state = 'checkingOut' WHERE state = 'active'",
  "UPDATE cart SET floor = floor + 1 WHERE state = 'emptied'",
  "UPDATE cart SET state = 'active' WHERE state = 'emptied'", "DELETE FROM cart WHERE state = 'emptied'",
  "INSERT INTO cart SELECT 'crt_x', origin, 'active', NULL, NULL, 0, 1 FROM cart WHERE state = 'active'",
  "UPDATE cart_line SET quantity = quantity + 1 WHERE sku = 'A'", "UPDATE cart_line SET saved = 1 WHERE sku = 'A'",
  "UPDATE cart_line SET quantity = 1 WHERE sku = 'C'", "UPDATE cart_line SET since = since + 1 WHERE sku = 'B'",
  "UPDATE cart_line SET price = 1, currency = 'EUR' WHERE sku = 'B'", "DELETE FROM cart_line WHERE sku = 'B'",
  "UPDATE cart_line SET quantity = -1 WHERE sku = 'B'",
  "UPDATE cart_credit SET quantity = -2001 WHERE sequence <> made", "DELETE FROM cart_credit WHERE sequence <> made",
  "DELETE FROM cart_share",
])
func `a damage of one row of the carts is found by their check`(script: String) throws {
  let directory = try furnished()
  let session = try SQLiteEngine(path: directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: script)
  session.close()
  let findings = try TestStore(directory, hasCommerce: true).verify()
  #expect(Set(findings.map { $0.check }) == ["carts"], "\(findings)")
}
