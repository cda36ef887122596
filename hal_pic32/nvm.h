#ifndef HAL_PIC32_NVM_H
#define HAL_PIC32_NVM_H

#include "core/flash.h"

/*
 * The internal flash behind the flash seam: pages of 4096 bytes, rows of 1024, double words of 8,
 * each programmed once per erase. Reads go past the caches. An operation that the controller
 * reports as failed (protected, low supply) or that does not end is OTA_ERR_FLASH.
 */
struct nvm {
    struct flash flash;
    uint32_t open_from, open_to; /* what protect() left */
};

void nvm_init(struct nvm *nvm);

/* What protect() left, and boot flash, stay as they are until the next reset, whatever runs.
 * Power: changes no content. */
void nvm_lock(void);

#endif
