import SQL

/// The tables of stock.
enum StockSchema {
  static let migration = Migration(
    16, "stores, stock",
    """
    -- Stores as their newest documents have them; places in millionths of a degree.
    CREATE TABLE store (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      latitude INTEGER,
      longitude INTEGER,
      time_zone TEXT NOT NULL,
      hours TEXT,
      pickup INTEGER NOT NULL,
      safety_stock INTEGER NOT NULL,
      offline_allowance INTEGER NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- Books: what each thing that happened changed on hand, in thousandths of the unit, as decided when it was written.
    -- `told` is what was said: the count of a snapshot, else the change, which may have no effect.
    CREATE TABLE stock_movement (
      sku TEXT NOT NULL,
      store TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      part INTEGER NOT NULL,
      quantity INTEGER NOT NULL,
      cause TEXT NOT NULL,
      at INTEGER NOT NULL,
      told INTEGER NOT NULL,
      order_id TEXT,
      source TEXT,
      item TEXT,
      PRIMARY KEY (sku, store, sequence, part)
    ) WITHOUT ROWID;
    CREATE INDEX stock_movement_at ON stock_movement (sku, store, at);
    CREATE UNIQUE INDEX stock_movement_item ON stock_movement (source, item) WHERE item IS NOT NULL;

    -- The sums: of movements, of what is left of reservations; when stock was told and counted last.
    CREATE TABLE stock_level (
      sku TEXT NOT NULL,
      store TEXT NOT NULL,
      on_hand INTEGER NOT NULL,
      reserved INTEGER NOT NULL,
      as_of INTEGER,
      counted_at INTEGER,
      PRIMARY KEY (sku, store)
    ) WITHOUT ROWID;

    -- What orders have set aside, and what is left of it.
    CREATE TABLE stock_reservation (
      order_id TEXT NOT NULL,
      store TEXT NOT NULL,
      sku TEXT NOT NULL,
      quantity INTEGER NOT NULL,
      remaining INTEGER NOT NULL,
      ends_at INTEGER,
      state TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (order_id, store, sku)
    ) WITHOUT ROWID;
    CREATE INDEX stock_reservation_open ON stock_reservation (sku, store) WHERE remaining > 0;

    -- What facts took beyond what there is: what is left explains by how much more is reserved than on hand.
    CREATE TABLE stock_shortage (
      sequence INTEGER NOT NULL,
      part INTEGER NOT NULL,
      store TEXT NOT NULL,
      sku TEXT NOT NULL,
      quantity INTEGER NOT NULL,
      remaining INTEGER NOT NULL,
      at INTEGER NOT NULL,
      order_id TEXT,
      changed INTEGER NOT NULL,
      PRIMARY KEY (sequence, part)
    ) WITHOUT ROWID;
    CREATE INDEX stock_shortage_open ON stock_shortage (sku, store) WHERE remaining > 0;
    """)

  /// What is on its way: how much, when it is expected, as of when that was so, and the entry that told it last.
  static let deliveries = Migration(
    25, "expected deliveries",
    """
    ALTER TABLE stock_level ADD COLUMN incoming INTEGER;
    ALTER TABLE stock_level ADD COLUMN expected_at INTEGER;
    ALTER TABLE stock_level ADD COLUMN expected_as_of INTEGER;
    ALTER TABLE stock_level ADD COLUMN expected_by INTEGER;
    """)
}
