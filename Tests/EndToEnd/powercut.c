// A disk that forgets: what a program has written is kept apart from what it has made durable, so that a test can end
// the program and see what a power cut would have left.
//
// Loaded into the program (LD_PRELOAD), it watches the files that stand directly in the directory POWERCUT_DATA. In the
// directory POWERCUT_DISK, which must be on the same file system, it keeps of each file, named by its inode number,
//
//   N        what has reached the disk
//   N.bits   one bit for each sector of 512 bytes that was written since and has not
//   names    one line "inode mode name" for each entry of the directory that has reached the disk
//
// What was written before a sync began reaches the disk when the sync returns; an entry of the directory does so when
// the directory itself is synced. So what the disk has does not depend on when the program is killed, and a program
// started again over the same two directories finds the disk as it was. Two settings make the disk worse:
//
//   POWERCUT_LUCK=percent:seed   as much of what is written also reaches the disk at once, without any sync and in any
//                                order: whole pages of 4 KiB, or only some sectors of one
//   POWERCUT_FAIL=suffix:count   from then on no page of the file whose name ends so reaches the disk by its own: the
//                                sync of that number loses what it should have written and fails. As in Linux, each
//                                descriptor that was open is told once, and the next sync finds nothing left to write
//
// The -shm file is left out: SQLite makes it anew when it opens a database. Not watched are writes through a mapping,
// directories within the directory, and descriptors that were copied, all of which the server does not use for its
// database. The real sync is left out, since the test ends the program and never the machine.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  sector = 512,
  page = 4096,
  sectors = 1 << 22,     // files up to 2 GiB
  descriptors = 1 << 16  // of the program
};

struct file {
  ino_t inode;
  int real, disk;            // descriptors of our own: the file, and what has reached the disk
  unsigned char *dirty;      // shared with the next program
  unsigned char *again;      // what was written while a sync runs
  int error;                 // how many times pages were lost
  int counts;                // whether POWERCUT_FAIL means this one
  pthread_mutex_t syncing;
  struct file *next;
};

struct seen {
  struct file *file;
  int error;         // how much of `file->error` this descriptor was told
  int is_directory;  // the data directory itself
};

static struct seen seen[descriptors];
static struct file *files;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char data[PATH_MAX], disk[PATH_MAX], fail_suffix[64];
static int luck, fail_count;
static unsigned random_state;

#define REAL(name, type) ((type)real_function(#name))
static void *real_function(const char *name) { return dlsym(RTLD_NEXT, name); }
static int real_open(const char *path, int flags, mode_t mode) {
  return REAL(open, int (*)(const char *, int, ...))(path, flags, mode);
}
static ssize_t real_pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  return REAL(pwrite64, ssize_t(*)(int, const void *, size_t, off_t))(fd, bytes, count, offset);
}
static int real_truncate(int fd, off_t size) { return REAL(ftruncate64, int (*)(int, off_t))(fd, size); }

__attribute__((constructor)) static void begin(void) {
  const char *setting = getenv("POWERCUT_DATA");
  if (!setting || !realpath(setting, data) || !getenv("POWERCUT_DISK") || !realpath(getenv("POWERCUT_DISK"), disk)) {
    fprintf(stderr, "powercut: no POWERCUT_DATA or no POWERCUT_DISK\n");
    _exit(99);
  }
  if ((setting = getenv("POWERCUT_LUCK"))) sscanf(setting, "%d:%u", &luck, &random_state);
  if ((setting = getenv("POWERCUT_FAIL"))) sscanf(setting, "%63[^:]:%d", fail_suffix, &fail_count);
}

// Whether a thing that is as likely as that happens; under the lock.
static int happens(int percent) {
  random_state = random_state * 1103515245u + 12345u;
  return (int)(random_state >> 16) % 100 < percent;
}

static void die(const char *what) {
  fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
  _exit(99);
}

// The directory's entries as text, to be freed.
static char *listing(void) {
  char *text = 0;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  DIR *directory = opendir(data);
  if (!out || !directory) die("the directory cannot be read");
  for (struct dirent *entry; (entry = readdir(directory));) {
    struct stat status;
    if (fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) || !S_ISREG(status.st_mode)) continue;
    fprintf(out, "%llu %o %s\n", (unsigned long long)status.st_ino, status.st_mode & 0777, entry->d_name);
  }
  closedir(directory);
  fclose(out);
  return text;
}

