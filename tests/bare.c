#include "tests/bare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/mips.h"

static bool io_read(void *context, uint32_t address, uint32_t size, uint32_t *ret_value)
{
    struct bare *bare = context;

    bare->io_address = address;
    bare->io_size = size;
    bare->io_reads++;
    cpu_skip(&bare->cpu, bare->io_skip);
    *ret_value = bare->io_value;
    if (bare->is_io_refused)
        bus_stop(&bare->bus, "refused");
    return !bare->is_io_refused;
}

static bool io_write(void *context, uint32_t address, uint32_t size, uint32_t value)
{
    struct bare *bare = context;

    bare->io_address = address;
    bare->io_size = size;
    bare->io_value = value;
    bare->io_writes++;
    cpu_skip(&bare->cpu, bare->io_skip);
    if (bare->is_io_refused)
        bus_stop(&bare->bus, "refused");
    return !bare->is_io_refused;
}

static void complain(void *context, const char *text)
{
    struct bare *bare = context;

    strcpy(bare->complaint, text);
    bare->complaints++;
}

static int set_up(void **state, bool has_ecc)
{
    struct bare *bare = calloc(1, sizeof *bare);
    struct cells cells;

    cells_init_nvm(&cells, has_ecc);
    assert_int_equal(flash_ram_init(&bare->flash, &cells), OTA_OK);
    bare->ram = calloc(1, BUS_RAM_SIZE);
    bare->boot = calloc(1, BUS_BOOT_SIZE);
    bare->config = calloc(1, BUS_CONFIG_SIZE);
    bare->bus = (struct bus){.ram = bare->ram,
                             .flash = &bare->flash.cells,
                             .boot = bare->boot,
                             .config = bare->config,
                             .stale = &bare->stale,
                             .io_read = io_read,
                             .io_write = io_write,
                             .complain = complain,
                             .context = bare,
                             .is_cached = true};
    assert_int_equal(code_init(&bare->bus.code), OTA_OK);
    cpu_reset(&bare->cpu, 1);
    bare->cpu.status = 0;
    memset(bare->cpu.gpr, 0, sizeof bare->cpu.gpr);
    bare->cpu.limit = CPU_NEVER;
    *state = bare;
    return 0;
}

int bare_setup(void **state)
{
    return set_up(state, false);
}

int bare_setup_ecc(void **state)
{
    return set_up(state, true);
}

int bare_teardown(void **state)
{
    struct bare *bare = *state;

    code_free(&bare->bus.code);
    flash_ram_free(&bare->flash);
    free(bare->ram);
    free(bare->boot);
    free(bare->config);
    free(bare);
    return 0;
}

void bare_load(struct bare *bare, uint32_t address, const uint32_t *words, uint32_t count)
{
    uint32_t physical = address & 0x1FFFFFFF;
    uint8_t *to = physical >= BUS_BOOT    ? bare->boot + (physical - BUS_BOOT)
                  : physical >= BUS_FLASH ? bare->flash.cells.bytes + (physical - BUS_FLASH)
                                          : bare->ram + physical;

    memcpy(to, words, count * 4);
    code_forget_all(&bare->bus.code);
}

void bare_run(struct bare *bare, uint32_t address, const uint32_t *words, uint32_t count)
{
    const uint32_t wait = WAIT;

    bare_load(bare, address, words, count);
    bare_load(bare, address + count * 4, &wait, 1);
    bare->cpu.pc = address;
    bare->cpu.is_waiting = false;
    bare->cpu.limit = CPU_NEVER;
    while (!bare->cpu.is_waiting) {
        assert_int_equal(run(&bare->cpu, &bare->bus), RUN_LIMIT);
        if (!bare->cpu.is_waiting)
            bare->cpu.limit = CPU_NEVER;
    }
}
