import SQL

/// Where the newest messages stand in the log, as the writer remembers them.
///
/// A message's key is random, so that each new one would change a page of its own in the index of all of them: eight
/// kilobytes written for thirty bytes. The newest are only appended to a table, in the order of the log, and stand here
/// to be found; `MessageSweeper` puts many of them into the index at a time, in its order.
///
/// What was taken back may stand here still, so the table has the last word. What the table has stands here always.
final class RecentMessages {
  private enum Kept: TransactionKey { typealias Value = RecentMessages }

  /// A message's key.
  private struct Key: Hashable {
    let first: UInt64
    let second: UInt64

    init(_ bytes: [UInt8]) {
      first = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
      second = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private var recent: [Key: Int64] = [:]
  /// Those that are being put into the index.
  private var former: [Key: Int64] = [:]

  private init(_ session: any Session) throws {
    try session.forEachRow(of: RecentMessageStatement.all, []) { row in
      recent[Key(row.bytes(1))] = row.integer(0)
      return true
    }
  }

  /// What the writer has; nil for a session beside which somebody else may write.
  static func of(_ session: any Session) throws -> RecentMessages? {
    guard session.memory.isKept else { return nil }
    // It outlives what is taken back.
    if let known = session.memory[checked: Kept.self] { return known }
    let made = try RecentMessages(session)
    session.memory[checked: Kept.self] = made
    return made
  }

  /// The place of the message of that key among the newest, or nil.
  func find(_ key: [UInt8], in session: any Session) throws -> Int64? {
    let name = Key(key)
    for place in [recent[name], former[name]] {
      guard let place else { continue }
      let stored = try session.first(of: RecentMessageStatement.find, .integer(place)) { $0.bytes(0) }
      if stored == key { return place }
    }
    return nil
  }

  /// Appends a message, unless the index has it.
  ///
  /// - Returns: whether it was new.
  func insert(_ key: [UInt8], at sequence: Int64, in session: any Session) throws -> Bool {
    guard try session.execute(RecentMessageStatement.insert, .integer(sequence), .bytes(key)) == 1 else { return false }
    recent[Key(key)] = sequence
    return true
  }

  /// Puts all that stands here aside for the index.
  func putAside() {
    // A sweep that was cut off has left some.
    former = former.isEmpty ? recent : former.merging(recent) { $1 }
    recent = [:]
  }

  /// Forgets what was put aside: the table has nothing of it any more.
  func forget() { former = [:] }

  var count: Int { recent.count + former.count }
}

enum RecentMessageStatement: Int, StatementSet {
  case all, find, insert, remove, first, last, byKey, sweep, removeUpTo

  var sql: String {
    switch self {
    case .all: "SELECT sequence, key FROM message_recent ORDER BY sequence"
    case .find: "SELECT key FROM message_recent WHERE sequence = ?1"
    case .insert:
      """
      INSERT INTO message_recent (sequence, key) SELECT CAST(?1 AS INTEGER), CAST(?2 AS BLOB)
      WHERE NOT EXISTS (SELECT 1 FROM message WHERE key = ?2)
      """
    case .remove: "DELETE FROM message_recent WHERE sequence = ?1"
    case .first: "SELECT sequence FROM message_recent ORDER BY sequence LIMIT 1"
    case .last: "SELECT coalesce(max(sequence), 0) FROM message_recent"
    case .byKey: "SELECT sequence FROM message_recent WHERE sequence <= ?1 ORDER BY key"
    case .sweep:
      """
      INSERT INTO message (key, sequence) SELECT key, sequence FROM message_recent WHERE sequence = ?1
      ON CONFLICT (key) DO NOTHING
      """
    case .removeUpTo: "DELETE FROM message_recent WHERE sequence <= ?1"
    }
  }
}
