#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define WDTCON 0xBF800800u
#define MS     (1000ull * CPU_MHZ)

static void kick(struct chip_rig *rig, uint32_t key)
{
    assert_int_equal(bus_store(&rig->chip.bus, WDTCON + 2, 2, key), BUS_OK);
}

static void period_is_a_power_of_two_milliseconds(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(chip_rig_get(rig, WDTCON), WDT_RUNDIV_DEFAULT << 8);
    rig->chip.state.wdt.rundiv = 4;
    chip_rig_pass(rig, 1000);
    chip_rig_put(rig, WDTCON + 8, 0x8000);
    assert_int_equal(chip_rig_get(rig, WDTCON), 0x8400);
    assert_int_equal(rig->chip.state.wdt.bites_at, 1000 + 16 * MS);
}

static void right_key_in_sixteen_bits_restarts_it(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.state.wdt.rundiv = 0;
    chip_rig_put(rig, WDTCON + 8, 0x8000);
    chip_rig_pass(rig, 100);
    chip_rig_put(rig, WDTCON, 0x57438000); /* 32 bits do not count */
    assert_int_equal(rig->chip.state.wdt.bites_at, MS);
    kick(rig, 0x5744);
    assert_int_equal(rig->chip.state.wdt.bites_at, MS);
    assert_int_equal(rig->complaints, 1);
    kick(rig, 0x5743);
    assert_int_equal(rig->chip.state.wdt.bites_at, 100 + MS);
    assert_true(rig->chip.state.wdt.is_on);
}

static void window_stops_the_model(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(bus_store(&rig->chip.bus, WDTCON, 4, 0x8001), BUS_STOP);
    assert_string_equal(rig->chip.bus.stop, "the watchdog's window is not modelled");
}

static void bite_resets_and_is_told_as_the_cause(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.state.wdt.rundiv = 0;
    CHIP_RIG_BOOT(rig, LI(2, WDTCON), LI(3, 0x8000), SW(3, 8, 2), BEQ(0, 0, -1), NOP);
    assert_int_equal(chip_run(&rig->chip), CHIP_WATCHDOG);
    assert_in_range(rig->chip.state.cpu.now, MS, MS + 20);
    assert_int_equal(rig->chip.state.cpu.pc, 0xBFC00000);
    assert_int_equal(chip_rig_get(rig, 0xBF801260) & 0x10, 0x10);
    assert_int_equal(chip_rig_get(rig, WDTCON) & 0x8000, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(period_is_a_power_of_two_milliseconds, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(right_key_in_sixteen_bits_restarts_it, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(window_stops_the_model, chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(bite_resets_and_is_told_as_the_cause, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
