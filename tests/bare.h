#ifndef TESTS_BARE_H
#define TESTS_BARE_H

#include "hal_posix/flash_ram.h"
#include "sim/pic32/run.h"

/* A bare processor: memories, and registers that only remember the last access. */
struct bare {
    struct cpu cpu;
    struct bus bus;
    struct stale stale;
    struct flash_ram flash;
    uint8_t *ram, *boot, *config;
    uint32_t io_address, io_size, io_value; /* the last access; what a read gives */
    uint32_t io_reads, io_writes;
    uint64_t io_skip;    /* what an access does to the time */
    bool is_io_refused;  /* an access stops the run */
    char complaint[160]; /* the last one */
    uint32_t complaints;
};

/* For cmocka_unit_test_setup_teardown(): *state is a struct bare; has_ecc for the second. */
int bare_setup(void **state);
int bare_setup_ecc(void **state);
int bare_teardown(void **state);

/* Put instructions at this address of RAM or flash. */
void bare_load(struct bare *bare, uint32_t address, const uint32_t *words, uint32_t count);

/* Execute the words at this address, up to the "wait" that the call adds behind them. */
void bare_run(struct bare *bare, uint32_t address, const uint32_t *words, uint32_t count);

/* As bare_run() from the start of RAM: BARE_RUN(bare, word, word, ...). */
#define BARE_RUN(bare, ...)                                                                        \
    bare_run(bare, 0x80000000, (const uint32_t[]){__VA_ARGS__},                                    \
             sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

#endif
