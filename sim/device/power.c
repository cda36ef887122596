#include "sim/device/power.h"

static bool goes(const struct power_operation *operation, enum power_moment moment)
{
    struct power_supply *supply = operation->power->supply;

    return supply->goes && supply->goes(supply->context, operation, moment);
}

static void lose(const struct power_operation *operation, enum power_moment moment)
{
    struct power_supply *supply = operation->power->supply;

    power_tear(operation, moment);
    supply->gone(supply->context);
}

/* TEAR_COUNT: there is no such moment inside. */
static enum cells_tear tear_of(enum power_kind kind, enum power_moment moment)
{
    static const enum cells_tear tears[2][POWER_MOMENT_COUNT] = {
        {TEAR_PREFIX, TEAR_SUFFIX, TEAR_ONE_BIT, TEAR_MOST_BITS, TEAR_SOME_BITS, TEAR_COUNT,
         TEAR_COUNT, TEAR_COUNT, TEAR_COUNT, TEAR_COUNT},
        {TEAR_SOME_BITS, TEAR_COUNT, TEAR_COUNT, TEAR_COUNT, TEAR_COUNT, TEAR_NOTHING,
         TEAR_LOW_HALF, TEAR_HIGH_HALF, TEAR_WEAK, TEAR_COUNT},
    };

    return tears[kind][moment];
}

bool power_has_moment(enum power_kind kind, enum power_moment moment)
{
    return moment == POWER_AFTER || tear_of(kind, moment) != TEAR_COUNT;
}

void power_tear(const struct power_operation *operation, enum power_moment moment)
{
    struct cells *cells = operation->power->below->below;

    if (moment == POWER_AFTER)
        return;
    enum cells_tear tear = tear_of(operation->kind, moment);
    if (operation->kind == POWER_ERASE)
        cells_tear_erase(cells, operation->offset, tear);
    else
        cells_tear_program(cells, operation->offset, operation->data, operation->size, tear);
}

static void begin(struct power_operation *operation)
{
    struct power_supply *supply = operation->power->supply;

    operation->number = ++supply->operations;
    if (supply->seen)
        supply->seen(supply->context, operation);
    for (enum power_moment moment = 0; moment < POWER_AFTER; moment++)
        if (power_has_moment(operation->kind, moment) && goes(operation, moment))
            lose(operation, moment);
}

static void end(const struct power_operation *operation)
{
    if (goes(operation, POWER_AFTER))
        lose(operation, POWER_AFTER);
}

static void note_use(struct power_use *use, const struct flash *flash, uint32_t offset,
                     uint32_t size, bool is_look, bool is_touch)
{
    uint32_t unit_size = flash->erase_size;

    if (!use || !size)
        return;
    for (uint32_t unit = offset / unit_size; unit <= (offset + size - 1) / unit_size; unit++) {
        uint64_t bit = UINT64_C(1) << unit % 64;
        if (is_look && !(use->touched[unit / 64] & bit))
            use->looked[unit / 64] |= bit;
        if (is_touch)
            use->touched[unit / 64] |= bit;
    }
}

void power_note_look(struct power_use *use, const struct flash *flash, uint32_t offset,
                     uint32_t size)
{
    note_use(use, flash, offset, size, true, false);
}

static enum ota_err power_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct flash *below = &((struct power *)flash)->below->flash;

    note_use(((struct power *)flash)->use, flash, offset, size, true, false);
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
        note_use(power->use, flash, offset, part, true, true);
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

    note_use(power->use, flash, offset, flash->erase_size, false, true);
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
