import SQL

/// The tables of what is sold, for how much and under which rules.
enum CatalogueSchema {
  static let migration = Migration(
    20, "catalogue, prices, promotions, quotes",
    """
    -- What is sold, as its newest document has it.
    CREATE TABLE product (
      sku TEXT PRIMARY KEY,
      gtin TEXT,
      name TEXT NOT NULL,
      category TEXT,
      brand TEXT,
      attributes TEXT NOT NULL,
      image_url TEXT,
      unit TEXT NOT NULL,
      step INTEGER NOT NULL,
      is_active INTEGER NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX product_category ON product (category, sku);

    -- The words by which products are found.
    CREATE TABLE product_word (sku TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (sku, word)) WITHOUT ROWID;
    CREATE INDEX product_word_word ON product_word (word, sku);

    -- What products cost; a price without a beginning or an end has the least or the greatest time.
    CREATE TABLE price (
      id TEXT PRIMARY KEY,
      sku TEXT NOT NULL,
      list TEXT NOT NULL,
      currency TEXT NOT NULL,
      amount INTEGER NOT NULL,
      region TEXT,
      segment TEXT,
      starts_at INTEGER NOT NULL,
      ends_at INTEGER NOT NULL,
      stored_at INTEGER NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX price_sku ON price (sku, id);

    -- Promotions with their documents, and what is asked before one is read.
    CREATE TABLE promotion (
      name TEXT PRIMARY KEY,
      code TEXT,
      is_active INTEGER NOT NULL,
      starts_at INTEGER NOT NULL,
      ends_at INTEGER NOT NULL,
      body TEXT NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX promotion_code ON promotion (code, name);

    -- The book of codes: an order that uses one, and one that gives the use back.
    CREATE TABLE redemption (
      sequence INTEGER NOT NULL,
      position INTEGER NOT NULL,
      promotion TEXT NOT NULL,
      order_id TEXT NOT NULL,
      origin INTEGER,
      uses INTEGER NOT NULL,
      PRIMARY KEY (sequence, position)
    ) WITHOUT ROWID;
    CREATE INDEX redemption_customer ON redemption (promotion, origin);
    CREATE INDEX redemption_order ON redemption (order_id);
    CREATE INDEX redemption_origin ON redemption (origin);
    CREATE TABLE redemption_total (promotion TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;

    -- What was shown for a time.
    CREATE TABLE quote (
      id TEXT PRIMARY KEY,
      origin INTEGER,
      expires_at INTEGER NOT NULL,
      body TEXT NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX quote_origin ON quote (origin);

    -- Where a source has told another price than ours.
    CREATE TABLE price_parity (
      source TEXT NOT NULL,
      sku TEXT NOT NULL,
      differences INTEGER NOT NULL,
      currency TEXT NOT NULL,
      reported INTEGER NOT NULL,
      ours INTEGER NOT NULL,
      at INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (source, sku)
    ) WITHOUT ROWID;
    """)
}
