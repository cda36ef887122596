#include "tests/chip_rig.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void console(void *context, uint8_t byte)
{
    struct chip_rig *rig = context;

    if (rig->console_size < sizeof rig->console - 1)
        rig->console[rig->console_size++] = (char)byte;
}

static void complaint(void *context, const char *text)
{
    struct chip_rig *rig = context;

    strcpy(rig->complaint, text);
    rig->complaints++;
}

static void violation(void *context, const char *rule, const struct flash *flash, uint32_t offset,
                      uint32_t size)
{
    (void)rule;
    (void)flash;
    (void)offset;
    (void)size;
    ((struct chip_rig *)context)->violations++;
}

static bool goes(void *context, const struct power_operation *operation, enum power_moment moment)
{
    const struct chip_rig *rig = context;

    return operation->number == rig->cut_number && moment == rig->cut_moment;
}

__attribute__((noreturn)) static void gone(void *context)
{
    longjmp(((struct chip_rig *)context)->dark, 1);
}

static int set_up(void **state, bool has_ecc)
{
    struct chip_rig *rig = calloc(1, sizeof *rig);
    struct cells cells;

    cells_init_nvm(&cells, has_ecc);
    assert_int_equal(flash_ram_init(&rig->nvm_ram, &cells), OTA_OK);
    cells_init_sst26(&cells);
    assert_int_equal(flash_ram_init(&rig->spi_ram, &cells), OTA_OK);
    flash_nor_init(&rig->nvm_nor, &rig->nvm_ram.cells, violation, rig);
    flash_nor_init(&rig->spi_nor, &rig->spi_ram.cells, violation, rig);
    rig->supply = (struct power_supply){.goes = goes, .gone = gone, .context = rig};
    power_init(&rig->nvm, &rig->nvm_nor, &rig->supply);
    power_init(&rig->spi, &rig->spi_nor, &rig->supply);
    assert_int_equal(chip_init(&rig->chip, &rig->nvm, &rig->spi), OTA_OK);
    rig->chip.observer =
        (struct chip_observer){.console = console, .complaint = complaint, .context = rig};
    chip_power_on(&rig->chip, 1);
    *state = rig;
    return 0;
}

int chip_rig_setup(void **state)
{
    return set_up(state, false);
}

int chip_rig_setup_ecc(void **state)
{
    return set_up(state, true);
}

int chip_rig_teardown(void **state)
{
    struct chip_rig *rig = *state;

    chip_free(&rig->chip);
    flash_ram_free(&rig->nvm_ram);
    flash_ram_free(&rig->spi_ram);
    free(rig);
    return 0;
}

uint32_t chip_rig_get(struct chip_rig *rig, uint32_t address)
{
    uint32_t value = 0;

    assert_int_equal(bus_load(&rig->chip.bus, address, 4, &value), BUS_OK);
    return value;
}

void chip_rig_put(struct chip_rig *rig, uint32_t address, uint32_t value)
{
    assert_int_equal(bus_store(&rig->chip.bus, address, 4, value), BUS_OK);
}

void chip_rig_pass(struct chip_rig *rig, uint64_t cycles)
{
    cpu_skip(&rig->chip.state.cpu, cycles);
    nvm_ctl_service(&rig->chip);
}

void chip_rig_load(struct chip_rig *rig, uint32_t address, const uint32_t *words, uint32_t count)
{
    assert_true(chip_load(&rig->chip, address, words, count * 4));
}
