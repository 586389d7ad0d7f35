import SQL

extension Schema {
  /// Work that takes longer than an answer may.
  static let jobs = Migration(
    4, "jobs",
    """
    -- Work that was asked for, and what came of it; not part of the log. `origin` is whom it is about, `author` and
    -- `message_id` the request that asked for it.
    CREATE TABLE job (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      parameters TEXT NOT NULL,
      origin INTEGER NOT NULL,
      key_id TEXT NOT NULL,
      author TEXT NOT NULL,
      message_id TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      finished_at INTEGER,
      size INTEGER,
      failure TEXT,
      UNIQUE (author, message_id)
    );
    CREATE INDEX job_state ON job (state, created_at);
    CREATE INDEX job_key ON job (key_id, state);
    CREATE INDEX job_origin ON job (origin);
    """)
}
