/*
 * Method. The candidates are the installed image and the images of the store, highest version
 * first (the installed one before its own copy), and the factory image last. The first that
 * verifies starts. An image from the store is installed only after it verified there, and so did a
 * copy of what runs, or a factory image; boot control names it only after it verified in program
 * flash. So during an install the record still names the old image, whose pages are going, and a
 * cut leads back here: the record's image does not verify or is not the newest, the same candidate
 * is chosen, and the install goes on.
 */
#include "bootloader/boot.h"

#include <string.h>

#include "bootloader/factory.h"
#include "bootloader/install.h"
#include "core/bytes.h"
#include "core/installed.h"

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

/* Does it hold the image that the record names? */
static enum ota_err check_recorded(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    struct image_info info;
    enum ota_err err = check_flash(boot, record->image_header, &info);

    return !err && memcmp(info.hash, record->hash, sizeof info.hash) != 0 ? OTA_ERR_HASH : err;
}

static enum ota_err check_installed(struct boot *boot)
{
    enum ota_err err = check_recorded(boot);

    if (err)
        say(boot, LOG_BOOT_BAD_FLASH, boot->bootctl.record.version, err);
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

/* A boot control page that takes no record does not keep an image from starting: what verified
 * starts, uncounted, and is found out again at the next start. */
static void name_installed(struct boot *boot, const struct bootctl_record *record)
{
    enum ota_err err = bootctl_append(&boot->bootctl, record);

    boot->is_recorded = err == OTA_OK;
    if (boot->is_recorded)
        return;
    say(boot, LOG_BOOT_NOT_RECORDED, record->version, err);
    boot->bootctl.has_record = true;
    boot->bootctl.record = *record;
}

static bool tells_of(const struct bootctl_record *record, const struct bootctl_record *other)
{
    return record->version == other->version && record->size == other->size &&
           record->boot_address == other->boot_address &&
           record->security_counter == other->security_counter;
}

/* What the record says of the image it names, the image knows better: a version that is too high
 * would keep every update away, a security counter every image. The image must verify first, as
 * else it could not say so; one that is on its way out is not asked. */
static void mend_record(struct boot *boot)
{
    struct bootctl_record *record = &boot->bootctl.record, right;
    struct image_flash image;
    struct image_info info;

    image_flash_init(&image, boot->hal->nvm, boot->hal->layout, record->image_header);
    if (record->wants_factory || image_parse(&image.source, &info) ||
        memcmp(info.hash, record->hash, sizeof info.hash) != 0)
        return;
    image_describe(&info, boot->hal->layout, record->type, &right);
    boot->policy.counter_floor = record->counter_floor;
    if (tells_of(record, &right) || check_flash(boot, record->image_header, &info))
        return;
    right.status = record->status;
    right.trials = record->trials;
    right.was_confirmed = record->was_confirmed;
    right.counter_floor = record->counter_floor;
    record->security_counter = right.security_counter; /* or the wrong one would become the floor */
    name_installed(boot, &right);
    say(boot, LOG_BOOT_RECORD_REBUILT, right.version, 0);
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
    name_installed(boot, &record);
    say(boot, LOG_BOOT_RECORD_REBUILT, info.version, 0);
    return true;
}

static void rebuild_record(struct boot *boot)
{
    struct database *database = &boot->store.database;

    boot->policy.counter_floor =
        installed_floor(boot->hal, &boot->store, &boot->file, &boot->policy, boot->buffer);
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

/* May the open file run here? What boot control says of an image holds, also where the store could
 * not take it down. row: NULL for the factory image. */
static enum ota_err check_open_file(struct boot *boot, const struct database_row *row,
                                    struct image_info *ret_info)
{
    enum ota_err err =
        store_check(&boot->file, &boot->policy, boot->hal->crypto, boot->buffer, ret_info);

    if (!err && row && ret_info->version != row->version)
        err = OTA_ERR_VERSION;
    if (!err && row && bootctl_status_of(&boot->bootctl, ret_info->hash) == BOOTCTL_DISABLED)
        err = OTA_ERR_FAILED_BEFORE;
    if (err)
        say(boot, LOG_BOOT_REFUSED, row ? row->version : 0, err);
    return err;
}

/* From the open file, which was checked, to a boot control record. Done twice, as one read or write
 * may fail that goes well the next time; what is right already stays. */
static enum ota_err install_open_file(struct boot *boot, const struct image_info *info,
                                      enum bootctl_type type, enum bootctl_status status)
{
    struct image_info installed;
    struct bootctl_record record;
    enum ota_err err = OTA_ERR_FLASH;

    for (int i = 0; i < 2 && err; i++) {
        err = install_image(boot->hal, &boot->file.source, info, boot->buffer);
        if (!err)
            err = check_flash(boot, info->header, &installed);
    }
    if (err) {
        say(boot, LOG_BOOT_INSTALL_FAILED, info->version, err);
        return err;
    }
    image_describe(info, boot->hal->layout, type, &record);
    record.status = status;
    record.counter_floor = boot->policy.counter_floor;
    name_installed(boot, &record);
    return OTA_OK;
}

static enum ota_err digest_installed(struct boot *boot, struct image_source *source,
                                     uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    struct crypto_sha256 hash;
    uint32_t total = boot->bootctl.record.size;

    crypto_sha256_start(boot->hal->crypto, &hash);
    for (uint32_t offset = 0, size; offset < total; offset += size) {
        size = bytes_min(IMAGE_BUFFER_SIZE, total - offset);
        enum ota_err err = source->read(source, offset, boot->buffer, size);
        if (err)
            return err;
        crypto_sha256_update(boot->hal->crypto, &hash, boot->buffer, size);
    }
    crypto_sha256_finish(boot->hal->crypto, &hash, ret_digest);
    return OTA_OK;
}

static enum ota_err check_file(struct boot *boot, const char *name, struct image_info *ret_info)
{
    enum ota_err err = store_open(&boot->store, name, &boot->file);

    if (err)
        return err;
    err = store_check(&boot->file, &boot->policy, boot->hal->crypto, boot->buffer, ret_info);
    store_close(&boot->file);
    return err;
}

/* Does the store hold what program flash does, so that it would start again? */
static bool has_copy(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    const struct database_row *row = database_find(&boot->store.database, record->version);
    struct image_info info;

    if (record->type != BOOTCTL_FACTORY && !row)
        return false;
    const char *name = record->type == BOOTCTL_FACTORY ? STORE_FACTORY : row->name;
    return check_file(boot, name, &info) == OTA_OK &&
           memcmp(info.hash, record->hash, sizeof info.hash) == 0;
}

static enum ota_err copy_installed(struct boot *boot, struct image_source *source)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    struct database_row row = {.status = BOOTCTL_DOWNLOADED, .version = record->version};

    if (record->type == BOOTCTL_FACTORY)
        return store_write(&boot->store, STORE_FACTORY, source, record->size, boot->buffer);
    enum ota_err err = digest_installed(boot, source, row.digest);
    if (record->status == BOOTCTL_VALID)
        row.status = BOOTCTL_VALID;
    store_name(row.version, row.digest, row.name);
    if (!err)
        err = store_write(&boot->store, row.name, source, record->size, boot->buffer);
    if (!err)
        err = store_enter(&boot->store, &row);
    return err;
}

/* Before the installed image is overwritten: where its copy was lost or damaged, program flash
 * holds the only one, and without it there is no way back from a bad update. */
static enum ota_err keep_installed(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    struct image_flash image;

    if (check_recorded(boot) != OTA_OK || has_copy(boot))
        return OTA_OK;
    image_flash_init(&image, boot->hal->nvm, boot->hal->layout, record->image_header);
    enum ota_err err = copy_installed(boot, &image.source);
    if (err)
        say(boot, LOG_BOOT_BACKUP_FAILED, err, 0);
    else
        say(boot, LOG_BOOT_BACKUP, record->size, 0);
    return err;
}

static enum ota_err check_factory(struct boot *boot)
{
    struct image_info info;

