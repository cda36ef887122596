#include "sim/pic32/wdt.h"

#include "sim/pic32/chip.h"

#define CONTROL 0x1F800800u
#define ON      0x8000u
#define WINDOW  0x0001u
#define KEY     0x5743u

void wdt_reset(struct wdt *wdt)
{
    wdt->is_on = false;
}

static void kick(struct chip *chip)
{
    struct wdt *wdt = &chip->state.wdt;

    wdt->bites_at = chip->state.cpu.now + ((uint64_t)1000 << wdt->rundiv) * CPU_MHZ;
    cpu_call(&chip->state.cpu);
}

static uint32_t content(const struct wdt *wdt)
{
    return wdt->rundiv << 8 | (wdt->is_on ? ON : 0);
}

bool wdt_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    *ret_value = content(&chip->state.wdt);
    return reg == CONTROL;
}

/* The key only counts as a store of 16 bits to the upper half. */
bool wdt_write(struct chip *chip, const struct io_write *write)
{
    struct wdt *wdt = &chip->state.wdt;

    if (write->how == IO_WRITE && write->size == 2 && write->lane == 2) {
        if (write->value == KEY)
            kick(chip);
        else
            chip_complain(chip, "WDTCLRKEY is written with 0x%04X", write->value);
        return true;
    }
    uint32_t value = io_merge(write, content(wdt));
    if (value & WINDOW) {
        bus_stop(&chip->bus, "the watchdog's window is not modelled");
        return false;
    }
    if ((value & ON) && !wdt->is_on)
        kick(chip);
    wdt->is_on = value & ON;
    cpu_call(&chip->state.cpu);
    return true;
}
