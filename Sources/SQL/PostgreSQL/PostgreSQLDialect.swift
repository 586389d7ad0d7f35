/// How PostgreSQL reads the SQL that is written here once, as SQLite reads it.
///
/// Five things differ: SQLite's `INTEGER` has 64 bits, its `BLOB` is `BYTEA`, its `TEXT` sorts by its bytes whatever the
/// cluster's language, a table `WITHOUT ROWID` is every table, and parameters are `$1`.
package enum PostgreSQLDialect {
  /// The text as PostgreSQL reads it.
  package static func text(_ sql: String) -> String {
    var text = ""
    var word = ""
    func spelled(_ word: String) -> String {
      switch word {
      case "INTEGER": "BIGINT"
      case "BLOB": "BYTEA"
      case "TEXT": "TEXT COLLATE \"C\""
      case "WITHOUT_ROWID": ""
      default: word
      }
    }
    for character in sql.replacing("WITHOUT ROWID", with: "WITHOUT_ROWID") {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else {
        text += spelled(word)
        text.append(character == "?" ? "$" : character)
        word = ""
      }
    }
    return text + spelled(word)
  }
}
