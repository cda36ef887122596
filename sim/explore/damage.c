#include "sim/explore/damage.h"

#include <stdlib.h>
#include <string.h>

#include "core/database.h"

#define DATABASE_FILE "image_database.csv"

static void spoil(uint8_t *bytes, uint32_t size, enum damage_how how)
{
    switch (how) {
    case DAMAGE_FLIP:
        bytes[size / 2] ^= 0x10;
        break;
    case DAMAGE_ZERO:
        memset(bytes, 0, size);
        break;
    case DAMAGE_TRUNCATE:
        memset(bytes + size / 2, 0xFF, size - size / 2);
        break;
    case DAMAGE_BLANK:
    case DAMAGE_REMOVE:
        memset(bytes, 0xFF, size);
        break;
    case DAMAGE_HOW_COUNT:
        break;
    }
}

/* What the cells hold is not what was programmed, so only an erase makes them usable again. */
static enum ota_err spoil_cells(struct cells *cells, uint32_t offset, uint32_t size,
                                enum damage_how how)
{
    bool is_blank = how == DAMAGE_BLANK || how == DAMAGE_REMOVE;

    spoil(cells->bytes + offset, size, how);
    memset(cells->marks + offset / cells->mark_size, is_blank ? 0 : CELLS_PROGRAMMED,
           size / cells->mark_size);
    return OTA_OK;
}

static enum ota_err rewrite(struct store *store, const char *path, enum damage_how how)
{
    struct lfs2_file_config config = {.buffer = store->file_buffer};
    lfs2_file_t file;
    int err = lfs2_file_opencfg(&store->lfs, &file, path, LFS2_O_RDWR, &config);

    if (err)
        return store_error(err);
    lfs2_soff_t size = lfs2_file_size(&store->lfs, &file);
    uint8_t *bytes = size > 0 ? malloc((size_t)size) : NULL;
    if (!bytes) {
        (void)lfs2_file_close(&store->lfs, &file);
        return OTA_ERR_NOT_FOUND;
    }
    lfs2_ssize_t done = lfs2_file_read(&store->lfs, &file, bytes, (lfs2_size_t)size);
    if (done == size && how == DAMAGE_TRUNCATE) {
        done = lfs2_file_truncate(&store->lfs, &file, (lfs2_off_t)size / 2);
    } else if (done == size) {
        spoil(bytes, (uint32_t)size, how);
        done = lfs2_file_rewind(&store->lfs, &file);
        if (done >= 0)
            done = lfs2_file_write(&store->lfs, &file, bytes, (lfs2_size_t)size);
    }
    free(bytes);
    err = lfs2_file_close(&store->lfs, &file);
    return store_error(done < 0 ? (int)done : err);
}

static enum ota_err spoil_file(struct world *world, const char *name, enum damage_how how)
{
    struct store *store = malloc(sizeof *store);
    char path[STORE_PATH_MAX];

    if (!store)
        return OTA_ERR_FULL;
    enum ota_err err = store_mount(store, &world->spi.cells.flash, &world->device.log);
    store_path(name, path);
    if (!err && how == DAMAGE_REMOVE)
        err = store_error(lfs2_remove(&store->lfs, path));
    else if (!err)
        err = rewrite(store, path, how);
    free(store);
    return err;
}

enum ota_err damage_apply(struct world *world, const struct scenario_damage *damage)
{
    const struct cells *nvm = &world->nvm.cells;
    char name[DATABASE_NAME_MAX];

    switch (damage->target) {
    case DAMAGE_IMAGE:
        store_name(world->scenario->images[damage->image].version,
                   world->fixture.images[damage->image].digest, name);
        return spoil_file(world, name, damage->how);
    case DAMAGE_FACTORY:
        return spoil_file(world, STORE_FACTORY, damage->how);
    case DAMAGE_DATABASE:
        return spoil_file(world, DATABASE_FILE, damage->how);
    case DAMAGE_FILE_SYSTEM:
        return spoil_cells(&world->spi.cells, 0, 2 * world->spi.cells.flash.erase_size,
                           damage->how);
    case DAMAGE_BOOT_CONTROL:
        return spoil_cells(&world->nvm.cells, layout_mzw1.bootctl_offset, nvm->flash.erase_size,
                           damage->how);
    case DAMAGE_PROGRAM_FLASH:
        return spoil_cells(&world->nvm.cells, layout_mzw1.app_offset, 4 * nvm->flash.erase_size,
                           damage->how);
    case DAMAGE_TARGET_COUNT:
        break;
    }
    return OTA_ERR_NOT_FOUND;
}