    return check_file(boot, STORE_FACTORY, &info);
}

/* What is refused is the file as it lies there. Where it is not the announced one any more, a bit
 * has tipped since it was verified, and the announced one is to be fetched again. */
static void note_refused(struct boot *boot, struct database_row *row)
{
    uint8_t digest[CRYPTO_SHA256_SIZE], again[CRYPTO_SHA256_SIZE];

    if (!store_digest(&boot->file, boot->hal->crypto, boot->buffer, digest) &&
        !store_digest(&boot->file, boot->hal->crypto, boot->buffer, again) &&
        memcmp(digest, again, sizeof digest) == 0)
        memcpy(row->digest, digest, sizeof row->digest);
}

/*
 * An image that is refused is not tried again, or it would be at every start. One that could not be
 * read is, and one that could not be written where nothing else could either: *ret_is_unsaved, and
 * the row is disabled in RAM. An image that was confirmed before has proved itself: on trial again
 * it would have nothing behind it.
 */
static enum ota_err install_row(struct boot *boot, struct database_row *row, bool is_installed,
                                bool *ret_is_unsaved)
{
    struct image_info info;

    say(boot, LOG_BOOT_CANDIDATE, row->version, 0);
    enum ota_err err = store_open(&boot->store, row->name, &boot->file);
    if (err)
        return err;
    err = check_open_file(boot, row, &info);
    if (err_is_verdict(err))
        note_refused(boot, row);
    store_close(&boot->file);
    if (err_is_verdict(err) || err == OTA_ERR_FAILED_BEFORE)
        err_ignore(
            store_set_status(&boot->store, row, BOOTCTL_DISABLED)); /* or at the next start */
    if (err)
        return err;
    if (is_installed && keep_installed(boot) && check_factory(boot)) {
        say(boot, LOG_BOOT_REFUSED, row->version, OTA_ERR_FLASH);
        return OTA_ERR_FLASH; /* what runs is all there is: it stays */
    }
    err = store_open(&boot->store, row->name, &boot->file);
    if (err)
        return err;
    err = install_open_file(boot, &info, BOOTCTL_PRODUCTION,
                            row->status == BOOTCTL_VALID ? BOOTCTL_VALID : BOOTCTL_UNBOOTED);
    store_close(&boot->file);
    if (err) {
        row->status = BOOTCTL_DISABLED;
        *ret_is_unsaved = true;
    }
    return err;
}

static enum ota_err install_factory(struct boot *boot)
{
    struct image_info info;
    enum ota_err err = store_open(&boot->store, STORE_FACTORY, &boot->file);

