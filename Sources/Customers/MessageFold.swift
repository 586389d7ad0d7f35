import Base
package import SQL

enum MessageStatement: Int, StatementSet {
  case find, insert, move

  var sql: String {
    switch self {
    case .find: "SELECT sequence FROM message WHERE key = ?1"
    case .insert: "INSERT INTO message (key, sequence) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING"
    case .move:
      """
      INSERT INTO message (key, sequence) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence
      """
    }
  }
}

/// Where each message of each source stands in the log: a message counts once, for ever.
package struct MessageFold: Fold {
  package let name = "messages"
  package let tables = [FoldTable("message", key: ["key"], rows: rows)]
  /// The messages of the index and the newest; during a sweep one may be in both.
  static let rows = "(SELECT key, sequence FROM message UNION SELECT key, sequence FROM message_recent)"
  package var checks: [any Check] { [MessageCheck(seed: seed)] }
  private let seed: [UInt8]

  /// - Parameter seed: the installation's secret, under which ids are hashed.
  package init(seed: [UInt8]) { self.seed = seed }

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    let key = Self.key(ofErased: entry) ?? key(entry.source, entry.event.messageID)
    _ = try insert(key, at: entry.sequence, in: session)
  }

  /// Adds up what the log keeps of an event that became part of a summary.
  func apply(_ summed: SummedEvent, in session: any Session) throws {
    try session.execute(MessageStatement.insert, .bytes(summed.key), .integer(summed.sequence))
  }

  /// Gives the message its place, unless it has one.
  ///
  /// - Returns: false where it has one.
  func insert(_ source: String, _ messageID: String, at sequence: Int64, in session: any Session) throws -> Bool {
    try insert(key(source, messageID), at: sequence, in: session)
  }

  private func insert(_ key: [UInt8], at sequence: Int64, in session: any Session) throws -> Bool {
    guard let recent = try RecentMessages.of(session) else {
      return try session.execute(MessageStatement.insert, .bytes(key), .integer(sequence)) == 1
    }
    if try recent.find(key, in: session) != nil { return false }
    return try recent.insert(key, at: sequence, in: session)
  }

  /// Gives the message that place, whether or not it has one.
  func move(_ source: String, _ messageID: String, to sequence: Int64, in session: any Session) throws {
    let key = key(source, messageID)
    if let place = try RecentMessages.of(session)?.find(key, in: session) {
      try session.execute(RecentMessageStatement.remove, .integer(place))
    }
    try session.execute(MessageStatement.move, .bytes(key), .integer(sequence))
  }

  /// The place of the message that this source sent under that id, or nil.
  func find(_ source: String, _ messageID: String, in session: any Session) throws -> Int64? {
    let key = key(source, messageID)
    return try RecentMessages.of(session)?.find(key, in: session)
      ?? session.first(of: MessageStatement.find, .bytes(key)) { $0.integer(0) }
  }

  /// The key of a message that was erased, which stands in the place of its id; nil for any other.
  private static func key(ofErased entry: LogEntry) -> [UInt8]? {
    entry.outcome.result == .erased ? ErasedName.key(ofMessage: entry.event.messageID) : nil
  }

  /// What is known of a message stays when whom it was about is erased, so that it does not count once more.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}

  /// 128 bits, which two messages share with a chance of one in 10²⁰ among 10⁹ of them.
  func key(_ source: String, _ messageID: String) -> [UInt8] {
    digest { input in
      input += source.utf8
      input.append(0)
      input += messageID.utf8
    }
  }

  /// By which another event under the same id is told from one that says the same, when its body is gone.
  ///
  /// It is no key: its input begins with no source's name.
  func digest(_ event: Event) -> [UInt8] {
    digest { input in
      input.append(0)
      input += event.canonical
    }
  }

  private func digest(_ write: (inout [UInt8]) -> Void) -> [UInt8] {
    var input: [UInt8] = []
    input.reserveCapacity(256)
    input += seed
    write(&input)
    return Array(Digest.sha256(input)[..<16])
  }
}
