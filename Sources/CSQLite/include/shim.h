#pragma once
#include <sqlite3.h>

// Swift imports neither variadic functions nor casts to function pointers; these are what we need of them.

/// A null pointer would bind NULL, so an empty value is given a place. The value must live until the reset.
static inline int tl_sqlite3_bind_text(sqlite3_stmt *s, int i, const void *p, int n) {
  return sqlite3_bind_text(s, i, p ? (const char *)p : "", n, SQLITE_STATIC);
}
static inline int tl_sqlite3_bind_blob(sqlite3_stmt *s, int i, const void *p, int n) {
  return sqlite3_bind_blob(s, i, p ? p : "", n, SQLITE_STATIC);
}

/// The name of a way to files that gathers what is written to the write-ahead log: journal_file.c says how. Null where
/// SQLite has no room for it, which opens files in its own way.
const char *tl_sqlite3_gathering_vfs(void);

// The system's reason of an I/O error. What sqlite3_system_errno tells is not set by a commit that fails, so the
// write-ahead log's own last error is asked too.
static inline int tl_sqlite3_system_errno(sqlite3 *db) {
  int reason = 0;
  sqlite3_file *log = 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log && log->pMethods)
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &reason);
  return reason ? reason : sqlite3_system_errno(db);
}

/// Makes what was written to the database's own file durable (not its journal).
static inline int tl_sqlite3_sync(sqlite3 *db) {
  sqlite3_file *file = 0;
  int result = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (result != SQLITE_OK || !file || !file->pMethods) return result;
  return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

/// Keeps the journal's file when the connection is closed, which else copies it, if it is the last, and deletes it.
static inline void tl_sqlite3_keep_journal(sqlite3 *db) {
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

/// What a failed sync answers; its macro is a computed one, which Swift does not import.
enum { tl_SQLITE_IOERR_FSYNC = SQLITE_IOERR_FSYNC };
