/*
 * Method. The candidates are the installed image and the images of the store, highest version
 * first (the installed one before its own copy), and the factory image last. The first that
 * verifies starts. An image from the store is installed only after it verified there, and boot
 * control names it only after it verified in program flash; so during an install the record still
 * names the old image, whose pages are going, and a cut leads back here: the record's image does
 * not verify or is not the newest, the same candidate is chosen, and the install goes on.
 */
#include "bootloader/boot.h"

#include <string.h>

#include "bootloader/factory.h"
#include "bootloader/install.h"

const struct boot_options boot_options_default = {.trials_max = 3, .watchdog_ms = 10000};

static void say(struct boot *boot, enum log_event event, uint32_t a, uint32_t b)
{
    log_event(boot->hal->log, event, a, b, 0);
}

/* Does program flash hold the image with this header, and may it run? */
static enum ota_err check_flash(struct boot *boot, const uint8_t header[IMAGE_HEADER_SIZE],
                                struct image_info *ret_info)
{
    struct image_flash image;

    image_flash_init(&image, boot->hal->nvm, boot->hal->layout, header);
    return image_check(&image.source, &boot->policy, boot->hal->crypto, boot->buffer, ret_info);
}

static enum ota_err check_installed(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    struct image_info info;
    enum ota_err err = check_flash(boot, record->image_header, &info);

    if (!err && memcmp(info.hash, record->hash, sizeof info.hash) != 0)
        err = OTA_ERR_HASH;
    if (err)
        say(boot, LOG_BOOT_BAD_FLASH, record->version, err);
    return err;
}

static enum ota_err read_header(struct boot *boot, const char *name,
                                uint8_t ret_header[IMAGE_HEADER_SIZE])
{
    struct store_file *file = &boot->file;
    enum ota_err err = store_open(&boot->store, name, file);

    if (err)
        return err;
    err = file->source.read(&file->source, 0, ret_header, IMAGE_HEADER_SIZE);
    store_close(file);
    return err;
}

/* Is the image of this file what program flash holds? Then boot control can say so again. */
static bool rebuild_from(struct boot *boot, const char *name, enum bootctl_type type,
                         enum bootctl_status status)
{
    uint8_t header[IMAGE_HEADER_SIZE];
    struct image_info info;
    struct bootctl_record record;

    if (read_header(boot, name, header) || check_flash(boot, header, &info))
        return false;
    image_describe(&info, boot->hal->layout, type, &record);
    record.status = status;
    record.counter_floor = boot->policy.counter_floor;
    if (bootctl_append(&boot->bootctl, &record))
        return false;
    say(boot, LOG_BOOT_RECORD_REBUILT, info.version, 0);
    return true;
}

/* The highest security counter of the images that were confirmed, as far as they are still there.
 */
static uint32_t find_counter_floor(struct boot *boot)
{
    struct database *database = &boot->store.database;
    uint32_t floor = 0;

    for (uint32_t i = 0; i < database->count; i++) {
        struct image_info info;
        const struct database_row *row = &database->rows[i];
        if (row->status != BOOTCTL_VALID || store_open(&boot->store, row->name, &boot->file))
            continue;
        if (image_check(&boot->file.source, &boot->policy, boot->hal->crypto, boot->buffer,
                        &info) == OTA_OK &&
            info.security_counter > floor)
            floor = info.security_counter;
        store_close(&boot->file);
    }
    return floor;
}

static void rebuild_record(struct boot *boot)
{
    struct database *database = &boot->store.database;

    boot->policy.counter_floor = find_counter_floor(boot);

    for (uint32_t i = 0; i < database->count; i++) {
        enum bootctl_status status = database->rows[i].status;
        if (status == BOOTCTL_DOWNLOADED)
            status = BOOTCTL_UNBOOTED;
        if (rebuild_from(boot, database->rows[i].name, BOOTCTL_PRODUCTION, status))
            return;
    }
    (void)rebuild_from(boot, STORE_FACTORY, BOOTCTL_FACTORY, BOOTCTL_VALID);
}

/* Trial boots that ended by the image's own fault. The one that a power failure ended is not: an
 * image must not be given up because the mains fail three times in its first minute. */
static uint32_t failed_trials(const struct boot *boot)
{
    uint32_t trials = boot->bootctl.record.trials;

    return trials && system_cause(boot->hal->system) == SYSTEM_POWER_ON ? trials - 1 : trials;
}

/* No more trials: the image is disabled here, and in the database by agree_with_database(). */
static void end_trial(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;

    if (record->status != BOOTCTL_UNBOOTED || failed_trials(boot) < boot->options.trials_max)
        return;
    say(boot, LOG_BOOT_DISABLED, record->version, record->trials);
    /* Not written: then it has one more trial at the next start. */
    err_ignore(bootctl_set(&boot->bootctl, BOOTCTL_DISABLED, record->trials));
}

/* Boot control is written first, so what it says of the installed image holds. */
static void agree_with_database(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    struct database_row *row = database_find(&boot->store.database, record->version);

    if (row && (record->status == BOOTCTL_DISABLED || record->status == BOOTCTL_VALID))
        err_ignore(store_set_status(&boot->store, row, record->status)); /* or at the next start */
}

static struct database_row *best_row_below(struct boot *boot, uint64_t ceiling)
{
    struct database *database = &boot->store.database;
    struct database_row *best = NULL;

    for (uint32_t i = 0; i < database->count; i++) {
        struct database_row *row = &database->rows[i];
        if (row->status != BOOTCTL_DISABLED && row->version < ceiling &&
            (!best || row->version > best->version))
            best = row;
    }
    return best;
}

