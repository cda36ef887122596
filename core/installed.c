#include "core/installed.h"

#include <string.h>

static bool holds(const struct hal *hal, const uint8_t header[IMAGE_HEADER_SIZE],
                  const uint8_t hash[CRYPTO_SHA256_SIZE])
{
    struct image_flash image;
    struct image_info info;

    image_flash_init(&image, hal->nvm, hal->layout, header);
    return image_parse(&image.source, &info) == OTA_OK && info.has_hash &&
           memcmp(info.hash, hash, sizeof info.hash) == 0;
}

bool installed_is(const struct hal *hal, const struct bootctl_record *record)
{
    return holds(hal, record->image_header, record->hash);
}

static bool is_file(const struct hal *hal, struct store *store, struct store_file *file,
                    const char *name, struct image_info *ret_info)
{
    if (store_open(store, name, file))
        return false;
    enum ota_err err = image_parse(&file->source, ret_info);
    store_close(file);
    return !err && holds(hal, ret_info->header, ret_info->hash);
}

enum ota_err installed_find(const struct hal *hal, struct store *store, struct store_file *file,
                            struct bootctl_record *ret_record)
{
    const struct database *database = &store->database;
    struct image_info info;

    for (uint32_t i = 0; i < database->count; i++) {
        enum bootctl_status status = database->rows[i].status;
        if (!is_file(hal, store, file, database->rows[i].name, &info))
            continue;
        image_describe(&info, hal->layout, BOOTCTL_PRODUCTION, ret_record);
        ret_record->status = status == BOOTCTL_DOWNLOADED ? BOOTCTL_UNBOOTED : status;
        return OTA_OK;
    }
    if (!is_file(hal, store, file, STORE_FACTORY, &info))
        return OTA_ERR_NOT_FOUND;
    image_describe(&info, hal->layout, BOOTCTL_FACTORY, ret_record);
    ret_record->status = BOOTCTL_VALID;
    return OTA_OK;
}

uint32_t installed_floor(const struct hal *hal, struct store *store, struct store_file *file,
                         const struct image_policy *policy, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    const struct database *database = &store->database;
    uint32_t floor = 0;

    for (uint32_t i = 0; i < database->count; i++) {
        struct image_info info;
        const struct database_row *row = &database->rows[i];
        if (row->status != BOOTCTL_VALID || store_open(store, row->name, file))
            continue;
        if (store_check(file, policy, hal->crypto, buffer, &info) == OTA_OK &&
            info.security_counter > floor)
            floor = info.security_counter;
        store_close(file);
    }
    return floor;
}

void installed_assume(const struct hal *hal, struct store *store, struct store_file *file,
                      const struct image_policy *policy, uint8_t buffer[IMAGE_BUFFER_SIZE],
                      struct bootctl *bootctl)
{
    struct bootctl_record record;

    if (bootctl->has_record && installed_is(hal, &bootctl->record))
        return;
    if (installed_find(hal, store, file, &record))
        return;
    record.counter_floor = installed_floor(hal, store, file, policy, buffer);
    bootctl_assume(bootctl, &record);
}
