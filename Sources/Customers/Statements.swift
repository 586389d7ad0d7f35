package import SQL

/// Every set of statements of the product, so that a test can prepare each of them against PostgreSQL.
///
/// `SQLiteSession`'s own verbs are left out: they are SQLite's alone.
package let allStatementSets: [any StatementSet.Type] = [
  AccessKeyStatement.self, ClaimStatement.self, DeadLetterStatement.self, DocumentStatement.self, LogStatement.self,
  LookupStatement.self, MessageStatement.self, MigrationStatement.self, OriginStatement.self, ProfileStatement.self,
  ReachStatement.self, SearchStatement.self, SearchedCustomerStatement.self, SettingStatement.self, TieStatement.self,
  TimelineStatement.self, TraitStatement.self,
]
