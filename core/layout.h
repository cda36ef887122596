#ifndef CORE_LAYOUT_H
#define CORE_LAYOUT_H

#include <stdint.h>

/* Where things lie in the internal flash; one table entry a device. Offsets from its start. */
struct layout {
    const char *name;
    uint32_t product_offset; /* core/product.h; in the bootloader's area, one erase unit */
    uint32_t bootctl_offset; /* the boot control page, one erase unit */
    uint32_t app_offset;     /* program flash of the application: file offset IMAGE_HEADER_PAGE */
    uint32_t app_size;       /* bytes; what lies behind is never touched by an update */
    uint32_t boot_address;   /* the application's entry as linked; the only address jumped to */
};

/* PIC32MZ1025W104132: map of the release that the bootloader is compatible with
 * (facts: harmony.md 1.1, v3.7.0 to v3.9.1). */
extern const struct layout layout_mzw1;

#endif
