#include "hal_posix/flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERROR_SIZE 256 /* of ret_error */

static enum ota_err fail(char *ret_error, const char *path, const char *reason, enum ota_err err)
{
    snprintf(ret_error, ERROR_SIZE, "%.160s: %.80s", path, reason);
    return err;
}

/* Map a file of exactly this size; a new one is filled with fill. */
static enum ota_err map(const char *path, size_t size, bool create, int fill, void **ret_memory,
                        bool *ret_is_new, char *ret_error)
{
    struct stat status;
    int fd = open(path, create ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDWR | O_CLOEXEC, 0644);

    if (fd < 0)
        return fail(ret_error, path, strerror(errno),
                    errno == ENOENT ? OTA_ERR_NOT_FOUND : OTA_ERR_FLASH);
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return fail(ret_error, path, "not a file", OTA_ERR_FLASH);
    }
    *ret_is_new = create && status.st_size == 0;
    if (!*ret_is_new && (size_t)status.st_size != size) {
        char reason[80];
        snprintf(reason, sizeof reason, "%lld bytes, and the flash has %zu",
                 (long long)status.st_size, size);
        close(fd);
        return fail(ret_error, path, reason, OTA_ERR_SIZE);
    }
    void *memory = MAP_FAILED;
    if (!*ret_is_new || ftruncate(fd, (off_t)size) == 0)
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int why = errno;
    close(fd);
    if (memory == MAP_FAILED)
        return fail(ret_error, path, strerror(why), OTA_ERR_FLASH);
    if (*ret_is_new)
        memset(memory, fill, size);
    *ret_memory = memory;
    return OTA_OK;
}

static void derive_marks(struct cells *cells)
{
    for (uint32_t at = 0; at < cells->flash.size; at += cells->mark_size)
        for (uint32_t i = 0; i < cells->mark_size; i++)
            if (cells->bytes[at + i] != 0xFF)
                cells->marks[at / cells->mark_size] = CELLS_PROGRAMMED;
}

enum ota_err flash_file_open(struct flash_file *file, const struct cells *cells, const char *path,
                             bool create, char ret_error[256])
{
    char name[4096];
    void *bytes;
    bool is_new;

    *file = (struct flash_file){.cells = *cells};
    snprintf(name, sizeof name, "%s.bin", path);
    enum ota_err err = map(name, cells->flash.size, create, 0xFF, &bytes, &is_new, ret_error);
    if (err)
        return err;
    snprintf(name, sizeof name, "%s.cells", path);
    err = map(name, cells_side_size(cells), true, 0, &file->side, &is_new, ret_error);
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
