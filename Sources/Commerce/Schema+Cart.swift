import SQL

extension Commerce {
  static let cartMigration = Migration(
    17, "carts",
    """
    -- The lives of each origin's part of a cart: one at a time is open, that of the greatest sequence is the newest.
    -- `floor` is when the life before ended: what happened before that has nothing to do with this one.
    CREATE TABLE cart (
      id TEXT PRIMARY KEY,
      origin INTEGER NOT NULL,
      state TEXT NOT NULL,
      floor INTEGER,
      order_id TEXT,
      told INTEGER NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX cart_origin ON cart (origin, sequence);

    -- How much of each article stands in the cart, and is saved for later, at each origin, in thousandths.
    CREATE TABLE cart_line (
      origin INTEGER NOT NULL,
      sku TEXT NOT NULL,
      quantity INTEGER NOT NULL,
      saved INTEGER NOT NULL,
      since INTEGER NOT NULL,
      price INTEGER,
      currency TEXT,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (origin, sku)
    ) WITHOUT ROWID;

    -- Codes that were entered into a cart, or taken out of it again.
    CREATE TABLE cart_coupon (
      cart TEXT NOT NULL,
      code TEXT NOT NULL,
      origin INTEGER NOT NULL,
      present INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (cart, code)
    ) WITHOUT ROWID;
    CREATE INDEX cart_coupon_origin ON cart_coupon (origin);

    -- What the shop's own site calls a cart, as a digest.
    CREATE TABLE cart_name (
      name TEXT NOT NULL,
      origin INTEGER NOT NULL,
      cart TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (name, origin)
    ) WITHOUT ROWID;

    -- What requests have changed and the site's events may still report (above 0: put in, below: taken out), and what
    -- events have reported of it. `made` is the place in the log of the request.
    CREATE TABLE cart_credit (
      sequence INTEGER NOT NULL,
      made INTEGER NOT NULL,
      sku TEXT NOT NULL,
      origin INTEGER NOT NULL,
      quantity INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (sequence, made, sku)
    ) WITHOUT ROWID;
    CREATE INDEX cart_credit_origin ON cart_credit (origin, sku, at);

    -- Lists of lines that somebody has given a link to.
    CREATE TABLE cart_share (
      id TEXT PRIMARY KEY,
      origin INTEGER NOT NULL,
      lines TEXT NOT NULL,
      ends_at INTEGER NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX cart_share_origin ON cart_share (origin);
    """)
}
