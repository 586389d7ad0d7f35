import SQL

extension Schema {
  /// What is wrong with what is known of customers, and which source said it.
  static let quality = Migration(
    10, "data quality",
    """
    -- The newest event at an origin that had a defect. `subject` is the source that said what cannot be used, or the
    -- address at which mail bounced, empty where that was not told.
    CREATE TABLE quality_defect (
      origin INTEGER NOT NULL,
      code TEXT NOT NULL,
      subject TEXT NOT NULL,
      at INTEGER NOT NULL,
      message_id TEXT NOT NULL,
      PRIMARY KEY (origin, code, subject)
    ) WITHOUT ROWID;
    CREATE INDEX quality_defect_code ON quality_defect (code, origin);

    -- A digest of the name of an origin with its birthday or its postal code: two customers who share one may be one.
    CREATE TABLE quality_twin (key INTEGER NOT NULL, origin INTEGER NOT NULL, PRIMARY KEY (key, origin)) WITHOUT ROWID;

    -- How many events of each source had a defect.
    CREATE TABLE quality_source (
      source TEXT NOT NULL,
      code TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (source, code)
    ) WITHOUT ROWID;

    -- The tables come empty to a log that is there.
    INSERT INTO view_version (name, version) SELECT 'quality', 1 WHERE NOT EXISTS (SELECT 1 FROM event);
    INSERT INTO view_version (name, version) SELECT 'sources', 1 WHERE NOT EXISTS (SELECT 1 FROM event);
    """)
}
