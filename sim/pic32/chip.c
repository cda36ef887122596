#include "sim/pic32/chip.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "sim/pic32/cp0.h"
#include "sim/pic32/exec.h"

#define PAGE 4096u

static const char *const end_names[] = {"reset",      "watchdog", "asked",  "time",
                                        "breakpoint", "stepped",  "stopped"};

const char *chip_end_name(enum chip_end end)
{
    return end_names[end];
}

const char *chip_reason(const struct chip *chip)
{
    return chip->bus.stop;
}

uint64_t chip_now_ms(const struct chip *chip)
{
    return chip->state.cpu.now / (CPU_MHZ * 1000);
}

static void complaint(void *context, const char *text)
{
    const struct chip *chip = context;
    char line[240];

    if (!chip->observer.complaint)
        return;
    snprintf(line, sizeof line, "%s (at 0x%08X)", text, chip->state.cpu.pc);
    chip->observer.complaint(chip->observer.context, line);
}

void chip_complain(struct chip *chip, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    complaint(chip, text);
}

enum ota_err chip_init(struct chip *chip, struct power *nvm, struct power *spi)
{
    memset(chip, 0, sizeof *chip);
    chip->nvm = nvm;
    chip->spi = spi;
    chip->nvm_flash = &nvm->flash;
    chip->spi_flash = &spi->flash;
    chip->time_max = chip->pause_at = CPU_NEVER;
    chip->state.wdt.rundiv = WDT_RUNDIV_DEFAULT;
    memset(chip->boot, 0xFF, sizeof chip->boot);
    memset(chip->config, 0xFF, sizeof chip->config);
    chip->bus = (struct bus){.ram = chip->state.ram,
                             .flash = nvm->below->below,
                             .boot = chip->boot,
                             .config = chip->config,
                             .stale = &chip->state.stale,
                             .io_read = io_read,
                             .io_write = io_store,
                             .complain = complaint,
                             .context = chip};
    return code_init(&chip->bus.code);
}

void chip_free(struct chip *chip)
{
    code_free(&chip->bus.code);
}

static uint8_t *loadable(struct chip *chip, uint32_t address, uint32_t size)
{
    const struct {
        uint32_t from, size;
        uint8_t *bytes;
    } memories[] = {{BUS_FLASH, BUS_FLASH_SIZE, chip->bus.flash->bytes},
                    {BUS_BOOT, BUS_BOOT_SIZE, chip->boot},
                    {BUS_CONFIG, BUS_CONFIG_SIZE, chip->config}};

    for (int i = 0; i < 3; i++) {
        uint32_t offset = address - memories[i].from;
        if (offset < memories[i].size && size <= memories[i].size - offset)
            return memories[i].bytes + offset;
    }
    return NULL;
}

bool chip_load(struct chip *chip, uint32_t address, const void *bytes, uint32_t size)
{
    uint8_t *to = loadable(chip, address, size);

    if (!to)
        return false;
    memcpy(to, bytes, size);
    code_forget_all(&chip->bus.code);
    return true;
}

static void fill_with_garbage(uint8_t *ram, uint32_t size, uint64_t seed)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    for (uint32_t i = 0; i < size; i += 8) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        memcpy(ram + i, &seed, 8);
    }
}

/* The program flash has no lock of its own: what protects it are registers. */
static void reset(struct chip *chip, uint32_t cause, bool is_power_on)
{
    struct chip_state *state = &chip->state;

    state->garbage = state->garbage * 1664525u + 1013904223u;
    cpu_reset(&state->cpu, state->garbage);
    fill_with_garbage(state->ram, sizeof state->ram, state->garbage);
    stale_reset(&state->stale);
    memset(&state->irq, 0, sizeof state->irq);
    nvm_ctl_reset(&state->nvm);
    spi_port_reset(&state->spi);
    uart_port_reset(&state->uart);
    gpio_reset(&state->gpio);
    sst26_model_select(chip, false);
    system_ctl_reset(&state->system, cause);
    wdt_reset(&state->wdt);
    flash_nor_reset(chip->nvm->below, is_power_on);
    flash_nor_reset(chip->spi->below, is_power_on);
    err_ignore(flash_unlock(chip->nvm_flash)); /* cannot fail */
    code_forget_all_ram(&chip->bus.code);
    memset(chip->bus.pages, BUS_PAGE_UNKNOWN, sizeof chip->bus.pages);
    bus_use_cache(&chip->bus, true);
}

