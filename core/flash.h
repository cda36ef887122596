#ifndef CORE_FLASH_H
#define CORE_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * The flash seam. A driver embeds struct flash first in its own struct and fills ops and geometry;
 * callers use the flash_*() functions below and never touch ops. Filters (rules, power, trace) are
 * drivers that pass on to another flash, so they stack.
 */
struct flash;

struct flash_ops {
    /* Copy size bytes at offset into data; any alignment. MUST return OTA_ERR_ECC when a word
     * cannot be read; data is then undefined. */
    enum ota_err (*read)(struct flash *flash, uint32_t offset, void *data,
                         uint32_t size) OTA_MUST_USE;

    /* Clear bits. offset and size are multiples of program_size; the range was erased since it was
     * last programmed where write_once is set. The driver splits the range into hardware
     * operations: whole rows where they fit, program units elsewhere.
     * Power: a cut leaves any prefix written and the unit at the edge undefined. */
    enum ota_err (*program)(struct flash *flash, uint32_t offset, const void *data,
                            uint32_t size) OTA_MUST_USE;

    /* Set the erase unit at offset to 0xFF.
     * Power: a cut leaves the unit undefined; it may read as erased and not hold what is
     * programmed next. */
    enum ota_err (*erase)(struct flash *flash, uint32_t offset) OTA_MUST_USE;

    /* Once after each power-up, before the first program or erase: find the device, lift its
     * power-up write protection. */
    enum ota_err (*unlock)(struct flash *flash) OTA_MUST_USE;

    /* From now to the next reset only [from, to) can be changed. A second call can only narrow. */
    void (*protect)(struct flash *flash, uint32_t from, uint32_t to);
};

struct flash {
    const struct flash_ops *ops;
    const char *name;      /* "nvm", "spi": for logs and scenario files */
    uint32_t size;         /* bytes */
    uint32_t erase_size;   /* bytes, power of two; divides size */
    uint32_t row_size;     /* bytes, power of two; the largest unit one operation programs */
    uint32_t program_size; /* bytes, power of two; the smallest unit one operation programs */
    uint32_t erase_max;    /* erase cycles of a unit the maker promises; 0: not known */
    bool write_once;       /* a program unit is programmed once per erase (ECC) */
};

/*
 * The checked way in. Each returns OTA_ERR_BOUNDS, with nothing changed, for a range outside the
 * flash or an offset or size that is not aligned; otherwise what the driver returns.
 */
OTA_MUST_USE enum ota_err flash_read(struct flash *flash, uint32_t offset, void *data,
                                     uint32_t size);

/* For a flash without ECC, where a read over a disturbed bus gives wrong bits and no error: what
 * two reads in a row say alike is believed, a page at a time, after at most 5 reads; so two bad
 * ones in a row do no harm. OTA_ERR_FLASH when no two agree, or what the last read returned; data
 * is then undefined. Power: reads only. */
OTA_MUST_USE enum ota_err flash_read_agreed(struct flash *flash, uint32_t offset, void *data,
                                            uint32_t size);

/* Power: as flash_ops.program. Cost: one operation for each row or program unit touched. */
OTA_MUST_USE enum ota_err flash_program(struct flash *flash, uint32_t offset, const void *data,
                                        uint32_t size);

/* Power: as flash_ops.erase. Cost: one operation. */
OTA_MUST_USE enum ota_err flash_erase(struct flash *flash, uint32_t offset);

/* Power: changes no content. */
OTA_MUST_USE enum ota_err flash_unlock(struct flash *flash);

/* Power: changes no content; gone at the next reset. */
void flash_protect(struct flash *flash, uint32_t from, uint32_t to);

/* Size of the hardware operation that programs the bytes at offset of a range with size bytes left:
 * a row where one fits, else one program unit or what is left of the row for byte-wise devices. */
uint32_t flash_operation_size(const struct flash *flash, uint32_t offset, uint32_t size);

#endif
