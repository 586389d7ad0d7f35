import SQL

extension Schema {
  /// The requests about the shop's own things that came under an Idempotency-Key.
  static let requests = Migration(
    15, "requests under a key of idempotency",
    """
    -- What was asked under which Idempotency-Key of which caller, by method and path; the body as a digest, for it may
    -- hold a secret. `made` names what came of it. Nobody's personal data, not part of the log, kept for 30 days.
    CREATE TABLE kept_request (
      caller TEXT NOT NULL,
      idempotency_key TEXT NOT NULL,
      target TEXT NOT NULL,
      body BLOB NOT NULL,
      made TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (caller, idempotency_key, target)
    ) WITHOUT ROWID;
    CREATE INDEX kept_request_at ON kept_request (at);
    """)
}
