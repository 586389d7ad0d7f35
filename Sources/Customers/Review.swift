import Base
import SQL

enum ReviewStatement: Int, StatementSet {
  case insert, find, decide

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO review (id, first, second, reason, score, state, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6)
      """
    case .find: "SELECT id FROM review WHERE first = ?1 AND second = ?2"
    case .decide: "UPDATE review SET state = ?2, decided = ?3 WHERE id = ?1"
    }
  }
}

/// A pair of customers whom an event proved to be one and a rule kept apart.
enum Review {
  /// How likely the two are one person, 0 to 100: as strong as what ties them, and much less where a person told them
  /// apart before.
  static func score(_ type: IdentifierType, _ obstacle: Party.Obstacle) -> Int64 {
    let strength: Int64 =
      switch type {
      case .userID: 90
      case .card: 80
      case .email: 70
      case .telegram, .whatsApp, .viber: 60
      case .phone: 50
      default: 30
      }
    return obstacle == .separation ? max(0, strength - 40) : strength
  }
}
