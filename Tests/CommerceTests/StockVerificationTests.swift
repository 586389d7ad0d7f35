import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A shop with counts, changes, sales, an open reservation and one that ended, a shortage that is made up and one that
/// is not.
private func furnished() throws -> TemporaryDirectory {
  let depot = try Depot()
  try depot.tell(depot.count("9", minutes: 9), depot.delta("2", minutes: 8, id: "d-1"), depot.count("5", of: "B"))
  try depot.sell(("A", "1"), minutes: 7)
  try depot.tell(depot.count("8", minutes: 10))
  try depot.reserve(("A", "3"), order: "O-2", hours: 2)
  try depot.reserve(("B", "1"), order: "O-3")
  try depot.release(order: "O-3")
  try depot.sell(("C", "2"), order: "O-4", minutes: 3)
  try depot.tell(depot.delta("2", of: "C", minutes: 2))
  try depot.sell(("D", "1"), order: "O-5", minutes: 3)
  try depot.tell(#"{"store": "far", "sku": "D", "incoming": 4, "expectedAt": "2030-01-01T00:00:00Z"}"#)
  #expect(try depot.findings() == [])
  depot.store.close()
  return depot.store.directory
}

private func damage(_ directory: TemporaryDirectory, _ script: String) throws {
  let session = try SQLiteEngine(path: directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: script)
  session.close()
}

@Test(arguments: [
  ("stores", "UPDATE store SET name = 'x' WHERE id = 'far'"), ("stores", "UPDATE store SET latitude = 1"),
  ("stores", "UPDATE store SET longitude = NULL"), ("stores", "UPDATE store SET time_zone = 'Etc/UTC'"),
  ("stores", "UPDATE store SET hours = '[]'"), ("stores", "UPDATE store SET pickup = 1 - pickup"),
  ("stores", "UPDATE store SET safety_stock = 1"), ("stores", "UPDATE store SET offline_allowance = 1"),
  ("stores", "UPDATE store SET sequence = sequence + 1"), ("stores", "DELETE FROM store WHERE id = 'far'"),
  ("stock", "UPDATE stock_level SET on_hand = on_hand + 1 WHERE sku = 'B'"),
  ("stock", "UPDATE stock_level SET as_of = as_of + 1 WHERE sku = 'B'"),
  ("stock", "UPDATE stock_level SET counted_at = NULL WHERE sku = 'B'"),
  ("stock", "UPDATE stock_movement SET at = at + 1 WHERE item = 'd-1'"),
  ("stock", "UPDATE stock_movement SET told = told + 1 WHERE item = 'd-1'"),
  ("stock", "UPDATE stock_movement SET source = 'x' WHERE item = 'd-1'"),
  ("stock", "UPDATE stock_movement SET item = 'x' WHERE item = 'd-1'"),
  ("stock", "UPDATE stock_movement SET order_id = 'x' WHERE cause = 'sale'"),
  ("stock", "UPDATE stock_movement SET quantity = quantity + 1 WHERE item = 'd-1'"),
  ("stock", "DELETE FROM stock_movement WHERE item = 'd-1'"),
  (
    "stock",
    "INSERT INTO stock_movement SELECT sku, store, sequence, 99, 0, cause, at, told, order_id, source, NULL FROM stock_movement WHERE item = 'd-1'"
  ),
  ("stock", "UPDATE stock_movement SET cause = 'delta' WHERE sku = 'B'"),
  // The log and every table agree, but the decision was wrong.
  (
    "stock",
    """
    UPDATE event SET outcome = replace(outcome, '["near","A",2000,', '["near","A",1000,');
    UPDATE stock_movement SET quantity = 1000 WHERE item = 'd-1';
    UPDATE stock_level SET on_hand = on_hand - 1000 WHERE sku = 'A'
    """
  ),
  ("reservations", "UPDATE stock_level SET reserved = reserved + 1 WHERE sku = 'B'"),
  ("reservations", "UPDATE stock_reservation SET remaining = 1 WHERE order_id = 'O-3'"),
  ("reservations", "UPDATE stock_reservation SET state = 'sold' WHERE order_id = 'O-3'"),
  ("reservations", "UPDATE stock_reservation SET ends_at = 1"),
  ("reservations", "UPDATE stock_reservation SET quantity = 1"),
  ("reservations", "DELETE FROM stock_reservation WHERE sku = 'B'"),
  ("reservations", "UPDATE stock_reservation SET sequence = sequence + 1"),
  ("shortages", "UPDATE stock_shortage SET remaining = 1 WHERE sku = 'D'"),
  ("shortages", "UPDATE stock_shortage SET quantity = 1"), ("shortages", "UPDATE stock_shortage SET order_id = NULL"),
  ("shortages", "DELETE FROM stock_shortage WHERE remaining = 0"), ("shortages", "UPDATE stock_shortage SET at = 0"),
  ("deliveries", "UPDATE stock_level SET incoming = 1 WHERE store = 'far'"),
  ("deliveries", "UPDATE stock_level SET expected_at = 1 WHERE store = 'far'"),
  ("deliveries", "UPDATE stock_level SET expected_as_of = 1 WHERE store = 'far'"),
  ("deliveries", "UPDATE stock_level SET expected_by = 1 WHERE store = 'far'"),
  ("deliveries", "DELETE FROM stock_level WHERE store = 'far'"),
  (
    "shortages",
    """
    UPDATE event SET outcome = replace(outcome, '"near","D",1000,1000,', '"near","D",1000,900,');
    UPDATE stock_shortage SET remaining = 900 WHERE sku = 'D'
    """
  ),
])
func `each check of stock sees its damage, and no other does`(check: String, script: String) throws {
  let directory = try furnished()
  try damage(directory, script)
  #expect(Set(try TestStore(directory, hasCommerce: true).verify().map { $0.check }) == [check])
}

@Test(arguments: [
  "UPDATE store SET name = 'x'", "UPDATE stock_movement SET told = 0", "UPDATE stock_level SET as_of = 0",
  "DELETE FROM stock_reservation WHERE sku = 'B'", "UPDATE stock_shortage SET remaining = 1",
])
func `a replay sees where stock is not what the log adds up to`(script: String) throws {
  let directory = try furnished()
  try damage(directory, script)
  #expect(try TestStore(directory, hasCommerce: true).replay().map { $0.check } == ["stock"])
}
