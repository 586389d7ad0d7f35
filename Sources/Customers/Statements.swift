package import SQL

/// Every set of statements of the product, so that a test can prepare each of them against PostgreSQL.
///
/// `SQLiteSession`'s own verbs are left out: they are SQLite's alone.
package let allStatementSets: [any StatementSet.Type] = [
  AccessKeyStatement.self,
  AuditStatement.self,
  CanonicalStatement.self,
  ClaimStatement.self,
  ConsentStatement.self,
  DeadLetterStatement.self,
  DocumentStatement.self,
  ErasureStatement.self,
  EventOrderStatement.self,
  ExportStatement.self,
  IdentifierStatement.self,
  JobStatement.self,
  LogStatement.self,
  LookupStatement.self,
  MergeStatement.self,
  MessageStatement.self,
  MigrationStatement.self,
  OriginStatement.self,
  PastStatement.self,
  ProfileStatement.self,
  ReachStatement.self,
  ResumeStateStatement.self,
  ReviewStatement.self,
  SearchStatement.self,
  SearchedCustomerStatement.self,
  SeparationStatement.self,
  SettingStatement.self,
  TieStatement.self,
  TimelineStatement.self,
  TombstoneStatement.self,
  TraitStatement.self,
]
