#ifndef HAL_POSIX_CELLS_H
#define HAL_POSIX_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/flash.h"

/*
 * The cells of one flash: what a medium does, without opinion on what may be asked of it.
 * Programming clears bits, erasing sets them, a cut in the middle leaves something in between.
 * flash_ram.c and flash_file.c say where the bytes lie; flash_nor.c, above, knows the data sheet's
 * rules.
 */
#define CELLS_PROGRAMMED 0x01 /* mark: programmed since its erase */
#define CELLS_TORN       0x02 /* mark: its ECC does not match */
#define CELLS_WEAK       0x01 /* unit flag: an erase was cut; does not hold what comes next */
#define CELLS_SETTLED    0x02 /* unit flag, of a weak one: it was read, and reads so in this boot */
#define CELLS_GHOST      0x04 /* unit flag, of a ghost: flags >> CELLS_GHOST_OF is its weak unit */
#define CELLS_GHOST_OF   8
#define CELLS_GHOSTS     2 /* weak units whose other reading is remembered */

/* How an operation can be cut in the middle. All follow from the place, what was there and what
 * was to come; the same cut leaves the same in every run. */
enum cells_tear {
    /* Of a program: */
    TEAR_PREFIX,    /* the first part is done, the unit at the edge undefined */
    TEAR_SUFFIX,    /* the last part is */
    TEAR_ONE_BIT,   /* one bit is cleared, and no more */
    TEAR_MOST_BITS, /* all but one are */
    TEAR_SOME_BITS, /* and of an erase: each or not, by seed */
    /* Of an erase: */
    TEAR_NOTHING,   /* all reads as before, and is not to be programmed */
    TEAR_LOW_HALF,  /* the first half is erased */
    TEAR_HIGH_HALF, /* the second half is */
    TEAR_WEAK,      /* reads as erased or as before, and may read the other way at the next boot */
    TEAR_COUNT
};

struct cells_unit {
    uint32_t erases;
    uint32_t flags;
};

struct cells {
    struct flash flash;
    bool has_ecc;             /* a torn mark makes its bytes unreadable */
    uint32_t mark_size;       /* bytes a mark stands for: the ECC word, or the program row */
    uint8_t *bytes;           /* flash.size */
    uint8_t *marks;           /* flash.size / mark_size */
    struct cells_unit *units; /* flash.size / flash.erase_size */
    /* Units behind the last: what a weak unit reads as otherwise. 0: a weak unit reads as erased.
     */
    uint32_t ghosts;

    /* Called before anything in an erase unit changes; NULL: nobody wants to know. */
    void (*before_change)(struct cells *cells, uint32_t unit);
    /* A weak unit is read for the first time in this boot: does it read the other way? NULL: no. */
    bool (*reads_otherwise)(void *context, struct cells *cells, uint32_t unit);
    void *context;
};

/* The kinds of flash of a device; offsets and limits of PIC32MZ1025W104132's NVM (pic32.md 1) and
 * of an SST26VF032B. Sets flash, has_ecc and mark_size; the memory is the caller's. */
void cells_init_nvm(struct cells *cells, bool has_ecc);
void cells_init_sst26(struct cells *cells);

/* Bytes of memory that marks and units take, one behind the other, units first. */
uint32_t cells_side_size(const struct cells *cells);

/* Units, ghosts included. */
uint32_t cells_unit_count(const struct cells *cells);

/* From now on the unit, a weak one that nobody has read in this boot, reads as it does, or
 * otherwise. */
void cells_settle(struct cells *cells, uint32_t unit, bool otherwise);

/* The processor starts: what a weak unit reads as is open again. */
void cells_start(struct cells *cells);

/* Power goes inside the program operation [offset, offset+size), one row at most. */
void cells_tear_program(struct cells *cells, uint32_t offset, const void *data, uint32_t size,
                        enum cells_tear tear);

/* Power goes inside the erase of the unit at offset. */
void cells_tear_erase(struct cells *cells, uint32_t offset, enum cells_tear tear);

/* Somebody is about to change what lies there by hand, with no operation of the flash. */
void cells_touch(struct cells *cells, uint32_t offset, uint32_t size);

/* Erases of the unit that had most. */
uint32_t cells_wear_max(const struct cells *cells);

#endif
