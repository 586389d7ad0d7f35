import SQL

extension Schema {
  /// What happens later.
  static let timers = Migration(
    11, "timers, consents that end",
    """
    -- What is to be done at a time to come: who looks to it (`kind`), and what he needs to know. `origin` is the place of
    -- the event that set it, none for the shop's own.
    CREATE TABLE timer (
      key TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      due INTEGER NOT NULL,
      origin INTEGER,
      payload TEXT NOT NULL,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX timer_due ON timer (due, key);
    CREATE INDEX timer_origin ON timer (origin);

    -- When a grant ends by itself.
    ALTER TABLE consent ADD COLUMN expires_at INTEGER;
    """)
}
