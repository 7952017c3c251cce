/* Makes file calls below one folder go wrong: a library to preload.
 *
 * IOFAULT_DIR      the folder, absolute
 * IOFAULT_CONTROL  a file of sizeof(struct control) bytes that the test holds too: it arms the library, and reads how far the calls got
 * IOFAULT_TRACE    a file that gets a record of every counted call with its data, and of what was sent over sockets, in order
 * IOFAULT_CHILDREN set: the processes that the program starts are counted as well
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* What a call is; a bit each, so that a test can say which it means. */
enum kind { OPEN = 1, MAKE = 2, WRITE = 4, SIZE = 8, SYNC = 16, NAME = 32, SPACE = 64, READ = 128, SEND = 256 };
enum act { NOTHING, ERROR, TORN, KILL, TORN_KILL };

struct control {
    _Atomic uint64_t calls;     /* how many of the counted kinds there were */
    _Atomic uint64_t at;        /* the call that goes wrong; 0: none */
    _Atomic uint32_t act, errnum;
    _Atomic uint32_t counted;   /* kinds */
    _Atomic uint32_t stays;     /* every later call goes wrong as well */
    _Atomic uint32_t hangs;     /* kinds that do not return as long as this is set */
    _Atomic uint32_t waiting;   /* how many calls hang now */
    _Atomic uint32_t fired;     /* how many calls went wrong */
    char struck[164];           /* the first of them, in words */
};

static struct control *control;
static const char *folder;
static size_t folder_length;
static int trace = -1;
static pthread_mutex_t in_order = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ({ static __typeof__(&name) found; if (!found) found = (__typeof__(&name))dlsym(RTLD_NEXT, #name); found; })

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("IOFAULT_CONTROL");
    folder = getenv("IOFAULT_DIR");
    if (!path || !folder) return;
    folder_length = strlen(folder);
    int file = REAL(open)(path, O_RDWR | O_CLOEXEC);
    void *place = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (place == MAP_FAILED) {
        perror(path);
        _exit(99);
    }
    close(file);
    const char *record = getenv("IOFAULT_TRACE");
    if (record) trace = REAL(open)(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!getenv("IOFAULT_CHILDREN")) unsetenv("LD_PRELOAD");
    control = place;
}

/* Where a call's file is; false where it is none below the folder. */
static int is_below(const char *path) {
    return !strncmp(path, folder, folder_length) && (path[folder_length] == '/' || !path[folder_length]);
}

static int find_open(int fd, char *path, size_t size) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int saved = errno;
    ssize_t length = readlink(link, path, size - 1);
    errno = saved;
    if (length <= 0) return 0;
    path[length] = 0;
    return is_below(path);
}

static int find_named(int at, const char *name, char *path, size_t size) {
    size_t length = 0;
    if (name[0] != '/') {
        char link[32] = "/proc/self/cwd";
        if (at != AT_FDCWD) snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t found = readlink(link, path, size - 2);
        if (found <= 0) return 0;
        length = found;
        path[length++] = '/';
    }
    snprintf(path + length, size - length, "%s", name);
    return is_below(path);
}

/* One record: numbers, then the path, then the data. */
static void record(enum kind kind, uint64_t number, const char *path, uint64_t place, const void *data, uint64_t length) {
    uint64_t head[5] = {kind, number, strlen(path), place, length};
    struct iovec parts[] = {{head, sizeof head}, {(void *)path, head[2]}, {(void *)data, length}};
    if (REAL(writev)(trace, parts, 3) < 0) _exit(98);
}

struct call {
    enum kind kind;
    uint64_t number;
    char path[4096];
    enum act act;
    int is_recorded;
};

static void hang(enum kind kind) {
    if (!(control->hangs & kind)) return;
    control->waiting++;
    while (control->hangs & kind) nanosleep(&(struct timespec){0, 2000000}, NULL);
    control->waiting--;
}

/* Counts a call and says what becomes of it. What is recorded happens in the order of the records. */
static void enter(struct call *call, enum kind kind, const char *name) {
    call->kind = kind;
    call->act = NOTHING;
    call->is_recorded = 0;
    hang(kind);
    if (!(control->counted & kind)) return;
    if (trace >= 0) {
        pthread_mutex_lock(&in_order);
        call->is_recorded = 1;
    }
    uint64_t number = call->number = ++control->calls, at = control->at;
    if (!at || (control->stays ? number < at : number != at)) return;
    call->act = control->act;
    if (!control->fired++) snprintf(control->struck, sizeof control->struck, "%s %s", name, call->path + folder_length);
    if (call->act == KILL || (call->act == TORN_KILL && kind != WRITE)) kill(getpid(), SIGKILL);
}

static void leave(struct call *call, long result, uint64_t place, const void *data) {
    if (!call->is_recorded) return;
    int saved = errno;
    uint64_t length = !data ? 0 : call->kind == WRITE ? (uint64_t)result : strlen(data);
    if (result >= 0) record(call->kind, call->number, call->path, place, data, length);
    pthread_mutex_unlock(&in_order);
    errno = saved;
}

/* The call as it would be, between its count and its record, or what is to go wrong instead. */
#define CARRY_OUT(call, place, data, real) ({ \
    long result = -1; \
    if ((call).act == NOTHING) result = (real); else errno = control->errnum; \
    leave(&(call), result, place, data); \
    result; })

