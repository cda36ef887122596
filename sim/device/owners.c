#include "sim/device/owners.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "hal_posix/log_none.h"

#define POINTER_SIZE 4 /* of a file's list of blocks */

static bool is_blank(const struct cells *cells, uint32_t unit)
{
    uint32_t size = cells->flash.erase_size;

    return bytes_are_erased(cells->bytes + (size_t)unit * size, size);
}

static uint8_t region_of(const struct layout *layout, uint32_t offset, uint32_t image_end)
{
    if (offset < layout->bootctl_offset)
        return OWNER_BOOTLOADER;
    if (offset < layout->app_offset)
        return OWNER_BOOT_CONTROL;
    if (offset >= layout->app_offset + layout->app_size)
        return OWNER_PROVISIONING;
    return offset < image_end ? OWNER_APPLICATION : OWNER_REST;
}

static void find_nvm(struct owners *owners, struct cells *nvm, const struct layout *layout)
{
    uint32_t size = nvm->flash.erase_size, end = layout->app_offset + layout->app_size;
    struct bootctl bootctl;

    /* Without a record all that is there may be the application. */
    if (bootctl_open(&bootctl, &nvm->flash, layout->bootctl_offset) == OTA_OK)
        end = layout->bootctl_offset + bootctl.record.size;
    for (uint32_t unit = 0; unit < nvm->flash.size / size; unit++)
        owners->nvm[unit] =
            is_blank(nvm, unit) ? OWNER_NOBODY : region_of(layout, unit * size, end);
}

static int take_block(void *context, lfs2_block_t block)
{
    if (block < OWNERS_UNITS_MAX)
        ((struct owners *)context)->spi[block] = OWNER_DIRECTORY;
    return 0;
}

/* The number of the last block of a file of this size, as littlefs counts (SPEC.md, CTZ lists). */
static uint32_t last_index(uint32_t size, uint32_t block_size)
{
    uint32_t at = size - 1, room = block_size - 2 * POINTER_SIZE, index = at / room;

    if (index == 0)
        return 0;
    return (at - POINTER_SIZE * ((uint32_t)__builtin_popcount(index - 1) + 2)) / room;
}

/* Each block but the first begins with the number of the one before. */
static void take_file(struct owners *owners, const struct cells *spi, const lfs2_file_t *file,
                      uint8_t owner)
{
    uint32_t block = file->ctz.head, block_size = spi->flash.erase_size;

    for (uint32_t left = last_index(file->ctz.size, block_size) + 1; left; left--) {
        if (block >= spi->flash.size / block_size)
            return;
        owners->spi[block] = owner;
        block = bytes_get32(spi->bytes + (size_t)block * block_size);
    }
}

static void take_named(struct owners *owners, struct store *store, const struct cells *spi,
                       const char *name)
{
    struct lfs2_file_config config = {.buffer = store->file_buffer};
    char path[sizeof STORE_DIRECTORY + LFS2_NAME_MAX + 1] = STORE_DIRECTORY "/";
    lfs2_file_t file;

    strcat(path, name);
    if (lfs2_file_opencfg(&store->lfs, &file, path, LFS2_O_RDONLY, &config))
        return;
    if (!(file.flags & LFS2_F_INLINE) && file.ctz.size) {
        strcpy(owners->files[owners->file_count], name);
        take_file(owners, spi, &file, (uint8_t)(OWNER_FILE + owners->file_count++));
    }
    (void)lfs2_file_close(&store->lfs, &file);
}

static void find_spi(struct owners *owners, struct store *store, struct cells *spi)
{
    struct log silent = {&log_none_ops};
    struct lfs2_info info;
    lfs2_dir_t folder;

    if (store_mount(store, &spi->flash, &silent))
        return;
    (void)lfs2_fs_traverse(&store->lfs, take_block, owners);
    if (lfs2_dir_open(&store->lfs, &folder, STORE_DIRECTORY) == 0) {
        while (lfs2_dir_read(&store->lfs, &folder, &info) > 0)
            if (info.type == LFS2_TYPE_REG && owners->file_count < OWNERS_FILES_MAX)
                take_named(owners, store, spi, info.name);
        (void)lfs2_dir_close(&store->lfs, &folder);
    }
    (void)lfs2_unmount(&store->lfs);
}

void owners_find(struct owners *owners, struct cells *nvm, struct cells *spi,
                 const struct layout *layout)
{
    struct store *store = calloc(1, sizeof *store);

    memset(owners, 0, sizeof *owners);
    find_nvm(owners, nvm, layout);
    for (uint32_t unit = 0; unit < spi->flash.size / spi->flash.erase_size; unit++)
        owners->spi[unit] = is_blank(spi, unit) ? OWNER_NOBODY : OWNER_REST;
    if (store)
        find_spi(owners, store, spi);
    free(store);
}

const char *owners_name(const struct owners *owners, uint8_t owner)
{
    static const char *const names[] = {"erased",       "not needed any more", "bootloader",
                                        "boot control", "application",         "provisioning",
                                        "directories"};

    return owner < OWNER_FILE ? names[owner] : owners->files[owner - OWNER_FILE];
}
