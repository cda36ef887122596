#include "sim/explore/damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/database.h"
#include "sim/explore/forge.h"
#include "sim/explore/programmer.h"

#define DATABASE_FILE "image_database.csv"
#define PAGES_SPOILT  4 /* of program flash */

static void swap_halves(uint8_t *bytes, uint32_t size)
{
    uint8_t *second = bytes + size - size / 2;

    for (uint32_t i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = second[i];
        second[i] = byte;
    }
}

static void spoil(uint8_t *bytes, uint32_t size, const struct scenario_damage *damage)
{
    switch (damage->how) {
    case DAMAGE_BYTE:
        bytes[damage->at] = (uint8_t)damage->value;
        break;
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
    case DAMAGE_EMPTY:
        memset(bytes, 0xFF, size);
        break;
    case DAMAGE_SWAP:
        swap_halves(bytes, size);
        break;
    case DAMAGE_DISABLE:
    case DAMAGE_FORGET:
    case DAMAGE_REWRITE:
    case DAMAGE_FILL:
    case DAMAGE_SET:
    case DAMAGE_PROGRAM:
    case DAMAGE_ADD:
    case DAMAGE_HOW_COUNT:
        break;
    }
}

/* There is no such byte, or it is that already. */
static bool is_no_change(const struct scenario_damage *damage, const uint8_t *bytes, uint32_t size)
{
    return damage->how == DAMAGE_BYTE &&
           (damage->at >= size || bytes[damage->at] == (uint8_t)damage->value);
}

