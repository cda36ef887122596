#include "hal_posix/flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERROR_SIZE 256 /* of ret_error */
#define PATH_SHOWN 160 /* the end of a longer path, as there the file has its name */

static enum ota_err fail(char *ret_error, const char *path, const char *reason, enum ota_err err)
{
    size_t length = strlen(path), shown = length < PATH_SHOWN ? length : PATH_SHOWN;

    snprintf(ret_error, ERROR_SIZE, "%s%s: %.80s", shown < length ? "..." : "",
             path + length - shown, reason);
    return err;
}

/* Of exactly this size; one that is made, or is empty, is new. */
static enum ota_err check_size(const char *path, int fd, size_t size, bool may_be_new,
                               bool *ret_is_new, char *ret_error)
{
    struct stat status;
    char reason[80];

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return fail(ret_error, path, "not a file", OTA_ERR_FLASH);
    *ret_is_new = may_be_new && status.st_size == 0;
    if (*ret_is_new || (size_t)status.st_size == size)
        return OTA_OK;
    snprintf(reason, sizeof reason, "%lld bytes, and the flash has %zu", (long long)status.st_size,
             size);
    return fail(ret_error, path, reason, OTA_ERR_SIZE);
}

/* fd < 0: memory only. */
static enum ota_err map_file(const char *path, int fd, size_t size, enum flash_file_mode mode,
                             void **ret_memory, char *ret_error)
{
    int flags = fd < 0                    ? MAP_PRIVATE | MAP_ANONYMOUS
                : mode == FLASH_FILE_LOOK ? MAP_PRIVATE
                                          : MAP_SHARED;
    int why = fd < 0 || mode == FLASH_FILE_LOOK ? 0 : posix_fallocate(fd, 0, (off_t)size);

    if (why)
        return fail(ret_error, path, strerror(why), OTA_ERR_FLASH);
    *ret_memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    return *ret_memory == MAP_FAILED ? fail(ret_error, path, strerror(errno), OTA_ERR_FLASH)
                                     : OTA_OK;
}

/* Map a file of exactly this size; a new one is filled with fill. may_be_new: it may be missing,
 * also where none is made. */
static enum ota_err map(const char *path, size_t size, enum flash_file_mode mode, bool may_be_new,
                        int fill, void **ret_memory, bool *ret_is_new, char *ret_error)
{
    static const int flags[] = {O_RDONLY | O_NONBLOCK, O_RDWR, O_RDWR | O_CREAT};
    int fd = open(path, flags[mode] | O_CLOEXEC, 0644);
    bool is_in_memory = fd < 0 && errno == ENOENT && may_be_new;

    if (fd < 0 && !is_in_memory)
        return fail(ret_error, path, strerror(errno),
                    errno == ENOENT ? OTA_ERR_NOT_FOUND : OTA_ERR_FLASH);
    *ret_is_new = true;
    enum ota_err err =
        is_in_memory ? OTA_OK : check_size(path, fd, size, may_be_new, ret_is_new, ret_error);
    if (!err && *ret_is_new && mode == FLASH_FILE_LOOK && fd >= 0) {
        close(fd);
        fd = -1;
    }
    if (!err)
        err = map_file(path, fd, size, mode, ret_memory, ret_error);
    if (fd >= 0)
        close(fd);
    if (!err && *ret_is_new)
        memset(*ret_memory, fill, size);
    return err;
}

static void derive_marks(struct cells *cells)
{
    for (uint32_t at = 0; at < cells->flash.size; at += cells->mark_size)
        for (uint32_t i = 0; i < cells->mark_size; i++)
            if (cells->bytes[at + i] != 0xFF)
                cells->marks[at / cells->mark_size] = CELLS_PROGRAMMED;
}

enum ota_err flash_file_open(struct flash_file *file, const struct cells *cells, const char *path,
                             enum flash_file_mode mode, char ret_error[256])
{
    char name[4096];
    void *bytes;
    bool is_new;

    *file = (struct flash_file){.cells = *cells};
    snprintf(name, sizeof name, "%s.bin", path);
    enum ota_err err = map(name, cells->flash.size, mode, mode == FLASH_FILE_CREATE, 0xFF, &bytes,
                           &is_new, ret_error);
    if (err)
        return err;
    snprintf(name, sizeof name, "%s.cells", path);
    err = map(name, cells_side_size(cells), mode == FLASH_FILE_USE ? FLASH_FILE_CREATE : mode, true,
              0, &file->side, &is_new, ret_error);
    if (err) {
        munmap(bytes, cells->flash.size);
        return err;
    }
    file->cells.bytes = bytes;
    file->cells.units = file->side;
    file->cells.marks = (uint8_t *)(file->cells.units + cells_unit_count(cells));
    if (is_new)
        derive_marks(&file->cells);
    return OTA_OK;
}

void flash_file_close(struct flash_file *file)
{
    if (file->cells.bytes)
        munmap(file->cells.bytes, file->cells.flash.size);
    if (file->side)
        munmap(file->side, cells_side_size(&file->cells));
    *file = (struct flash_file){0};
}
