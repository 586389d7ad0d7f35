package import Base
import CSQLite

extension SystemLibrary {
  /// SQLite: newer versions have all that older ones have.
  package static var sqlite: SystemLibrary {
    SystemLibrary(
      "SQLite", version: String(cString: sqlite3_libversion()), built: SQLITE_VERSION,
      suits: sqlite3_libversion_number() >= SQLITE_VERSION_NUMBER)
  }
}
