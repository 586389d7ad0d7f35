import SQL

extension Schema {
  /// The tables by which customers are searched, all of them `SearchFold`'s.
  static let search = Migration(
    3, "customer search",
    """
    -- Which words stand in the names and addresses of an origin, and in how many values of its traits.
    CREATE TABLE search_posting (
      word TEXT NOT NULL,
      origin INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (word, origin)
    ) WITHOUT ROWID;
    CREATE INDEX search_posting_origin ON search_posting (origin, word);

    -- Each word that stands anywhere, under its own spelling and its romanised one.
    CREATE TABLE search_token (key TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID;

    -- The same keys with one letter left out: a spelling with one mistake has one of them in common with the word.
    CREATE TABLE search_variant (key TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID;

    -- The ends of phone numbers and of addresses of mail, so that a piece of one is the beginning of a row.
    CREATE TABLE search_part (text TEXT NOT NULL, origin INTEGER NOT NULL, PRIMARY KEY (text, origin)) WITHOUT ROWID;

    -- The numbers of orders, where their events stand.
    CREATE TABLE search_order (number TEXT NOT NULL, origin INTEGER NOT NULL, PRIMARY KEY (number, origin)) WITHOUT ROWID;
    CREATE INDEX search_order_origin ON search_order (origin);
    """)
}
