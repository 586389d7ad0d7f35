import SQL

/// The tables of orders, which say nothing that the verdicts in the log do not, but for what the shop calls an order: who
/// it is for, where it goes and what else a person wrote stands in the bodies of its entries.
enum OrderSchema {
  static let migration = Migration(
    19, "orders",
    """
    CREATE TABLE sales_order (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL, origin INTEGER, at INTEGER NOT NULL, currency TEXT,
      code TEXT, held_until INTEGER, due INTEGER NOT NULL);
    CREATE UNIQUE INDEX sales_order_id ON sales_order (id);
    CREATE INDEX sales_order_origin ON sales_order (origin, at);
    CREATE INDEX sales_order_code ON sales_order (code) WHERE code IS NOT NULL;
    CREATE TABLE order_sum (
      number INTEGER PRIMARY KEY, paid INTEGER NOT NULL, refunded INTEGER NOT NULL, undone INTEGER NOT NULL);
    CREATE TABLE order_part (
      number INTEGER NOT NULL, line INTEGER NOT NULL, state TEXT NOT NULL, quantity INTEGER NOT NULL,
      sku TEXT, store TEXT, at INTEGER, origin INTEGER,
      PRIMARY KEY (number, line, state));
    CREATE INDEX order_part_store ON order_part (store, state, at, number) WHERE quantity > 0;
    CREATE INDEX order_part_state ON order_part (state, at, number) WHERE quantity > 0;
    CREATE INDEX order_part_origin ON order_part (origin, state) WHERE quantity > 0;
    CREATE TABLE order_entry (
      number INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (number, sequence));
    CREATE TABLE order_early (
      sequence INTEGER PRIMARY KEY, id TEXT, applied INTEGER);
    CREATE INDEX order_early_id ON order_early (id) WHERE applied IS NULL;
    CREATE TABLE order_conflict (
      sequence INTEGER PRIMARY KEY, number INTEGER NOT NULL, reason TEXT NOT NULL, origin INTEGER);
    """)

  /// What the shop calls an order, and which entries are mere reports, which change nothing.
  static let names = Migration(
    21, "names and reports of orders",
    """
    ALTER TABLE sales_order ADD COLUMN name TEXT;
    ALTER TABLE order_entry ADD COLUMN report INTEGER NOT NULL DEFAULT 0;
    """)

  /// Lines that an order gets after its others, what they add to what is due, and the receipts that hand it over.
  static let receipts = Migration(
    23, "lines and receipts of orders",
    """
    ALTER TABLE order_entry ADD COLUMN adds INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE order_sum ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE order_receipt (
      id TEXT PRIMARY KEY, number INTEGER NOT NULL, sequence INTEGER NOT NULL, name TEXT);
    CREATE INDEX order_receipt_number ON order_receipt (number);
    CREATE INDEX order_receipt_sequence ON order_receipt (sequence);
    """)

  /// What of the work list is dealt with, and by which entry.
  static let settled = Migration(
    24, "settled conflicts of orders",
    """
    CREATE TABLE order_settled (conflict INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
    """)
}
