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
#define CELLS_WEAK       0x01 /* unit flag: reads as erased, and does not hold what comes next */

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

    /* Called before anything in an erase unit changes; NULL: nobody wants to know. */
    void (*before_change)(struct cells *cells, uint32_t unit);
};

/* The kinds of flash of a device; offsets and limits of PIC32MZ1025W104132's NVM (pic32.md 1) and
 * of an SST26VF032B. Sets flash, has_ecc and mark_size; the memory is the caller's. */
void cells_init_nvm(struct cells *cells, bool has_ecc);
void cells_init_sst26(struct cells *cells);

/* Bytes of memory that marks and units take, one behind the other, units first. */
uint32_t cells_side_size(const struct cells *cells);

/* Power goes inside the program operation [offset, offset+size), one row at most: a prefix is done,
 * the unit at the edge is undefined, both by seed. */
void cells_tear_program(struct cells *cells, uint32_t offset, const void *data, uint32_t size,
                        uint32_t seed);

/* Power goes inside the erase of the unit at offset: some bits are set, by seed; is_weak: all of
 * them read as set, and the next program does not hold. */
void cells_tear_erase(struct cells *cells, uint32_t offset, bool is_weak, uint32_t seed);

/* Erases of the unit that had most. */
uint32_t cells_wear_max(const struct cells *cells);

#endif
