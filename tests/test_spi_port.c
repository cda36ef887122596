#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define SPI1CON  0xBF840C00u
#define SPI1STAT 0xBF840C10u
#define SPI1BUF  0xBF840C20u
#define SPI1BRG  0xBF840C30u
#define BYTE     (8ull * 2 * 2 * 2) /* cycles of a transfer, at SPI1BRG 1 */

static void switch_on(struct chip_rig *rig, uint32_t more)
{
    chip_rig_put(rig, SPI1BRG, 1);
    chip_rig_put(rig, SPI1CON, 0x8120 | more);
    chip_rig_put(rig, 0xBF820014, 2); /* RA1 is an output, low: the flash is selected */
}

static void each_byte_out_brings_one_in_after_its_time(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig, 0);
    chip_rig_put(rig, SPI1BUF, 0x9F);
    assert_int_equal(rig->chip.state.spi.done_at, BYTE);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x801, 1); /* received, not busy */
    assert_int_equal(rig->chip.state.cpu.skipped, BYTE);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0xFF);
    chip_rig_put(rig, SPI1BUF, 0);
    chip_rig_get(rig, SPI1STAT);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0xBF);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x21, 0x20); /* nothing waits */
    assert_int_equal(rig->complaints, 0);
}

static void reading_too_early_is_complained_of(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig, 0);
    chip_rig_put(rig, SPI1BUF, 0x9F);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0);
    assert_int_equal(rig->complaints, 1);
    chip_rig_pass(rig, BYTE);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0xFF);
    assert_int_equal(rig->complaints, 1);
}

static void byte_that_is_not_read_is_lost_with_all_behind_it(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig, 0);
    chip_rig_put(rig, SPI1BUF, 0x9F);
    chip_rig_put(rig, SPI1BUF, 0);
    assert_int_equal(rig->complaints, 1);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x41, 0x41);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0xFF); /* the first */
    chip_rig_put(rig, SPI1BUF, 0);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x61, 0x60); /* none comes in any more */
    chip_rig_put(rig, SPI1STAT + 4, 0x40);
    chip_rig_put(rig, SPI1BUF, 0);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x61, 1);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0x42);
}

static void enhanced_buffer_takes_sixteen(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig, 0x10000);
    chip_rig_put(rig, SPI1BUF, 0x9F);
    for (int i = 1; i < 16; i++)
        chip_rig_put(rig, SPI1BUF, 0);
    assert_int_equal(rig->chip.state.spi.done_at, 16 * BYTE);
    assert_int_equal(rig->complaints, 0);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 1, 1);
    chip_rig_get(rig, SPI1BUF);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0xBF);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0x26);
    chip_rig_put(rig, SPI1CON + 4, 0x8000); /* off: emptied */
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x20, 0x20);
}

static void nothing_goes_out_while_it_is_off_or_no_master(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, SPI1BUF, 0x9F);
    chip_rig_put(rig, SPI1CON, 0x8000);
    chip_rig_put(rig, SPI1BUF, 0x9F);
    assert_int_equal(rig->complaints, 2);
    assert_int_equal(rig->chip.state.spi.count, 0);
}

/* The flash answers with its identity, then with 0xBF 0x26 0x42 again. */
static void words_go_with_their_highest_byte_first(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig, 0x10800);
    for (int i = 0; i < 4; i++)
        chip_rig_put(rig, SPI1BUF, i ? 0 : 0x9F000000);
    assert_int_equal(rig->chip.state.spi.done_at, 16 * BYTE);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 1, 1);
    assert_int_equal(chip_rig_get(rig, SPI1BUF), 0xFFBF2642);
    for (int i = 1; i < 4; i++)
        chip_rig_get(rig, SPI1BUF);
    assert_int_equal(chip_rig_get(rig, SPI1STAT) & 0x20, 0x20);
    for (int i = 0; i < 5; i++)
        chip_rig_put(rig, SPI1BUF, 0);
    assert_int_equal(rig->complaints, 1); /* four of them are what the buffer holds */
}

static void width_is_changed_while_it_is_off(void **state)
{
    struct chip_rig *rig = *state;

    switch_on(rig, 0);
    chip_rig_put(rig, SPI1CON, 0x8920);
    assert_int_equal(rig->complaints, 1);
    chip_rig_put(rig, SPI1CON + 4, 0x8000);
    chip_rig_put(rig, SPI1CON + 4, 0x0800);
    chip_rig_put(rig, SPI1CON + 8, 0x8000);
    assert_int_equal(rig->complaints, 1);
}

static void half_words_stop_the_model(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(bus_store(&rig->chip.bus, SPI1CON, 4, 0x8420), BUS_STOP);
    assert_string_equal(rig->chip.bus.stop, "SPI 1 with 16 bits a transfer is not modelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_byte_out_brings_one_in_after_its_time, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(reading_too_early_is_complained_of, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(byte_that_is_not_read_is_lost_with_all_behind_it,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(enhanced_buffer_takes_sixteen, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(nothing_goes_out_while_it_is_off_or_no_master,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(words_go_with_their_highest_byte_first, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(width_is_changed_while_it_is_off, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(half_words_stop_the_model, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
