#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/image.h"
#include "sim/explore/chip_memo.h"
#include "tests/chip_rig.h"

#define VERIFY   (BUS_BOOT + 0x100)
#define UPDATE   (BUS_BOOT + 0x200)
#define BACK     0xBFC00010u
#define QUESTION 0x80010000u
#define STACK    0x80008000u

enum { V0 = 2, A1 = 5, A2, A3, SP = 29, RA = 31 };

struct bench {
    struct chip_rig *rig;
    struct chip_memo memo;
};

/* Two functions: one returns its fifth argument, plus one; one adds what it is told to the first
 * word of the hash. */
static int setup(void **state)
{
    static const uint32_t verify[] = {
        0x8FA20010, /* lw v0, 16(sp) */
        0x24420001, /* addiu v0, v0, 1 */
        0x03E00008, /* jr ra */
        0,
    };
    static const uint32_t update[] = {
        0x8CA80000, /* lw t0, 0(a1) */
        0x8CC90000, /* lw t1, 0(a2) */
        0x01094021, /* addu t0, t0, t1 */
        0xACA80000, /* sw t0, 0(a1) */
        0x03E00008, /* jr ra */
        0,
    };
    const struct chip_memo_functions functions = {.sha256_update = 0x80000000 + UPDATE,
                                                  .p256_verify = 0x80000000 + VERIFY};
    struct bench *bench = calloc(1, sizeof *bench);

    assert_int_equal(chip_rig_setup((void **)&bench->rig), 0);
    chip_rig_load(bench->rig, VERIFY, verify, 4);
    chip_rig_load(bench->rig, UPDATE, update, 6);
    assert_int_equal(chip_memo_init(&bench->memo, &bench->rig->chip, &functions), OTA_OK);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    chip_memo_free(&bench->memo);
    chip_rig_teardown((void **)&bench->rig);
    free(bench);
    return 0;
}

static uint32_t *word(struct bench *bench, uint32_t address)
{
    return (uint32_t *)(void *)(bench->rig->chip.state.ram + (address & 0x1FFFFFFF));
}

/* Stand at the function, as a caller has it. */
static struct cpu *stand_at(struct bench *bench, uint32_t function)
{
    struct cpu *cpu = &bench->rig->chip.state.cpu;

    cpu->pc = 0xA0000000 + function;
    cpu->gpr[A1] = QUESTION;
    cpu->gpr[A2] = QUESTION + 0x1000;
    cpu->gpr[A3] = QUESTION + 0x2000;
    cpu->gpr[SP] = STACK;
    cpu->gpr[RA] = BACK;
    *word(bench, STACK + 16) = 64;
    return cpu;
}

static void it_knows_where_it_is(void **state)
{
    struct bench *bench = *state;
    struct cpu *cpu = stand_at(bench, VERIFY);

    assert_true(chip_memo_is_at(&bench->memo, &bench->rig->chip));
    cpu->pc += 4;
    assert_false(chip_memo_is_at(&bench->memo, &bench->rig->chip));
    cpu->pc = 0x80000000 + UPDATE;
    assert_true(chip_memo_is_at(&bench->memo, &bench->rig->chip));
}

static void first_call_is_run_and_the_second_remembered(void **state)
{
    struct bench *bench = *state;
    struct cpu *cpu = stand_at(bench, VERIFY);
    uint64_t started = cpu->now;

    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    uint64_t taken = cpu->now - started, skipped = cpu->skipped;
    assert_int_equal(cpu->gpr[V0], 65);
    assert_int_equal(cpu->pc, BACK);
    assert_true(taken >= 4);

    stand_at(bench, VERIFY);
    cpu->gpr[V0] = 0;
    started = cpu->now;
    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    assert_int_equal(cpu->gpr[V0], 65);
    assert_int_equal(cpu->pc, BACK);
    assert_int_equal(cpu->now - started, taken);
    assert_int_equal(cpu->skipped - skipped, taken); /* without an instruction */
    assert_int_equal(bench->memo.count, 1);
}

/* A byte of the key, the digest, the signature, and its size. */
static void any_other_argument_is_another_question(void **state)
{
    struct bench *bench = *state;
    const uint32_t places[] = {QUESTION + CRYPTO_KEY_SIZE - 4, QUESTION + 0x1000, QUESTION + 0x2000,
                               QUESTION + 0x2000 + 60};

    stand_at(bench, VERIFY);
    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    for (uint32_t i = 0; i < 4; i++) {
        *word(bench, places[i] & ~3u) ^= 0x100;
        stand_at(bench, VERIFY);
        assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
        assert_int_equal(bench->memo.count, 2 + i);
    }
    stand_at(bench, VERIFY);
    *word(bench, STACK + 16) = 63;
    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    assert_int_equal(bench->rig->chip.state.cpu.gpr[V0], 64);
}

static void running_hash_is_what_it_would_be(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 2; i++) {
        struct cpu *cpu = stand_at(bench, UPDATE);
        *word(bench, QUESTION) = 1000;
        *word(bench, QUESTION + 0x1000) = 7;
        cpu->gpr[A3] = 4;
        assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
        assert_int_equal(*word(bench, QUESTION), 1007);
    }
    assert_int_equal(bench->memo.count, 1);
    stand_at(bench, UPDATE)->gpr[A3] = 4; /* the hash is another one now */
    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    assert_int_equal(*word(bench, QUESTION), 1014);
    assert_int_equal(bench->memo.count, 2);
}

/* Then the function runs, and does what it does. */
static void what_cannot_be_read_is_not_remembered(void **state)
{
    struct bench *bench = *state;
    struct cpu *cpu = stand_at(bench, VERIFY);

    cpu->gpr[A1] = 0x00000004;
    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    assert_int_equal(cpu->pc, 0xA0000000 + VERIFY + 4);
    stand_at(bench, UPDATE)->gpr[A3] = IMAGE_BUFFER_SIZE + 1;
    assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    assert_int_equal(cpu->pc, 0xA0000000 + UPDATE + 4);
    assert_int_equal(bench->memo.count, 0);
}

static void too_many_answers_are_forgotten(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < CHIP_MEMO_ANSWERS + 3; i++) {
        stand_at(bench, VERIFY);
        *word(bench, QUESTION) = i;
        assert_int_equal(chip_memo_call(&bench->memo, &bench->rig->chip), CHIP_STEPPED);
    }
    assert_int_equal(bench->memo.count, 3);
}

static void functions_are_found_in_an_elf_file_only(void **state)
{
    struct chip_memo_functions functions = {1, 2};

    (void)state;
    chip_memo_find((const uint8_t *)":00000001FF\n", 12, &functions);
    assert_int_equal(functions.sha256_update, 0);
    assert_int_equal(functions.p256_verify, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_knows_where_it_is),
        TEST(first_call_is_run_and_the_second_remembered),
        TEST(any_other_argument_is_another_question),
        TEST(running_hash_is_what_it_would_be),
        TEST(what_cannot_be_read_is_not_remembered),
        TEST(too_many_answers_are_forgotten),
        TEST(functions_are_found_in_an_elf_file_only),
    };

    return cmocka_run_group_tests_name("chip_memo", tests, NULL, NULL);
}
