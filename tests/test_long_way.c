#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/pic32/cp0.h"
#include "tests/bare.h"
#include "tests/mips.h"

#define START 0x80001000u

/* Words at START; an exception leads to a "wait" at its vector. */
static void run_words(struct bare *bare, const uint32_t *words, uint32_t count)
{
    const uint32_t wait = WAIT;

    bare->cpu.ebase = 0x80000000;
    bare_load(bare, 0x80000180, &wait, 1);
    bare_run(bare, START, words, count);
}

#define RUN(...)                                                                                   \
    run_words(bare, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void assert_exception(const struct bare *bare, enum cp0_exception exception, uint32_t epc)
{
    assert_int_equal(bare->cpu.pc, 0x80000184);
    assert_int_equal(bare->cpu.cause >> 2 & 31, exception);
    assert_int_equal(bare->cpu.epc, epc);
}

static void assert_no_exception(const struct bare *bare)
{
    assert_int_equal(bare->cpu.status & CP0_STATUS_EXL, 0);
}

static void again(struct bare *bare)
{
    bare->cpu.status = bare->cpu.cause = 0;
}

static void overflow_traps_and_leaves_the_register(void **state)
{
    struct bare *bare = *state;

    bare->cpu.gpr[4] = 7;
    RUN(LI(2, 0x7FFFFFFF), ADDIU(3, 0, 1), ADD(4, 2, 3));
    assert_exception(bare, CP0_OVERFLOW, START + 12);
    assert_int_equal(bare->cpu.gpr[4], 7);
    again(bare);
    RUN(LI(2, 0x80000000), ADDIU(3, 0, 1), SUB(4, 2, 3));
    assert_exception(bare, CP0_OVERFLOW, START + 12);
    again(bare);
    RUN(LI(2, 0x80000000), ADDI(4, 2, -1));
    assert_exception(bare, CP0_OVERFLOW, START + 8);
    again(bare);
    RUN(ADDIU(2, 0, -5), ADDIU(3, 0, 3), ADD(4, 2, 3), SUB(5, 2, 3), ADDI(6, 2, 10));
    assert_no_exception(bare);
    assert_int_equal(bare->cpu.gpr[4], 0xFFFFFFFE);
    assert_int_equal(bare->cpu.gpr[5], 0xFFFFFFF8);
    assert_int_equal(bare->cpu.gpr[6], 5);
}

/* What a conditional trap does with -1 and 1. */
static void trap_conditions_are_signed_or_not(void **state)
{
    static const struct {
        uint8_t function, immediate;
        bool is_taken;
    } traps[] = {
        {0x30, 0x08, false}, /* ge */
        {0x31, 0x09, true},  /* geu */
        {0x32, 0x0A, true},  /* lt */
        {0x33, 0x0B, false}, /* ltu */
        {0x34, 0x0C, false}, /* eq */
        {0x36, 0x0E, true},  /* ne */
    };
    struct bare *bare = *state;

    for (uint32_t i = 0; i < 6; i++)
        for (int is_immediate = 0; is_immediate < 2; is_immediate++) {
            again(bare);
            RUN(ADDIU(2, 0, -1), ADDIU(3, 0, 1),
                is_immediate ? REGIMM(traps[i].immediate, 2, 1) : TRAP(traps[i].function, 2, 3));
            if (traps[i].is_taken)
                assert_exception(bare, CP0_TRAP, START + 8);
            else
                assert_no_exception(bare);
        }
}

static void each_reason_has_its_code(void **state)
{
    struct bare *bare = *state;

    RUN(SYSCALL);
    assert_exception(bare, CP0_SYSCALL, START);
    again(bare);
    RUN(NOP, BREAK);
    assert_exception(bare, CP0_BREAK, START + 4);
    again(bare);
    RUN(0xFC000000);
    assert_exception(bare, CP0_RESERVED, START);
    again(bare);
    RUN(0x46000000);
    assert_exception(bare, CP0_UNUSABLE, START);
    assert_int_equal(bare->cpu.cause >> 28 & 3, 1);
}

static void exception_in_a_delay_slot_is_marked(void **state)
{
    struct bare *bare = *state;

    RUN(NOP, BEQ(0, 0, 4), SYSCALL);
    assert_exception(bare, CP0_SYSCALL, START + 4);
    assert_int_equal(bare->cpu.cause & CP0_CAUSE_BD, CP0_CAUSE_BD);
    again(bare);
    RUN(NOP, BNE(0, 0, 4), SYSCALL); /* also when the branch is not taken */
    assert_exception(bare, CP0_SYSCALL, START + 4);
    assert_int_equal(bare->cpu.cause & CP0_CAUSE_BD, CP0_CAUSE_BD);
}

static void misaligned_access_is_an_address_error(void **state)
{
    struct bare *bare = *state;

    RUN(LI(2, 0x80002001), LW(3, 0, 2));
    assert_exception(bare, CP0_ADDRESS_LOAD, START + 8);
    assert_int_equal(bare->cpu.bad_address, 0x80002001);
    again(bare);
    RUN(LI(2, 0x80002001), LHU(3, 2, 2));
    assert_exception(bare, CP0_ADDRESS_LOAD, START + 8);
    again(bare);
    RUN(LI(2, 0x80002002), SW(3, 0, 2));
    assert_exception(bare, CP0_ADDRESS_STORE, START + 8);
    assert_int_equal(bare->cpu.bad_address, 0x80002002);
    again(bare);
    RUN(LI(2, 0xBF800001), SH(3, 0, 2));
    assert_exception(bare, CP0_ADDRESS_STORE, START + 8);
    assert_int_equal(bare->io_writes, 0);
}

static void unreadable_flash_is_a_bus_error(void **state)
{
    struct bare *bare = *state;

    bare->flash.cells.marks[0x1000 / 8] = CELLS_TORN;
    RUN(LI(2, 0xB0001000), LW(3, 4, 2));
    assert_exception(bare, CP0_BUS_DATA, START + 8);
    again(bare);
    RUN(LI(2, 0xB0001000), SW(3, 4, 2)); /* and so is a store to flash */
    assert_exception(bare, CP0_BUS_DATA, START + 8);
    again(bare);
    RUN(LI(2, 0xB0001000), JR(2), NOP);
    assert_exception(bare, CP0_BUS_FETCH, 0xB0001000);
}

static void registers_are_loaded_with_their_sign(void **state)
{
    struct bare *bare = *state;

    bare->io_value = 0x80FE;
    RUN(LI(2, 0xBF800000), LB(3, 0, 2), LBU(4, 0, 2), LH(5, 0, 2), LHU(6, 0, 2));
    assert_int_equal(bare->cpu.gpr[3], 0xFFFFFFFE);
    assert_int_equal(bare->cpu.gpr[5], 0xFFFF80FE);
    assert_int_equal(bare->cpu.gpr[6], 0x80FE);
    assert_int_equal(bare->io_size, 2);
    RUN(LI(2, 0xBF800000), ADDIU(3, 0, 0x5743), SH(3, 2, 2));
    assert_int_equal(bare->io_address, 0x1F800002);
    assert_int_equal(bare->io_value, 0x5743);
}

static void word_is_loaded_and_stored_in_two_parts(void **state)
{
    struct bare *bare = *state;

    RUN(LI(2, 0x80002000), LI(3, 0x44332211), LI(4, 0x88776655), SW(3, 0, 2), SW(4, 4, 2),
        LWR(5, 1, 2), LWL(5, 4, 2), LI(6, 0xDDCCBBAA), SWR(6, 2, 2), SWL(6, 5, 2));
    assert_int_equal(bare->cpu.gpr[5], 0x55443322);
    assert_memory_equal(bare->ram + 0x2000, "\x11\x22\xAA\xBB\xCC\xDD\x77\x88", 8);
}

static void conditional_store_needs_a_link_that_no_exception_broke(void **state)
{
    struct bare *bare = *state;

    RUN(LI(2, 0x80002000), SW(0, 0, 2), ADDIU(3, 0, 5), ADDIU(4, 0, 6), SC(3, 0, 2), LL(5, 0, 2),
        SC(4, 0, 2));
    assert_int_equal(bare->cpu.gpr[3], 0);
    assert_int_equal(bare->cpu.gpr[4], 1);
    assert_int_equal(bare->ram[0x2000], 6);
    RUN(LI(2, 0x80002000), LI(6, START + 32), MTC0(6, 14, 0), LL(5, 0, 2), ADDIU(3, 0, 7), ERET,
        SC(3, 0, 2));
    assert_int_equal(bare->cpu.gpr[3], 0);
    assert_int_equal(bare->ram[0x2000], 6);
}

static void interrupts_are_switched_and_the_old_status_returned(void **state)
{
    struct bare *bare = *state;

    RUN(EI(3), DI(4), EI(0));
    assert_int_equal(bare->cpu.gpr[3] & 1, 0);
    assert_int_equal(bare->cpu.gpr[4] & 1, 1);
    assert_int_equal(bare->cpu.status & 1, 1);
    assert_int_equal(bare->cpu.gpr[0], 0);
}

static void count_knows_the_cycle_of_its_instruction(void **state)
{
    struct bare *bare = *state;

    RUN(MTC0(0, 9, 0), NOP, MFC0(3, 9, 0), NOP, NOP, NOP, BEQ(0, 0, 1), MFC0(4, 9, 0), RDHWR(5, 2));
    assert_int_equal(bare->cpu.gpr[3], 1);
    assert_int_equal(bare->cpu.gpr[4], 3);
    assert_int_equal(bare->cpu.gpr[5], 4);
}

static void time_skipped_by_a_register_counts(void **state)
{
    struct bare *bare = *state;

    bare->io_skip = 2000;
    RUN(LI(2, 0xBF800000), MTC0(0, 9, 0), LW(3, 0, 2), MFC0(4, 9, 0), BEQ(0, 0, 1), LW(3, 0, 2),
        MFC0(5, 9, 0));
    assert_int_equal(bare->cpu.gpr[4], 1001);
    assert_int_equal(bare->cpu.gpr[5], 2002);
    assert_int_equal(bare->cpu.skipped, 4000);
}

static void hardware_registers_that_do_not_exist_are_reserved(void **state)
{
    struct bare *bare = *state;

    bare->cpu.user_local = 0x1234;
    RUN(RDHWR(3, 29), RDHWR(4, 1), RDHWR(5, 7));
    assert_int_equal(bare->cpu.gpr[3], 0x1234);
    assert_int_equal(bare->cpu.gpr[4], 16);
    assert_exception(bare, CP0_RESERVED, START + 8);
}

static void unknown_cp0_register_stops_and_is_named(void **state)
{
    struct bare *bare = *state;
    const uint32_t words[] = {NOP, MFC0(2, 25, 3)};

    bare_load(bare, START, words, 2);
    bare->cpu.pc = START;
    assert_int_equal(run(&bare->cpu, &bare->bus), RUN_STOPPED);
    assert_string_equal(bare->bus.stop, "CP0 register 25, select 3 is not modelled");
    assert_int_equal(bare->cpu.pc, START + 4);
}

static void cache_and_synci_reach_the_caches(void **state)
{
    struct bare *bare = *state;

    bus_flash_changes(&bare->bus, 0x1000, 16);
    RUN(LI(2, 0x90001000), CACHE(0x11, 0, 2), SYNCI(2, 4));
    assert_false(stale_is(&bare->stale, STALE_DATA, 0x1000));
    assert_false(stale_is(&bare->stale, STALE_CODE, 0x1000));
}

static void cache_is_bypassed_as_config_says(void **state)
{
    struct bare *bare = *state;

    RUN(ADDIU(2, 0, 2), MTC0(2, 16, 0));
    assert_false(bare->bus.is_cached);
    RUN(ADDIU(2, 0, 3), MTC0(2, 16, 0));
    assert_true(bare->bus.is_cached);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(overflow_traps_and_leaves_the_register, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(trap_conditions_are_signed_or_not, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(each_reason_has_its_code, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(exception_in_a_delay_slot_is_marked, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(misaligned_access_is_an_address_error, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(unreadable_flash_is_a_bus_error, bare_setup_ecc,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(registers_are_loaded_with_their_sign, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(word_is_loaded_and_stored_in_two_parts, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(conditional_store_needs_a_link_that_no_exception_broke,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(interrupts_are_switched_and_the_old_status_returned,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(count_knows_the_cycle_of_its_instruction, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(time_skipped_by_a_register_counts, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(hardware_registers_that_do_not_exist_are_reserved,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(unknown_cp0_register_stops_and_is_named, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(cache_and_synci_reach_the_caches, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(cache_is_bypassed_as_config_says, bare_setup,
                                        bare_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
