#ifndef HAL_POSIX_FLASH_RAM_H
#define HAL_POSIX_FLASH_RAM_H

#include "hal_posix/cells.h"

/*
 * A flash in memory that can go back in time: mark a moment, change what you like, roll back to it.
 * Only units that changed are copied, once for each mark. Marks nest.
 */
struct flash_ram {
    struct cells cells; /* cells.flash is the flash */
    uint8_t *memory;
    uint32_t *saved_at; /* by unit: the number of the youngest mark that has a copy of it */
    uint32_t marks;     /* open marks */
    struct flash_ram_copy *copies;
    uint32_t count, capacity;
    /* Units that may have changed since somebody set noted_count and is_noted back. */
    uint32_t *noted;
    bool *is_noted;
    uint32_t noted_count;
};

/* cells are those of cells_init_*(); all erased. OTA_ERR_FULL: no memory. */
OTA_MUST_USE enum ota_err flash_ram_init(struct flash_ram *ram, const struct cells *cells);
void flash_ram_free(struct flash_ram *ram);

/* Remember this moment; returns what flash_ram_rollback() wants. */
uint32_t flash_ram_mark(struct flash_ram *ram);

/* Make everything as it was at the youngest mark, which ends. */
void flash_ram_rollback(struct flash_ram *ram, uint32_t mark);

/* Make all units but the kept ones as they were at the only open mark, which stays. is_kept: one
 * for each unit, ghosts included. */
void flash_ram_rollback_units(struct flash_ram *ram, const bool *is_kept);

/* Number of the units copied since the mark; for statistics. */
uint32_t flash_ram_changed(const struct flash_ram *ram, uint32_t mark);

/* Units that changed since the oldest open mark, each once; returns how many. */
uint32_t flash_ram_list_changed(const struct flash_ram *ram, uint32_t *ret_units);

/* Make the content that of another RAM flash of the same kind; no mark may be open. */
void flash_ram_copy_from(struct flash_ram *ram, const struct flash_ram *from);

#endif
