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

static enum run_end run_at(struct bare *bare, uint32_t address, uint64_t limit)
{
    bare->cpu.pc = address;
    bare->cpu.limit = limit;
    return run(&bare->cpu, &bare->bus);
}

#define LOAD(address, ...)                                                                         \
    bare_load(bare, address, (const uint32_t[]){__VA_ARGS__},                                      \
              sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void delay_slot_is_executed_before_the_target(void **state)
{
    struct bare *bare = *state;

    RUN(BEQ(0, 0, 2), ADDIU(2, 0, 1), ADDIU(3, 0, 1), ADDIU(4, 2, 1));
    assert_int_equal(bare->cpu.gpr[2], 1);
    assert_int_equal(bare->cpu.gpr[3], 0);
    assert_int_equal(bare->cpu.gpr[4], 2);
    RUN(BNE(0, 0, 2), ADDIU(2, 0, 5), ADDIU(3, 0, 6));
    assert_int_equal(bare->cpu.gpr[2], 5);
    assert_int_equal(bare->cpu.gpr[3], 6);
}

static void likely_branch_leaves_its_slot_out_when_not_taken(void **state)
{
    struct bare *bare = *state;

    RUN(BNEL(0, 0, 2), ADDIU(2, 0, 1), ADDIU(3, 0, 1), BEQL(0, 0, 1), ADDIU(4, 0, 1));
    assert_int_equal(bare->cpu.gpr[2], 0);
    assert_int_equal(bare->cpu.gpr[3], 1);
    assert_int_equal(bare->cpu.gpr[4], 1);
}

static void calls_link_behind_the_slot(void **state)
{
    struct bare *bare = *state;

    RUN(JAL(START + 12), ADDU(2, 31, 0), ADDIU(3, 0, 1));
    assert_int_equal(bare->cpu.gpr[31], START + 8);
    assert_int_equal(bare->cpu.gpr[2], START + 8); /* the slot sees it already */
    assert_int_equal(bare->cpu.gpr[3], 0);
    RUN(LI(8, START + 20), JALR(9, 8), NOP, ADDIU(3, 0, 1), NOP);
    assert_int_equal(bare->cpu.gpr[9], START + 16);
    assert_int_equal(bare->cpu.gpr[3], 0);
    RUN(ADDIU(2, 0, 1), BLTZALL(2, 2), ADDIU(3, 0, 1));
    assert_int_equal(bare->cpu.gpr[31], START + 12); /* links even so */
    assert_int_equal(bare->cpu.gpr[3], 0);
}

static void jump_reaches_the_256_mb_of_its_slot(void **state)
{
    struct bare *bare = *state;

    LOAD(0xB0000000, WAIT);
    LOAD(0xBFC00000, J(0xB0000000), NOP);
    assert_int_equal(run_at(bare, 0xBFC00000, CPU_NEVER), RUN_LIMIT);
    assert_true(bare->cpu.is_waiting);
    assert_int_equal(bare->cpu.pc, 0xB0000004);
}

static void target_of_a_jump_register_is_taken_before_the_slot(void **state)
{
    struct bare *bare = *state;

    RUN(LI(8, START + 20), JR(8), ADDU(8, 0, 0), ADDIU(3, 0, 1), NOP);
    assert_int_equal(bare->cpu.gpr[8], 0);
    assert_int_equal(bare->cpu.gpr[3], 0);
}

static void jump_in_a_delay_slot_stops(void **state)
{
    struct bare *bare = *state;

    LOAD(START, BEQ(0, 0, 4), J(START));
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_STOPPED);
    assert_string_equal(bare->bus.stop,
                        "no instruction that may stand in the delay slot of 0x80001000");
}

static void jump_to_a_misaligned_address_fails_at_the_target(void **state)
{
    struct bare *bare = *state;

    RUN(LI(8, START + 2), JR(8), ADDIU(3, 0, 1));
    assert_int_equal(bare->cpu.gpr[3], 1);
    assert_int_equal(bare->cpu.cause >> 2 & 31, CP0_ADDRESS_LOAD);
    assert_int_equal(bare->cpu.epc, START + 2);
    assert_int_equal(bare->cpu.bad_address, START + 2);
    assert_int_equal(bare->cpu.cause & CP0_CAUSE_BD, 0);
}

static void jump_to_nothing_stops(void **state)
{
    struct bare *bare = *state;

    LOAD(START, JR(0), NOP);
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_STOPPED);
    assert_string_equal(bare->bus.stop, "fetch of 4 bytes at 0x00000000: nothing is there");
    assert_int_equal(bare->cpu.pc, 0);
}

