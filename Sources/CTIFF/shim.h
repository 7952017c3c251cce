#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <tiffio.h>

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

// `complaint` must outlive the file. No block of memory above `largest` bytes is taken.
static inline TIFF *tiff_open(const char *path, const char *mode, tmsize_t largest, tiff_complaint *complaint) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options) return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, largest);
    TIFFOpenOptionsSetErrorHandlerExtR(options, tiff_keep, complaint);
    TIFFOpenOptionsSetWarningHandlerExtR(options, tiff_pass_over, NULL);
    TIFF *file = TIFFOpenExt(path, mode, options);
    TIFFOpenOptionsFree(options);
    return file;
}
