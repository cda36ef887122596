#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/pic32/cpu.h"

static void reset_starts_in_boot_flash_with_garbage_in_registers(void **state)
{
    struct cpu cpu = {.now = 1000, .skipped = 400, .is_waiting = true, .hi = 5}, other = {0};

    (void)state;
    cpu_reset(&cpu, 1);
    cpu_reset(&other, 2);
    assert_int_equal(cpu.pc, 0xBFC00000);
    assert_int_equal(cpu.status, 0x00400004);
    assert_int_equal(cpu.gpr[0], 0);
    assert_int_not_equal(cpu.gpr[29], other.gpr[29]);
    assert_int_not_equal(cpu.gpr[29], 0);
    assert_false(cpu.is_waiting);
}

static void time_goes_on_over_a_reset(void **state)
{
    struct cpu cpu = {.now = 1000, .skipped = 400};

    (void)state;
    cpu_reset(&cpu, 1);
    assert_int_equal(cpu.now, 1000);
    assert_int_equal(cpu.skipped, 400);
    assert_int_equal(cpu.count_zero, 1000);
    cpu_skip(&cpu, 50);
    assert_int_equal(cpu.now, 1050);
    assert_int_equal(cpu.skipped, 450);
}

static void call_ends_the_block(void **state)
{
    struct cpu cpu = {.limit = CPU_NEVER};

    (void)state;
    cpu_call(&cpu);
    assert_int_equal(cpu.limit, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_starts_in_boot_flash_with_garbage_in_registers),
        cmocka_unit_test(time_goes_on_over_a_reset),
        cmocka_unit_test(call_ends_the_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
