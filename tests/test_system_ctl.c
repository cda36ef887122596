#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define CFGCON0 0xBF800000u
#define SYSKEY  0xBF800080u
#define RCON    0xBF801260u
#define RSWRST  0xBF801270u

static void unlock(struct chip_rig *rig)
{
    chip_rig_put(rig, SYSKEY, 0);
    chip_rig_put(rig, SYSKEY, 0xAA996655);
    chip_rig_put(rig, SYSKEY, 0x556699AA);
}

static void key_opens_and_anything_else_closes(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, CFGCON0, 1);
    assert_int_equal(rig->complaints, 1);
    assert_int_equal(chip_rig_get(rig, CFGCON0), 0);
    unlock(rig);
    chip_rig_put(rig, CFGCON0, 1);
    assert_int_equal(chip_rig_get(rig, CFGCON0), 1);
    chip_rig_put(rig, SYSKEY, 0x33333333);
    chip_rig_put(rig, CFGCON0, 2);
    assert_int_equal(chip_rig_get(rig, CFGCON0), 1);
    assert_int_equal(rig->complaints, 2);
}

static void keys_must_follow_each_other(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, SYSKEY, 0x556699AA);
    chip_rig_put(rig, SYSKEY, 0xAA996655);
    assert_int_equal(rig->chip.state.system.keys, 1);
    chip_rig_put(rig, RCON, 0);
    chip_rig_put(rig, SYSKEY, 0x556699AA);
    assert_int_equal(rig->chip.state.system.keys, 0);
}

static void power_on_is_told_until_it_is_cleared(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(chip_rig_get(rig, RCON), 3);
    chip_rig_put(rig, RCON + 4, 1);
    assert_int_equal(chip_rig_get(rig, RCON), 2);
}

static void reading_rswrst_resets_when_it_is_armed(void **state)
{
    struct chip_rig *rig = *state;
    uint32_t value;

    chip_rig_put(rig, RSWRST + 8, 1);
    assert_int_equal(rig->complaints, 1); /* locked */
    assert_int_equal(chip_rig_get(rig, RSWRST), 0);
    unlock(rig);
    chip_rig_put(rig, RSWRST + 8, 1);
    assert_false(rig->chip.has_end);
    assert_int_equal(bus_load(&rig->chip.bus, RSWRST, 4, &value), BUS_STOP);
    assert_true(rig->chip.has_end);
    assert_int_equal(rig->chip.end, CHIP_RESET);
}

static void cause_of_a_software_reset_is_added(void **state)
{
    struct chip_rig *rig = *state;

    CHIP_RIG_BOOT(rig, LI(2, SYSKEY), LI(3, 0xAA996655), SW(3, 0, 2), LI(3, 0x556699AA),
                  SW(3, 0, 2), LI(2, RSWRST), ADDIU(3, 0, 1), SW(3, 8, 2), LW(3, 0, 2));
    assert_int_equal(chip_run(&rig->chip), CHIP_RESET);
    assert_int_equal(chip_rig_get(rig, RCON), 0x43);
    assert_int_equal(rig->chip.state.system.keys, 0);
    assert_int_equal(rig->chip.state.resets, 1);
    chip_power_on(&rig->chip, 1);
    assert_int_equal(chip_rig_get(rig, RCON), 3);
}

static void plls_are_locked(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(chip_rig_get(rig, 0xBF801220) >> 29 & 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(key_opens_and_anything_else_closes, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(keys_must_follow_each_other, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(power_on_is_told_until_it_is_cleared, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(reading_rswrst_resets_when_it_is_armed, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(cause_of_a_software_reset_is_added, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(plls_are_locked, chip_rig_setup, chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
