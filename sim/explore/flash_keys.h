#ifndef SIM_EXPLORE_FLASH_KEYS_H
#define SIM_EXPLORE_FLASH_KEYS_H

#include "hal_posix/flash_ram.h"
#include "sim/explore/key.h"

/*
 * The key of a whole flash, kept up to date by hashing only the units that changed: the sum of its
 * units' keys. A unit's key is of all that a later read, program or erase can see of it: its
 * number, bytes, marks and flags; not its wear, which grows for ever and changes nothing.
 */
struct flash_keys {
    struct flash_ram *ram;
    struct key *units; /* the ghosts too */
    struct key sum;
};

/* OTA_ERR_FULL: no memory. One struct flash_keys at a time may watch a flash. */
OTA_MUST_USE enum ota_err flash_keys_init(struct flash_keys *keys, struct flash_ram *ram);
void flash_keys_free(struct flash_keys *keys);

/* The key of the flash as it is now; keys->units are right then, too. */
struct key flash_keys_sum(struct flash_keys *keys);

/* Of one unit as it is now. */
struct key flash_keys_of(const struct cells *cells, uint32_t unit);

#endif
