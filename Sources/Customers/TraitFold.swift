import Base
package import SQL

enum TraitStatement: Int, StatementSet {
  case upsert, ofOrigin, erase

  var sql: String {
    switch self {
    case .upsert:
      """
      INSERT INTO trait (origin, name, source, value, at, message_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (origin, name, source) DO UPDATE SET value = excluded.value, at = excluded.at,
        message_id = excluded.message_id
      WHERE excluded.at > trait.at OR (excluded.at = trait.at AND excluded.message_id > trait.message_id)
      """
    case .ofOrigin: "SELECT name, source, value, at, message_id FROM trait WHERE origin = ?1"
    case .erase: "DELETE FROM trait WHERE origin = ?1"
    }
  }
}

/// The newest value of each trait by each source at each origin, by the time it was true; equal times break by the
/// message's id, so that the order of arrival does not matter.
package struct TraitFold: View {
  package let name = "traits"
  package let version: Int64 = 1
  package let tables = [FoldTable("trait", key: ["origin", "name", "source"], owner: "origin")]
  package var checks: [any Check] { [TraitCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let origin = entry.outcome.origin else { return }
    for trait in entry.event.traits {
      try session.execute(
        TraitStatement.upsert, .integer(origin), .text(trait.place.name), .text(entry.source), .utf8(trait.value),
        .integer(entry.event.at.milliseconds), .text(entry.event.messageID))
    }
  }
  /// Removes what stands at these origins.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins { try session.execute(TraitStatement.erase, .integer(origin)) }
  }
}
