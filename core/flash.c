#include "core/flash.h"

#include <string.h>

#include "core/bytes.h"

#define AGREED_PAGE  256 /* bytes on the stack: a page of the SST26 */
#define AGREED_READS 5

static bool is_inside(const struct flash *flash, uint32_t offset, uint32_t size)
{
    return offset <= flash->size && size <= flash->size - offset;
}

enum ota_err flash_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    if (!is_inside(flash, offset, size))
        return OTA_ERR_BOUNDS;
    return flash->ops->read(flash, offset, data, size);
}

static enum ota_err read_page_agreed(struct flash *flash, uint32_t offset, uint8_t *data,
                                     uint32_t size)
{
    uint8_t again[AGREED_PAGE];
    enum ota_err err = flash_read(flash, offset, data, size);

    for (int i = 1; i < AGREED_READS; i++) {
        enum ota_err again_err = flash_read(flash, offset, again, size);
        if (!err && !again_err && memcmp(data, again, size) == 0)
            return OTA_OK;
        err = again_err;
        memcpy(data, again, size);
    }
    return err ? err : OTA_ERR_FLASH;
}

enum ota_err flash_read_agreed(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    for (uint32_t at = 0, part; at < size; at += part) {
        part = bytes_min(AGREED_PAGE, size - at);
        enum ota_err err = read_page_agreed(flash, offset + at, (uint8_t *)data + at, part);
        if (err)
            return err;
    }
    return OTA_OK;
}

enum ota_err flash_program(struct flash *flash, uint32_t offset, const void *data, uint32_t size)
{
    uint32_t mask = flash->program_size - 1;
    if (!is_inside(flash, offset, size) || (offset & mask) || (size & mask))
        return OTA_ERR_BOUNDS;
    return flash->ops->program(flash, offset, data, size);
}

enum ota_err flash_erase(struct flash *flash, uint32_t offset)
{
    if (!is_inside(flash, offset, flash->erase_size) || (offset & (flash->erase_size - 1)))
        return OTA_ERR_BOUNDS;
    return flash->ops->erase(flash, offset);
}

enum ota_err flash_unlock(struct flash *flash)
{
    return flash->ops->unlock(flash);
}

void flash_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    flash->ops->protect(flash, from, to);
}

uint32_t flash_operation_size(const struct flash *flash, uint32_t offset, uint32_t size)
{
    uint32_t to_row_end = flash->row_size - (offset & (flash->row_size - 1));
    if (size >= flash->row_size && to_row_end == flash->row_size)
        return flash->row_size;
    if (flash->program_size == 1)
        return bytes_min(size, to_row_end);
    return flash->program_size;
}