static void keep_names(char *text) {
  char path[PATH_MAX + 16], partial[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/names", disk);
  snprintf(partial, sizeof partial, "%s/names.partial", disk);
  FILE *out = fopen(partial, "w");
  if (!out || fputs(text, out) < 0 || fclose(out) ||
      REAL(rename, int (*)(const char *, const char *))(partial, path))
    die("the names cannot be kept");
  free(text);
}

static void mark(struct file *file, off_t from, off_t to) {
  for (off_t number = from / sector; number * sector < to; number++) {
    if (number >= sectors) die("the file is too large");
    file->dirty[number / 8] |= 1 << number % 8;
    file->again[number / 8] |= 1 << number % 8;
  }
}

static void copy_sector(struct file *file, off_t number) {
  char bytes[sector];
  ssize_t count = pread(file->real, bytes, sector, number * sector);
  if (count > 0 && real_pwrite(file->disk, bytes, count, number * sector) != count) die("the disk cannot be written");
}

static struct file *make_file(int fd, const struct stat *status, const char *name, int is_new) {
  struct file *file = calloc(1, sizeof *file);
  char path[PATH_MAX + 64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  file->inode = status->st_ino;
  file->real = real_open(path, O_RDONLY | O_CLOEXEC, 0);
  pthread_mutex_init(&file->syncing, 0);
  size_t length = strlen(name), suffix = strlen(fail_suffix);
  file->counts = suffix && length >= suffix && !strcmp(name + length - suffix, fail_suffix);
  snprintf(path, sizeof path, "%s/%llu", disk, (unsigned long long)status->st_ino);
  int is_unknown = access(path, F_OK);
  file->disk = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  strcat(path, ".bits");
  int bits = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file->real < 0 || file->disk < 0 || bits < 0 || real_truncate(bits, sectors / 8)) die(path);
  file->dirty = mmap(0, sectors / 8, PROT_READ | PROT_WRITE, MAP_SHARED, bits, 0);
  file->again = calloc(1, sectors / 8);
  REAL(close, int (*)(int))(bits);
  if (file->dirty == MAP_FAILED || !file->again) die(path);
  // What was there before anybody watched has long been on the disk.
  if (is_unknown && !is_new)
    for (off_t number = 0; number * sector < status->st_size; number++) copy_sector(file, number);
  file->next = files;
  return files = file;
}

static void opened(int fd, int flags, int is_new) {
  if (fd < 0 || fd >= descriptors) return;
  int kept = errno;
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length > 0 ? length : 0] = 0;
  size_t prefix = strlen(data);
  memset(&seen[fd], 0, sizeof seen[fd]);
  if (!strncmp(path, data, prefix) && (!path[prefix] || path[prefix] == '/')) {
    struct stat status;
    const char *name = path + prefix + 1;
    int is_shared_memory = length > 4 && !strcmp(path + length - 4, "-shm");
    pthread_mutex_lock(&lock);
    if (!path[prefix]) {
      seen[fd].is_directory = 1;
    } else if (!strchr(name, '/') && !is_shared_memory && !fstat(fd, &status) && S_ISREG(status.st_mode)) {
      struct file *file = files;
      while (file && file->inode != status.st_ino) file = file->next;
      if (!file) file = make_file(fd, &status, name, is_new);
      seen[fd].file = file;
      seen[fd].error = file->error;
      if (flags & O_TRUNC) mark(file, 0, status.st_size);
      if (is_new && happens(luck)) keep_names(listing());
    }
    pthread_mutex_unlock(&lock);
  }
  errno = kept;
}

#define OPENS(name)                                                     \
  int name(const char *path, int flags, ...) {                          \
    va_list rest;                                                       \
    va_start(rest, flags);                                              \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                       \
    int is_new = flags & O_CREAT && access(path, F_OK);                 \
    int fd = real_open(path, flags, mode);                              \
    opened(fd, flags, is_new);                                          \
    return fd;                                                          \
  }
OPENS(open)
OPENS(open64)

int close(int fd) {
  if (fd >= 0 && fd < descriptors) memset(&seen[fd], 0, sizeof seen[fd]);
  return REAL(close, int (*)(int))(fd);
}

static struct file *file_of(int fd) { return fd >= 0 && fd < descriptors ? seen[fd].file : 0; }

// Takes note of a write, and lets some of it reach the disk; under the lock.
static void wrote(struct file *file, off_t offset, ssize_t count) {
  if (count <= 0) return;
  mark(file, offset, offset + count);
  if (!luck) return;
  for (off_t start = offset / page * page; start < offset + count; start += page) {
    if (!happens(luck)) continue;
    int is_torn = happens(50);
    for (off_t number = start / sector; number < (start + page) / sector; number++)
      if (number * sector < offset + count && (number + 1) * sector > offset && (!is_torn || happens(50)))
        copy_sector(file, number);
  }
}

// The name is looked up once: a server writes to its sockets too.
#define WRITES(name, parameters, arguments, begins)                       \
  ssize_t name parameters {                                               \
    static ssize_t(*real) parameters;                                     \
    if (!real) real = REAL(name, ssize_t(*) parameters);                  \
    struct file *file = file_of(fd);                                      \
    if (!file) return real arguments;                                     \
    pthread_mutex_lock(&lock);                                            \
    off_t start = begins;                                                 \
    ssize_t written = real arguments;                                     \
    int kept = errno;                                                     \
    wrote(file, start, written);                                          \
    pthread_mutex_unlock(&lock);                                          \
    errno = kept;                                                         \
    return written;                                                       \
  }
