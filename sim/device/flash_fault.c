#include "sim/device/flash_fault.h"

#define ROW_MAX   1024 /* of the larger kind */
#define LOST_BITS 0x88 /* of each byte */

void flash_fault_add_unit(struct flash_fault_rule *rule, uint32_t unit)
{
    rule->units[unit / 32] |= 1u << unit % 32;
}

static bool is_about(const struct flash_fault *fault, const struct flash_fault_rule *rule,
                     uint32_t offset, uint32_t size)
{
    const struct flash *flash = &fault->flash;

    if (rule->phases && !(rule->phases >> *fault->phase & 1))
        return false;
    for (uint32_t unit = offset / flash->erase_size;
         size && unit <= (offset + size - 1) / flash->erase_size; unit++)
        if (rule->units[unit / 32] >> unit % 32 & 1)
            return true;
    return false;
}

/* Does an operation of this kind, or a read, go wrong now? Each rule counts its own. */
static bool goes_wrong(struct flash_fault *fault, enum flash_fault_kind kind, uint32_t offset,
                       uint32_t size)
{
    bool is_wrong = false;

    for (uint32_t i = 0; i < fault->rule_count; i++) {
        const struct flash_fault_rule *rule = &fault->rules[i];
        if (rule->kind != kind || !is_about(fault, rule, offset, size))
            continue;
        uint32_t number = fault->seen[i]++;
        if (number < rule->skip || (rule->times && number - rule->skip >= rule->times))
            continue;
        *fault->fired |= 1u << i;
        is_wrong = true;
    }
    return is_wrong;
}

static enum ota_err fault_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct flash_fault *fault = (struct flash_fault *)flash;
    bool is_lie = goes_wrong(fault, FLASH_FAULT_LIE, offset, size);

    if (goes_wrong(fault, FLASH_FAULT_UNREADABLE, offset, size))
        return flash->write_once ? OTA_ERR_ECC : OTA_ERR_FLASH;
    enum ota_err err = fault->below->ops->read(fault->below, offset, data, size);
    if (!err && is_lie && size)
        ((uint8_t *)data)[0] ^= 0x10;
    return err;
}

static enum ota_err program_badly(struct flash *below, uint32_t offset, const uint8_t *data,
                                  uint32_t size)
{
    uint8_t lost[ROW_MAX];

    for (uint32_t i = 0; i < size; i++)
        lost[i] = data[i] | LOST_BITS;
    return below->ops->program(below, offset, lost, size);
}

static enum ota_err program_once(struct flash_fault *fault, uint32_t offset, const uint8_t *data,
                                 uint32_t size)
{
    if (goes_wrong(fault, FLASH_FAULT_LOSE, offset, size))
        return program_badly(fault->below, offset, data, size);
    return fault->below->ops->program(fault->below, offset, data, size);
}

/* What goes wrong is an operation of the hardware, so a call is divided as the hardware does. */
static enum ota_err fault_program(struct flash *flash, uint32_t offset, const void *data,
                                  uint32_t size)
{
    struct flash_fault *fault = (struct flash_fault *)flash;
    const uint8_t *from = data;
    enum ota_err err = OTA_OK;

    while (size && !err) {
        uint32_t part = flash_operation_size(flash, offset, size);
        err = goes_wrong(fault, FLASH_FAULT_REFUSE, offset, part)
                  ? OTA_ERR_FLASH
                  : program_once(fault, offset, from, part);
        offset += part;
        from += part;
        size -= part;
    }
    return err;
}

static enum ota_err fault_erase(struct flash *flash, uint32_t offset)
{
    struct flash_fault *fault = (struct flash_fault *)flash;

    if (goes_wrong(fault, FLASH_FAULT_REFUSE, offset, flash->erase_size))
        return OTA_ERR_FLASH;
    return fault->below->ops->erase(fault->below, offset);
}

static enum ota_err fault_unlock(struct flash *flash)
{
    struct flash *below = ((struct flash_fault *)flash)->below;

    return below->ops->unlock(below);
}

static void fault_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    struct flash *below = ((struct flash_fault *)flash)->below;

    below->ops->protect(below, from, to);
}

static const struct flash_ops ops = {
    .read = fault_read,
    .program = fault_program,
    .erase = fault_erase,
    .unlock = fault_unlock,
    .protect = fault_protect,
};

void flash_fault_init(struct flash_fault *fault, struct flash *below,
                      const struct flash_fault_rule *rules, uint32_t rule_count, uint32_t *fired)
{
    *fault = (struct flash_fault){
        .flash = *below, .below = below, .rules = rules, .rule_count = rule_count, .fired = fired};
    fault->flash.ops = &ops;
}

/* --- for a model of the bus ------------------------------------------------------------------ */

static struct flash *below_bus(struct flash *flash)
{
    return ((struct flash_fault_bus *)flash)->fault->below;
}

static enum ota_err bus_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    return flash_read(below_bus(flash), offset, data, size);
}

static enum ota_err bus_program(struct flash *flash, uint32_t offset, const void *data,
                                uint32_t size)
{
    return program_once(((struct flash_fault_bus *)flash)->fault, offset, data, size);
}

static enum ota_err bus_erase(struct flash *flash, uint32_t offset)
{
    return flash_erase(below_bus(flash), offset);
}

static enum ota_err bus_unlock(struct flash *flash)
{
    return flash_unlock(below_bus(flash));
}

static void bus_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    flash_protect(below_bus(flash), from, to);
}

static const struct flash_ops bus_ops = {
    .read = bus_read,
    .program = bus_program,
    .erase = bus_erase,
    .unlock = bus_unlock,
    .protect = bus_protect,
};

void flash_fault_bus_init(struct flash_fault_bus *bus, struct flash_fault *fault)
{
    *bus = (struct flash_fault_bus){.flash = *fault->below, .fault = fault};
    bus->flash.ops = &bus_ops;
}

bool flash_fault_bus_fails(struct flash_fault_bus *bus, enum flash_fault_kind kind, uint32_t offset)
{
    return goes_wrong(bus->fault, kind, offset, 1);
}