static bool is_blank(const uint8_t *bytes, uint32_t size)
{
    return bytes[0] == 0xFF && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* What changed is as it reads: cells that are blank now take a program, others an erase first. */
static enum ota_err spoil_cells(struct cells *cells, uint32_t offset, uint32_t size,
                                const struct scenario_damage *damage)
{
    uint8_t *bytes = cells->bytes + offset;
    uint8_t *before = malloc(size);

    if (!before)
        return OTA_ERR_FULL;
    if (is_no_change(damage, bytes, size)) {
        free(before);
        return OTA_ERR_NOT_FOUND;
    }
    memcpy(before, bytes, size);
    cells_touch(cells, offset, size);
    spoil(bytes, size, damage);
    for (uint32_t at = 0; at < size; at += cells->mark_size)
        if (memcmp(before + at, bytes + at, cells->mark_size) != 0)
            cells->marks[(offset + at) / cells->mark_size] =
                is_blank(bytes + at, cells->mark_size) ? 0 : CELLS_PROGRAMMED;
    free(before);
    return OTA_OK;
}

/* Each row says something else of its image; the text stays as long as it was. */
static enum ota_err spoil_rows(char *text, uint32_t size, enum damage_how how)
{
    char spoilt[DATABASE_TEXT_MAX];
    struct database database;
    enum ota_err err = database_parse(text, size, &database);

    if (err)
        return err;
    for (uint32_t i = 0; i < database.count; i++)
        database.rows[i].status = how == DAMAGE_DISABLE ? BOOTCTL_DISABLED : BOOTCTL_DOWNLOADED;
    if (database_format(&database, spoilt) != size)
        return OTA_ERR_CORRUPT;
    memcpy(text, spoilt, size);
    return OTA_OK;
}

static bool is_of_rows(enum damage_how how)
{
    return how == DAMAGE_DISABLE || how == DAMAGE_FORGET;
}

static enum ota_err rewrite_bytes(struct store *store, lfs2_file_t *file, lfs2_size_t size,
                                  const struct scenario_damage *damage)
{
    enum ota_err err = OTA_OK;
    uint8_t *bytes = malloc(size);

    if (!bytes)
        return OTA_ERR_FULL;
    lfs2_ssize_t done = lfs2_file_read(&store->lfs, file, bytes, size);
    if (done == (lfs2_ssize_t)size && is_of_rows(damage->how))
        err = spoil_rows((char *)bytes, size, damage->how);
    else if (done == (lfs2_ssize_t)size && is_no_change(damage, bytes, size))
        err = OTA_ERR_NOT_FOUND;
    else
        spoil(bytes, size, damage);
    if (done >= 0)
        done = lfs2_file_rewind(&store->lfs, file);
    if (!err && done >= 0)
        done = lfs2_file_write(&store->lfs, file, bytes, size);
    free(bytes);
    return done < 0 ? store_error((int)done) : err;
}

static enum ota_err rewrite(struct store *store, const char *path,
                            const struct scenario_damage *damage)
{
    enum damage_how how = damage->how;
    struct lfs2_file_config config = {.buffer = store->file_buffer};
    lfs2_file_t file;
    int err = lfs2_file_opencfg(&store->lfs, &file, path, LFS2_O_RDWR, &config);

    if (err)
        return store_error(err);
    lfs2_soff_t size = lfs2_file_size(&store->lfs, &file);
    enum ota_err done = OTA_ERR_NOT_FOUND;
    if (size > 0 && (how == DAMAGE_TRUNCATE || how == DAMAGE_EMPTY))
        done = store_error(
            lfs2_file_truncate(&store->lfs, &file, how == DAMAGE_EMPTY ? 0 : (lfs2_off_t)size / 2));
    else if (size > 0)
        done = rewrite_bytes(store, &file, (lfs2_size_t)size, damage);
    err = lfs2_file_close(&store->lfs, &file);
    return done ? done : store_error(err);
}

/* A file of the store's folder, new or as it is. */
static enum ota_err write_file(struct world *world, const char *name, const void *bytes,
                               lfs2_size_t size)
{
    struct store *store = malloc(sizeof *store);
    char path[sizeof STORE_DIRECTORY + SCENARIO_TEXT_MAX];
    lfs2_file_t file;

    if (!store)
        return OTA_ERR_FULL;
    struct lfs2_file_config config = {.buffer = store->file_buffer};
    enum ota_err err = store_mount(store, &world->spi.cells.flash, &world->device.log);
    snprintf(path, sizeof path, STORE_DIRECTORY "/%s", name);
    if (!err)
        err = store_error(lfs2_file_opencfg(&store->lfs, &file, path,
                                            LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC, &config));
    if (!err) {
        lfs2_ssize_t done = lfs2_file_write(&store->lfs, &file, bytes, size);
        int closed = lfs2_file_close(&store->lfs, &file);
        err = store_error(done < 0 ? (int)done : closed);
    }
    free(store);
    return err;
}

/* Images that a device may have met and given up, of versions that no scenario comes to. */
static enum ota_err fill_database(struct world *world, uint32_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return OTA_ERR_FULL;
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "%sv%u-00000000.bin,%02X,%u,0x01,%064u", i ? "\n" : "", UINT32_MAX - i,
                BOOTCTL_DISABLED, UINT32_MAX - i, i);
    enum ota_err err = OTA_ERR_FULL;
    if (fclose(out) == 0)
        err = write_file(world, DATABASE_FILE, text, (lfs2_size_t)size);
    free(text);
    return err;
}

static enum ota_err spoil_path(struct store *store, const char *path,
                               const struct scenario_damage *damage)
{
    return damage->how == DAMAGE_REMOVE ? store_error(lfs2_remove(&store->lfs, path))
                                        : rewrite(store, path, damage);
}

static enum ota_err swap_paths(struct store *store, const char *path, const char *other)
{
    static const char between[] = STORE_DIRECTORY "/between";
    struct lfs2_info info;
    int err = lfs2_stat(&store->lfs, other, &info);

    if (!err)
        err = lfs2_rename(&store->lfs, path, between);
    if (!err)
        err = lfs2_rename(&store->lfs, other, path);
    if (!err)
        err = lfs2_rename(&store->lfs, between, other);
    return store_error(err);
}

/* other: the file it changes places with; NULL: none. */
static enum ota_err spoil_file(struct world *world, const char *name, const char *other,
                               const struct scenario_damage *damage)
{
    struct store *store = malloc(sizeof *store);
    char path[STORE_PATH_MAX], other_path[STORE_PATH_MAX];

    if (!store)
        return OTA_ERR_FULL;
    enum ota_err err = store_mount(store, &world->spi.cells.flash, &world->device.log);
    store_path(name, path);
    if (other)
        store_path(other, other_path);
    if (!err)
        err = other ? swap_paths(store, path, other_path) : spoil_path(store, path, damage);
    free(store);
    return err;
}

