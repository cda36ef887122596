#include "sim/mount/store_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hal_posix/log_none.h"

/* littlefs's errors have the numbers of Linux, but for these. */
static int to_errno(int err)
{
    if (err == LFS2_ERR_CORRUPT || err == LFS2_ERR_BADF)
        return -EIO;
    return err < 0 ? err : 0;
}

/* NULL: it does not mount. */
static lfs2_t *mount(struct insides *insides)
{
    struct log silent = {&log_none_ops};

    return store_mount(&insides->store, &insides->spi.flash, &silent) ? NULL : &insides->store.lfs;
}

static int unmount(struct insides *insides, int err)
{
    int last = lfs2_unmount(&insides->store.lfs);

    insides->store.is_mounted = false;
    return to_errno(err < 0 ? err : last);
}

int store_files_stat(struct insides *insides, const char *path, struct lfs2_info *ret_info)
{
    lfs2_t *lfs = mount(insides);

    return lfs ? unmount(insides, lfs2_stat(lfs, path, ret_info)) : -EIO;
}

int store_files_list(struct insides *insides, const char *path,
                     void (*take)(void *context, const char *name), void *context)
{
    lfs2_t *lfs = mount(insides);
    struct lfs2_info info;
    lfs2_dir_t folder;

    if (!lfs)
        return -EIO;
    int err = lfs2_dir_open(lfs, &folder, path);
    if (err)
        return unmount(insides, err);
    while ((err = lfs2_dir_read(lfs, &folder, &info)) > 0)
        if (strcmp(info.name, ".") != 0 && strcmp(info.name, "..") != 0)
            take(context, info.name);
    int closed = lfs2_dir_close(lfs, &folder);
    return unmount(insides, err < 0 ? err : closed);
}

static int read_all(lfs2_t *lfs, lfs2_file_t *file, uint8_t **ret_bytes, uint32_t *ret_size)
{
    lfs2_soff_t size = lfs2_file_size(lfs, file);
    uint8_t *bytes = size < 0 ? NULL : malloc((size_t)size + 1);

    if (!bytes)
        return size < 0 ? size : LFS2_ERR_NOMEM;
    lfs2_ssize_t got = lfs2_file_read(lfs, file, bytes, (lfs2_size_t)size);
    if (got != size) {
        free(bytes);
        return got < 0 ? got : LFS2_ERR_CORRUPT;
    }
    *ret_bytes = bytes;
    *ret_size = (uint32_t)size;
    return 0;
}

int store_files_read(struct insides *insides, const char *path, uint8_t **ret_bytes,
                     uint32_t *ret_size)
{
    lfs2_t *lfs = mount(insides);
    struct lfs2_file_config config = {.buffer = insides->store.file_buffer};
    lfs2_file_t file;

    if (!lfs)
        return -EIO;
    int err = lfs2_file_opencfg(lfs, &file, path, LFS2_O_RDONLY, &config);
    if (!err) {
        err = read_all(lfs, &file, ret_bytes, ret_size);
        int closed = lfs2_file_close(lfs, &file);
        if (!err && closed)
            free(*ret_bytes);
        err = err ? err : closed;
    }
    return unmount(insides, err);
}

/* Nothing of the file is changed before it is closed, and nothing then when a write has failed. */
static int write_all(lfs2_t *lfs, lfs2_file_t *file, const void *bytes, uint32_t size)
{
    lfs2_ssize_t put = size ? lfs2_file_write(lfs, file, bytes, size) : 0;
    int closed = lfs2_file_close(lfs, file);
    return put < 0 ? put : closed;
}

int store_files_write(struct insides *insides, const char *path, const void *bytes, uint32_t size,
                      bool must_be_new)
{
    lfs2_t *lfs = mount(insides);
    struct lfs2_file_config config = {.buffer = insides->store.file_buffer};
    int flags = LFS2_O_WRONLY | LFS2_O_CREAT | (must_be_new ? LFS2_O_EXCL : LFS2_O_TRUNC);
    lfs2_file_t file;

    if (!lfs)
        return -EIO;
    int err = lfs2_file_opencfg(lfs, &file, path, flags, &config);
    if (!err)
        err = write_all(lfs, &file, bytes, size);
    err = unmount(insides, err);
    if (!err)
        insides_note(insides, "spi/fs%s: %u bytes written", path, size);
    return err;
}

int store_files_rename(struct insides *insides, const char *from, const char *to, bool must_be_new)
{
    lfs2_t *lfs = mount(insides);
    struct lfs2_info info;

    if (!lfs)
        return -EIO;
    int err =
        must_be_new && lfs2_stat(lfs, to, &info) == 0 ? LFS2_ERR_EXIST : lfs2_rename(lfs, from, to);
    err = unmount(insides, err);
    if (!err)
        insides_note(insides, "spi/fs%s: renamed to spi/fs%s", from, to);
    return err;
}

static int remove_checked(lfs2_t *lfs, const char *path, bool is_folder)
{
    struct lfs2_info info;
    int err = lfs2_stat(lfs, path, &info);

    if (err)
        return err;
    if (is_folder != (info.type == LFS2_TYPE_DIR))
        return is_folder ? LFS2_ERR_NOTDIR : LFS2_ERR_ISDIR;
    return lfs2_remove(lfs, path);
}

int store_files_remove(struct insides *insides, const char *path, bool is_folder)
{
    lfs2_t *lfs = mount(insides);

    if (!lfs)
        return -EIO;
    int err = unmount(insides, remove_checked(lfs, path, is_folder));
    if (!err)
        insides_note(insides, "spi/fs%s: removed", path);
    return err;
}

int store_files_make_folder(struct insides *insides, const char *path)
{
    lfs2_t *lfs = mount(insides);
    int err = lfs ? unmount(insides, lfs2_mkdir(lfs, path)) : -EIO;

    if (!err)
        insides_note(insides, "spi/fs%s: folder made", path);
    return err;
}

int store_files_free(struct insides *insides, uint32_t *ret_size)
{
    if (!mount(insides))
        return -EIO;
    enum ota_err err = store_free_size(&insides->store, ret_size);
    return unmount(insides, err ? LFS2_ERR_IO : 0);
}
