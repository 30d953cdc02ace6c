// A library that is loaded before an executable (LD_PRELOAD). It makes a system call fail or transfer less than
// requested, or kills the process at that call. Environment variables control it:
//
//   SLUICE_FAULT_LOG    a file that gets every call in scope as "CALL PATH" and every fault as "fault CALL PATH"
//   SLUICE_FAULT_BELOW  the scope: calls on paths, or open descriptors of paths, with this prefix; and new threads
//   SLUICE_FAULT        "CALL FIRST COUNT ACTION NUMBER": the name of the call ("any" for all names), the first such
//                       call, counted from 1, the number of calls (0 for all, -1 for every other one), and the action:
//                         fail NUMBER      the call does nothing and fails with that errno
//                         short NUMBER     the call transfers at most NUMBER bytes
//                         kill-before, kill-within, kill-after
//                                          SIGKILL before the call, after half of its bytes, or after the call

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum action { none, fail, shorten, kill_before, kill_within, kill_after };

struct fault {
  enum action action;
  long number;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int log_descriptor = -1;
static const char *scope;
static char wanted_call[32];
static long first, count, met;
static struct fault wanted;

static void set_up(void) {
  static const char *names[] = {"none", "fail", "short", "kill-before", "kill-within", "kill-after"};
  scope = getenv("SLUICE_FAULT_BELOW");
  const char *path = getenv("SLUICE_FAULT_LOG");
  if (!scope || !path) return;
  // A high number, out of the way of the descriptors that the process itself gets.
  int descriptor = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  log_descriptor = syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, 500);
  syscall(SYS_close, descriptor);

  const char *text = getenv("SLUICE_FAULT");
  char action[32];
  if (!text) return;
  if (sscanf(text, "%31s %ld %ld %31s %ld", wanted_call, &first, &count, action, &wanted.number) != 5) abort();
  for (int i = 0; i < 6; i++)
    if (!strcmp(action, names[i])) wanted.action = i;
  if (wanted.action == none) abort();
}

static void write_down(const char *what, const char *call, const char *path) {
  char line[4200];
  int length = snprintf(line, sizeof line, "%s%s %s\n", what, call, path);
  if (length >= (int)sizeof line) length = sizeof line - 1;
  syscall(SYS_write, log_descriptor, line, length);
}

static void kill_now(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

// Decides what happens to a call that is about to be made. Preserves errno.
static struct fault meet_path(const char *call, const char *path) {
  struct fault nothing = {none, 0};
  pthread_once(&once, set_up);
  if (log_descriptor < 0 || !path || strncmp(path, scope, strlen(scope))) return nothing;
  int before = errno;
  write_down("", call, path);
  int isWanted = 0;
  if (wanted.action && (!strcmp(wanted_call, "any") || !strcmp(wanted_call, call))) {
    long number = __atomic_add_fetch(&met, 1, __ATOMIC_RELAXED);
    isWanted = number >= first && (count < 0 ? (number - first) % 2 == 0 : count == 0 || number < first + count);
  }
  if (isWanted) {
    write_down("fault ", call, path);
    if (wanted.action == kill_before) kill_now();
  }
  errno = before;
  return isWanted ? wanted : nothing;
}

// Decides the same for a call on a descriptor.
static struct fault meet(const char *call, int descriptor) {
  char link[64], path[4096];
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  errno = before;
  // A call on a closed descriptor is a bug, because the number may belong to another thread by then.
  if (length < 0) return meet_path("unopened", scope);
  path[length] = 0;
  return meet_path(call, path);
}

static int is_failure(struct fault fault) {
  if (fault.action != fail) return 0;
  errno = fault.number;
  return 1;
}

// Kills the process after the call if that is still due.
static void finish(struct fault fault) {
  if (fault.action == kill_within || fault.action == kill_after) kill_now();
}

static size_t asked(struct fault fault, size_t size) {
  if (fault.action == kill_within) return size / 2;
  return fault.action == shorten && (size_t)fault.number < size ? (size_t)fault.number : size;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// Defines a call with the given result type, failure value, name, parameters, fault decision and arguments.
#define CALL(type, failed, name, parameters, fault_met, arguments) \
  type name parameters {                                           \
    static __typeof__(&name) real;                                 \
    if (!real) real = REAL(name);                                  \
    struct fault fault = fault_met;                                \
    if (is_failure(fault)) return failed;                          \
    type result = real arguments;                                  \
    finish(fault);                                                 \
    return result;                                                 \
  }

#define OPEN(name)                                            \
  int name(const char *path, int flags, ...) {                \
    static __typeof__(&name) real;                            \
    if (!real) real = REAL(name);                             \
    va_list rest;                                             \
    va_start(rest, flags);                                    \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                             \
    struct fault fault = meet_path("open", path);             \
    if (is_failure(fault)) return -1;                         \
    int result = real(path, flags, mode);                     \
    finish(fault);                                            \
    return result;                                            \
  }

OPEN(open)
OPEN(open64)

CALL(ssize_t, -1, read, (int file, void *to, size_t size), meet("read", file), (file, to, asked(fault, size)))
CALL(
    ssize_t, -1, write, (int file, const void *from, size_t size), meet("write", file),
    (file, from, asked(fault, size)))
CALL(
    ssize_t, -1, pwrite, (int file, const void *from, size_t size, off_t offset), meet("write", file),
    (file, from, asked(fault, size), offset))
CALL(
    ssize_t, -1, pwrite64, (int file, const void *from, size_t size, off64_t offset), meet("write", file),
    (file, from, asked(fault, size), offset))

CALL(int, -1, close, (int file), meet("close", file), (file))
CALL(int, -1, fsync, (int file), meet("fsync", file), (file))
CALL(int, -1, fchmod, (int file, mode_t mode), meet("fchmod", file), (file, mode))
CALL(int, -1, fstat, (int file, struct stat *status), meet("fstat", file), (file, status))
CALL(int, -1, fstat64, (int file, struct stat64 *status), meet("fstat", file), (file, status))
CALL(int, -1, stat, (const char *path, struct stat *status), meet_path("stat", path), (path, status))
CALL(int, -1, stat64, (const char *path, struct stat64 *status), meet_path("stat", path), (path, status))
CALL(int, -1, lstat, (const char *path, struct stat *status), meet_path("lstat", path), (path, status))
CALL(int, -1, lstat64, (const char *path, struct stat64 *status), meet_path("lstat", path), (path, status))
CALL(
    int, -1, faccessat, (int at, const char *path, int mode, int flags), meet_path("access", path),
    (at, path, mode, flags))
CALL(int, -1, rename, (const char *from, const char *to), meet_path("rename", to), (from, to))
CALL(int, -1, unlink, (const char *path), meet_path("unlink", path), (path))
CALL(int, -1, mkdir, (const char *path, mode_t mode), meet_path("mkdir", path), (path, mode))
CALL(char *, NULL, realpath, (const char *path, char *resolved), meet_path("realpath", path), (path, resolved))
CALL(struct dirent *, NULL, readdir, (DIR * directory), meet("readdir", dirfd(directory)), (directory))
CALL(struct dirent64 *, NULL, readdir64, (DIR * directory), meet("readdir", dirfd(directory)), (directory))

// pthread_create returns its error as its result. It has no path, so it is in every scope.
CALL(
    int, (int)fault.number, pthread_create,
    (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
    meet_path("pthread_create", scope), (thread, attributes, start, argument))