static void name_image(const struct world *world, int image, char ret_name[DATABASE_NAME_MAX])
{
    store_name(world->scenario->images[image].version, world->fixture.images[image].digest,
               ret_name);
}

static enum ota_err spoil_image(struct world *world, const struct scenario_damage *damage)
{
    char name[DATABASE_NAME_MAX], other[DATABASE_NAME_MAX];

    name_image(world, damage->image, name);
    if (damage->how != DAMAGE_SWAP || damage->with < 0)
        return spoil_file(world, name, NULL, damage);
    name_image(world, damage->with, other);
    return spoil_file(world, name, other, damage);
}

static enum ota_err add_image(struct world *world, const struct scenario_damage *damage)
{
    const struct fixture_image *image = &world->fixture.images[damage->image];
    char name[DATABASE_NAME_MAX];

    name_image(world, damage->image, name);
    return write_file(world, damage->text[0] ? damage->text : name, image->bytes, image->size);
}

/* Of what program flash holds, as far as it matters: the first pages. */
static uint32_t installed_size(const struct world *world)
{
    const struct cells *nvm = &world->nvm.cells;
    uint32_t most = PAGES_SPOILT * nvm->flash.erase_size;
    int image = judge_installed(&world->judge);

    if (image < 0)
        return most;
    uint32_t size = world->fixture.images[image].size - IMAGE_HEADER_PAGE;
    size += nvm->mark_size - 1;
    size -= size % nvm->mark_size;
    return size < most ? size : most;
}

static enum ota_err spoil_target(struct world *world, const struct scenario_damage *damage)
{
    struct cells *nvm = &world->nvm.cells, *spi = &world->spi.cells;

    switch (damage->target) {
    case DAMAGE_IMAGE:
        return spoil_image(world, damage);
    case DAMAGE_FACTORY:
        return spoil_file(world, STORE_FACTORY, NULL, damage);
    case DAMAGE_DATABASE:
        return spoil_file(world, DATABASE_FILE, NULL, damage);
    case DAMAGE_FILE_SYSTEM:
        return spoil_cells(spi, 0, 2 * spi->flash.erase_size, damage);
    case DAMAGE_BOOT_CONTROL:
        return spoil_cells(nvm, layout_mzw1.bootctl_offset, nvm->flash.erase_size, damage);
    case DAMAGE_PROGRAM_FLASH:
        return spoil_cells(nvm, layout_mzw1.app_offset, installed_size(world), damage);
    case DAMAGE_TARGET_COUNT:
        break;
    }
    return OTA_ERR_NOT_FOUND;
}

enum ota_err damage_apply(struct world *world, const struct scenario_damage *damage)
{
    enum damage_target only = scenario_damage_target(damage->how);

    if (only != DAMAGE_TARGET_COUNT && only != damage->target)
        return OTA_ERR_NOT_FOUND;
    switch ((int)damage->how) {
    case DAMAGE_REWRITE:
        return write_file(world, DATABASE_FILE, damage->text, (lfs2_size_t)strlen(damage->text));
    case DAMAGE_FILL:
        return fill_database(world, damage->value);
    case DAMAGE_SET:
        return forge_field(world, damage->field, damage->value);
    case DAMAGE_PROGRAM:
        return programmer_write_code(world, damage->image);
    case DAMAGE_ADD:
        return add_image(world, damage);
    default:
        return spoil_target(world, damage);
    }
}

uint32_t damage_begin(struct world *world)
{
    struct judge *judge = &world->judge;
    uint32_t before = judge->damaged;

    for (uint32_t i = 0; i < world->scenario->damage_count; i++)
        if (judge->damages_due >> i & 1 &&
            damage_apply(world, &world->scenario->damages[i]) == OTA_OK)
            judge_damaged(judge, i);
    judge->damages_due = 0;
    return judge->damaged & ~before;
}