#define HERE (fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR))
WRITES(write, (int fd, const void *bytes, size_t count), (fd, bytes, count), HERE)
WRITES(writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), HERE)
WRITES(pwrite, (int fd, const void *bytes, size_t count, off_t offset), (fd, bytes, count, offset), offset)
WRITES(pwrite64, (int fd, const void *bytes, size_t count, off_t offset), (fd, bytes, count, offset), offset)
WRITES(pwritev, (int fd, const struct iovec *parts, int count, off_t offset), (fd, parts, count, offset), offset)
WRITES(pwritev64, (int fd, const struct iovec *parts, int count, off_t offset), (fd, parts, count, offset), offset)

int ftruncate64(int fd, off_t size) {
  struct file *file = file_of(fd);
  if (!file) return real_truncate(fd, size);
  struct stat status;
  pthread_mutex_lock(&lock);
  int result = fstat(fd, &status) ? -1 : real_truncate(fd, size);
  int kept = errno;
  // What is cut off and written anew later holds zeros in between.
  if (!result && size < status.st_size) mark(file, size, status.st_size);
  if (!result && happens(luck) && real_truncate(file->disk, size)) die("the disk cannot be cut");
  pthread_mutex_unlock(&lock);
  errno = kept;
  return result;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

// What is to reach the disk: the dirty sectors and what they hold.
struct snapshot {
  off_t size;
  size_t count, room;
  unsigned *numbers;
  char *bytes;
};

static void add(struct snapshot *snapshot, struct file *file, unsigned number) {
  if (snapshot->count == snapshot->room) {
    snapshot->room = snapshot->room ? 2 * snapshot->room : 256;
    snapshot->numbers = realloc(snapshot->numbers, snapshot->room * sizeof *snapshot->numbers);
    snapshot->bytes = realloc(snapshot->bytes, snapshot->room * sector);
    if (!snapshot->numbers || !snapshot->bytes) die("out of memory");
  }
  char *place = snapshot->bytes + snapshot->count * sector;
  memset(place, 0, sector);
  if (pread(file->real, place, sector, (off_t)number * sector) < 0) die("the file cannot be read");
  snapshot->numbers[snapshot->count++] = number;
}

// Every sector that waits, under the lock.
static struct snapshot take(struct file *file) {
  struct snapshot snapshot = {0};
  struct stat status;
  if (fstat(file->real, &status)) die("the file cannot be asked");
  snapshot.size = status.st_size;
  for (unsigned word = 0; word < sectors / 64; word++) {
    if (!((unsigned long long *)file->dirty)[word]) continue;
    for (unsigned number = 64 * word; number < 64 * word + 64; number++)
      if (file->dirty[number / 8] & 1 << number % 8) add(&snapshot, file, number);
  }
  memset(file->again, 0, sectors / 8);
  return snapshot;
}

// Under the lock: what is lost is clean from then on too.
static void end(struct file *file, struct snapshot *snapshot, int is_lost) {
  for (size_t index = 0; index < snapshot->count; index++) {
    unsigned number = snapshot->numbers[index];
    if (!is_lost && real_pwrite(file->disk, snapshot->bytes + index * sector, sector, (off_t)number * sector) != sector)
      die("the disk cannot be written");
    if (!(file->again[number / 8] & 1 << number % 8)) file->dirty[number / 8] &= ~(1 << number % 8);
  }
  if (!is_lost && real_truncate(file->disk, snapshot->size)) die("the disk cannot be cut");
  free(snapshot->numbers);
  free(snapshot->bytes);
}

int fdatasync(int fd) {
  if (fd < 0 || fd >= descriptors || !(seen[fd].file || seen[fd].is_directory)) return 0;
  if (seen[fd].is_directory) {
    pthread_mutex_lock(&lock);
    char *names = listing();
    pthread_mutex_unlock(&lock);
    usleep(1000);
    pthread_mutex_lock(&lock);
    keep_names(names);
    pthread_mutex_unlock(&lock);
    return 0;
  }
  struct file *file = seen[fd].file;
  pthread_mutex_lock(&file->syncing);
  pthread_mutex_lock(&lock);
  struct snapshot snapshot = take(file);
  pthread_mutex_unlock(&lock);
  usleep(1000);
  pthread_mutex_lock(&lock);
  int is_lost = file->counts && fail_count && !--fail_count;
  if (is_lost) file->error++;
  end(file, &snapshot, is_lost);
  int is_told = seen[fd].error != file->error;
  seen[fd].error = file->error;
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&file->syncing);
  if (!is_told) return 0;
  errno = EIO;
  return -1;
}
int fsync(int fd) { return fdatasync(fd); }

// The inode of a file that is taken away is kept, so that no other file gets its number: the disk may still have it.
static void bury(const char *path) {
  struct stat status;
  char grave[PATH_MAX + 64];
  if (strncmp(path, data, strlen(data)) || stat(path, &status) || !S_ISREG(status.st_mode)) return;
  snprintf(grave, sizeof grave, "%s/%llu.grave", disk, (unsigned long long)status.st_ino);
  if (REAL(link, int (*)(const char *, const char *))(path, grave) && errno != EEXIST) die(grave);
}
int unlink(const char *path) {
  bury(path);
  return REAL(unlink, int (*)(const char *))(path);
}
int rename(const char *from, const char *to) {
  bury(to);
  return REAL(rename, int (*)(const char *, const char *))(from, to);
}
