#include "bootloader/factory.h"

#include <string.h>

#include "core/bytes.h"

bool factory_is_new(const struct hal *hal)
{
    uint8_t magic[4];

    return flash_read(hal->nvm, hal->layout->bootctl_offset, magic, sizeof magic) == OTA_OK &&
           bytes_get32(magic) == IMAGE_MAGIC;
}

static void write_backup(const struct hal *hal, struct store *store, struct image_source *source,
                         uint32_t size, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    enum ota_err err = store_write(store, STORE_FACTORY, source, size, buffer);

    log_event(hal->log, err ? LOG_BOOT_BACKUP_FAILED : LOG_BOOT_BACKUP, err ? err : size, 0, 0);
}

/* Is the backup there, from a start that the power cut behind it? It must not go then: a page that
 * reads as the header after its erase was cut may read as blank at the next start, and the backup
 * is all that says what is programmed. Whatever else lies there goes. */
static bool keep_backup(const struct hal *hal, struct store *store, const struct store_judge *judge,
                        const struct image_info *info)
{
    struct store_file file;
    struct image_info kept;
    uint32_t count;

    if (store_mount(store, hal->spi, hal->log) || store_open(store, STORE_FACTORY, &file))
        return false;
    enum ota_err err = store_check(&file, judge->policy, hal->crypto, judge->buffer, &kept);
    store_close(&file);
    return !err && memcmp(kept.hash, info->hash, sizeof kept.hash) == 0 &&
           !store_load(store, judge) && !store_clear(store, &count);
}

enum ota_err factory_begin(const struct hal *hal, struct bootctl *bootctl, struct store *store,
                           const struct image_policy *policy, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    uint8_t header[IMAGE_HEADER_SIZE];
    struct image_flash image;
    struct image_info info;
    struct bootctl_record record;
    const struct store_judge judge = {policy, hal->crypto, bootctl, buffer};
    enum ota_err err = flash_read(hal->nvm, hal->layout->bootctl_offset, header, sizeof header);

    image_flash_init(&image, hal->nvm, hal->layout, header);
    if (!err)
        err = image_check(&image.source, policy, hal->crypto, buffer, &info);
    if (err)
        return err;
    log_event(hal->log, LOG_BOOT_FIRST, info.version, 0, 0);

    if (!keep_backup(hal, store, &judge, &info)) {
        err = store_format(store);
        if (err)
            log_event(hal->log, LOG_BOOT_NO_STORE, err, 0, 0);
        else
            write_backup(hal, store, &image.source, info.total_size, buffer);
    }

    image_describe(&info, hal->layout, BOOTCTL_FACTORY, &record);
    record.status = BOOTCTL_VALID;
    return bootctl_append(bootctl, &record);
}

void factory_back_up(const struct hal *hal, const struct bootctl *bootctl, struct store *store,
                     uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    const struct bootctl_record *record = &bootctl->record;
    struct image_flash image;

    if (!bootctl->has_record || record->type != BOOTCTL_FACTORY || !store->is_mounted ||
        store_has(store, STORE_FACTORY))
        return;
    image_flash_init(&image, hal->nvm, hal->layout, record->image_header);
    write_backup(hal, store, &image.source, record->size, buffer);
}
