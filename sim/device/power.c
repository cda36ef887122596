#include "sim/device/power.h"

static bool goes(const struct power_operation *operation, enum power_moment moment)
{
    struct power_supply *supply = operation->power->supply;

    return supply->goes && supply->goes(supply->context, operation, moment);
}

static void lose(const struct power_operation *operation, enum power_moment moment)
{
    struct power_supply *supply = operation->power->supply;

    power_tear(operation, moment, 0);
    supply->gone(supply->context);
}

void power_tear(const struct power_operation *operation, enum power_moment moment, uint32_t salt)
{
    struct cells *cells = operation->power->below->below;
    uint32_t seed = (operation->number * 2654435761u) ^ operation->offset ^ (salt * 40503u);

    if (moment == POWER_AFTER)
        return;
    if (operation->kind == POWER_ERASE)
        cells_tear_erase(cells, operation->offset, moment == POWER_WEAK, seed);
    else
        cells_tear_program(cells, operation->offset, operation->data, operation->size, seed);
}

static void begin(struct power_operation *operation)
{
    struct power_supply *supply = operation->power->supply;

    operation->number = ++supply->operations;
    if (supply->seen)
        supply->seen(supply->context, operation);
    if (goes(operation, POWER_INSIDE))
        lose(operation, POWER_INSIDE);
    if (operation->kind == POWER_ERASE && goes(operation, POWER_WEAK))
        lose(operation, POWER_WEAK);
}

static void end(const struct power_operation *operation)
{
    if (goes(operation, POWER_AFTER))
        lose(operation, POWER_AFTER);
}

static enum ota_err power_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct flash *below = &((struct power *)flash)->below->flash;

    return below->ops->read(below, offset, data, size);
}

static enum ota_err power_program(struct flash *flash, uint32_t offset, const void *data,
                                  uint32_t size)
{
    struct power *power = (struct power *)flash;
    struct flash *below = &power->below->flash;
    const uint8_t *from = data;

    while (size) {
        uint32_t part = flash_operation_size(flash, offset, size);
        struct power_operation operation = {
            .kind = POWER_PROGRAM, .power = power, .offset = offset, .size = part, .data = from};
        begin(&operation);
        enum ota_err err = below->ops->program(below, offset, from, part);
        if (err)
            return err;
        end(&operation);
        offset += part;
        from += part;
        size -= part;
    }
    return OTA_OK;
}

static enum ota_err power_erase(struct flash *flash, uint32_t offset)
{
    struct power *power = (struct power *)flash;
    struct flash *below = &power->below->flash;
    struct power_operation operation = {
        .kind = POWER_ERASE, .power = power, .offset = offset, .size = flash->erase_size};

    begin(&operation);
    enum ota_err err = below->ops->erase(below, offset);
    if (!err)
        end(&operation);
    return err;
}

static enum ota_err power_unlock(struct flash *flash)
{
    struct flash *below = &((struct power *)flash)->below->flash;

    return below->ops->unlock(below);
}

static void power_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    struct flash *below = &((struct power *)flash)->below->flash;

    below->ops->protect(below, from, to);
}

static const struct flash_ops ops = {
    .read = power_read,
    .program = power_program,
    .erase = power_erase,
    .unlock = power_unlock,
    .protect = power_protect,
};

void power_init(struct power *power, struct flash_nor *below, struct power_supply *supply)
{
    *power = (struct power){.flash = below->flash, .below = below, .supply = supply};
    power->flash.ops = &ops;
}
