import SQL
import Testing

@Test(arguments: [
  ("SELECT a FROM b WHERE c = ?1 AND d = ?12", "SELECT a FROM b WHERE c = $1 AND d = $12"),
  (
    "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB NOT NULL)", "CREATE TABLE t (a BIGINT PRIMARY KEY, b BYTEA NOT NULL)"
  ),
  ("CREATE TABLE t (a TEXT NOT NULL) WITHOUT ROWID;", "CREATE TABLE t (a TEXT COLLATE \"C\" NOT NULL) ;"),
  ("SELECT INTEGERS, MY_TEXT, blob", "SELECT INTEGERS, MY_TEXT, blob"), ("INTEGER", "BIGINT"), ("", ""),
])
func `PostgreSQL reads what SQLite reads`(sql: String, text: String) { #expect(PostgreSQLDialect.text(sql) == text) }
