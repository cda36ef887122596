#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define ANSELA 0xBF820000u
#define TRISA  0xBF820010u
#define PORTA  0xBF820020u
#define LATA   0xBF820030u
#define LATK   0xBF820930u

static void pins_are_analog_inputs_after_a_reset(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.state.gpio.pins[0] = 0xF;
    assert_int_equal(chip_rig_get(rig, PORTA), 0);
    chip_rig_put(rig, ANSELA + 4, 0x3);
    assert_int_equal(chip_rig_get(rig, PORTA), 0x3);
    assert_int_equal(chip_rig_get(rig, TRISA), 0xFFFFFFFF);
}

static void output_shows_its_latch(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, TRISA + 4, 0x6);
    chip_rig_put(rig, LATA + 8, 0xE);
    assert_int_equal(chip_rig_get(rig, PORTA), 0x6);
    chip_rig_put(rig, PORTA, 0);
    assert_int_equal(chip_rig_get(rig, LATA), 0);
    chip_rig_put(rig, LATK, 5);
    assert_int_equal(chip_rig_get(rig, LATK), 5);
    assert_int_equal(chip_rig_get(rig, LATA), 0);
}

static void low_output_at_ra1_selects_the_flash(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, LATA + 4, 2);
    assert_false(rig->chip.state.sst26.is_selected); /* an input, latch low */
    chip_rig_put(rig, LATA + 8, 2);
    chip_rig_put(rig, TRISA + 4, 2);
    assert_false(rig->chip.state.sst26.is_selected);
    chip_rig_put(rig, LATA + 4, 2);
    assert_true(rig->chip.state.sst26.is_selected);
    chip_rig_put(rig, LATA + 4, 4); /* another pin */
    assert_true(rig->chip.state.sst26.is_selected);
    chip_rig_put(rig, LATA + 8, 2);
    assert_false(rig->chip.state.sst26.is_selected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pins_are_analog_inputs_after_a_reset, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(output_shows_its_latch, chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(low_output_at_ra1_selects_the_flash, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
