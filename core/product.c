#include "core/product.h"

#include <string.h>

#include "core/bytes.h"
#include "core/crc32.h"

#define MAGIC   0x44505242u /* "BRPD" */
#define VERSION 1

enum place {
    AT_MAGIC = 0,
    AT_VERSION = 4,
    AT_KEY = 8,
    AT_VENDOR = 100,
    AT_CLASS = 116,
    AT_CRC = 132
};

_Static_assert(AT_KEY + CRYPTO_KEY_SIZE < AT_VENDOR, "the key ends before the vendor");
_Static_assert(AT_CRC + 4 == PRODUCT_SIZE, "the CRC is the last word");

enum ota_err product_read(struct flash *nvm, const struct layout *layout,
                          struct image_policy *ret_policy)
{
    uint8_t record[PRODUCT_SIZE];
    enum ota_err err = flash_read(nvm, layout->product_offset, record, sizeof record);

    if (err)
        return err;
    if (bytes_are_erased(record, sizeof record))
        return OTA_ERR_NOT_FOUND;
    if (bytes_get32(record + AT_MAGIC) != MAGIC ||
        bytes_get32(record + AT_CRC) != crc32_update(0, record, AT_CRC))
        return OTA_ERR_CORRUPT;
    if (bytes_get32(record + AT_VERSION) != VERSION)
        return OTA_ERR_FORMAT;
    memcpy(ret_policy->key, record + AT_KEY, CRYPTO_KEY_SIZE);
    memcpy(ret_policy->vendor, record + AT_VENDOR, IMAGE_ID_SIZE);
    memcpy(ret_policy->class_id, record + AT_CLASS, IMAGE_ID_SIZE);
    ret_policy->counter_floor = 0;
    ret_policy->app_size = layout->app_size;
    return OTA_OK;
}

void product_encode(const struct image_policy *policy, uint8_t ret_record[PRODUCT_SIZE])
{
    memset(ret_record, 0, PRODUCT_SIZE);
    bytes_put32(ret_record + AT_MAGIC, MAGIC);
    bytes_put32(ret_record + AT_VERSION, VERSION);
    memcpy(ret_record + AT_KEY, policy->key, CRYPTO_KEY_SIZE);
    memcpy(ret_record + AT_VENDOR, policy->vendor, IMAGE_ID_SIZE);
    memcpy(ret_record + AT_CLASS, policy->class_id, IMAGE_ID_SIZE);
    bytes_put32(ret_record + AT_CRC, crc32_update(0, ret_record, AT_CRC));
}
