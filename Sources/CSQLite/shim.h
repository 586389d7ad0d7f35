#pragma once
#include <sqlite3.h>

/// Swift imports neither variadic functions nor casts to function pointers; these are what we need of them.
/// Without its statistics SQLite's allocator takes no lock that all connections share. Before the first connection only.
static inline int tl_sqlite3_config_without_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// A null pointer would bind NULL, so an empty value is given a place. The value must live until the reset.
static inline int tl_sqlite3_bind_text(sqlite3_stmt *s, int i, const void *p, int n) {
  return sqlite3_bind_text(s, i, p ? (const char *)p : "", n, SQLITE_STATIC);
}
static inline int tl_sqlite3_bind_blob(sqlite3_stmt *s, int i, const void *p, int n) {
  return sqlite3_bind_blob(s, i, p ? p : "", n, SQLITE_STATIC);
}
