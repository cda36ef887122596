#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define MS (1000ull * CPU_MHZ)

/* One selection: what goes out; returns the last byte that comes in. */
static uint8_t talk(struct chip_rig *rig, const uint8_t *out, uint32_t size)
{
    uint8_t in = 0;

    sst26_model_select(&rig->chip, true);
    for (uint32_t i = 0; i < size; i++)
        assert_true(sst26_model_exchange(&rig->chip, out[i], &in));
    sst26_model_select(&rig->chip, false);
    return in;
}

#define TALK(...) talk(rig, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void wait_done(struct chip_rig *rig)
{
    while (TALK(0x05, 0) & 0x81)
        ;
}

static void unlock(struct chip_rig *rig)
{
    TALK(0x06);
    TALK(0x98);
    wait_done(rig);
}

static uint8_t *bytes(struct chip_rig *rig)
{
    return rig->spi_ram.cells.bytes;
}

static void it_says_who_it_is(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(TALK(0x9F, 0), 0xBF);
    assert_int_equal(TALK(0x9F, 0, 0), 0x26);
    assert_int_equal(TALK(0x9F, 0, 0, 0), 0x42);
    assert_int_equal(TALK(0x05, 0), 0);
    assert_int_equal(TALK(0x35, 0), 0);
}

static void write_enable_serves_once(void **state)
{
    struct chip_rig *rig = *state;

    TALK(0x06);
    assert_int_equal(TALK(0x05, 0), 2);
    TALK(0x04);
    assert_int_equal(TALK(0x05, 0), 0);
    unlock(rig);
    assert_int_equal(TALK(0x05, 0), 0);
    TALK(0x02, 0, 0, 0, 0x55);
    assert_int_equal(rig->complaints, 1);
    assert_string_equal(rig->complaint,
                        "SPI flash: command 0x02 without write enable (at 0xBFC00000)");
    assert_int_equal(bytes(rig)[0], 0xFF);
}

static void locked_blocks_take_no_write(void **state)
{
    struct chip_rig *rig = *state;

    TALK(0x06);
    TALK(0x02, 0, 0, 0, 0x55);
    assert_int_equal(bytes(rig)[0], 0xFF);
    assert_int_equal(rig->violations, 1);
    wait_done(rig);
    unlock(rig);
    TALK(0x06);
    TALK(0x02, 0, 0, 0, 0x55);
    assert_int_equal(bytes(rig)[0], 0x55);
    assert_int_equal(rig->violations, 1);
}

static void page_program_wraps_in_its_page(void **state)
{
    struct chip_rig *rig = *state;

    unlock(rig);
    TALK(0x06);
    TALK(0x02, 0x01, 0x02, 0xFE, 1, 2, 3, 4);
    assert_int_equal(bytes(rig)[0x102FE], 1);
    assert_int_equal(bytes(rig)[0x102FF], 2);
    assert_int_equal(bytes(rig)[0x10200], 3);
    assert_int_equal(bytes(rig)[0x10201], 4);
    assert_int_equal(bytes(rig)[0x10300], 0xFF);
    assert_int_equal(rig->supply.operations, 2);
}

static void whole_page_is_one_operation(void **state)
{
    struct chip_rig *rig = *state;
    uint8_t out[4 + 260] = {0x02, 0, 1, 0};

    for (int i = 0; i < 260; i++)
        out[4 + i] = (uint8_t)i;
    unlock(rig);
    TALK(0x06);
    talk(rig, out, sizeof out);
    assert_int_equal(rig->supply.operations, 1);
    assert_int_equal(bytes(rig)[0x105], 5);
    assert_int_equal(bytes(rig)[0x103], 3); /* 259, written over what was there */
}

static void program_without_data_does_nothing(void **state)
{
    struct chip_rig *rig = *state;

    unlock(rig);
    TALK(0x06);
    TALK(0x02, 0, 0, 0);
    TALK(0x06);
    TALK(0x20, 0, 0);
    assert_int_equal(rig->supply.operations, 0);
    assert_int_equal(rig->complaints, 1); /* no whole address */
}

static void bytes_are_read_on_and_on(void **state)
{
    struct chip_rig *rig = *state;

    bytes(rig)[0x3FFFFF] = 0x11;
    bytes(rig)[0] = 0x22;
    assert_int_equal(TALK(0x03, 0x3F, 0xFF, 0xFF, 0), 0x11);
    assert_int_equal(TALK(0x03, 0x3F, 0xFF, 0xFF, 0, 0), 0x22);
    assert_int_equal(TALK(0x0B, 0x3F, 0xFF, 0xFF, 0), 0xFF); /* one byte later */
    assert_int_equal(TALK(0x0B, 0x3F, 0xFF, 0xFF, 0, 0), 0x11);
}

