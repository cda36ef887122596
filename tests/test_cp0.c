#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/pic32/cp0.h"

enum {
    COUNT = CP0_REGISTER(9, 0),
    COMPARE = CP0_REGISTER(11, 0),
    STATUS = CP0_REGISTER(12, 0),
    SRSCTL = CP0_REGISTER(12, 2),
    CAUSE = CP0_REGISTER(13, 0),
    EPC = CP0_REGISTER(14, 0),
    EBASE = CP0_REGISTER(15, 1),
    CONFIG_1 = CP0_REGISTER(16, 1),
    TAG_LOW = CP0_REGISTER(28, 0),
};

static struct cpu fresh(void)
{
    struct cpu cpu = {0};

    cpu_reset(&cpu, 1);
    cpu.limit = CPU_NEVER;
    return cpu;
}

static uint32_t get(const struct cpu *cpu, uint32_t address)
{
    uint32_t value = 0;

    assert_true(cp0_read(cpu, address, &value));
    return value;
}

static void count_goes_up_every_second_cycle(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.now = 101;
    assert_int_equal(get(&cpu, COUNT), 50);
    assert_true(cp0_write(&cpu, COUNT, 0xFFFFFFFF));
    assert_int_equal(get(&cpu, COUNT), 0xFFFFFFFF);
    cpu.now += 2;
    assert_int_equal(get(&cpu, COUNT), 0);
}

static void timer_is_due_when_count_meets_compare(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.now = 1000;
    assert_true(cp0_write(&cpu, COMPARE, 600));
    assert_int_equal(cpu.match_at, 1200);
    assert_int_equal(cpu.limit, 0);
    cpu.now = 1199;
    cp0_service_timer(&cpu);
    assert_false(cpu.is_timer_due);
    cpu.now = 1200;
    cp0_service_timer(&cpu);
    assert_true(cpu.is_timer_due);
    assert_int_equal(cpu.match_at, 1200 + 0x200000000);
    assert_int_equal(get(&cpu, CAUSE) & 0x40000000, 0x40000000);
    assert_true(cp0_write(&cpu, COMPARE, 600)); /* for the next time around */
    assert_false(cpu.is_timer_due);
    assert_int_equal(cpu.match_at, 1200 + 0x200000000);
}

static void compare_behind_count_is_met_after_the_wrap(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.now = 1000;
    assert_true(cp0_write(&cpu, COMPARE, 499));
    assert_int_equal(cpu.match_at, 998 + 0x200000000);
}

static void only_what_is_modelled_can_be_written(void **state)
{
    struct cpu cpu = fresh();
    uint32_t value;

    (void)state;
    assert_false(cp0_write(&cpu, STATUS, 0x10));               /* user mode */
    assert_false(cp0_write(&cpu, CAUSE, 0x08000000));          /* Count stands still */
    assert_false(cp0_write(&cpu, SRSCTL, 0x40));               /* another register set */
    assert_false(cp0_write(&cpu, TAG_LOW, 0x1000));            /* a cache line with content */
    assert_false(cp0_write(&cpu, CP0_REGISTER(18, 0), 0));     /* watch */
    assert_false(cp0_read(&cpu, CP0_REGISTER(25, 0), &value)); /* performance */
    assert_int_equal(cpu.status, 0x00400004);
    assert_true(cp0_write(&cpu, TAG_LOW, 0));
    assert_true(cp0_write(&cpu, STATUS, 0xFFFFFFFF & ~0x02000010u));
    assert_int_equal(cpu.status, 0x1040FC07);
    assert_true(cp0_write(&cpu, EBASE, 0xFFFFFFFF));
    assert_int_equal(get(&cpu, EBASE), 0xBFFFF000);
}

static void caches_have_the_geometry_of_the_stale_lines(void **state)
{
    struct cpu cpu = fresh();
    uint32_t config = get(&cpu, CONFIG_1);

    (void)state;
    assert_int_equal(64u << (config >> 22 & 7), 256); /* sets */
    assert_int_equal(2u << (config >> 19 & 7), 16);   /* bytes of a line */
    assert_int_equal((config >> 16 & 7) + 1, 4);      /* ways */
    assert_int_equal(config >> 16 & 0x1FF,
                     (config >> 13 & 7) << 6 | (config >> 10 & 7) << 3 | (config >> 7 & 7));
    assert_int_equal(config & 1, 0); /* no floating point */
}

