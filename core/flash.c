#include "core/flash.h"

#include "core/bytes.h"

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
