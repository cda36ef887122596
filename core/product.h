#ifndef CORE_PRODUCT_H
#define CORE_PRODUCT_H

#include <stdint.h>

#include "core/err.h"
#include "core/flash.h"
#include "core/image.h"
#include "core/layout.h"

/*
 * The product record: which images a device accepts. Written once, in the factory, into the last
 * page of the bootloader's area, so that one bootloader serves all products; nothing on the device
 * ever writes it.
 *
 *   0 magic  4 record version u32  8 key, one zero byte  100 vendor  116 class
 *   132 CRC-32 of bytes 0..131
 */
#define PRODUCT_SIZE 136

/*
 * Read it from internal flash; counter_floor of ret_policy is 0, app_size the layout's.
 * OTA_ERR_NOT_FOUND: the record is blank; OTA_ERR_CORRUPT: it does not check; OTA_ERR_FORMAT: of a
 * later record version; else what the flash returns.
 * Power: reads only.
 */
OTA_MUST_USE enum ota_err product_read(struct flash *nvm, const struct layout *layout,
                                       struct image_policy *ret_policy);

/* The record for key, vendor and class of policy: what the factory programs. */
void product_encode(const struct image_policy *policy, uint8_t ret_record[PRODUCT_SIZE]);

#endif
