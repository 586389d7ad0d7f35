package import Base
package import SQL

enum SettingStatement: Int, StatementSet {
  case find, insert

  var sql: String {
    switch self {
    case .find: "SELECT value FROM setting WHERE name = ?1"
    case .insert: "INSERT INTO setting (name, value) VALUES (?1, ?2)"
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
}