static void running_out_of_a_memory_stops(void **state)
{
    struct bare *bare = *state;

    LOAD(0x8004FFF8, NOP, NOP);
    assert_int_equal(run_at(bare, 0x8004FFF8, CPU_NEVER), RUN_STOPPED);
    assert_string_equal(bare->bus.stop, "ran out of the memory in front of 0x80050000");
    bare->bus.stop[0] = '\0';
    LOAD(0x8004FFFC, BEQ(0, 0, -1));
    assert_int_equal(run_at(bare, 0x8004FFFC, CPU_NEVER), RUN_STOPPED);
    bare->bus.stop[0] = '\0';
    LOAD(0x8004FFFC,
         BNEL(0, 0, -1)); /* the slot that is left out is no instruction of this memory */
    assert_int_equal(run_at(bare, 0x8004FFFC, CPU_NEVER), RUN_STOPPED);
}

static void limit_is_looked_at_behind_jumps_only(void **state)
{
    struct bare *bare = *state;

    LOAD(START, ADDIU(2, 2, 1), ADDIU(2, 2, 1), ADDIU(2, 2, 1), BEQ(0, 0, -4), ADDIU(2, 2, 1));
    bare->cpu.now = 100;
    assert_int_equal(run_at(bare, START, 101), RUN_LIMIT);
    assert_int_equal(bare->cpu.now, 105);
    assert_int_equal(bare->cpu.gpr[2], 4);
    assert_int_equal(bare->cpu.pc, START);
    assert_int_equal(run_at(bare, START, 111), RUN_LIMIT);
    assert_int_equal(bare->cpu.now, 115);
}

static void breakpoint_stops_before_its_instruction(void **state)
{
    struct bare *bare = *state;

    LOAD(START, ADDIU(2, 0, 1), ADDIU(3, 0, 1), WAIT);
    assert_true(code_set_breakpoint(&bare->bus.code, START + 4));
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_BREAKPOINT);
    assert_int_equal(bare->cpu.pc, START + 4);
    assert_int_equal(bare->cpu.gpr[2], 1);
    assert_int_equal(bare->cpu.gpr[3], 0);
    assert_int_equal(bare->cpu.now, 1);
    assert_int_equal(run_step(&bare->cpu, &bare->bus), RUN_STEPPED); /* over it */
    assert_int_equal(bare->cpu.gpr[3], 1);
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_BREAKPOINT); /* it is still there */
    assert_true(code_clear_breakpoint(&bare->bus.code, START + 4));
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_LIMIT);
}

static void breakpoint_that_was_the_first_thing_met_goes_away(void **state)
{
    struct bare *bare = *state;

    LOAD(START, WAIT);
    assert_true(code_set_breakpoint(&bare->bus.code, START));
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_BREAKPOINT);
    assert_true(code_clear_breakpoint(&bare->bus.code, START));
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_LIMIT);
}

static void block_ends_outside_its_delay_slot(void **state)
{
    struct bare *bare = *state;

    LOAD(START, BEQ(0, 0, 2), MFC0(3, 9, 0), NOP, BEQ(0, 0, 1), NOP, WAIT);
    for (int is_decoded = 0; is_decoded < 2; is_decoded++) {
        assert_int_equal(run_at(bare, START, 0), RUN_LIMIT);
        assert_int_equal(bare->cpu.pc, START + 12);
        assert_false(bare->cpu.is_in_slot); /* an interrupt now would return to here */
    }
    assert_int_equal(run_at(bare, START + 12, 0), RUN_LIMIT);
    assert_false(bare->cpu.is_in_slot);
}

static void breakpoint_in_a_delay_slot_stops_only_who_goes_there(void **state)
{
    struct bare *bare = *state;

    LOAD(START, BEQ(0, 0, 1), ADDIU(3, 3, 1), WAIT);
    assert_true(code_set_breakpoint(&bare->bus.code, START + 4));
    for (uint32_t i = 1; i <= 2; i++) {
        assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_LIMIT);
        assert_int_equal(bare->cpu.gpr[3], i);
        assert_int_equal(run_at(bare, START + 4, CPU_NEVER), RUN_BREAKPOINT);
    }
}

