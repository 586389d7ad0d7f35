#include "shim.h"
#include <stdlib.h>
#include <string.h>

// SQLite writes each page of its write-ahead log by two calls, a header of 24 bytes and the page. This stands before the
// log's file and gathers what is written side by side, so that a commit takes one call instead of a hundred.
//
// The page that ends a transaction, as the header before it says (https://sqlite.org/fileformat2.html, section 4.1),
// is written with all that was gathered before the call returns: so what other connections may see is in the file, and
// an error is the error of the transaction that it belongs to. Only what continues the last write is gathered; a header
// that is written once more, the log's own header, and the first frame after a rollback go straight through.

enum {
  frame_header = 24,  // bytes
  room = 127 << 10    // thirty pages: SQLite's own unixWrite takes less than 128 KiB (os_unix.c, seekAndWriteFd)
};

struct journal {
  sqlite3_file base;
  sqlite3_file *file;       // the real one, behind this
  unsigned char *gathered;  // null until something is written
  int count;                // how many bytes are gathered
  sqlite3_int64 end;        // where the last write ended; the gathered bytes are those before it
  int ends_transaction;     // whether the next page does
};

#define JOURNAL(file) ((struct journal *)(file))
#define REAL(file) (JOURNAL(file)->file)

static sqlite3_vfs *inner;

static int write_gathered(struct journal *journal) {
  int count = journal->count;
  if (!count) return SQLITE_OK;
  // Where it fails the transaction is rolled back, so nothing asks for these bytes again.
  journal->count = 0;
  return journal->file->pMethods->xWrite(journal->file, journal->gathered, count, journal->end - count);
}

static int journal_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  struct journal *journal = JOURNAL(file);
  const unsigned char *header = bytes;
  int is_header = count == frame_header;
  int ends = !is_header && journal->ends_transaction;
  journal->ends_transaction = is_header && (header[4] | header[5] | header[6] | header[7]);
  if (!journal->gathered) journal->gathered = malloc(room);
  if (offset != journal->end || count > room || !journal->gathered) {
    int result = write_gathered(journal);
    journal->end = offset + count;
    return result == SQLITE_OK ? REAL(file)->pMethods->xWrite(REAL(file), bytes, count, offset) : result;
  }
  if (count > room - journal->count) {
    int result = write_gathered(journal);
    if (result != SQLITE_OK) return result;
  }
  memcpy(journal->gathered + journal->count, bytes, count);
  journal->count += count;
  journal->end += count;
  return ends ? write_gathered(journal) : SQLITE_OK;
}

static int journal_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  struct journal *journal = JOURNAL(file);
  sqlite3_int64 start = journal->end - journal->count;
  if (journal->count && offset >= start && offset + count <= journal->end) {
    memcpy(bytes, journal->gathered + (offset - start), count);
    return SQLITE_OK;
  }
  return REAL(file)->pMethods->xRead(REAL(file), bytes, count, offset);
}

static int journal_close(sqlite3_file *file) {
  free(JOURNAL(file)->gathered);
  return REAL(file)->pMethods->xClose(REAL(file));
}
// A log is emptied when somebody was erased: its bytes are written over, so that the disk has them no more.
static int write_over(sqlite3_file *file) {
  static const unsigned char nothing[64 << 10];
  sqlite3_int64 size;
  int result = file->pMethods->xFileSize(file, &size);
  for (sqlite3_int64 at = 0; result == SQLITE_OK && at < size; at += sizeof nothing) {
    sqlite3_int64 left = size - at;
    int count = left < (sqlite3_int64)sizeof nothing ? (int)left : (int)sizeof nothing;
    result = file->pMethods->xWrite(file, nothing, count, at);
  }
  return result == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : result;
}

static int journal_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int result = write_gathered(JOURNAL(file));
  if (result == SQLITE_OK && size == 0) result = write_over(REAL(file));
  return result == SQLITE_OK ? REAL(file)->pMethods->xTruncate(REAL(file), size) : result;
}
static int journal_sync(sqlite3_file *file, int flags) {
  int result = write_gathered(JOURNAL(file));
  return result == SQLITE_OK ? REAL(file)->pMethods->xSync(REAL(file), flags) : result;
}
static int journal_size(sqlite3_file *file, sqlite3_int64 *size) {
  int result = write_gathered(JOURNAL(file));
  return result == SQLITE_OK ? REAL(file)->pMethods->xFileSize(REAL(file), size) : result;
}
static int journal_control(sqlite3_file *file, int verb, void *argument) {
  return REAL(file)->pMethods->xFileControl(REAL(file), verb, argument);
}
static int journal_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }
static int journal_traits(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }
// Locks are taken on the database's file and on shared memory, never on the log.
static int journal_lock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xLock(REAL(file), level); }
static int journal_unlock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xUnlock(REAL(file), level); }
static int journal_reserved(sqlite3_file *file, int *result) {
  return REAL(file)->pMethods->xCheckReservedLock(REAL(file), result);
}

static const sqlite3_io_methods methods = {
  .iVersion = 1,
  .xClose = journal_close,
  .xRead = journal_read,
  .xWrite = journal_write,
  .xTruncate = journal_truncate,
  .xSync = journal_sync,
  .xFileSize = journal_size,
  .xLock = journal_lock,
  .xUnlock = journal_unlock,
  .xCheckReservedLock = journal_reserved,
  .xFileControl = journal_control,
  .xSectorSize = journal_sector,
  .xDeviceCharacteristics = journal_traits,
};

static int gathering_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *opened) {
  (void)vfs;
  if (!(flags & SQLITE_OPEN_WAL)) return inner->xOpen(inner, name, file, flags, opened);
  struct journal *journal = JOURNAL(file);
  memset(journal, 0, sizeof *journal);
  journal->file = (sqlite3_file *)(journal + 1);
  int result = inner->xOpen(inner, name, journal->file, flags, opened);
  // SQLite closes what has methods, even where it could not be opened.
  journal->base.pMethods = journal->file->pMethods ? &methods : 0;
  return result;
}

const char *tl_sqlite3_gathering_vfs(void) {
  static const char name[] = "throughline";
  if (sqlite3_vfs_find(name)) return name;
  static sqlite3_vfs vfs;
  inner = sqlite3_vfs_find(0);
  vfs = *inner;
  vfs.szOsFile += (int)sizeof(struct journal);
  vfs.zName = name;
  vfs.pNext = 0;
  vfs.xOpen = gathering_open;
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? name : 0;
}
