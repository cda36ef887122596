#ifndef BOOTLOADER_FACTORY_H
#define BOOTLOADER_FACTORY_H

#include <stdbool.h>

#include "core/bootctl.h"
#include "core/hal.h"
#include "core/store.h"

/*
 * The first start after the factory has programmed the device. The programmer writes the image file
 * as it is, header page included, so the boot control page begins with an image header: that is how
 * a first start is known, and it stays so until the backup is complete.
 */

/* Whether the boot control page holds a factory image's header. Power: reads only. */
bool factory_is_new(const struct hal *hal);

/*
 * Verify what was programmed, make an empty store, copy the image there, then replace the header by
 * a boot control record, VALID and of type FACTORY. A store that has this image as its backup is
 * only emptied of all else. A store that does not work costs the backup, not the start.
 * Errors as image_check(): nothing is changed.
 * Power: cut before the backup is complete, the next start does it all again; cut after, the page
 * still has its header, and the backup stays; or is blank or corrupt, and boot_run() finds the
 * image by the backup.
 */
OTA_MUST_USE enum ota_err factory_begin(const struct hal *hal, struct bootctl *bootctl,
                                        struct store *store, const struct image_policy *policy,
                                        uint8_t buffer[IMAGE_BUFFER_SIZE]);

/* Copy the running factory image to the store, if it is not there.
 * Power: after a cut the backup is there or not, whole. */
void factory_back_up(const struct hal *hal, const struct bootctl *bootctl, struct store *store,
                     uint8_t buffer[IMAGE_BUFFER_SIZE]);

#endif
