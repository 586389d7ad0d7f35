package import Base
package import SQL

enum TombstoneStatement: Int, StatementSet {
  case insert, find, all

  var sql: String {
    switch self {
    case .insert: "INSERT INTO tombstone (key, at) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING"
    case .find: "SELECT at FROM tombstone WHERE key = ?1"
    case .all: "SELECT key, at FROM tombstone ORDER BY at, key"
    }
  }
}

/// What is left of an id that an erased person had: enough to know it again, too little to tell it.
package struct Tombstone: Hashable, Sendable {
  /// 32 bytes of SHA-256 over the installation's seed and the id.
  package var key: [UInt8]
  /// When he was erased.
  package var at: Instant

  package init(key: [UInt8], at: Instant) {
    self.key = key
    self.at = at
  }

  /// Under which key an id is remembered in the installation of that seed.
  static func key(of id: String, seed: [UInt8]) -> [UInt8] { Digest.sha256(seed + Array("tombstone\0\(id)".utf8)) }

  /// The name of an installation in its journals: another one's tombstones mean nothing to it.
  package static func installation(seed: [UInt8]) -> [UInt8] {
    Array(Digest.sha256(seed + Array("installation".utf8))[..<16])
  }

  /// Keeps it, unless it is there.
  package static func keep(_ tombstone: Tombstone, in session: any Session) throws {
    try session.execute(TombstoneStatement.insert, .bytes(tombstone.key), .integer(tombstone.at.milliseconds))
  }

  /// Whether that id was an erased person's.
  static func covers(_ id: String, in session: any Session) throws -> Bool {
    guard let seed = try Setting.existingMessageSeed(in: session) else { return false }
    return try session.first(of: TombstoneStatement.find, .bytes(key(of: id, seed: seed))) { _ in true } ?? false
  }

  /// All of them, the oldest first.
  package static func all(in session: any Session) throws -> [Tombstone] {
    try session.rows(of: TombstoneStatement.all) {
      Tombstone(key: $0.bytes(0), at: Instant(milliseconds: $0.integer(1)))
    }
  }
}
