#ifndef CORE_INSTALLED_H
#define CORE_INSTALLED_H

#include "core/hal.h"
#include "core/store.h"

/*
 * Which image is it that program flash holds? For the service, where boot control does not say, or
 * could not be told: a worn page. Program flash is not verified here, as the bootloader has done
 * that in this very boot: it is known by the hash that lies behind the code.
 */

/* Is the image of this record the one in program flash? Power: reads only. */
bool installed_is(const struct hal *hal, const struct bootctl_record *record);

/*
 * Look for it among the images of the loaded store and the factory image. file: work space.
 * ret_record->status is what the database says, VALID for the factory image; counter_floor is left
 * to installed_floor().
 * OTA_ERR_NOT_FOUND: it is none of them.
 * Power: reads only.
 */
OTA_MUST_USE enum ota_err installed_find(const struct hal *hal, struct store *store,
                                         struct store_file *file,
                                         struct bootctl_record *ret_record);

/* What the bootloader started and boot control does not say, as it could not be written down, is
 * assumed in bootctl; where it is not to be found either, bootctl stays as it is.
 * Power: reads only. */
void installed_assume(const struct hal *hal, struct store *store, struct store_file *file,
                      const struct image_policy *policy, uint8_t buffer[IMAGE_BUFFER_SIZE],
                      struct bootctl *bootctl);

/* The highest security counter of the images that were confirmed, as far as they are still in the
 * store and whole; 0: none. Power: reads only. Cost: reads them all. */
uint32_t installed_floor(const struct hal *hal, struct store *store, struct store_file *file,
                         const struct image_policy *policy, uint8_t buffer[IMAGE_BUFFER_SIZE]);

#endif