static void note_change(struct chip *chip, uint32_t offset, uint32_t size)
{
    chip->changes++;
    for (uint32_t page = offset / PAGE; page <= (offset + size - 1) / PAGE; page++)
        chip->changed_at[page] = chip->changes;
}

void chip_start(struct chip *chip, uint32_t cause, uint32_t seed)
{
    struct chip_state *state = &chip->state;

    state->garbage = seed;
    state->resets = 0;
    state->cpu.now = state->cpu.skipped = 0;
    state->nvm.busy_until = 0;
    state->system.rcon = 0;
    sst26_model_power_on(&state->sst26);
    chip->bus.stop[0] = '\0';
    chip->has_end = chip->is_asked = false;
    reset(chip, cause, cause & SYSTEM_CTL_POR);
}

void chip_power_on(struct chip *chip, uint32_t seed)
{
    chip->nvm->supply->operations = 0;
    bus_forget_flash(&chip->bus, 0, BUS_FLASH_SIZE);
    note_change(chip, 0, BUS_FLASH_SIZE);
    chip_start(chip, SYSTEM_CTL_POR | SYSTEM_CTL_BOR, seed);
}

void chip_end_with(struct chip *chip, enum chip_end end)
{
    chip->has_end = true;
    chip->end = end;
}

void chip_ask(struct chip *chip)
{
    chip->is_asked = true;
    cpu_call(&chip->state.cpu);
}

static uint64_t next_event(const struct chip *chip)
{
    const struct chip_state *state = &chip->state;
    uint64_t next = chip->time_max;

    if (state->cpu.match_at < next)
        next = state->cpu.match_at;
    if (state->wdt.is_on && state->wdt.bites_at < next)
        next = state->wdt.bites_at;
    if (state->nvm.is_completion_due && state->nvm.busy_until < next)
        next = state->nvm.busy_until;
    return next;
}

void chip_skip_to(struct chip *chip, uint64_t moment)
{
    struct cpu *cpu = &chip->state.cpu;
    uint64_t next = next_event(chip);

    if (next < moment)
        moment = next;
    if (moment > cpu->now)
        cpu_skip(cpu, moment - cpu->now);
}

void chip_flash_changes(struct chip *chip, uint32_t offset, uint32_t size)
{
    bus_flash_changes(&chip->bus, offset, size);
    note_change(chip, offset, size);
}

/* What has become due by now. */
static void service(struct chip *chip)
{
    struct cpu *cpu = &chip->state.cpu;

    cp0_service_timer(cpu);
    nvm_ctl_service(chip);
    if (chip->state.wdt.is_on && cpu->now >= chip->state.wdt.bites_at)
        chip_end_with(chip, CHIP_WATCHDOG);
    else if (cpu->now >= chip->time_max)
        chip_end_with(chip, CHIP_TIME);
    else if (chip->is_asked || cpu->now >= chip->pause_at)
        chip_end_with(chip, CHIP_ASKED);
}

static void look_for_interrupts(struct chip *chip)
{
    struct cpu *cpu = &chip->state.cpu;
    uint32_t offset, priority = irq_pending(chip, &offset);

    if (priority)
        cpu->is_waiting = false;
    if (cp0_accepts(cpu, priority))
        cp0_interrupt(cpu, priority, offset);
}

