package import Base
package import SQL

enum SettingStatement: Int, StatementSet {
  case find, insert, replace

  var sql: String {
    switch self {
    case .find: "SELECT value FROM setting WHERE name = ?1"
    case .insert: "INSERT INTO setting (name, value) VALUES (?1, ?2)"
    case .replace:
      "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    }
  }
}

/// What an installation knows of itself.
package enum Setting {
  private static let messageSeedName = "message.seed"

  /// The seed under which message ids are hashed, made at the first start: nobody outside can aim at a collision.
  package static func messageSeed(in session: any Session, tokens: TokenSource) throws -> [UInt8] {
    if let seed = try existingMessageSeed(in: session) { return seed }
    let seed = tokens.seed(16)
    try session.execute(SettingStatement.insert, .text(messageSeedName), .bytes(seed))
    return seed
  }

  /// The seed, or nil where the installation has not been started yet.
  package static func existingMessageSeed(in session: any Session) throws -> [UInt8]? {
    try session.first(of: SettingStatement.find, .text(messageSeedName)) { $0.bytes(0) }
  }

  private static let numberingName = "numbering"

  /// By which version of the numbering plans its telephone numbers were looked through last; nil where they never were.
  static func numbering(in session: any Session) throws -> String? {
    try session.first(of: SettingStatement.find, .text(numberingName)) { String(decoding: $0.bytes(0), as: UTF8.self) }
  }

  static func keep(numbering version: String, in session: any Session) throws {
    try session.execute(SettingStatement.replace, .text(numberingName), .bytes(Array(version.utf8)))
  }

  /// How often something of the log was done, as the tables count it.
  enum Counter: String {
    /// Transactions that changed or removed entries that stood in the log.
    case rewrites = "log.rewrites"
    /// Transactions that stored documents.
    case documents = "log.documents"
  }

  static func count(_ counter: Counter, in session: any Session) throws -> Int64 {
    try session.first(of: SettingStatement.find, .text(counter.rawValue)) {
      Int64(String(decoding: $0.bytes(0), as: UTF8.self))
    }.flatMap { $0 } ?? 0
  }

  static func keep(_ count: Int64, _ counter: Counter, in session: any Session) throws {
    try session.execute(SettingStatement.replace, .text(counter.rawValue), .bytes(Array(String(count).utf8)))
  }

  private static let practiceName = "practice"
  private static let practiceEndName = "practice.until"

  /// Whether everything in it was made up.
  package static func isPractice(in session: any Session) throws -> Bool {
    try session.first(of: SettingStatement.find, .text(practiceName)) { String(decoding: $0.bytes(0), as: UTF8.self) }
      == "true"
  }

  /// Marks an installation as one of practice data, whose histories end at `end` or, where it was marked before, where
  /// they ended then.
  ///
  /// - Returns: where they end.
  package static func markPractice(until end: Instant, in session: any Session) throws -> Instant {
    if try !isPractice(in: session) {
      try session.execute(SettingStatement.insert, .text(practiceName), .bytes(Array("true".utf8)))
      try session.execute(SettingStatement.insert, .text(practiceEndName), .bytes(Array(end.text.utf8)))
    }
    let marked = try session.first(of: SettingStatement.find, .text(practiceEndName)) {
      Instant(String(decoding: $0.bytes(0), as: UTF8.self))
    }
    return (marked ?? nil) ?? end
  }

  private static let filledName = "practice.filled."

  /// Whether all that happened in a practice town of that name has been posted.
  package static func isFilled(_ town: String, in session: any Session) throws -> Bool {
    try session.first(of: SettingStatement.find, .text(filledName + town)) { _ in true } ?? false
  }

  /// Notes that all that happened in a practice town has been posted.
  package static func markFilled(_ town: String, in session: any Session) throws {
    guard try !isFilled(town, in: session) else { return }
    try session.execute(SettingStatement.insert, .text(filledName + town), .bytes(Array("true".utf8)))
  }
}
