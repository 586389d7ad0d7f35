package import Base
package import SQL
import Synchronization

enum EndedSessionStatement: Int, StatementSet {
  case all, insert, delete

  var sql: String {
    switch self {
    case .all: "SELECT name, value FROM setting WHERE name LIKE 'session.%'"
    case .insert: "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING"
    case .delete: "DELETE FROM setting WHERE name = ?1"
    }
  }
}

/// Sessions of the console that were signed out before their time: a session is a signed statement, which nothing else
/// would take back.
///
/// Each is kept until it would have ended by itself, so they are as few as one day's sign-outs.
package final class EndedSessions: Sendable {
  /// By the session's id: when it would have ended by itself.
  private let ends: Mutex<[String: Instant]>

  /// Those that the database has.
  package init(in session: any Session) throws {
    let rows = try session.rows(of: EndedSessionStatement.all) { row in
      (id: String(row.text(0).dropFirst("session.".count)), end: Instant(String(decoding: row.bytes(1), as: UTF8.self)))
    }
    ends = Mutex(Dictionary(rows.map { ($0.id, $0.end ?? .latest) }, uniquingKeysWith: { $1 }))
  }

  /// Whether the session of that id was signed out.
  package func contains(_ id: String) -> Bool { ends.withLock { $0[id] != nil } }

  /// Those that are over anyway.
  package func past(_ now: Instant) -> [String] {
    ends.withLock { ends in ends.filter { $0.value <= now }.map { $0.key } }
  }

  /// Writes that a session has ended, which would have lasted until `end`, and forgets those that are `past`.
  package static func store(_ id: String, until end: Instant, forgetting past: [String], in session: any Session) throws
  {
    try session.execute(EndedSessionStatement.insert, .text("session.\(id)"), .bytes(Array(end.text.utf8)))
    for id in past { try session.execute(EndedSessionStatement.delete, .text("session.\(id)")) }
  }

  /// Lets nobody in by it from now on.
  package func activate(_ id: String, until end: Instant, forgetting past: [String]) {
    ends.withLock { ends in
      ends[id] = end
      for id in past { ends[id] = nil }
    }
  }
}
