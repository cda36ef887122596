#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define INTCON    0xBF810000u
#define PRISS     0xBF810010u
#define IFS(n)    (0xBF810040u + 16 * (n))
#define IEC(n)    (0xBF8100C0u + 16 * (n))
#define IPC(n)    (0xBF810140u + 16 * (n))
#define OFFSET(n) (0xBF810540u + 4 * (n))

static uint32_t pending(struct chip_rig *rig)
{
    uint32_t offset;

    return irq_pending(&rig->chip, &offset);
}

static void source_needs_flag_enable_and_priority(void **state)
{
    struct chip_rig *rig = *state;

    irq_raise(&rig->chip, IRQ_NVM);
    assert_int_equal(chip_rig_get(rig, IFS(0)), 1u << 30);
    assert_int_equal(pending(rig), 0);
    chip_rig_put(rig, IEC(0) + 8, 1u << 30);
    assert_int_equal(pending(rig), 0);
    chip_rig_put(rig, IPC(7), 5u << 18); /* 30 is the third of its four */
    assert_int_equal(pending(rig), 5);
    chip_rig_put(rig, IFS(0) + 4, 1u << 30);
    assert_int_equal(pending(rig), 0);
}

static void highest_priority_wins_then_subpriority_then_number(void **state)
{
    struct chip_rig *rig = *state;
    uint32_t offset = 0;

    chip_rig_put(rig, INTCON, 0x1000);
    for (uint32_t i = 3; i < 6; i++)
        chip_rig_put(rig, OFFSET(i), 0x200 + 0x40 * i);
    chip_rig_put(rig, IEC(0), 0x38);
    chip_rig_put(rig, IFS(0), 0x38);
    chip_rig_put(rig, IPC(0), 2u << 26); /* 3 */
    chip_rig_put(rig, IPC(1), 2u << 2 | 3u << 10);
    assert_int_equal(irq_pending(&rig->chip, &offset), 3);
    assert_int_equal(offset, 0x340);
    chip_rig_put(rig, IPC(1), 2u << 2 | 1u | 2u << 10);
    assert_int_equal(irq_pending(&rig->chip, &offset), 2);
    assert_int_equal(offset, 0x300);
    chip_rig_put(rig, IPC(1), 2u << 2 | 2u << 10);
    irq_pending(&rig->chip, &offset);
    assert_int_equal(offset, 0x2C0);
    chip_rig_put(rig, INTCON, 0); /* one vector for all */
    irq_pending(&rig->chip, &offset);
    assert_int_equal(offset, 0x200);
}

static void flag_of_a_lasting_reason_comes_back(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.state.cpu.is_timer_due = true;
    chip_rig_put(rig, IFS(0) + 4, 1);
    assert_int_equal(chip_rig_get(rig, IFS(0)), 1);
    rig->chip.state.cpu.is_timer_due = false;
    assert_int_equal(chip_rig_get(rig, IFS(0)), 1); /* until it is cleared */
    chip_rig_put(rig, IFS(0) + 4, 1);
    assert_int_equal(chip_rig_get(rig, IFS(0)), 0);
    rig->chip.state.cpu.cause = 0x200;
    assert_int_equal(chip_rig_get(rig, IFS(0)), 4);
}

static void other_register_sets_are_refused(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(bus_store(&rig->chip.bus, PRISS, 4, 0x10), BUS_STOP);
    rig->chip.bus.stop[0] = '\0';
    chip_rig_put(rig, PRISS, 0);
}

static void offsets_lie_side_by_side(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, OFFSET(1), 0x240);
    chip_rig_put(rig, OFFSET(2), 0xFFFFFFFF);
    assert_int_equal(chip_rig_get(rig, OFFSET(1)), 0x240);
    assert_int_equal(chip_rig_get(rig, OFFSET(2)), 0x3FFFE);
    assert_int_equal(chip_rig_get(rig, OFFSET(0)), 0);
    assert_int_equal(chip_rig_get(rig, OFFSET(255)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(source_needs_flag_enable_and_priority, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(highest_priority_wins_then_subpriority_then_number,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(flag_of_a_lasting_reason_comes_back, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(other_register_sets_are_refused, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(offsets_lie_side_by_side, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