/* From the open file to a boot control record. */
static enum ota_err install_open_file(struct boot *boot, uint32_t version, enum bootctl_type type,
                                      enum bootctl_status status)
{
    struct image_source *source = &boot->file.source;
    struct image_info info;
    struct bootctl_record record;
    enum ota_err err = image_check(source, &boot->policy, boot->hal->crypto, boot->buffer, &info);

    if (!err && version && info.version != version)
        err = OTA_ERR_VERSION;
    if (err) {
        say(boot, LOG_BOOT_REFUSED, version, err);
        return err;
    }
    err = install_image(boot->hal, source, &info, boot->buffer);
    if (!err)
        err = check_flash(boot, info.header, &info);
    if (err) {
        say(boot, LOG_BOOT_INSTALL_FAILED, info.version, err);
        return err;
    }
    image_describe(&info, boot->hal->layout, type, &record);
    record.status = status;
    record.counter_floor = boot->policy.counter_floor;
    return bootctl_append(&boot->bootctl, &record);
}

/* An image that cannot be installed is not tried again, or it would be at every start. */
static enum ota_err install_row(struct boot *boot, struct database_row *row)
{
    say(boot, LOG_BOOT_CANDIDATE, row->version, 0);
    enum ota_err err = store_open(&boot->store, row->name, &boot->file);

    if (!err) {
        err = install_open_file(boot, row->version, BOOTCTL_PRODUCTION, BOOTCTL_UNBOOTED);
        store_close(&boot->file);
    }
    if (err)
        err_ignore(store_set_status(&boot->store, row, BOOTCTL_DISABLED)); /* in RAM at least */
    return err;
}

static enum ota_err install_factory(struct boot *boot)
{
    enum ota_err err = store_open(&boot->store, STORE_FACTORY, &boot->file);

    if (err)
        return err;
    err = install_open_file(boot, 0, BOOTCTL_FACTORY, BOOTCTL_VALID);
    store_close(&boot->file);
    return err;
}

/* Bring the best image to program flash; afterwards the record names what may start. */
static enum ota_err choose(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    bool is_installed = boot->bootctl.has_record && record->status != BOOTCTL_DISABLED;
    uint64_t ceiling = (uint64_t)UINT32_MAX + 1;

    for (;;) {
        struct database_row *row = best_row_below(boot, ceiling);
        if (is_installed && (!row || record->version >= row->version)) {
            if (check_installed(boot) == OTA_OK)
                return OTA_OK;
            is_installed = false;
        } else if (row) {
            if (install_row(boot, row) == OTA_OK)
                return OTA_OK;
            ceiling = row->version;
        } else {
            return install_factory(boot);
        }
    }
}

/* A trial that cannot be counted is started all the same: rather an image that verified than none.
 */
static enum boot_outcome prepare_start(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    const struct layout *layout = boot->hal->layout;

    factory_back_up(boot->hal, &boot->bootctl, &boot->store, boot->buffer);
    if (record->status != BOOTCTL_VALID) {
        uint32_t trial = failed_trials(boot) + 1;
        if (trial != record->trials)
            err_ignore(bootctl_set(&boot->bootctl, BOOTCTL_UNBOOTED, trial));
        log_event(boot->hal->log, LOG_BOOT_TRIAL, record->version, record->trials,
                  boot->options.trials_max);
    }
    say(boot, LOG_BOOT_JUMP, record->version, 0);
    flash_protect(boot->hal->nvm, layout->bootctl_offset, layout->app_offset);
    system_watchdog_start(boot->hal->system, boot->options.watchdog_ms);
    return BOOT_START;
}

static void open_store(struct boot *boot)
{
    struct store_judge judge = {&boot->policy, boot->hal->crypto, &boot->bootctl, boot->buffer};
    enum ota_err err = store_mount(&boot->store, boot->hal->spi, boot->hal->log);

    if (!err)
        err = store_load(&boot->store, &judge);
    if (err)
        say(boot, LOG_BOOT_NO_STORE, err, 0);
}

enum boot_outcome boot_run(struct boot *boot, const struct hal *hal,
                           const struct boot_options *options)
{
    const struct layout *layout = hal->layout;
    enum ota_err err;

    boot->hal = hal;
    boot->options = *options;
    boot->policy = *hal->policy;
    say(boot, LOG_BOOT_START, system_cause(hal->system), 0);
    err_ignore(flash_unlock(hal->nvm)); /* a flash that does not answer shows in the next read */
    flash_protect(hal->nvm, layout->bootctl_offset, layout->app_offset + layout->app_size);

    enum ota_err record_err = bootctl_open(&boot->bootctl, hal->nvm, layout->bootctl_offset);
    if (record_err && factory_is_new(hal)) {
        err = factory_begin(hal, &boot->bootctl, &boot->store, &boot->policy, boot->buffer);
        if (err)
            say(boot, LOG_BOOT_REFUSED, 0, err);
        else
            return prepare_start(boot);
    }
    boot->policy.counter_floor = bootctl_counter_floor(&boot->bootctl);
    open_store(boot);
    if (!boot->bootctl.has_record) {
        say(boot, LOG_BOOT_NO_RECORD, record_err, 0);
        rebuild_record(boot);
    }
    if (boot->bootctl.has_record) {
        end_trial(boot);
        agree_with_database(boot);
    }
    if (choose(boot) == OTA_OK)
        return prepare_start(boot);
    say(boot, LOG_BOOT_STAY, 0, 0);
    return BOOT_STAY;
}
