#ifndef BOOTLOADER_INSTALL_H
#define BOOTLOADER_INSTALL_H

#include "core/hal.h"
#include "core/image.h"

/*
 * Make program flash hold exactly one image: its bytes, and 0xFF behind them. Page by page: a page
 * that is right already is left alone, so an interrupted install goes on where it stopped and an
 * install over the same image writes nothing.
 *
 * source   an image that image_check() accepted with ret_info = info; nothing else may be installed
 * buffer   one page
 *
 * OTA_ERR_FLASH: a page does not hold what is programmed, after INSTALL_TRIES tries; program flash
 * is then a mixture, which does not verify. Else what source returns.
 * Power: after a cut program flash is a mixture of old and new pages; source is unchanged, so the
 * next call finishes. Cost: for each differing page one erase and its rows that are not 0xFF.
 */
#define INSTALL_TRIES 3

OTA_MUST_USE enum ota_err install_image(const struct hal *hal, struct image_source *source,
                                        const struct image_info *info,
                                        uint8_t buffer[IMAGE_BUFFER_SIZE]);

#endif
