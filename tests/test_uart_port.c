#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define U1MODE  0xBF840600u
#define U1STA   0xBF840610u
#define U1TXREG 0xBF840620u
#define U1RXREG 0xBF840630u
#define U1BRG   0xBF840640u
#define BYTE    (10ull * 4 * 100 * 2) /* cycles of a byte */

static void switch_on(struct chip_rig *rig)
{
    chip_rig_put(rig, U1BRG, 99);
    chip_rig_put(rig, U1MODE, 0x8008);
    chip_rig_put(rig, U1STA, 0x1400);
}

static void what_is_sent_goes_to_the_console(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(chip_rig_get(rig, U1STA), 0x110);
    switch_on(rig);
    chip_rig_put(rig, U1TXREG, 'o');
    chip_rig_put(rig, U1TXREG, 'k');
    assert_string_equal(rig->console, "ok");
    assert_int_equal(rig->complaints, 0);
}

static void nothing_is_sent_while_it_is_off(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, U1TXREG, 'o');
    chip_rig_put(rig, U1MODE, 0x8000);
    chip_rig_put(rig, U1TXREG, 'k');
    assert_string_equal(rig->console, "");
    assert_int_equal(rig->complaints, 2);
}

static void line_takes_its_time_and_polling_it_does_not(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig);
    chip_rig_put(rig, U1TXREG, 'a');
    chip_rig_put(rig, U1TXREG, 'b');
    assert_int_equal(rig->chip.state.uart.done_at, 2 * BYTE);
    assert_int_equal(chip_rig_get(rig, U1STA) & 0x100, 0x100);
    assert_int_equal(rig->chip.state.cpu.now, 2 * BYTE);
    assert_int_equal(rig->chip.state.cpu.skipped, 2 * BYTE);
}

static void full_buffer_drops_who_does_not_wait(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig);
    for (int i = 0; i < 9; i++)
        chip_rig_put(rig, U1TXREG, 'a');
    chip_rig_put(rig, U1TXREG, 'b'); /* the tenth */
    assert_string_equal(rig->console, "aaaaaaaaa");
    assert_int_equal(rig->complaints, 1);
    assert_int_equal(chip_rig_get(rig, U1STA) & 0x200, 0); /* waits for room */
    assert_int_equal(rig->chip.state.cpu.now, BYTE);
    chip_rig_put(rig, U1TXREG, 'b');
    assert_string_equal(rig->console, "aaaaaaaaab");
}

static void what_is_typed_waits_until_it_is_read(void **state)
{
    struct chip_rig *rig = *state;

    assert_true(uart_port_type(&rig->chip, 'x'));
    assert_int_equal(chip_rig_get(rig, U1STA) & 1, 0); /* off */
    switch_on(rig);
    assert_true(uart_port_type(&rig->chip, 'y'));
    assert_int_equal(chip_rig_get(rig, U1STA) & 1, 1);
    assert_int_equal(chip_rig_get(rig, 0xBF810050) & 0x80, 0x80); /* IFS1: source 39 */
    assert_int_equal(chip_rig_get(rig, U1RXREG), 'x');
    assert_int_equal(chip_rig_get(rig, U1RXREG), 'y');
    assert_int_equal(chip_rig_get(rig, U1STA) & 1, 0);
    for (uint32_t i = 0; i < UART_PORT_INPUT; i++)
        assert_true(uart_port_type(&rig->chip, 'z'));
    assert_false(uart_port_type(&rig->chip, 'z'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sent_goes_to_the_console, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_sent_while_it_is_off, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(line_takes_its_time_and_polling_it_does_not, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(full_buffer_drops_who_does_not_wait, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(what_is_typed_waits_until_it_is_read, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