static void step_is_one_instruction_or_a_jump_with_its_slot(void **state)
{
    struct bare *bare = *state;

    LOAD(START, ADDIU(2, 0, 1), BEQ(0, 0, 2), ADDIU(3, 0, 1), NOP, MTC0(0, 11, 0), SYSCALL);
    bare->cpu.pc = START;
    assert_int_equal(run_step(&bare->cpu, &bare->bus), RUN_STEPPED);
    assert_int_equal(bare->cpu.pc, START + 4);
    assert_int_equal(bare->cpu.now, 1);
    assert_int_equal(run_step(&bare->cpu, &bare->bus), RUN_LIMIT);
    assert_int_equal(bare->cpu.pc, START + 16);
    assert_int_equal(bare->cpu.gpr[3], 1);
    assert_int_equal(bare->cpu.now, 3);
    assert_int_equal(run_step(&bare->cpu, &bare->bus), RUN_LIMIT); /* asks to be looked at */
    assert_int_equal(bare->cpu.pc, START + 20);
    bare->cpu.ebase = 0x80000000;
    assert_int_equal(run_step(&bare->cpu, &bare->bus), RUN_LIMIT);
    assert_int_equal(bare->cpu.pc, 0x80000180);
    assert_int_equal(bare->cpu.cause & CP0_CAUSE_BD, 0);
    assert_int_equal(bare->cpu.epc, START + 20);
}

static void stepping_takes_the_same_time_as_running(void **state)
{
    struct bare *bare = *state;
    const uint32_t words[] = {ADDIU(2, 0, 20),
                              ADDIU(3, 3, 3),
                              MFC0(4, 9, 0),
                              BNE(2, 0, -3),
                              ADDIU(2, 2, -1),
                              BNEL(3, 0, 1),
                              MFC0(5, 9, 0),
                              BNEL(0, 0, 3),
                              NOP,
                              SW(5, 64, 28),
                              WAIT};
    struct cpu stepped;

    bare->cpu.gpr[28] = 0x80002000;
    bare_load(bare, START, words, sizeof words / 4);
    bare->cpu.pc = START;
    struct cpu start = bare->cpu;
    while (!bare->cpu.is_waiting)
        run_step(&bare->cpu, &bare->bus);
    stepped = bare->cpu;
    bare->cpu = start;
    assert_int_equal(run_at(bare, START, CPU_NEVER), RUN_LIMIT);
    assert_true(bare->cpu.is_waiting);
    assert_int_equal(bare->cpu.now, stepped.now);
    assert_int_equal(bare->cpu.pc, stepped.pc);
    assert_memory_equal(bare->cpu.gpr, stepped.gpr, 32 * 4);
}

static void code_written_by_the_program_is_the_code_that_runs(void **state)
{
    struct bare *bare = *state;

    RUN(LI(8, START + 40), LI(9, ADDIU(3, 0, 1)), SW(9, 0, 8), LI(9, ADDIU(4, 0, 1)), NOP,
        ADDU(10, 0, 0),                  /* 32 */
        NOP, ADDIU(3, 0, 7),             /* 36, 40: replaced before it is reached */
        BNE(10, 0, 3), ADDIU(10, 10, 1), /* 44 */
        BEQ(0, 0, -5), SW(9, 0, 8));     /* 52: again, with the other instruction */
    assert_int_equal(bare->cpu.gpr[3], 1);
    assert_int_equal(bare->cpu.gpr[4], 1);
}

static void division_by_zero_does_not_stop_anything(void **state)
{
    struct bare *bare = *state;

    RUN(ADDIU(2, 0, 9), DIV(2, 0), LI(4, 0x80000000), ADDIU(5, 0, -1), DIV(4, 5), MFLO(6));
    assert_int_equal(bare->cpu.gpr[6], 0x80000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(delay_slot_is_executed_before_the_target, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(likely_branch_leaves_its_slot_out_when_not_taken,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(calls_link_behind_the_slot, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(jump_reaches_the_256_mb_of_its_slot, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(target_of_a_jump_register_is_taken_before_the_slot,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(jump_in_a_delay_slot_stops, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(jump_to_a_misaligned_address_fails_at_the_target,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(jump_to_nothing_stops, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(running_out_of_a_memory_stops, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(limit_is_looked_at_behind_jumps_only, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(breakpoint_stops_before_its_instruction, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(breakpoint_that_was_the_first_thing_met_goes_away,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(block_ends_outside_its_delay_slot, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(breakpoint_in_a_delay_slot_stops_only_who_goes_there,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(step_is_one_instruction_or_a_jump_with_its_slot, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(stepping_takes_the_same_time_as_running, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(code_written_by_the_program_is_the_code_that_runs,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(division_by_zero_does_not_stop_anything, bare_setup,
                                        bare_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
