import SQL

extension Schema {
  /// What is left of events that became parts of summaries.
  static let retention = Migration(
    13, "summaries of old events",
    """
    -- Of each event that became part of a summary: its place in the log, where it stood, by which key its message is
    -- known, what was answered to it, and a keyed digest of what it said.
    CREATE TABLE summed_event (
      sequence INTEGER PRIMARY KEY,
      origin INTEGER NOT NULL,
      key BLOB NOT NULL,
      result TEXT NOT NULL,
      said BLOB
    );
    CREATE INDEX summed_event_origin ON summed_event (origin);
    CREATE INDEX event_summary ON event (origin) WHERE kind = 'summary';
    """)
}
