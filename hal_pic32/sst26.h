#ifndef HAL_PIC32_SST26_H
#define HAL_PIC32_SST26_H

#include "core/flash.h"

/*
 * An SST26VF032B on SPI 1 behind the flash seam: 4 MB, sectors of 4096 bytes, pages of 256. A flash
 * that does not answer as one, does not take a write, or stays busy is OTA_ERR_FLASH.
 */
struct sst26 {
    struct flash flash;
    uint32_t open_from, open_to; /* what protect() left */
};

void sst26_init(struct sst26 *sst26);

#endif
