#ifndef TESTS_CHIP_RIG_H
#define TESTS_CHIP_RIG_H

#include <setjmp.h>

#include "hal_posix/flash_ram.h"
#include "sim/pic32/chip.h"
#include "tests/mips.h"

/* A chip on two flashes in RAM, switched on; what it says is kept. */
struct chip_rig {
    struct flash_ram nvm_ram, spi_ram;
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm, spi;
    struct power_supply supply;
    struct chip chip;
    char console[1024];
    uint32_t console_size;
    char complaint[240]; /* the last one */
    uint32_t complaints, violations;
    /* The power goes at this operation and moment; 0: never. Then dark is jumped to. */
    uint32_t cut_number;
    enum power_moment cut_moment;
    jmp_buf dark;
};

/* For cmocka_unit_test_setup_teardown(): *state is a struct chip_rig; the second with flash ECC. */
int chip_rig_setup(void **state);
int chip_rig_setup_ecc(void **state);
int chip_rig_teardown(void **state);

/* Load and store as the firmware does, 32 bits at a KSEG1 address. */
uint32_t chip_rig_get(struct chip_rig *rig, uint32_t address);
void chip_rig_put(struct chip_rig *rig, uint32_t address, uint32_t value);

/* As many cycles pass, and what they bring is noticed. */
void chip_rig_pass(struct chip_rig *rig, uint64_t cycles);

/* Program the words at this physical address, as a programmer does. */
void chip_rig_load(struct chip_rig *rig, uint32_t address, const uint32_t *words, uint32_t count);

/* The same into boot flash, where the processor starts: CHIP_RIG_BOOT(rig, word, word, ...). */
#define CHIP_RIG_BOOT(rig, ...)                                                                    \
    chip_rig_load(rig, BUS_BOOT, (const uint32_t[]){__VA_ARGS__},                                  \
                  sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

#endif
