import SQL

extension Schema {
  /// The newest messages, before they stand in the index.
  static let recent = Migration(
    26, "newest messages",
    """
    CREATE TABLE message_recent (sequence INTEGER PRIMARY KEY, key BLOB NOT NULL);
    """)
}
