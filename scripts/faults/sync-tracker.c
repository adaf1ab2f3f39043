/*
 * Stands between a process and its files (LD_PRELOAD) and writes down what a power cut could undo: which
 * bytes were synced, and every change of a name since the last sync. scripts/faults/power-cut.ts reads
 * the journal after the process was killed and makes of its folder what the disk might have kept. It can
 * also let writes and syncs fail, or let a sync do nothing and say it was done.
 *
 *   SYNC_TRACKER_ROOT        the folder that is watched, by absolute paths; nothing else is touched
 *   SYNC_TRACKER_JOURNAL     one line a change: WORD <tab> path <tab> path or number <tab> number
 *   SYNC_TRACKER_KEPT        a folder beside it, for files that lost their name and bytes that were overwritten
 *   SYNC_TRACKER_FAIL_FROM   from this write or sync on (1 is the first) …
 *   SYNC_TRACKER_FAIL_COUNT  … so many of them fail …
 *   SYNC_TRACKER_FAIL_ERRNO  … with this errno; a failing write leaves its first half
 *   SYNC_TRACKER_LIE_ABOUT   a sync of a file whose path holds this text does nothing
 *   SYNC_TRACKER_DELAY_MS    every sync takes so much longer
 *
 *   CREATE path              RENAME from to kept (kept 0: nothing was overwritten)
 *   UNLINK path kept         OVER path offset kept size (the bytes before were kept, of a file of that size)
 *   SYNC path size           DIRSYNC path
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *root, *kept_folder, *lie_about;
static int journal = -1, fail_errno, delay_ms;
static long fail_from, fail_count, operations, kept_files;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("SYNC_TRACKER_JOURNAL");
  root = getenv("SYNC_TRACKER_ROOT");
  kept_folder = getenv("SYNC_TRACKER_KEPT");
  lie_about = getenv("SYNC_TRACKER_LIE_ABOUT");
  fail_from = atol(getenv("SYNC_TRACKER_FAIL_FROM") ?: "0");
  fail_count = atol(getenv("SYNC_TRACKER_FAIL_COUNT") ?: "0");
  delay_ms = atoi(getenv("SYNC_TRACKER_DELAY_MS") ?: "0");
  fail_errno = atoi(getenv("SYNC_TRACKER_FAIL_ERRNO") ?: "0");
  if (path) journal = REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int watched(const char *path) {
  return journal >= 0 && root && path && strncmp(path, root, strlen(root)) == 0;
}

/* The path that a descriptor was opened by. */
static int watched_fd(int fd, char path[PATH_BYTES]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_BYTES - 1);
  path[length > 0 ? length : 0] = 0;
  return watched(path);
}

/* One write a line: lines of different threads do not mix in a file opened for appending. */
static void note(const char *format, ...) {
  char line[3 * PATH_BYTES];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  if (write(journal, line, length) != length) abort();
}

static int exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0;
}

static long next_kept(char kept[PATH_BYTES]) {
  long number = __atomic_add_fetch(&kept_files, 1, __ATOMIC_SEQ_CST);
  snprintf(kept, PATH_BYTES, "%s/%ld", kept_folder, number);
  return number;
}

/* Another name for a file that is about to lose its own. 0: there was none. */
static long keep_file(const char *path) {
  char kept[PATH_BYTES];
  long number = next_kept(kept);
  return link(path, kept) == 0 ? number : 0;
}

static int must_fail(void) {
  long operation = __atomic_add_fetch(&operations, 1, __ATOMIC_SEQ_CST);
  if (fail_from == 0 || operation < fail_from || operation >= fail_from + fail_count) return 0;
  errno = fail_errno;
  return 1;
}

static int tracked_sync(int fd, int (*real)(int)) {
  char path[PATH_BYTES];
  struct stat before;
  if (!watched_fd(fd, path)) return real(fd);
  if (must_fail()) return -1;
  if (lie_about && strstr(path, lie_about)) return 0;
  usleep(1000 * delay_ms);
  fstat(fd, &before); /* what comes while we sync may or may not be included */
  int result = real(fd);
  if (result == 0 && S_ISDIR(before.st_mode)) note("DIRSYNC\t%s\n", path);
  else if (result == 0) note("SYNC\t%s\t%ld\n", path, (long)before.st_size);
  return result;
}

int fsync(int fd) { return tracked_sync(fd, REAL(fsync)); }
int fdatasync(int fd) { return tracked_sync(fd, REAL(fdatasync)); }

int open64(const char *path, int flags, ...) {
  va_list values;
  va_start(values, flags);
  mode_t mode = va_arg(values, mode_t);
  va_end(values);
  int creates = (flags & O_CREAT) && watched(path) && !exists(path);
  int fd = REAL(open64)(path, flags, mode);
  if (creates && fd >= 0) note("CREATE\t%s\n", path);
  return fd;
}

FILE *fopen64(const char *path, const char *mode) {
  int creates = mode[0] != 'r' && watched(path) && !exists(path);
  FILE *file = REAL(fopen64)(path, mode);
  if (creates && file) note("CREATE\t%s\n", path);
  return file;
}

int mkdir(const char *path, mode_t mode) {
  int result = REAL(mkdir)(path, mode);
  if (result == 0 && watched(path)) note("CREATE\t%s\n", path);
  return result;
}

int rename(const char *from, const char *to) {
  int mine = watched(from);
  long kept = mine ? keep_file(to) : 0;
  int result = REAL(rename)(from, to);
  if (mine && result == 0) note("RENAME\t%s\t%s\t%ld\n", from, to, kept);
  return result;
}

int unlink(const char *path) {
  int mine = watched(path);
  long kept = mine ? keep_file(path) : 0;
  int result = REAL(unlink)(path);
  if (mine && result == 0) note("UNLINK\t%s\t%ld\n", path, kept);
  return result;
}

static void keep_bytes(int fd, const char *path, size_t length, off64_t offset) {
  char kept[PATH_BYTES];
  struct stat status;
  if (fstat(fd, &status) != 0 || offset >= status.st_size) return;
  char *bytes = malloc(length);
  ssize_t had = pread(fd, bytes, length, offset);
  long number = next_kept(kept);
  int copy = REAL(open64)(kept, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (had > 0 && write(copy, bytes, had) == had) 
    note("OVER\t%s\t%ld\t%ld\t%ld\n", path, (long)offset, number, (long)status.st_size);
  close(copy);
  free(bytes);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  char path[PATH_BYTES];
  if (!watched_fd(fd, path)) return REAL(pwrite64)(fd, bytes, length, offset);
  if (must_fail()) return -1;
  keep_bytes(fd, path, length, offset);
  return REAL(pwrite64)(fd, bytes, length, offset);
}

/* LevelDB writes through stdio; what fails in the middle is half in its buffer. */
#undef fwrite_unlocked
size_t fwrite_unlocked(const void *bytes, size_t size, size_t count, FILE *file) {
  char path[PATH_BYTES];
  if (!watched_fd(fileno(file), path) || !must_fail()) return REAL(fwrite_unlocked)(bytes, size, count, file);
  int error = errno;
  size_t written = REAL(fwrite_unlocked)(bytes, size, count / 2, file);
  errno = error;
  return written;
}
