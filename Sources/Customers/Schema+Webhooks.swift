import SQL

extension Schema {
  /// How far each webhook has come.
  static let webhooks = Migration(
    14, "webhooks",
    """
    -- Which place of the log, and which message of it, each webhook is told next; how often that was tried, and when it
    -- is tried again. A change of `generation` makes what is on its way count no more. Not part of the log.
    CREATE TABLE webhook_cursor (
      name TEXT PRIMARY KEY,
      place INTEGER NOT NULL,
      part INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      due INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      rotated_at INTEGER
    ) WITHOUT ROWID;

    -- Each attempt, written before it starts; no status as long as nobody knows how it ended, 0 where no answer came.
    CREATE TABLE webhook_attempt (
      name TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      part INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      at INTEGER NOT NULL,
      status INTEGER,
      PRIMARY KEY (name, sequence, part, attempt)
    ) WITHOUT ROWID;

    -- What could not be delivered; `wanted` where somebody has asked to try once more.
    CREATE TABLE webhook_dead_letter (
      name TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      part INTEGER NOT NULL,
      at INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      status INTEGER NOT NULL,
      wanted INTEGER NOT NULL,
      PRIMARY KEY (name, sequence, part)
    ) WITHOUT ROWID;
    """)
}
