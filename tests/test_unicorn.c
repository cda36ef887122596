#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unicorn/unicorn.h>

#include "tests/bare.h"
#include "tests/mips.h"

/*
 * Random programs, run by the interpreter and by Unicorn; registers and memory must agree. Unicorn
 * cannot judge exceptions, CP0, interrupts and sc: tests/test_run.c, test_cp0.c, test_long_way.c.
 */
#define INSTRUCTIONS_MIN 1000000u
#define PROGRAM          1000u
#define PROGRAM_SIZE     0x1000u
#define CODE             0xB0000000u /* one program behind the other: no code ever changes */
#define RUNS             8u          /* of each program, with other values */
#define DATA             0x80002000u /* $gp points to its middle and is never written */
#define DATA_SIZE        0x1000u
#define BASE             28

struct pair {
    struct bare *bare;
    uc_engine *unicorn;
    uint8_t *memory; /* of Unicorn */
    uint8_t *code;
    uint32_t seed;
    uint32_t start; /* of the present program */
    uint32_t words[PROGRAM + 1];
    uint32_t executed;
};

static uint32_t next_random(struct pair *pair)
{
    pair->seed ^= pair->seed << 13;
    pair->seed ^= pair->seed >> 17;
    pair->seed ^= pair->seed << 5;
    return pair->seed;
}

static uint32_t below(struct pair *pair, uint32_t bound)
{
    return next_random(pair) % bound;
}

/* Any register but the base and the stack pointer's neighbours: $zero too. */
static uint32_t any(struct pair *pair)
{
    uint32_t number = below(pair, 32);

    return number == BASE ? 27 : number;
}

static uint32_t arithmetic(struct pair *pair)
{
    static const uint8_t functions[] = {0x04, 0x06, 0x07, 0x0A, 0x0B, 0x21, 0x23,
                                        0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B};
    uint32_t function = functions[below(pair, sizeof functions)];
    uint32_t is_rotate = function == 0x06 && below(pair, 2);

    return MIPS_R(0, any(pair), any(pair), any(pair), is_rotate, function);
}

static uint32_t constant_shift(struct pair *pair)
{
    static const uint8_t functions[] = {0x00, 0x02, 0x03};
    uint32_t function = functions[below(pair, sizeof functions)];
    uint32_t is_rotate = function == 0x02 && below(pair, 2);

    return MIPS_R(0, is_rotate, any(pair), any(pair), below(pair, 32), function);
}

static uint32_t with_immediate(struct pair *pair)
{
    uint32_t opcode = 9 + below(pair, 7), is_lui = opcode == 15;

    return MIPS_I(opcode, is_lui ? 0 : any(pair), any(pair), next_random(pair));
}

static uint32_t accumulator(struct pair *pair)
{
    static const uint8_t functions[] = {0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1A, 0x1B};
    static const uint8_t functions2[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x20, 0x21};
    uint32_t which = below(pair, sizeof functions + sizeof functions2), number = any(pair);

    if (which >= sizeof functions) {
        uint32_t function = functions2[which - sizeof functions];
        uint32_t d = function < 2 || function == 4 || function == 5 ? 0 : number;
        uint32_t t = function >= 0x20 ? number : any(pair);
        return MIPS_R(0x1C, any(pair), t, d, 0, function);
    }
    uint32_t function = functions[which];
    if (function >= 0x18)
        return MIPS_R(0, any(pair), any(pair), 0, 0, function);
    return function & 1 ? MIPS_R(0, number, 0, 0, 0, function)
                        : MIPS_R(0, 0, 0, number, 0, function);
}

static uint32_t bits(struct pair *pair)
{
    static const uint8_t operations[] = {0x02, 0x10, 0x18};
    uint32_t low = below(pair, 32), size = 1 + below(pair, 32 - low);

    switch (below(pair, 3)) {
    case 0:
        return MIPS_R(0x1F, any(pair), any(pair), size - 1, low, 0x00);
    case 1:
        return MIPS_R(0x1F, any(pair), any(pair), low + size - 1, low, 0x04);
    default:
        return MIPS_R(0x1F, 0, any(pair), any(pair), operations[below(pair, 3)], 0x20);
    }
}

static uint32_t memory(struct pair *pair)
{
    static const struct {
        uint8_t opcode, align;
    } kinds[] = {{0x20, 1}, {0x21, 2}, {0x22, 1}, {0x23, 4}, {0x24, 1}, {0x25, 2}, {0x26, 1},
                 {0x28, 1}, {0x29, 2}, {0x2A, 1}, {0x2B, 4}, {0x2E, 1}, {0x30, 4}};
    uint32_t which = below(pair, sizeof kinds / sizeof kinds[0]);
    uint32_t offset = below(pair, DATA_SIZE - 8) - DATA_SIZE / 2 + 4;

    return MIPS_I(kinds[which].opcode, BASE, any(pair), offset & ~(kinds[which].align - 1u));
}

/* Forward, so that each program ends; at is the place of the jump. */
static uint32_t jump(struct pair *pair, uint32_t at)
{
    static const uint8_t regimm[] = {0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13};
    uint32_t left = PROGRAM - 3 - at;
    uint32_t distance = 1 + below(pair, left < 12 ? left : 12);
    uint32_t source = any(pair);

    switch (below(pair, 8)) {
    case 0:
        return MIPS_I(2 + below(pair, 2), 0, 0, 0) |
               ((pair->start >> 2) + at + 1 + distance) % (1u << 26);
    case 1:
    case 2:
        return REGIMM(regimm[below(pair, sizeof regimm)], source == 31 ? 30 : source, distance);
    case 3:
    case 4:
        return MIPS_I((below(pair, 2) ? 6 : 0x16) + below(pair, 2), any(pair), 0, distance);
    default:
        return MIPS_I((below(pair, 2) ? 4 : 0x14) + below(pair, 2), any(pair), any(pair), distance);
    }
}

