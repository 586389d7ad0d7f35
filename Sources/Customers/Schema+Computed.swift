import SQL

extension Schema {
  /// What computed traits keep: a view of the log that is made in the background.
  static let computed = Migration(
    7, "computed traits",
    """
    -- Of each definition and origin what one day (of Universal Time) adds: how often, how much, and the newest or first
    -- value. `value` is what was counted where values are counted, else empty.
    CREATE TABLE computed_cell (
      definition TEXT NOT NULL,
      version INTEGER NOT NULL,
      origin INTEGER NOT NULL,
      day INTEGER NOT NULL,
      value TEXT NOT NULL,
      count INTEGER NOT NULL,
      units INTEGER NOT NULL,
      micros INTEGER NOT NULL,
      at INTEGER NOT NULL,
      source TEXT NOT NULL,
      message_id TEXT NOT NULL,
      payload TEXT,
      PRIMARY KEY (definition, version, origin, day, value)
    ) WITHOUT ROWID;

    -- Up to which place in the log the cells of a definition go.
    CREATE TABLE computed_progress (
      definition TEXT NOT NULL,
      version INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (definition, version)
    ) WITHOUT ROWID;
    """)
}
