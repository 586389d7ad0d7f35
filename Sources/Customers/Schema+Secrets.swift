import SQL

extension Schema {
  /// Secrets that are computed with, and the places in the log at which customers' tokens end.
  static let secrets = Migration(
    8, "secrets and tokens",
    """
    -- Secrets that must be read again, sealed under the master key, which does not stand in the database.
    CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL, created_at INTEGER NOT NULL);

    -- Tokens that were given out before that place in the log, to the customer who has that origin, are no longer good.
    CREATE TABLE token_end (origin INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (origin, sequence))
      WITHOUT ROWID;
    """)
}
