import SQL

extension Commerce {
  /// What orders will earn with what is handed over of them, and which currencies prices have.
  static let salesMigration = Migration(
    22, "promised points, currencies of prices",
    """
    ALTER TABLE loyalty_order ADD COLUMN promised INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE loyalty_order ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX loyalty_order_promised ON loyalty_order (origin) WHERE promised - withdrawn > earned - taken;
    CREATE INDEX price_currency ON price (currency);
    """)
}
