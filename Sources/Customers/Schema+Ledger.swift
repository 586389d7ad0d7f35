import SQL

extension Schema {
  /// Consents, resume states, and who read what.
  static let ledger = Migration(
    2, "consents, states, audit of reads",
    """
    -- Every change of consent at each origin that it is for; the channel is empty for all of them. A grant counts only
    -- where `stand`, the origin that its event stands with, belongs to the same customer.
    CREATE TABLE consent (
      origin INTEGER NOT NULL,
      purpose TEXT NOT NULL,
      channel TEXT NOT NULL,
      at INTEGER NOT NULL,
      source TEXT NOT NULL,
      message_id TEXT NOT NULL,
      state TEXT NOT NULL,
      stand INTEGER NOT NULL,
      legal_basis TEXT,
      text_version TEXT,
      proof TEXT,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (origin, purpose, channel, at, source, message_id)
    ) WITHOUT ROWID;

    -- The newest state under each key at each origin; none in `value` for a deletion.
    CREATE TABLE resume_state (
      origin INTEGER NOT NULL,
      key TEXT NOT NULL,
      at INTEGER NOT NULL,
      source TEXT NOT NULL,
      message_id TEXT NOT NULL,
      value TEXT,
      device TEXT,
      expires_at INTEGER,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (origin, key)
    );

    -- Who read whose data: a row for each read by a person; for a machine's key a row for each customer and minute, with
    -- no action. `origin` led the customer then. Not part of the log.
    CREATE TABLE audit (
      number INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      key_id TEXT NOT NULL,
      key_name TEXT NOT NULL,
      role TEXT NOT NULL,
      action TEXT,
      customer TEXT NOT NULL,
      origin INTEGER NOT NULL,
      reason TEXT,
      count INTEGER NOT NULL
    );
    CREATE INDEX audit_at ON audit (at, number);
    CREATE INDEX audit_origin ON audit (origin, at, number);
    CREATE INDEX audit_key ON audit (key_id, at, number);

    -- Whether a key of a role that people have belongs to a program.
    ALTER TABLE access_key ADD COLUMN is_machine INTEGER NOT NULL DEFAULT 0;
    """)
}
