/*
 * A bootloader as one writes it in an afternoon, in place of bootloader/: it takes what the service
 * downloaded, copies it over program flash and starts it. It works on every desk. What is wrong
 * with it is for the scenarios to find (tests/test_naive.sh, docs/BOOTLOADER.md):
 *
 *   - the record is written before the copy, so a copy that was cut is never finished
 *   - nothing is verified, neither in the store nor in program flash
 *   - trial boots are not counted: what never confirms, or crashes, stays
 *   - no backup of the factory image, and no way back to it
 *   - a lost boot control page is not rebuilt
 *
 * It is an own program, and shares with bootloader/boot.h only the contract: boot_run().
 */
#include "bootloader/boot.h"

#include <string.h>

#include "core/bytes.h"

const struct boot_options boot_options_default = {.trials_max = 3, .watchdog_ms = 10000};

/* What the factory programmed begins with the image header, where the records go. */
static enum ota_err write_first_record(struct boot *boot)
{
    const struct hal *hal = boot->hal;
    uint8_t header[IMAGE_HEADER_SIZE];
    struct image_flash image;
    struct image_info info;
    struct bootctl_record record;
    enum ota_err err = flash_read(hal->nvm, hal->layout->bootctl_offset, header, sizeof header);

    image_flash_init(&image, hal->nvm, hal->layout, header);
    if (!err)
        err = image_parse(&image.source, &info);
    if (err)
        return err;
    log_event(hal->log, LOG_BOOT_FIRST, info.version, 0, 0);
    image_describe(&info, hal->layout, BOOTCTL_FACTORY, &record);
    record.status = BOOTCTL_VALID;
    return bootctl_append(&boot->bootctl, &record);
}

/* The highest version that was downloaded and is newer than what runs; NULL: none. */
static struct database_row *find_update(struct boot *boot)
{
    const struct store_judge judge = {.policy = &boot->policy,
                                      .crypto = boot->hal->crypto,
                                      .bootctl = &boot->bootctl,
                                      .buffer = boot->buffer};
    struct database *database = &boot->store.database;
    struct database_row *best = NULL;

    if (store_mount(&boot->store, boot->hal->spi, boot->hal->log) ||
        store_load(&boot->store, &judge))
        return NULL;
    for (uint32_t i = 0; i < database->count; i++) {
        struct database_row *row = &database->rows[i];
        if (row->status == BOOTCTL_DOWNLOADED && row->version > boot->bootctl.record.version &&
            (!best || row->version > best->version))
            best = row;
    }
    return best;
}

static enum ota_err copy(struct boot *boot, const struct image_info *info)
{
    const struct hal *hal = boot->hal;
    struct image_source *source = &boot->file.source;
    uint32_t size = info->total_size - IMAGE_HEADER_PAGE;
    enum ota_err err = OTA_OK;

    log_event(hal->log, LOG_BOOT_INSTALL, info->version, size, 0);
    for (uint32_t at = 0; !err && at < hal->layout->app_size; at += hal->nvm->erase_size)
        err = flash_erase(hal->nvm, hal->layout->app_offset + at);
    for (uint32_t at = 0; !err && at < size; at += IMAGE_BUFFER_SIZE) {
        uint32_t part = bytes_min(IMAGE_BUFFER_SIZE, size - at);
        memset(boot->buffer + part, 0xFF, IMAGE_BUFFER_SIZE - part);
        err = source->read(source, IMAGE_HEADER_PAGE + at, boot->buffer, part);
        if (!err)
            err = flash_program(hal->nvm, hal->layout->app_offset + at, boot->buffer,
                                IMAGE_BUFFER_SIZE);
    }
    if (!err)
        log_event(hal->log, LOG_BOOT_INSTALLED, info->version, size / hal->nvm->erase_size, 0);
    return err;
}

static enum ota_err install(struct boot *boot, const struct database_row *row)
{
    struct image_info info;
    struct bootctl_record record;
    enum ota_err err = store_open(&boot->store, row->name, &boot->file);

    if (err)
        return err;
    err = image_parse(&boot->file.source, &info);
    if (!err) {
        image_describe(&info, boot->hal->layout, BOOTCTL_PRODUCTION, &record);
        record.status = BOOTCTL_UNBOOTED;
        err = bootctl_append(&boot->bootctl, &record);
    }
    if (!err)
        err = copy(boot, &info);
    store_close(&boot->file);
    return err;
}

enum boot_outcome boot_run(struct boot *boot, const struct hal *hal,
                           const struct boot_options *options)
{
    const struct layout *layout = hal->layout;

    boot->hal = hal;
    boot->policy = *hal->policy;
    log_event(hal->log, LOG_BOOT_START, system_cause(hal->system), 0, 0);
    err_ignore(flash_unlock(hal->nvm));
    flash_protect(hal->nvm, layout->bootctl_offset, layout->app_offset + layout->app_size);
    if (bootctl_open(&boot->bootctl, hal->nvm, layout->bootctl_offset) && write_first_record(boot))
        return BOOT_STAY;

    const struct database_row *update = find_update(boot);
    if (update)
        err_ignore(install(boot, update)); /* what is there will do */
    log_event(hal->log, LOG_BOOT_JUMP, boot->bootctl.record.version, 0, 0);
    flash_protect(hal->nvm, layout->bootctl_offset, layout->app_offset);
    system_watchdog_start(hal->system, options->watchdog_ms);
    return BOOT_START;
}
