#ifndef SIM_PIC32_CHIP_H
#define SIM_PIC32_CHIP_H

#include "sim/device/power.h"
#include "sim/pic32/bus.h"
#include "sim/pic32/cpu.h"
#include "sim/pic32/gpio.h"
#include "sim/pic32/irq.h"
#include "sim/pic32/nvm_ctl.h"
#include "sim/pic32/spi_port.h"
#include "sim/pic32/sst26_model.h"
#include "sim/pic32/system_ctl.h"
#include "sim/pic32/uart_port.h"
#include "sim/pic32/wdt.h"

/*
 * A PIC32MZ1025W104132 with an SST26 on SPI 1: the registers that the firmware uses, as far as it
 * uses them. It runs the image that would be flashed, over the same flashes, data sheet rules and
 * supply as the device of sim/device/.
 *
 * struct chip_state is plain data: a copy of its bytes, with a mark in the flashes' cells, is a
 * snapshot. The supply's gone() leaves chip_run() by longjmp, which is safe here.
 */
enum chip_end {
    CHIP_RESET,      /* the firmware reset the processor */
    CHIP_WATCHDOG,   /* it hung */
    CHIP_ASKED,      /* chip_ask() was called, or chip.pause_at has come */
    CHIP_TIME,       /* chip.time_max has come */
    CHIP_BREAKPOINT, /* before the instruction at state.cpu.pc */
    CHIP_STEPPED,
    CHIP_STOPPED, /* the model cannot go on; chip_reason() says why */
};

/* Who watches. Each may be NULL. */
struct chip_observer {
    void (*console)(void *context, uint8_t byte);
    /* The firmware did what the manuals forbid, and goes on. */
    void (*complaint)(void *context, const char *text);
    /* A command to the SPI flash with an address has come: how does it fare? */
    enum sst26_answer (*spi)(void *context, bool is_write, uint32_t address);
    void *context;
};

struct chip_state {
    struct cpu cpu;
    struct stale stale;
    struct irq irq;
    struct nvm_ctl nvm;
    struct spi_port spi;
    struct sst26_model sst26;
    struct uart_port uart;
    struct gpio gpio;
    struct system_ctl system;
    struct wdt wdt;
    uint32_t garbage; /* seed of what RAM and registers hold after a reset */
    uint32_t resets;
    uint8_t ram[BUS_RAM_SIZE];
};

struct chip {
    struct chip_state state;
    struct bus bus;
    struct power *nvm, *spi;
    /* What the units write to and the SPI flash reads from: those above, or a filter on them. */
    struct flash *nvm_flash, *spi_flash;
    struct chip_observer observer;
    uint64_t time_max; /* cycles; CPU_NEVER: no limit */
    uint64_t pause_at; /* as if chip_ask() was called then; changes nothing else. CPU_NEVER: not */
    uint8_t boot[BUS_BOOT_SIZE], config[BUS_CONFIG_SIZE];
    bool has_end, is_asked;
    enum chip_end end;
    uint64_t changes;                           /* of program flash, so far */
    uint64_t changed_at[BUS_FLASH_SIZE / 4096]; /* by page: the last of them */
};

/* A moment to come back to. */
struct chip_moment {
    struct chip_state state;
    uint64_t changes;
    uint32_t operations;
    bool is_spi_unlocked;
    uint32_t nvm_from, nvm_to;
};

/* Put it together on these flashes, which share a supply; power off, boot flash erased.
 * OTA_ERR_FULL: no memory; nothing to free then. */
OTA_MUST_USE enum ota_err chip_init(struct chip *chip, struct power *nvm, struct power *spi);
void chip_free(struct chip *chip);

/* Program as a programmer does, without rules: bytes at a physical address in program flash, boot
 * flash or the configuration words. false: it does not lie in one of these, nothing was done. */
bool chip_load(struct chip *chip, uint32_t address, const void *bytes, uint32_t size);

/* The power comes on. The flashes may have changed while it was off. seed: of the garbage. */
void chip_power_on(struct chip *chip, uint32_t seed);

/* The processor starts, at time 0, as after a reset of this cause (SYSTEM_CTL_...). Operations of
 * the supply count on, and code in program flash is as it was, as far as it was executed. */
void chip_start(struct chip *chip, uint32_t cause, uint32_t seed);

/* Run to the next end. After CHIP_RESET and CHIP_WATCHDOG the processor has been reset, and the
 * next call goes on from there. */
enum chip_end chip_run(struct chip *chip);

/* One instruction, or a jump with its delay slot: CHIP_STEPPED, or what else happened. */
enum chip_end chip_step(struct chip *chip);

/* Let chip_run() return soon: CHIP_ASKED. May be called from an observer. */
void chip_ask(struct chip *chip);

/* Why it is CHIP_STOPPED. */
const char *chip_reason(const struct chip *chip);

/* "reset", "watchdog" and so on. */
const char *chip_end_name(enum chip_end end);

/* Milliseconds since the power came on. */
uint64_t chip_now_ms(const struct chip *chip);

/* Remember all but the flashes' content / go back; the content must then be what it was. */
void chip_save(const struct chip *chip, struct chip_moment *ret_moment);
void chip_restore(struct chip *chip, const struct chip_moment *moment);

/* For the units. */
__attribute__((format(printf, 2, 3))) void chip_complain(struct chip *chip, const char *format,
                                                         ...);
void chip_end_with(struct chip *chip, enum chip_end end);
void chip_skip_to(struct chip *chip, uint64_t moment);
void chip_flash_changes(struct chip *chip, uint32_t offset, uint32_t size);

#endif
