#ifndef SIM_PIC32_BUS_H
#define SIM_PIC32_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal_posix/cells.h"
#include "sim/pic32/code.h"
#include "sim/pic32/stale.h"

/*
 * What the processor sees at which address (facts: pic32.md 1): RAM, program flash, boot flash,
 * configuration words and registers, each through KSEG0 (cached) and KSEG1 (not cached).
 */
#define BUS_RAM_SIZE    0x50000u /* 256 KB, and the 64 KB behind */
#define BUS_FLASH       0x10000000u
#define BUS_FLASH_SIZE  0x100000u
#define BUS_BOOT        0x1FC00000u
#define BUS_BOOT_SIZE   0x10000u
#define BUS_CONFIG      0x1FC55000u
#define BUS_CONFIG_SIZE 0x1000u
#define BUS_IO          0x1F800000u
#define BUS_IO_SIZE     0x140000u

enum bus_result {
    BUS_OK,
    BUS_MISALIGNED,
    BUS_ERROR, /* the flash cannot be read there (ECC) */
    BUS_STOP,  /* nothing is there, or it is not modelled; bus.stop says what */
};

enum bus_page { BUS_PAGE_UNKNOWN, BUS_PAGE_PLAIN, BUS_PAGE_SPECIAL };

struct bus {
    uint8_t *ram;
    struct cells *flash;
    uint8_t *boot;   /* BUS_BOOT_SIZE */
    uint8_t *config; /* BUS_CONFIG_SIZE */
    struct stale *stale;
    struct code code;
    /* By page of program flash, for KSEG1 and KSEG0: may it be read without a second look? */
    uint8_t pages[2][BUS_FLASH_SIZE / 4096];

    /* Registers; address is physical, size 1, 2 or 4. false: stop, with bus_stop() called. */
    bool (*io_read)(void *context, uint32_t address, uint32_t size, uint32_t *ret_value);
    bool (*io_write)(void *context, uint32_t address, uint32_t size, uint32_t value);
    /* A bug of the firmware that does not stop it; NULL: nobody wants to know. */
    void (*complain)(void *context, const char *text);
    void *context;

    bool is_cached; /* KSEG0 goes through the cache: bus_use_cache() */
    char stop[160]; /* why the run cannot go on; empty: it can */
};

/* Load and store as an instruction of this size does; the value is not sign-extended. */
enum bus_result bus_load(struct bus *bus, uint32_t address, uint32_t size, uint32_t *ret_value);
enum bus_result bus_store(struct bus *bus, uint32_t address, uint32_t size, uint32_t value);

/* The instruction at this address. */
enum bus_result bus_fetch(struct bus *bus, uint32_t address, uint32_t *ret_word);

/* The cache instruction; operation: its five-bit operand. */
enum bus_result bus_cache(struct bus *bus, uint32_t operation, uint32_t address);

/* Make instructions written at this address ready to be executed (synci). */
void bus_synci(struct bus *bus, uint32_t address);

/* KSEG0 goes through the cache, or not: CP0 Config.K0. */
void bus_use_cache(struct bus *bus, bool is_cached);

/* Read for a debugger: no effect on anything, registers are not asked; false: cannot be read. */
bool bus_peek(const struct bus *bus, uint32_t address, void *data, uint32_t size);

/* Write to RAM for a debugger; false: something else is there. */
bool bus_poke(struct bus *bus, uint32_t address, const void *data, uint32_t size);

/* Program flash is about to change in [offset, offset+size): forget what was known of it. */
void bus_flash_changes(struct bus *bus, uint32_t offset, uint32_t size);

/* The same without stale cache lines: the firmware did not do it. */
void bus_forget_flash(struct bus *bus, uint32_t offset, uint32_t size);

/* Say why the run cannot go on; the first reason stays. */
__attribute__((format(printf, 2, 3))) void bus_stop(struct bus *bus, const char *format, ...);

/* KSEG0 and KSEG1 alike as KSEG0; what is neither lies above all memories. */
static inline uint32_t bus_place(uint32_t address)
{
    return (address & 0xDFFFFFFF) - 0x80000000;
}

/* The quick way: where the bytes at address can be read directly, or NULL for the long way. */
static inline const uint8_t *bus_quick_load(const struct bus *bus, uint32_t address)
{
    uint32_t place = bus_place(address), offset = place - BUS_FLASH;

    if (place < BUS_RAM_SIZE)
        return bus->ram + place;
    if (offset < BUS_FLASH_SIZE &&
        bus->pages[!(address & 0x20000000)][offset / 4096] == BUS_PAGE_PLAIN)
        return bus->flash->bytes + offset;
    return NULL;
}

/* The same for a store: RAM without decoded code. */
static inline uint8_t *bus_quick_store(const struct bus *bus, uint32_t address)
{
    uint32_t place = bus_place(address);

    if (place >= BUS_RAM_SIZE || bus->code.is_decoded[CODE_RAM][place / CODE_PAGE])
        return NULL;
    return bus->ram + place;
}

#endif
