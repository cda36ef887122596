#ifndef HAL_POSIX_FLASH_NOR_H
#define HAL_POSIX_FLASH_NOR_H

#include "hal_posix/cells.h"

/*
 * The data sheet as a filter. What it forbids is not done, comes back as OTA_ERR_FLASH, and is
 * reported: a violation is a bug of the firmware.
 *
 *   - programming only clears bits
 *   - a program unit of a write-once flash (ECC) is programmed once for each erase
 *   - nothing is written before flash_unlock(), once after each power-up
 *   - nothing is written outside what flash_protect() left open
 */
struct flash_nor {
    struct flash flash;
    struct cells *below;
    bool is_unlocked;
    uint32_t open_from, open_to; /* what may be written until the next reset */
    void (*violation)(void *context, const char *rule, const struct flash *flash, uint32_t offset,
                      uint32_t size);
    void *context;
};

/* violation may be NULL. */
void flash_nor_init(struct flash_nor *nor, struct cells *below,
                    void (*violation)(void *context, const char *rule, const struct flash *flash,
                                      uint32_t offset, uint32_t size),
                    void *context);

/* The processor was reset: protection is gone; is_power_up: the device is locked again too. */
void flash_nor_reset(struct flash_nor *nor, bool is_power_up);

#endif
