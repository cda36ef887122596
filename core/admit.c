#include "core/admit.h"

bool admit_is_transferring(const struct ota *ota)
{
    return ota->state == OTA_STATE_CHECK || ota->state == OTA_STATE_DOWNLOAD ||
           ota->state == OTA_STATE_VERIFY;
}

/* Is there an image to go back to, once the running one is given up? */
static bool has_fallback(struct ota *ota)
{
    const struct database *database = &ota->store.database;

    for (uint32_t i = 0; i < database->count; i++)
        if (database->rows[i].status != BOOTCTL_DISABLED &&
            database->rows[i].version != ota_version(ota))
            return true;
    return ota->bootctl.record.type != BOOTCTL_FACTORY && store_has(&ota->store, STORE_FACTORY);
}

/* Would the bootloader start this file? The transfer's file is free: there is none now. */
static enum ota_err check_file(struct ota *ota, const char *name, uint32_t version)
{
    struct store_file *file = &ota->fetch.part.file;
    struct image_info info;
    enum ota_err err = store_open(&ota->store, name, file);

    if (err)
        return err;
    ota->policy.counter_floor = bootctl_counter_floor(&ota->bootctl);
    err = store_check(file, &ota->policy, ota->hal->crypto, ota->buffer, &info);
    store_close(file);
    return !err && version && info.version != version ? OTA_ERR_VERSION : err;
}

enum ota_err admit_factory(struct ota *ota)
{
    return check_file(ota, STORE_FACTORY, 0);
}

enum ota_err admit_fallback(struct ota *ota)
{
    const struct database *database = &ota->store.database;

    for (uint32_t i = 0; i < database->count; i++) {
        const struct database_row *row = &database->rows[i];
        if (row->status != BOOTCTL_DISABLED && row->version != ota_version(ota) &&
            check_file(ota, row->name, row->version) == OTA_OK)
            return OTA_OK;
    }
    return ota->bootctl.record.type == BOOTCTL_FACTORY ? OTA_ERR_NOT_FOUND : admit_factory(ota);
}

static enum ota_err admit_erase(struct ota *ota, uint32_t version)
{
    if (version == ota_version(ota))
        return OTA_ERR_STATE;
    if (ota->entry && ota->entry->version == version && ota->state != OTA_STATE_WAIT &&
        ota->state != OTA_STATE_IDLE)
        return OTA_ERR_STATE;
    return database_find(&ota->store.database, version) ? OTA_OK : OTA_ERR_NOT_FOUND;
}

enum ota_err admit_request(struct ota *ota, enum ota_request request, uint32_t version)
{
    enum ota_state state = ota->state;

    switch (request) {
    case OTA_REQUEST_CHECK:
        return admit_is_transferring(ota) || state == OTA_STATE_READY ? OTA_ERR_STATE : OTA_OK;
    case OTA_REQUEST_DOWNLOAD:
        return state == OTA_STATE_OFFER ? OTA_OK : OTA_ERR_STATE;
    case OTA_REQUEST_RESET:
        return state == OTA_STATE_READY ? OTA_OK : OTA_ERR_STATE;
    case OTA_REQUEST_ABORT:
        return admit_is_transferring(ota) || state == OTA_STATE_OFFER ? OTA_OK : OTA_ERR_STATE;
    case OTA_REQUEST_ROLLBACK:
        if (state == OTA_STATE_READY)
            return OTA_ERR_STATE;
        return has_fallback(ota) ? OTA_OK : OTA_ERR_NOT_FOUND;
    case OTA_REQUEST_FACTORY_RESET:
        return store_has(&ota->store, STORE_FACTORY) ? OTA_OK : OTA_ERR_NOT_FOUND;
    case OTA_REQUEST_ERASE:
        return admit_erase(ota, version);
    case OTA_REQUEST_NONE:
    case OTA_REQUEST_COUNT:
        break;
    }
    return OTA_ERR_FORMAT;
}
