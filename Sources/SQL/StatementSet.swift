/// The statements of one noun: an enum, so that the list of them cannot miss one.
///
/// ```swift
/// enum OriginStatement: Int, StatementSet {
///   case find
///   var sql: String { switch self { case .find: "SELECT id FROM origin WHERE type = ?1 AND value = ?2" } }
/// }
/// ```
/// A session prepares each once and keeps it. The texts are read by SQLite as they stand and by PostgreSQL through
/// `PostgreSQLDialect`; a test prepares every one against both.
package protocol StatementSet: CaseIterable, RawRepresentable, Sendable where RawValue == Int {
  /// The text, with parameters `?1`, `?2` …
  var sql: String { get }
}
