import Base
import SQL

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
  private static let messageSeed = "message.seed"

  /// The seed under which message ids are hashed, made at the first start: nobody outside can aim at a collision.
  package static func messageSeed(in session: any Session, tokens: TokenSource) throws -> [UInt8] {
    if let seed = try session.first(of: SettingStatement.find, .text(messageSeed), map: { $0.bytes(0) }) { return seed }
    let seed = tokens.seed(16)
    try session.execute(SettingStatement.insert, .text(messageSeed), .bytes(seed))
    return seed
  }
}
