// The yardstick of durable events: how many rows a second SQLite takes from C when nothing else is done.
//
//   raw-sqlite FILE SECONDS      prints rows per second and the median fdatasync in microseconds
//
// 500-byte rows under an integer key, 1000 a transaction, WAL, synchronous=FULL: the fastest durable way that was
// measured. The disk's fdatasync is printed because no rate of durable writes means anything without it.
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void must(int ok, const char *what) {
  if (!ok) {
    fprintf(stderr, "raw-sqlite: %s\n", what);
    exit(1);
  }
}

static void run(sqlite3 *db, const char *sql) { must(sqlite3_exec(db, sql, 0, 0, 0) == SQLITE_OK, sqlite3_errmsg(db)); }

static int ascending(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

// The median of 101 appends of one page, each followed by fdatasync, in microseconds.
static double sync_time(const char *file) {
  static char page[4096];
  double times[101];
  char name[4096];
  snprintf(name, sizeof name, "%s.sync", file);
  int descriptor = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  must(descriptor >= 0, "cannot open a file beside the database");
  for (int i = 0; i < 101; i++) {
    double start = now();
    must(write(descriptor, page, sizeof page) == sizeof page && fdatasync(descriptor) == 0, "fdatasync failed");
    times[i] = (now() - start) * 1e6;
  }
  close(descriptor);
  unlink(name);
  qsort(times, 101, sizeof *times, ascending);
  return times[50];
}

int main(int count, char **arguments) {
  must(count == 3, "usage: raw-sqlite FILE SECONDS");
  double seconds = atof(arguments[2]);
  char body[500];
  for (size_t i = 0; i < sizeof body; i++) body[i] = 'a' + i % 26;

  sqlite3 *db;
  must(sqlite3_open(arguments[1], &db) == SQLITE_OK, "cannot open the database");
  run(db, "PRAGMA journal_mode=WAL");
  run(db, "PRAGMA synchronous=FULL");
  run(db, "CREATE TABLE event(sequence INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  sqlite3_stmt *insert;
  must(sqlite3_prepare_v2(db, "INSERT INTO event(body) VALUES (?1)", -1, &insert, 0) == SQLITE_OK, "prepare");

  long rows = 0;
  double start = now();
  while (now() - start < seconds) {
    run(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < 1000; i++, rows++) {
      sqlite3_bind_text(insert, 1, body, sizeof body, SQLITE_STATIC);
      must(sqlite3_step(insert) == SQLITE_DONE, sqlite3_errmsg(db));
      sqlite3_reset(insert);
    }
    run(db, "COMMIT");
  }
  double elapsed = now() - start;
  sqlite3_finalize(insert);
  sqlite3_close(db);
  printf("%.0f %.1f\n", rows / elapsed, sync_time(arguments[1]));
}
