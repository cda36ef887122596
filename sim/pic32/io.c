#include "sim/pic32/io.h"

#include <stddef.h>

#include "sim/pic32/chip.h"

struct unit {
    uint32_t from, to; /* physical */
    /* false: the unit has no such register, or stopped the run. */
    bool (*read)(struct chip *chip, uint32_t reg, uint32_t *ret_value);
    bool (*write)(struct chip *chip, const struct io_write *write);
};

static const struct unit units[] = {
    {0x1F840C00, 0x1F840CFF, spi_port_read, spi_port_write}, /* first: asked most often */
    {0x1F820000, 0x1F8209FF, gpio_read, gpio_write},
    {0x1F800600, 0x1F80070F, nvm_ctl_read, nvm_ctl_write},
    {0x1F800800, 0x1F80080F, wdt_read, wdt_write},
    {0x1F840600, 0x1F84064F, uart_port_read, uart_port_write},
    {0x1F810000, 0x1F81093F, irq_read, irq_write},
    {0x1F800000, 0x1F8000FF, system_ctl_read, system_ctl_write},
    {0x1F801200, 0x1F8012FF, system_ctl_read, system_ctl_write},
    {0x1F812400, 0x1F81240F, system_ctl_read, system_ctl_write},
};

uint32_t io_merge(const struct io_write *write, uint32_t old)
{
    uint32_t mask = write->size == 4 ? 0xFFFFFFFFu : ((1u << write->size * 8) - 1);

    switch (write->how) {
    case IO_CLEAR:
        return old & ~write->value;
    case IO_SET:
        return old | write->value;
    case IO_INVERT:
        return old ^ write->value;
    case IO_WRITE:
    default:
        mask <<= write->lane * 8;
        return (old & ~mask) | (write->value << write->lane * 8 & mask);
    }
}

static const struct unit *find_unit(uint32_t address)
{
    for (uint32_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (address >= units[i].from && address <= units[i].to)
            return &units[i];
    return NULL;
}

static bool unknown(struct chip *chip, const char *what, uint32_t address, uint32_t size)
{
    bus_stop(&chip->bus, "%s of %u byte%s of the register at 0x%08X, which is not modelled", what,
             size, size == 1 ? "" : "s", address | 0xA0000000);
    return false;
}

bool io_read(void *context, uint32_t address, uint32_t size, uint32_t *ret_value)
{
    struct chip *chip = context;
    const struct unit *unit = find_unit(address);
    uint32_t value, lane = address & 3;

    if (!unit || !unit->read(chip, address & ~3u, &value))
        return unknown(chip, "load", address, size);
    *ret_value = size == 4 ? value : value >> lane * 8 & ((1u << size * 8) - 1);
    return true;
}

/* The vector offsets are the only registers that lie side by side. */
static bool is_side_by_side(uint32_t address)
{
    return address >= IRQ_OFFSETS && address < IRQ_OFFSETS + IRQ_COUNT * 4;
}

bool io_store(void *context, uint32_t address, uint32_t size, uint32_t value)
{
    struct chip *chip = context;
    const struct unit *unit = find_unit(address);
    struct io_write write = {
        .reg = address & ~15u, .how = (enum io_how)(address >> 2 & 3), .size = size};

    if (is_side_by_side(address)) {
        write.reg = address & ~3u;
        write.how = IO_WRITE;
    }
    write.lane = address & 3;
    write.value = size == 4 ? value : value & ((1u << size * 8) - 1);
    if (write.how != IO_WRITE && size != 4)
        return unknown(chip, "store", address, size);
    nvm_ctl_note_store(chip, address & ~15u);
    if (!unit || !unit->write(chip, &write))
        return unknown(chip, "store", address, size);
    return true;
}