#define ON_OPEN(fd, kind, place, real) \
    struct call call; \
    if (!control || !find_open(fd, call.path, sizeof call.path)) return real; \
    enter(&call, kind, __func__); \
    return CARRY_OUT(call, place, NULL, real)

#define ON_NAME(at, name, kind, place, data, real) \
    struct call call; \
    if (!control || !find_named(at, name, call.path, sizeof call.path)) return real; \
    enter(&call, kind, __func__); \
    return CARRY_OUT(call, place, data, real)

/* A name below the folder is given, or taken, or both. */
#define ON_NAMES(at, from, into, to, how, real) \
    struct call call; \
    if (!control || (!find_named(at, from, call.path, sizeof call.path) && !find_named(into, to, call.path, sizeof call.path))) \
        return real; \
    enter(&call, NAME, __func__); \
    return CARRY_OUT(call, how, to, real)

/* ---- opening and making */

#define OPENING(at, flags, real) \
    int mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, int); va_end(list); } \
    ON_NAME(at, path, (flags) & O_CREAT ? MAKE : OPEN, (flags), NULL, real)

int open(const char *path, int flags, ...) { OPENING(AT_FDCWD, flags, REAL(open)(path, flags, mode)); }
int open64(const char *path, int flags, ...) { OPENING(AT_FDCWD, flags, REAL(open64)(path, flags, mode)); }
int openat(int at, const char *path, int flags, ...) { OPENING(at, flags, REAL(openat)(at, path, flags, mode)); }
int openat64(int at, const char *path, int flags, ...) { OPENING(at, flags, REAL(openat64)(at, path, flags, mode)); }
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open(path, flags); }
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* ---- writing: a torn write leaves its first half */

#define WRITING(place, real) \
    struct call call; \
    if (!control || !find_open(fd, call.path, sizeof call.path)) return real; \
    enter(&call, WRITE, __func__); \
    if (call.act == TORN || call.act == TORN_KILL) { \
        length /= 2; \
        if ((real) < 0) control->fired++; \
        if (call.act == TORN_KILL) kill(getpid(), SIGKILL); \
    } \
    uint64_t begins = call.is_recorded ? (uint64_t)(place) : 0; \
    return CARRY_OUT(call, begins, data, real)

ssize_t write(int fd, const void *data, size_t length) { WRITING(lseek(fd, 0, SEEK_CUR), REAL(write)(fd, data, length)); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t place) { WRITING(place, REAL(pwrite)(fd, data, length, place)); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t place) { WRITING(place, REAL(pwrite64)(fd, data, length, place)); }

/* Gathered writes go out as one, so that they can be torn and recorded like the others. */
static ssize_t gathered(int fd, const struct iovec *parts, int count, off_t place, int is_placed) {
    size_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    char *data = malloc(length ? length : 1), *end = data;
    if (!data) return errno = ENOMEM, -1;
    for (int i = 0; i < count; i++) end = mempcpy(end, parts[i].iov_base, parts[i].iov_len);
    ssize_t written = is_placed ? pwrite(fd, data, length, place) : write(fd, data, length);
    int saved = errno;
    free(data);
    errno = saved;
    return written;
}
static int is_ours(int fd) {
    char path[4096];
    return control && find_open(fd, path, sizeof path);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    return is_ours(fd) ? gathered(fd, parts, count, 0, 0) : REAL(writev)(fd, parts, count);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t place) {
    return is_ours(fd) ? gathered(fd, parts, count, place, 1) : REAL(pwritev)(fd, parts, count, place);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t place) {
    return is_ours(fd) ? gathered(fd, parts, count, place, 1) : REAL(pwritev64)(fd, parts, count, place);
}