static uint32_t plain(struct pair *pair)
{
    switch (below(pair, 8)) {
    case 0:
    case 1:
        return arithmetic(pair);
    case 2:
        return constant_shift(pair);
    case 3:
        return with_immediate(pair);
    case 4:
        return accumulator(pair);
    case 5:
        return bits(pair);
    default:
        return memory(pair);
    }
}

/* HI and LO go in and out by general registers: Unicorn's interface does not read them. */
static void generate(struct pair *pair)
{
    pair->words[0] = MTHI(1);
    pair->words[1] = MTLO(2);
    for (uint32_t i = 2; i < PROGRAM; i++) {
        bool is_jump = i + 4 < PROGRAM && below(pair, 8) == 0;
        pair->words[i] = is_jump ? jump(pair, i) : plain(pair);
        if (is_jump)
            pair->words[++i] = plain(pair);
    }
    pair->words[PROGRAM - 2] = MFHI(26);
    pair->words[PROGRAM - 1] = MFLO(27);
    pair->words[PROGRAM] = WAIT;
}

/* Values at which something goes wrong more often than at others. */
static uint32_t interesting(struct pair *pair)
{
    static const uint32_t values[] = {0, 1, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0xFFFF8000, 31};

    return below(pair, 3) ? next_random(pair) : values[below(pair, sizeof values / 4)];
}

static void begin(struct pair *pair)
{
    struct cpu *cpu = &pair->bare->cpu;
    uint32_t zero = 0;

    for (int i = 1; i < 32; i++)
        cpu->gpr[i] = i == BASE ? DATA + DATA_SIZE / 2 : interesting(pair);
    cpu->is_linked = false;
    for (int i = 0; i < 32; i++)
        uc_reg_write(pair->unicorn, UC_MIPS_REG_0 + i, i ? &cpu->gpr[i] : &zero);
    for (uint32_t i = 0; i < DATA_SIZE; i += 4) {
        uint32_t value = interesting(pair);
        memcpy(pair->bare->ram + (DATA & 0xFFFFFF) + i, &value, 4);
        memcpy(pair->memory + (DATA & 0xFFFFFF) + i, &value, 4);
    }
}

static void run_both(struct pair *pair)
{
    struct cpu *cpu = &pair->bare->cpu;
    uint64_t before = cpu->now;

    bare_run(pair->bare, pair->start, pair->words, PROGRAM);
    assert_int_equal(uc_emu_start(pair->unicorn, pair->start, pair->start + PROGRAM * 4, 0, 0),
                     UC_ERR_OK);
    pair->executed += (uint32_t)(cpu->now - before);
}

static void compare(struct pair *pair)
{
    const struct cpu *cpu = &pair->bare->cpu;

    for (int i = 0; i < 32; i++) {
        uint32_t value = 0;
        uc_reg_read(pair->unicorn, UC_MIPS_REG_0 + i, &value);
        if (value != cpu->gpr[i])
            fail_msg("program at 0x%08X: $%d is 0x%08X, Unicorn has 0x%08X", pair->start, i,
                     cpu->gpr[i], value);
    }
    assert_memory_equal(pair->bare->ram + (DATA & 0xFFFFFF), pair->memory + (DATA & 0xFFFFFF),
                        DATA_SIZE);
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);

    bare_setup((void **)&pair->bare);
    pair->seed = 20260401;
    pair->memory = aligned_alloc(4096, BUS_RAM_SIZE);
    memset(pair->memory, 0, BUS_RAM_SIZE);
    assert_int_equal(
        uc_open(UC_ARCH_MIPS, (uc_mode)(UC_MODE_MIPS32 | UC_MODE_LITTLE_ENDIAN), &pair->unicorn),
        UC_ERR_OK);
    assert_int_equal(uc_ctl_set_cpu_model(pair->unicorn, UC_CPU_MIPS32_M14KC), UC_ERR_OK);
    assert_int_equal(uc_mem_map_ptr(pair->unicorn, 0, BUS_RAM_SIZE, UC_PROT_ALL, pair->memory),
                     UC_ERR_OK);
    pair->code = aligned_alloc(4096, BUS_FLASH_SIZE);
    assert_int_equal(
        uc_mem_map_ptr(pair->unicorn, BUS_FLASH, BUS_FLASH_SIZE, UC_PROT_ALL, pair->code),
        UC_ERR_OK);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    uc_close(pair->unicorn);
    bare_teardown((void **)&pair->bare);
    free(pair->memory);
    free(pair->code);
    free(pair);
    return 0;
}

static void random_programs_end_as_they_do_in_unicorn(void **state)
{
    struct pair *pair = *state;
    uint32_t programs = BUS_FLASH_SIZE / PROGRAM_SIZE;

    for (uint32_t i = 0; i < programs; i++) {
        pair->start = CODE + i * PROGRAM_SIZE;
        generate(pair);
        memcpy(pair->code + i * PROGRAM_SIZE, pair->words, PROGRAM * 4);
        for (uint32_t j = 0; j < RUNS; j++) {
            begin(pair);
            run_both(pair);
            compare(pair);
        }
    }
    print_message("# %u programs, %u instructions\n", programs, pair->executed);
    assert_true(pair->executed >= INSTRUCTIONS_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_programs_end_as_they_do_in_unicorn, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