static void erase_takes_sectors_blocks_or_all(void **state)
{
    struct chip_rig *rig = *state;

    unlock(rig);
    memset(bytes(rig), 0, 0x400000);
    TALK(0x06);
    TALK(0x20, 0x01, 0x23, 0x45);
    assert_int_equal(bytes(rig)[0x11FFF], 0);
    assert_int_equal(bytes(rig)[0x12000], 0xFF);
    assert_int_equal(bytes(rig)[0x12FFF], 0xFF);
    assert_int_equal(bytes(rig)[0x13000], 0);
    assert_int_equal(rig->supply.operations, 1);
    wait_done(rig);
    TALK(0x06);
    TALK(0xD8, 0x00, 0x20, 0x00); /* 8 KB at the edge */
    assert_int_equal(rig->supply.operations, 3);
    wait_done(rig);
    TALK(0x06);
    TALK(0xD8, 0x3F, 0x00, 0x00); /* 32 KB */
    assert_int_equal(rig->supply.operations, 11);
    wait_done(rig);
    TALK(0x06);
    TALK(0xD8, 0x02, 0x00, 0x00); /* 64 KB */
    assert_int_equal(rig->supply.operations, 27);
    wait_done(rig);
    TALK(0x06);
    TALK(0xC7);
    assert_int_equal(bytes(rig)[0x200000], 0xFF);
}

static void busy_device_takes_its_time_and_only_tells_that(void **state)
{
    struct chip_rig *rig = *state;

    unlock(rig);
    TALK(0x06);
    TALK(0x20, 0, 0, 0);
    assert_int_equal(TALK(0x05, 0), 0x81);
    assert_int_equal(TALK(0x9F, 0), 0xFF);
    assert_int_equal(rig->complaints, 1);
    wait_done(rig);
    assert_int_equal(rig->chip.state.cpu.now, 18 * MS); /* polled: skipped */
    assert_int_equal(TALK(0x9F, 0), 0xBF);
}

static void reset_needs_its_enable(void **state)
{
    struct chip_rig *rig = *state;

    TALK(0x06);
    TALK(0x99);
    assert_int_equal(TALK(0x05, 0), 2);
    assert_int_equal(rig->complaints, 1);
    TALK(0x66);
    TALK(0x99);
    assert_int_equal(TALK(0x05, 0), 0);
}

static void unknown_command_stops_the_model(void **state)
{
    struct chip_rig *rig = *state;
    uint8_t in;

    sst26_model_select(&rig->chip, true);
    assert_false(sst26_model_exchange(&rig->chip, 0x38, &in));
    assert_string_equal(rig->chip.bus.stop, "SPI flash: command 0x38 is not modelled");
}

static void power_goes_inside_a_program(void **state)
{
    struct chip_rig *rig = *state;

    unlock(rig);
    TALK(0x06);
    rig->cut_number = 1;
    rig->cut_moment = POWER_INSIDE;
    if (!setjmp(rig->dark)) {
        TALK(0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        fail_msg("the power did not go");
    }
    assert_true(rig->spi_ram.cells.marks[0] & CELLS_TORN);
}

static void not_selected_it_does_not_listen(void **state)
{
    struct chip_rig *rig = *state;
    uint8_t in;

    assert_true(sst26_model_exchange(&rig->chip, 0x38, &in));
    assert_int_equal(in, 0xFF);
}

static enum sst26_answer next_answer;
static uint32_t asked_address;
static bool asked_is_write;

static enum sst26_answer answer(void *context, bool is_write, uint32_t address)
{
    (void)context;
    asked_is_write = is_write;
    asked_address = address;
    return next_answer;
}

static void command_that_stalls_does_nothing(void **state)
{
    struct chip_rig *rig = *state;

    unlock(rig);
    rig->chip.observer.spi = answer;
    next_answer = SST26_STALLS;
    TALK(0x06);
    TALK(0x02, 1, 2, 3, 0x55);
    assert_true(asked_is_write);
    assert_int_equal(asked_address, 0x010203);
    assert_int_equal(bytes(rig)[0x010203], 0xFF);
    assert_int_equal(TALK(0x05, 0), 2); /* still enabled, and not busy */
    TALK(0x20, 1, 2, 3);
    assert_int_equal(rig->supply.operations, 0);
    next_answer = SST26_DOES;
    TALK(0x02, 1, 2, 3, 0x55);
    assert_int_equal(bytes(rig)[0x010203], 0x55);
    assert_int_equal(rig->complaints, 0);
}

static void lie_is_a_bit_of_the_first_byte(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.observer.spi = answer;
    next_answer = SST26_LIES;
    assert_int_equal(TALK(0x03, 0, 0, 5, 0), 0xEF);
    assert_false(asked_is_write);
    assert_int_equal(asked_address, 5);
    assert_int_equal(TALK(0x03, 0, 0, 5, 0, 0), 0xFF);
    assert_int_equal(TALK(0x0B, 0, 0, 5, 0, 0), 0xEF);
    next_answer = SST26_DOES;
    assert_int_equal(TALK(0x03, 0, 0, 5, 0), 0xFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_says_who_it_is, chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(write_enable_serves_once, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(locked_blocks_take_no_write, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(page_program_wraps_in_its_page, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(whole_page_is_one_operation, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(program_without_data_does_nothing, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(bytes_are_read_on_and_on, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(erase_takes_sectors_blocks_or_all, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(busy_device_takes_its_time_and_only_tells_that,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(reset_needs_its_enable, chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(unknown_command_stops_the_model, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(power_goes_inside_a_program, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(not_selected_it_does_not_listen, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(command_that_stalls_does_nothing, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(lie_is_a_bit_of_the_first_byte, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