/* ---- sizes, syncs, names */

int ftruncate(int fd, off_t size) { ON_OPEN(fd, SIZE, size, REAL(ftruncate)(fd, size)); }
int ftruncate64(int fd, off64_t size) { ON_OPEN(fd, SIZE, size, REAL(ftruncate64)(fd, size)); }
int fsync(int fd) { ON_OPEN(fd, SYNC, 0, REAL(fsync)(fd)); }
int fdatasync(int fd) { ON_OPEN(fd, SYNC, 1, REAL(fdatasync)(fd)); }

int mkdir(const char *path, mode_t mode) { ON_NAME(AT_FDCWD, path, MAKE, O_DIRECTORY, NULL, REAL(mkdir)(path, mode)); }
int mkdirat(int at, const char *path, mode_t mode) { ON_NAME(at, path, MAKE, O_DIRECTORY, NULL, REAL(mkdirat)(at, path, mode)); }
int unlink(const char *path) { ON_NAME(AT_FDCWD, path, NAME, 0, NULL, REAL(unlink)(path)); }
int unlinkat(int at, const char *path, int flags) { ON_NAME(at, path, NAME, 0, NULL, REAL(unlinkat)(at, path, flags)); }
int link(const char *from, const char *to) { ON_NAMES(AT_FDCWD, from, AT_FDCWD, to, 1, REAL(link)(from, to)); }
int linkat(int at, const char *from, int into, const char *to, int flags) {
    ON_NAMES(at, from, into, to, 1, REAL(linkat)(at, from, into, to, flags));
}
int rename(const char *from, const char *to) { ON_NAMES(AT_FDCWD, from, AT_FDCWD, to, 2, REAL(rename)(from, to)); }
int renameat(int at, const char *from, int into, const char *to) {
    ON_NAMES(at, from, into, to, 2, REAL(renameat)(at, from, into, to));
}
int renameat2(int at, const char *from, int into, const char *to, unsigned flags) {
    ON_NAMES(at, from, into, to, 2, REAL(renameat2)(at, from, into, to, flags));
}

/* ---- looking: it is counted only when a test asks for it, and hangs with the rest */

int statvfs(const char *path, struct statvfs *space) { ON_NAME(AT_FDCWD, path, SPACE, 0, NULL, REAL(statvfs)(path, space)); }
int statvfs64(const char *path, struct statvfs64 *space) { ON_NAME(AT_FDCWD, path, SPACE, 0, NULL, REAL(statvfs64)(path, space)); }
int fstatvfs(int fd, struct statvfs *space) { ON_OPEN(fd, SPACE, 0, REAL(fstatvfs)(fd, space)); }
int fstatvfs64(int fd, struct statvfs64 *space) { ON_OPEN(fd, SPACE, 0, REAL(fstatvfs64)(fd, space)); }
ssize_t read(int fd, void *data, size_t length) { ON_OPEN(fd, READ, 0, REAL(read)(fd, data, length)); }
ssize_t pread(int fd, void *data, size_t length, off_t place) { ON_OPEN(fd, READ, place, REAL(pread)(fd, data, length, place)); }
ssize_t pread64(int fd, void *data, size_t length, off64_t place) { ON_OPEN(fd, READ, place, REAL(pread64)(fd, data, length, place)); }

/* What is told to others is recorded between the calls, so that it is known what had reached the disk by then. */
ssize_t send(int fd, const void *data, size_t length, int flags) {
    if (!control || trace < 0) return REAL(send)(fd, data, length, flags);
    pthread_mutex_lock(&in_order);
    ssize_t sent = REAL(send)(fd, data, length, flags);
    int saved = errno;
    if (sent > 0) record(SEND, control->calls, "", fd, data, sent);
    pthread_mutex_unlock(&in_order);
    errno = saved;
    return sent;
}
