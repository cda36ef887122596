#include "hal_posix/flash_nor.h"

static enum ota_err violate(struct flash_nor *nor, const char *rule, uint32_t offset, uint32_t size)
{
    if (nor->violation)
        nor->violation(nor->context, rule, &nor->flash, offset, size);
    return OTA_ERR_FLASH;
}

static enum ota_err check_write(struct flash_nor *nor, uint32_t offset, uint32_t size)
{
    if (!nor->is_unlocked)
        return violate(nor, "written before it was unlocked", offset, size);
    if (offset < nor->open_from || offset + size > nor->open_to)
        return violate(nor, "written where the running code may not", offset, size);
    return OTA_OK;
}

static bool only_clears(const uint8_t *old, const uint8_t *new, uint32_t size)
{
    uint8_t raised = 0;

    for (uint32_t i = 0; i < size; i++)
        raised |= (uint8_t)(new[i] & ~old[i]);
    return raised == 0;
}

static bool was_programmed(const struct cells *cells, uint32_t offset, uint32_t size)
{
    const uint8_t *at = cells->marks + offset / cells->mark_size;
    const uint8_t *end = cells->marks + (offset + size) / cells->mark_size;
    uint8_t any = 0;

    while (at < end)
        any |= *at++;
    return any & CELLS_PROGRAMMED;
}

static enum ota_err flash_nor_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct flash *below = &((struct flash_nor *)flash)->below->flash;

    return below->ops->read(below, offset, data, size);
}

static enum ota_err flash_nor_program(struct flash *flash, uint32_t offset, const void *data,
                                      uint32_t size)
{
    struct flash_nor *nor = (struct flash_nor *)flash;
    struct flash *below = &nor->below->flash;
    enum ota_err err = check_write(nor, offset, size);

    if (err)
        return err;
    if (flash->write_once && was_programmed(nor->below, offset, size))
        return violate(nor, "programmed twice since its erase", offset, size);
    if (!only_clears(nor->below->bytes + offset, data, size))
        return violate(nor, "programming cannot set a bit", offset, size);
    return below->ops->program(below, offset, data, size);
}

static enum ota_err flash_nor_erase(struct flash *flash, uint32_t offset)
{
    struct flash_nor *nor = (struct flash_nor *)flash;
    struct flash *below = &nor->below->flash;
    enum ota_err err = check_write(nor, offset, flash->erase_size);

    return err ? err : below->ops->erase(below, offset);
}

static enum ota_err flash_nor_unlock(struct flash *flash)
{
    ((struct flash_nor *)flash)->is_unlocked = true;
    return OTA_OK;
}

static void flash_nor_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    struct flash_nor *nor = (struct flash_nor *)flash;

    if (from > nor->open_from)
        nor->open_from = from;
    if (to < nor->open_to)
        nor->open_to = to;
}

static const struct flash_ops ops = {
    .read = flash_nor_read,
    .program = flash_nor_program,
    .erase = flash_nor_erase,
    .unlock = flash_nor_unlock,
    .protect = flash_nor_protect,
};

void flash_nor_init(struct flash_nor *nor, struct cells *below,
                    void (*violation)(void *context, const char *rule, const struct flash *flash,
                                      uint32_t offset, uint32_t size),
                    void *context)
{
    *nor = (struct flash_nor){
        .flash = below->flash, .below = below, .violation = violation, .context = context};
    nor->flash.ops = &ops;
    flash_nor_reset(nor, true);
}

void flash_nor_reset(struct flash_nor *nor, bool is_power_up)
{
    nor->open_from = 0;
    nor->open_to = nor->flash.size;
    if (is_power_up)
        nor->is_unlocked = false;
}
