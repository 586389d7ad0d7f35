import SQL

extension Commerce {
  /// Points.
  static let loyalty = Migration(
    18, "points",
    """
    -- Accounts are origins, by their numbers; a household is one of its own, below 0.
    CREATE TABLE loyalty_household (account INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sequence INTEGER NOT NULL);

    -- For which household an origin's events earn; 0 for none any more.
    CREATE TABLE loyalty_member (origin INTEGER PRIMARY KEY, account INTEGER NOT NULL, sequence INTEGER NOT NULL);
    CREATE INDEX loyalty_member_account ON loyalty_member (account);

    -- Points that came at once: `remaining` is the sum of their postings. `origin` is the account's, none of a household.
    CREATE TABLE loyalty_lot (
      lot INTEGER PRIMARY KEY,
      account INTEGER NOT NULL,
      origin INTEGER,
      remaining INTEGER NOT NULL,
      kind TEXT,
      points INTEGER,
      available_from INTEGER,
      expires_at INTEGER,
      ord TEXT,
      sequence INTEGER
    );
    CREATE INDEX loyalty_lot_open ON loyalty_lot (account, remaining) WHERE remaining > 0;
    CREATE INDEX loyalty_lot_end ON loyalty_lot (account, expires_at);
    CREATE INDEX loyalty_lot_order ON loyalty_lot (ord);
    CREATE INDEX loyalty_lot_origin ON loyalty_lot (origin);

    -- Points that are owed: `open` is the sum of their postings, the other way round.
    CREATE TABLE loyalty_shortage (
      shortage INTEGER PRIMARY KEY,
      account INTEGER NOT NULL,
      origin INTEGER,
      open INTEGER NOT NULL,
      counter TEXT,
      ord TEXT,
      hold TEXT,
      stand INTEGER,
      sequence INTEGER
    );
    CREATE INDEX loyalty_shortage_open ON loyalty_shortage (account) WHERE open > 0;
    CREATE INDEX loyalty_shortage_origin ON loyalty_shortage (origin);

    -- Double entry: each line of a member (even) has the next one (odd) against it. `stand` is the origin of the order or
    -- the hold.
    CREATE TABLE loyalty_posting (
      sequence INTEGER NOT NULL,
      line INTEGER NOT NULL,
      ledger TEXT NOT NULL,
      account INTEGER NOT NULL,
      origin INTEGER,
      points INTEGER NOT NULL,
      kind TEXT NOT NULL,
      lot INTEGER,
      shortage INTEGER,
      counter TEXT NOT NULL,
      ord TEXT,
      hold TEXT,
      stand INTEGER,
      at INTEGER NOT NULL,
      PRIMARY KEY (sequence, line)
    );
    CREATE INDEX loyalty_posting_account ON loyalty_posting (account, sequence, line) WHERE ledger = 'member';
    CREATE INDEX loyalty_posting_order ON loyalty_posting (ord) WHERE ledger = 'member';
    CREATE INDEX loyalty_posting_hold ON loyalty_posting (hold) WHERE ledger = 'member';
    CREATE INDEX loyalty_posting_lot ON loyalty_posting (lot) WHERE ledger = 'member';
    CREATE INDEX loyalty_posting_origin ON loyalty_posting (origin);
    -- Few: what one account's order took of another's points.
    CREATE INDEX loyalty_posting_foreign ON loyalty_posting (stand) WHERE ledger = 'member' AND account <> stand;

    CREATE TABLE loyalty_hold (
      id TEXT PRIMARY KEY,
      origin INTEGER NOT NULL,
      points INTEGER NOT NULL,
      captured INTEGER NOT NULL,
      state TEXT NOT NULL,
      until INTEGER NOT NULL,
      sequence INTEGER NOT NULL
    );
    CREATE INDEX loyalty_hold_origin ON loyalty_hold (origin);
    CREATE INDEX loyalty_hold_open ON loyalty_hold (origin, until) WHERE state = 'open';

    -- What an order has earned and spent, and how much of that was taken back.
    CREATE TABLE loyalty_order (
      ord TEXT PRIMARY KEY,
      origin INTEGER NOT NULL,
      at INTEGER NOT NULL,
      rated INTEGER NOT NULL,
      amount INTEGER NOT NULL,
      returned INTEGER NOT NULL,
      refunded INTEGER NOT NULL,
      earned INTEGER NOT NULL,
      taken INTEGER NOT NULL,
      burnt INTEGER NOT NULL,
      restored INTEGER NOT NULL
    );
    CREATE INDEX loyalty_order_origin ON loyalty_order (origin, at);
    """)
}
