import SQL

extension Schema {
  /// Which version of its program each view was made by.
  static let views = Migration(
    9, "versions of views",
    """
    -- The version of a view's rows. While a next version is built beside it: `next`, and the place in the log up to
    -- which it is built.
    CREATE TABLE view_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL, next INTEGER, built INTEGER);
    INSERT INTO view_version (name, version) VALUES ('traits', 1);
    -- The tables of the search came empty to a log that was there.
    INSERT INTO view_version (name, version) SELECT 'search', 1 WHERE NOT EXISTS (SELECT 1 FROM event);
    """)
}
