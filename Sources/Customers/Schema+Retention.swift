import SQL

extension Schema {
  /// What is left of events that became parts of summaries.
  static let retention = Migration(
    13, "summaries of old events",
    """
    -- Of each event that became part of a summary: its place in the log, where it stood, by which key its message is
    -- known, and what was answered to it.
    CREATE TABLE summed_event (
      sequence INTEGER PRIMARY KEY,
      origin INTEGER NOT NULL,
      key BLOB NOT NULL,
      result TEXT NOT NULL
    );
    CREATE INDEX event_summary ON event (origin) WHERE kind = 'summary';
    """)
}
