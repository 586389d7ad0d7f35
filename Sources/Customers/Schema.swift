package import SQL

/// The tables of this floor, as SQLite reads them; PostgreSQL reads them through `PostgreSQLDialect`.
package enum Schema {
  package static let migrations = [
    Migration(
      1, "log, identity, traits, documents, keys",
      """
      -- What the installation knows of itself: seeds that are never shown.
      CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL);

      -- The log. Bodies are text, so that anybody may look inside.
      CREATE TABLE event (
        sequence INTEGER PRIMARY KEY,
        origin INTEGER,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        name TEXT,
        source TEXT NOT NULL,
        channel TEXT NOT NULL,
        message_id TEXT NOT NULL,
        original_at INTEGER,
        sent_at INTEGER,
        received_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        envelope TEXT,
        outcome TEXT NOT NULL
      );
      CREATE INDEX event_timeline ON event (origin, at, sequence);

      -- Each message once per source, for ever: 128 bits of SHA-256 over a secret seed, the source and the message's id.
      CREATE TABLE message (key BLOB PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;

      -- Identifiers' own places. `customer` is the leading origin of the component, kept as ties are made.
      CREATE TABLE origin (
        number INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        value TEXT NOT NULL,
        standing INTEGER NOT NULL,
        source TEXT NOT NULL,
        customer INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        UNIQUE (value, type, standing, source)
      );
      CREATE INDEX origin_customer ON origin (customer);

      -- Proofs that two origins are one person: a forest.
      CREATE TABLE tie (
        first INTEGER NOT NULL,
        second INTEGER NOT NULL,
        rule TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        PRIMARY KEY (first, second)
      ) WITHOUT ROWID;
      CREATE INDEX tie_second ON tie (second);

      -- Who says that what is his; `tied` where that makes one visitor of two unknown places.
      CREATE TABLE claim (
        claimant INTEGER NOT NULL,
        claimed INTEGER NOT NULL,
        tied INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        PRIMARY KEY (claimant, claimed)
      ) WITHOUT ROWID;
      CREATE INDEX claim_claimed ON claim (claimed);

      -- The newest value of each trait by each source, at each origin.
      CREATE TABLE trait (
        origin INTEGER NOT NULL,
        name TEXT NOT NULL,
        source TEXT NOT NULL,
        value TEXT NOT NULL,
        at INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        PRIMARY KEY (origin, name, source)
      ) WITHOUT ROWID;

      -- What decisions read, by version.
      CREATE TABLE document (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        PRIMARY KEY (kind, id, version)
      ) WITHOUT ROWID;

      -- What was refused of an authenticated source, with the reason: a work list, not part of the log.
      CREATE TABLE dead_letter (
        number INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        message_id TEXT,
        conflicts_with INTEGER,
        reason TEXT NOT NULL,
        body TEXT NOT NULL
      );
      CREATE INDEX dead_letter_source ON dead_letter (source, number);

      -- Keys, hashed; the key itself is shown once.
      CREATE TABLE access_key (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL,
        role TEXT NOT NULL,
        source TEXT,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER
      );
      """),
    ledger,
    search,
    jobs,
    acts,
    erasure,
    computed,
    secrets,
    views,
    quality,
    timers,
    named,
    retention,
    webhooks,
    requests,
    recent,
  ]

  /// The tables that no fold owns.
  package static let ownTables = [
    "migration", "setting", "event", "dead_letter", "access_key", "audit", "job", "tombstone", "computed_cell",
    "computed_progress", "secret", "view_version", "summed_event", "webhook_cursor", "webhook_attempt",
    "webhook_dead_letter", "kept_request", "message_recent",
  ]
}
