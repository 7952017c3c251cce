// Preloaded into a program: what it asks of files below $HANG_UNDER has no answer while there is a file $HANG_WHILE, as on a dead share.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wait_for(const char *path) {
    const char *under = getenv("HANG_UNDER"), *marker = getenv("HANG_WHILE");
    if (!under || !marker || !path || strncmp(path, under, strlen(under))) return;
    while (syscall(SYS_access, marker, F_OK) == 0) usleep(20000);
}

static void wait_for_open(int file) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = syscall(SYS_readlink, link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    wait_for(path);
}

#define BY_PATH(result, name, given, used, path)                                          \
    result name given {                                                                   \
        wait_for(path);                                                                   \
        return ((result(*) given)dlsym(RTLD_NEXT, #name))used;                            \
    }
#define BY_FILE(result, name, given, used, file)                                          \
    result name given {                                                                   \
        wait_for_open(file);                                                              \
        return ((result(*) given)dlsym(RTLD_NEXT, #name))used;                            \
    }

BY_PATH(int, stat, (const char *p, struct stat *s), (p, s), p)
BY_PATH(int, stat64, (const char *p, struct stat64 *s), (p, s), p)
BY_PATH(int, lstat, (const char *p, struct stat *s), (p, s), p)
BY_PATH(int, lstat64, (const char *p, struct stat64 *s), (p, s), p)
BY_PATH(int, fstatat, (int d, const char *p, struct stat *s, int f), (d, p, s, f), p)
BY_PATH(int, statvfs, (const char *p, struct statvfs *s), (p, s), p)
BY_PATH(int, statvfs64, (const char *p, struct statvfs64 *s), (p, s), p)
BY_PATH(ssize_t, readlink, (const char *p, char *b, size_t n), (p, b, n), p)
BY_PATH(char *, realpath, (const char *p, char *b), (p, b), p)
BY_PATH(int, access, (const char *p, int m), (p, m), p)
BY_PATH(int, mkdir, (const char *p, mode_t m), (p, m), p)
BY_PATH(int, unlink, (const char *p), (p), p)
BY_PATH(int, rename, (const char *p, const char *q), (p, q), p)
BY_PATH(int, mkstemp, (char *p), (p), p)
BY_PATH(int, mkstemp64, (char *p), (p), p)
BY_PATH(DIR *, opendir, (const char *p), (p), p)
BY_PATH(FILE *, fopen, (const char *p, const char *m), (p, m), p)
BY_PATH(FILE *, fopen64, (const char *p, const char *m), (p, m), p)
BY_FILE(ssize_t, read, (int f, void *b, size_t n), (f, b, n), f)
BY_FILE(ssize_t, pread, (int f, void *b, size_t n, off_t o), (f, b, n, o), f)
BY_FILE(ssize_t, pread64, (int f, void *b, size_t n, off64_t o), (f, b, n, o), f)
BY_FILE(ssize_t, write, (int f, const void *b, size_t n), (f, b, n), f)
BY_FILE(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o), f)
BY_FILE(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o), f)
BY_FILE(int, fsync, (int f), (f), f)
BY_FILE(int, fdatasync, (int f), (f), f)

#define OPEN(name)                                                                        \
    int name(const char *path, int flags, ...) {                                          \
        va_list rest;                                                                     \
        va_start(rest, flags);                                                            \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                         \
        va_end(rest);                                                                     \
        wait_for(path);                                                                   \
        return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
