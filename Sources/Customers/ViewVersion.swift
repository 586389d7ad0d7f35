import SQL

enum ViewVersionStatement: Int, StatementSet {
  case all, begin, built, restart, switched

  var sql: String {
    switch self {
    case .all: "SELECT name, version, next, built FROM view_version ORDER BY name"
    case .begin:
      """
      INSERT INTO view_version (name, version, next, built) VALUES (?1, 0, ?2, 0)
      ON CONFLICT (name) DO UPDATE SET next = excluded.next, built = 0
      """
    case .built: "UPDATE view_version SET built = ?1 WHERE next IS NOT NULL"
    case .restart: "UPDATE view_version SET built = NULL WHERE next IS NOT NULL"
    case .switched: "UPDATE view_version SET version = next, next = NULL, built = NULL WHERE next IS NOT NULL"
    }
  }
}

/// Which version of its program a view's rows were made by, and how far the next one is.
struct ViewVersion {
  let name: String
  let version: Int64
  /// The version that is built beside it.
  let next: Int64?
  /// The place in the log up to which that is built.
  let built: Int64?

  static func all(in session: any Session) throws -> [ViewVersion] {
    try session.rows(of: ViewVersionStatement.all) { row in
      ViewVersion(
        name: row.text(0), version: row.integer(1), next: row.optionalInteger(2), built: row.optionalInteger(3))
    }
  }

  /// The views whose rows this program would make otherwise, or is about to: what they say is not judged.
  static func outdated(_ folds: [any Fold], in session: any Session) throws -> Set<String> {
    let known = Dictionary(uniqueKeysWithValues: try all(in: session).map { ($0.name, $0) })
    let views = folds.compactMap { $0 as? any View }
    return Set(views.filter { known[$0.name]?.version != $0.version || known[$0.name]?.next != nil }.map { $0.name })
  }
}
