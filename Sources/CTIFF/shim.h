#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>

// What Swift cannot call: libtiff's getters and setters are variadic, and its handlers take a va_list.

static inline int tiff_short(TIFF *file, uint32_t tag, uint16_t *value) { return TIFFGetFieldDefaulted(file, tag, value); }
static inline int tiff_long(TIFF *file, uint32_t tag, uint32_t *value) { return TIFFGetFieldDefaulted(file, tag, value); }
static inline int tiff_set_short(TIFF *file, uint32_t tag, uint16_t value) { return TIFFSetField(file, tag, (int)value); }
static inline int tiff_set_long(TIFF *file, uint32_t tag, uint32_t value) { return TIFFSetField(file, tag, value); }
static inline int tiff_set_float(TIFF *file, uint32_t tag, float value) { return TIFFSetField(file, tag, (double)value); }

// The first complaint about a file, without its module's name.
typedef struct { char text[200]; } tiff_complaint;

static int tiff_keep(TIFF *file, void *kept, const char *module, const char *format, va_list arguments) {
    tiff_complaint *complaint = (tiff_complaint *)kept;
    if (complaint->text[0] == 0) vsnprintf(complaint->text, sizeof complaint->text, format, arguments);
    return 1;
}

static int tiff_pass_over(TIFF *file, void *kept, const char *module, const char *format, va_list arguments) { return 1; }

// A file to be read, or -1. libtiff itself would wait at a pipe for somebody who writes into it.
static inline int tiff_descriptor(const char *path, tiff_complaint *complaint) {
    int number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat facts;
    const char *reason = NULL;
    if (number < 0 || fstat(number, &facts) != 0) reason = strerror(errno);
    else if (!S_ISREG(facts.st_mode)) reason = "it is not a file";
    if (!reason) return number;
    snprintf(complaint->text, sizeof complaint->text, "%s: %s", path, reason);
    if (number >= 0) close(number);
    return -1;
}

// `complaint` must outlive the file. No block of memory above `largest` bytes is taken.
static inline TIFF *tiff_open(const char *path, const char *mode, tmsize_t largest, tiff_complaint *complaint) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options) return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, largest);
    TIFFOpenOptionsSetErrorHandlerExtR(options, tiff_keep, complaint);
    TIFFOpenOptionsSetWarningHandlerExtR(options, tiff_pass_over, NULL);
    TIFF *file = NULL;
    if (mode[0] != 'r') file = TIFFOpenExt(path, mode, options);
    else {
        int number = tiff_descriptor(path, complaint);
        if (number >= 0) file = TIFFFdOpenExt(number, path, mode, options);
        // What libtiff has opened it also closes.
        if (number >= 0 && !file) close(number);
    }
    TIFFOpenOptionsFree(options);
    return file;
}