static void exception_remembers_where_it_was(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.status = 0;
    cpu.ebase = 0x90000000;
    cpu.pc = 0x90001000;
    cp0_raise(&cpu, CP0_OVERFLOW, 0);
    assert_int_equal(get(&cpu, EPC), 0x90001000);
    assert_int_equal(get(&cpu, CAUSE), CP0_OVERFLOW << 2);
    assert_int_equal(cpu.status, CP0_STATUS_EXL);
    assert_int_equal(cpu.pc, 0x90000180);
}

static void exception_in_a_delay_slot_returns_to_the_jump(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.status = CP0_STATUS_BEV;
    cpu.pc = 0x90001004;
    cpu.is_in_slot = true;
    cp0_raise(&cpu, CP0_UNUSABLE, 1);
    assert_int_equal(cpu.epc, 0x90001000);
    assert_int_equal(get(&cpu, CAUSE), CP0_CAUSE_BD | 1u << 28 | CP0_UNUSABLE << 2);
    assert_int_equal(cpu.pc, 0xBFC00380);
    assert_false(cpu.is_in_slot);
}

static void exception_within_an_exception_keeps_the_first_place(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.status = 0;
    cpu.pc = 0x90001000;
    cp0_raise(&cpu, CP0_SYSCALL, 0);
    cpu.pc = 0x90000190;
    cp0_raise(&cpu, CP0_BREAK, 0);
    assert_int_equal(cpu.epc, 0x90001000);
    assert_int_equal(get(&cpu, CAUSE) >> 2 & 31, CP0_BREAK);
}

static void interrupt_is_taken_above_the_present_priority_only(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.status = 3u << 10 | CP0_STATUS_IE;
    assert_false(cp0_accepts(&cpu, 3));
    assert_true(cp0_accepts(&cpu, 4));
    cpu.status |= CP0_STATUS_EXL;
    assert_false(cp0_accepts(&cpu, 4));
    cpu.status = CP0_STATUS_IE | CP0_STATUS_ERL;
    assert_false(cp0_accepts(&cpu, 4));
    cpu.status = 0;
    assert_false(cp0_accepts(&cpu, 4));
    cpu.status = CP0_STATUS_IE;
    assert_false(cp0_accepts(&cpu, 0));
}

static void interrupt_goes_to_its_vector_when_asked_to(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.status = CP0_STATUS_IE;
    cpu.ebase = 0x90000000;
    cpu.pc = 0x90001000;
    cpu.is_waiting = true;
    cp0_interrupt(&cpu, 5, 0x340);
    assert_int_equal(cpu.pc, 0x90000180);
    assert_int_equal(cpu.cause >> 10 & 63, 5);
    assert_false(cpu.is_waiting);
    cpu.status = CP0_STATUS_IE;
    cpu.cause = CP0_CAUSE_IV;
    cp0_interrupt(&cpu, 5, 0x340);
    assert_int_equal(cpu.pc, 0x90000340);
    cpu.status = CP0_STATUS_IE | CP0_STATUS_BEV;
    cp0_interrupt(&cpu, 5, 0x340);
    assert_int_equal(cpu.pc, 0xBFC00400);
}

static void return_clears_the_level_it_leaves(void **state)
{
    struct cpu cpu = fresh();

    (void)state;
    cpu.status = CP0_STATUS_EXL | CP0_STATUS_ERL;
    cpu.epc = 0x90001000;
    cpu.error_epc = 0x90002000;
    cpu.is_linked = true;
    cp0_return(&cpu);
    assert_int_equal(cpu.pc, 0x90002000);
    assert_int_equal(cpu.status, CP0_STATUS_EXL);
    assert_false(cpu.is_linked);
    cp0_return(&cpu);
    assert_int_equal(cpu.pc, 0x90001000);
    assert_int_equal(cpu.status, 0);
    assert_int_equal(cpu.limit, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_goes_up_every_second_cycle),
        cmocka_unit_test(timer_is_due_when_count_meets_compare),
        cmocka_unit_test(compare_behind_count_is_met_after_the_wrap),
        cmocka_unit_test(only_what_is_modelled_can_be_written),
        cmocka_unit_test(caches_have_the_geometry_of_the_stale_lines),
        cmocka_unit_test(exception_remembers_where_it_was),
        cmocka_unit_test(exception_in_a_delay_slot_returns_to_the_jump),
        cmocka_unit_test(exception_within_an_exception_keeps_the_first_place),
        cmocka_unit_test(interrupt_is_taken_above_the_present_priority_only),
        cmocka_unit_test(interrupt_goes_to_its_vector_when_asked_to),
        cmocka_unit_test(return_clears_the_level_it_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
