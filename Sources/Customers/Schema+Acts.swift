import SQL

extension Schema {
  /// What merges, undoes and doubts need beside the identity of migration 1.
  static let acts = Migration(
    5, "merges, separations, reviews",
    """
    -- A browser's id has a place of its own for each person who used the browser in turn (`generation`); an identifier
    -- may be `shared` by several people. Neither can be added to the constraint of a table that is there.
    CREATE TABLE origin_5 (
      number INTEGER PRIMARY KEY,
      public_id TEXT NOT NULL UNIQUE,
      type TEXT NOT NULL,
      value TEXT NOT NULL,
      standing INTEGER NOT NULL,
      source TEXT NOT NULL,
      generation INTEGER NOT NULL,
      shared INTEGER NOT NULL,
      customer INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      UNIQUE (value, type, standing, source, generation)
    );
    INSERT INTO origin_5 (number, public_id, type, value, standing, source, generation, shared, customer, sequence)
    SELECT number, public_id, type, value, standing, source, 0, 0, customer, sequence FROM origin;
    DROP TABLE origin;
    ALTER TABLE origin_5 RENAME TO origin;
    CREATE INDEX origin_customer ON origin (customer);

    -- Ties that made one customer of two who were there already, with the customers' leading origins at that time.
    CREATE TABLE merge (
      id TEXT PRIMARY KEY,
      first INTEGER NOT NULL,
      second INTEGER NOT NULL,
      kept INTEGER NOT NULL,
      taken INTEGER NOT NULL,
      rule TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      undone INTEGER
    );
    CREATE INDEX merge_first ON merge (first);
    CREATE INDEX merge_second ON merge (second);

    -- Two origins that a person told apart: no rule brings them together again.
    CREATE TABLE separation (
      first INTEGER NOT NULL,
      second INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (first, second)
    ) WITHOUT ROWID;
    CREATE INDEX separation_second ON separation (second);

    -- Pairs that an event proved to be one person and a rule kept apart, for a person to decide.
    CREATE TABLE review (
      id TEXT PRIMARY KEY,
      first INTEGER NOT NULL,
      second INTEGER NOT NULL,
      reason TEXT NOT NULL,
      score INTEGER NOT NULL,
      state TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      decided INTEGER,
      UNIQUE (first, second)
    );
    CREATE INDEX review_state ON review (state, sequence);
    """)
}