/* Between two blocks: time, interrupts, sleep. */
static void look_around(struct chip *chip)
{
    struct cpu *cpu = &chip->state.cpu;

    for (;;) {
        service(chip);
        if (chip->has_end)
            return;
        look_for_interrupts(chip);
        if (!cpu->is_waiting)
            break;
        uint64_t next = next_event(chip);
        if (next == CPU_NEVER) {
            bus_stop(&chip->bus, "waits for an interrupt that cannot come");
            chip_end_with(chip, CHIP_STOPPED);
            return;
        }
        chip_skip_to(chip, next);
    }
    cpu->limit = next_event(chip);
    if (chip->pause_at < cpu->limit)
        cpu->limit = chip->pause_at;
}

static enum chip_end take_end(struct chip *chip)
{
    enum chip_end end = chip->end;

    chip->has_end = false;
    if (end == CHIP_ASKED)
        chip->is_asked = false;
    if (end == CHIP_RESET || end == CHIP_WATCHDOG) {
        chip->bus.stop[0] = '\0';
        chip->state.resets++;
        reset(chip, end == CHIP_RESET ? SYSTEM_CTL_SWR : SYSTEM_CTL_WDTO, false);
    }
    return end;
}

static void note_end(struct chip *chip, enum exec_end end)
{
    if (chip->has_end)
        return;
    if (end == EXEC_BREAKPOINT)
        chip_end_with(chip, CHIP_BREAKPOINT);
    if (end == EXEC_STOPPED)
        chip_end_with(chip, CHIP_STOPPED);
}

enum chip_end chip_run(struct chip *chip)
{
    while (!chip->has_end) {
        look_around(chip);
        if (!chip->has_end)
            note_end(chip, exec(&chip->state.cpu, &chip->bus));
    }
    return take_end(chip);
}

/* A step within a block does not look around: that is done where chip_run() would. */
enum chip_end chip_step(struct chip *chip)
{
    if (chip->state.cpu.is_waiting)
        look_around(chip);
    if (!chip->has_end) {
        enum exec_end end = exec_step(&chip->state.cpu, &chip->bus);
        note_end(chip, end);
        if (!chip->has_end && end == EXEC_LIMIT)
            look_around(chip);
    }
    if (!chip->has_end)
        chip_end_with(chip, CHIP_STEPPED);
    return take_end(chip);
}

void chip_save(const struct chip *chip, struct chip_moment *ret_moment)
{
    memcpy(&ret_moment->state, &chip->state, sizeof chip->state);
    ret_moment->changes = chip->changes;
    ret_moment->operations = chip->nvm->supply->operations;
    ret_moment->is_spi_unlocked = chip->spi->below->is_unlocked;
    ret_moment->nvm_from = chip->nvm->below->open_from;
    ret_moment->nvm_to = chip->nvm->below->open_to;
}

/* What the flash held in between is forgotten, also for moments that were saved before this one. */
static void forget_changes(struct chip *chip, uint64_t since)
{
    chip->changes++;
    for (uint32_t page = 0; page < BUS_FLASH_SIZE / PAGE; page++)
        if (chip->changed_at[page] > since) {
            code_forget_flash(&chip->bus.code, page * PAGE, PAGE);
            chip->changed_at[page] = chip->changes;
        }
}

void chip_restore(struct chip *chip, const struct chip_moment *moment)
{
    memcpy(&chip->state, &moment->state, sizeof chip->state);
    forget_changes(chip, moment->changes);
    chip->nvm->supply->operations = moment->operations;
    chip->spi->below->is_unlocked = moment->is_spi_unlocked;
    chip->nvm->below->is_unlocked = true;
    chip->nvm->below->open_from = moment->nvm_from;
    chip->nvm->below->open_to = moment->nvm_to;
    code_forget_all_ram(&chip->bus.code);
    memset(chip->bus.pages, BUS_PAGE_UNKNOWN, sizeof chip->bus.pages);
    bus_use_cache(&chip->bus, (chip->state.cpu.config & 7) != 2);
    chip->bus.stop[0] = '\0';
    chip->has_end = chip->is_asked = false;
}
