#include <stdint.h>
#include <tiffio.h>

// libtiff's getters are variadic, which Swift does not import: one for each type of tag.
static inline int tiff_short(TIFF *file, uint32_t tag, uint16_t *value) { return TIFFGetFieldDefaulted(file, tag, value); }
static inline int tiff_long(TIFF *file, uint32_t tag, uint32_t *value) { return TIFFGetFieldDefaulted(file, tag, value); }
