import SQL

extension Schema {
  /// What others are called whom somebody erased was the first to name.
  static let named = Migration(
    12, "names that an erasure has left",
    """
    -- The entry of the erasure that an origin's names stand in; none where they stand in the entry that opened it.
    ALTER TABLE origin ADD COLUMN named INTEGER;
    """)
}
