#include "core/part.h"

#include <string.h>

static lfs2_t *file_system(struct part *part)
{
    return &part->file.store->lfs;
}

static enum ota_err open_file(struct part *part)
{
    char path[STORE_PATH_MAX];
    struct store_file *file = &part->file;

    store_path(PART_FILE, path);
    part->attribute = (struct lfs2_attr){PART_ATTRIBUTE, &part->label, sizeof part->label};
    file->config = (struct lfs2_file_config){
        .buffer = file->buffer, .attrs = &part->attribute, .attr_count = 1};
    return store_error(lfs2_file_opencfg(file_system(part), &file->file, path,
                                         LFS2_O_RDWR | LFS2_O_CREAT, &file->config));
}

static enum ota_err read_part(struct image_source *source, uint32_t offset, void *data,
                              uint32_t size)
{
    struct store_file *file = (struct store_file *)source;
    lfs2_t *lfs = &file->store->lfs;
    lfs2_soff_t at = lfs2_file_seek(lfs, &file->file, (lfs2_soff_t)offset, LFS2_SEEK_SET);
    lfs2_ssize_t taken = at < 0 ? at : lfs2_file_read(lfs, &file->file, data, size);

    if (taken < 0)
        return store_error(taken);
    return (uint32_t)taken == size ? OTA_OK : OTA_ERR_FORMAT;
}

static void note_size(struct part *part, uint32_t size)
{
    part->size = size;
    part->file.source.size = size;
}

enum ota_err part_open(struct part *part, struct store *store,
                       const uint8_t digest[CRYPTO_SHA256_SIZE])
{
    memset(&part->label, 0, sizeof part->label);
    part->file.store = store;
    part->file.source = (struct image_source){read_part, 0};
    part->is_open = false;
    if (!store->is_mounted)
        return OTA_ERR_STATE;
    enum ota_err err = open_file(part);
    if (err)
        return err;
    part->is_open = true;
    part->label.validator[TRANSPORT_VALIDATOR_MAX - 1] = '\0';
    note_size(part, (uint32_t)lfs2_file_size(file_system(part), &part->file.file));
    part->synced_size = part->size;
    if (memcmp(part->label.digest, digest, sizeof part->label.digest) == 0)
        return OTA_OK;
    memset(&part->label, 0, sizeof part->label);
    memcpy(part->label.digest, digest, sizeof part->label.digest);
    return part->size ? part_restart(part, "", 0) : OTA_OK;
}

enum ota_err part_sync(struct part *part)
{
    enum ota_err err = store_error(lfs2_file_sync(file_system(part), &part->file.file));

    if (!err)
        part->synced_size = part->size;
    return err;
}

enum ota_err part_write(struct part *part, const void *data, uint32_t size)
{
    lfs2_t *lfs = file_system(part);
    lfs2_file_t *file = &part->file.file;

    if (lfs2_file_tell(lfs, file) != (lfs2_soff_t)part->size) {
        lfs2_soff_t at = lfs2_file_seek(lfs, file, (lfs2_soff_t)part->size, LFS2_SEEK_SET);
        if (at < 0)
            return store_error(at);
    }
    lfs2_ssize_t written = lfs2_file_write(lfs, file, data, size);
    if (written < 0)
        return store_error(written);
    note_size(part, part->size + (uint32_t)written);
    return part->size - part->synced_size >= PART_SYNC_SIZE ? part_sync(part) : OTA_OK;
}

enum ota_err part_restart(struct part *part, const char *validator, uint32_t total)
{
    size_t size = strnlen(validator, TRANSPORT_VALIDATOR_MAX - 1);

    memset(part->label.validator, 0, sizeof part->label.validator);
    memcpy(part->label.validator, validator, size);
    part->label.total = total;
    enum ota_err err = store_error(lfs2_file_truncate(file_system(part), &part->file.file, 0));
    if (err)
        return err;
    note_size(part, 0);
    return part_sync(part);
}

void part_close(struct part *part)
{
    if (part->is_open)
        (void)lfs2_file_close(file_system(part), &part->file.file);
    part->is_open = false;
}

void part_remove(struct part *part)
{
    char path[STORE_PATH_MAX];

    part_close(part);
    store_path(PART_FILE, path);
    (void)lfs2_remove(file_system(part), path);
}

enum ota_err part_settle(struct part *part, const char *name)
{
    char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

    store_path(PART_FILE, from);
    store_path(name, to);
    part_close(part);
    return store_error(lfs2_rename(file_system(part), from, to));
}