    if (err)
        return err;
    err = check_open_file(boot, NULL, &info);
    if (!err)
        err = install_open_file(boot, &info, BOOTCTL_FACTORY, BOOTCTL_VALID);
    store_close(&boot->file);
    return err;
}

/* Nothing goes before the factory image has been verified. The request stands in boot control until
 * the factory image's record replaces it, so a cut leads back here. */
static void reset_to_factory(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    uint32_t count;
    enum ota_err err = check_factory(boot);

    if (!err && !record->wants_factory)
        err = bootctl_request_factory(&boot->bootctl);
    if (!err)
        err = store_clear(&boot->store, &count);
    if (!err) {
        say(boot, LOG_BOOT_FACTORY_RESET, count, 0);
        return;
    }
    say(boot, LOG_BOOT_REFUSED, 0, err);
    /* On trial again, as the image was given up for something that is not to be had. */
    if (record->wants_factory)
        err_ignore(bootctl_set(&boot->bootctl, BOOTCTL_UNBOOTED, 0));
}

/* Asked for by the application or by the pin; held down, the pin does it once. */
static bool is_factory_reset_due(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;

    if (record->wants_factory)
        return true;
    return system_is_factory_pin_held(boot->hal->system) &&
           (record->type != BOOTCTL_FACTORY || boot->store.database.count);
}

/* Bring the best image to program flash; afterwards the record names what may start. */
static enum ota_err choose(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    bool is_installed = boot->bootctl.has_record && record->status != BOOTCTL_DISABLED;
    bool is_unsaved = false;
    uint64_t ceiling = (uint64_t)UINT32_MAX + 1;
    enum ota_err err = OTA_ERR_NOT_FOUND;

    while (err) {
        struct database_row *row = best_row_below(boot, ceiling);
        if (is_installed && (!row || record->version >= row->version)) {
            err = check_installed(boot);
            is_installed = false;
        } else if (row) {
            ceiling = row->version;
            err = install_row(boot, row, is_installed, &is_unsaved);
        } else {
            err = install_factory(boot);
            break;
        }
    }
    if (!err && is_unsaved)
        err_ignore(store_save(&boot->store)); /* or at the next start */
    return err;
}

/* A trial that cannot be counted is started all the same: rather an image that verified than none.
 */
static enum boot_outcome prepare_start(struct boot *boot)
{
    const struct bootctl_record *record = &boot->bootctl.record;
    const struct layout *layout = boot->hal->layout;

    factory_back_up(boot->hal, &boot->bootctl, &boot->store, boot->buffer);
    if (record->status != BOOTCTL_VALID && boot->is_recorded) {
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
    boot->is_recorded = true;
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
    if (boot->bootctl.has_record)
        mend_record(boot);
    boot->policy.counter_floor = bootctl_counter_floor(&boot->bootctl);
    open_store(boot);
    if (!boot->bootctl.has_record) {
        say(boot, LOG_BOOT_NO_RECORD, record_err, 0);
        rebuild_record(boot);
    }
    if (boot->bootctl.has_record) {
        if (is_factory_reset_due(boot))
            reset_to_factory(boot);
        end_trial(boot);
        agree_with_database(boot);
    }
    if (choose(boot) == OTA_OK)
        return prepare_start(boot);
    say(boot, LOG_BOOT_STAY, 0, 0);
    return BOOT_STAY;
}
