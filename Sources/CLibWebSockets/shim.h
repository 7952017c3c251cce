#include <libwebsockets.h>

/* Swift's Glibc leaves it out. */
#include <malloc.h>

/* Swift cannot import the macro: the bytes that must be writable before a payload. */
static const unsigned long lws_padding = LWS_PRE;

/* Opens a file for reading without leaving the folder that `folder` is open on, whatever links are on the way; the kernel
   decides, so nobody can exchange a part of the path meanwhile. -1 and errno where it cannot be had. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>
static inline int gp_open_beneath(int folder, const char *path) {
    struct open_how how = {0};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}
