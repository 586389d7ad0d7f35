import SQL

extension Schema {
  /// What is left of erased persons.
  static let erasure = Migration(
    6, "erasure",
    """
    -- What is left of each id that an erased person had: SHA-256 over the secret seed and the id, and when. By it the id
    -- answers that he is gone, and a backup from before learns whom to erase again. Not part of the log.
    CREATE TABLE tombstone (key BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

    -- What a job that makes no file has done.
    ALTER TABLE job ADD COLUMN receipt TEXT;

    -- A consent that was said while two were one customer stands with both, and he who said it may be erased.
    CREATE INDEX consent_stand ON consent (stand);
    """)
}
