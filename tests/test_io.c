#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

#define U1BRG 0xBF840640u
#define PORT  0xBF820000u

static void registers_are_cleared_set_and_inverted(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, U1BRG, 0xF0);
    chip_rig_put(rig, U1BRG + 4, 0x90);
    assert_int_equal(chip_rig_get(rig, U1BRG), 0x60);
    chip_rig_put(rig, U1BRG + 8, 0x0F);
    assert_int_equal(chip_rig_get(rig, U1BRG), 0x6F);
    chip_rig_put(rig, U1BRG + 12, 0xFF);
    assert_int_equal(chip_rig_get(rig, U1BRG), 0x90);
}

static void parts_of_a_register_are_loaded_and_stored(void **state)
{
    struct chip_rig *rig = *state;
    struct bus *bus = &rig->chip.bus;
    uint32_t value;

    chip_rig_put(rig, PORT + 0x30, 0x11223344);
    assert_int_equal(bus_load(bus, PORT + 0x31, 1, &value), BUS_OK);
    assert_int_equal(value, 0x33);
    assert_int_equal(bus_load(bus, PORT + 0x32, 2, &value), BUS_OK);
    assert_int_equal(value, 0x1122);
    assert_int_equal(bus_store(bus, PORT + 0x31, 1, 0xFFAA), BUS_OK);
    assert_int_equal(bus_store(bus, PORT + 0x32, 2, 0xBBCC), BUS_OK);
    assert_int_equal(chip_rig_get(rig, PORT + 0x30), 0xBBCCAA44);
}

static void unknown_register_stops_and_is_named(void **state)
{
    struct chip_rig *rig = *state;
    struct bus *bus = &rig->chip.bus;
    uint32_t value;

    assert_int_equal(bus_load(bus, 0xBF8E4000, 4, &value), BUS_STOP);
    assert_string_equal(bus->stop,
                        "load of 4 bytes of the register at 0xBF8E4000, which is not modelled");
    bus->stop[0] = '\0';
    assert_int_equal(bus_store(bus, 0xBF840640 + 8, 1, 1), BUS_STOP); /* a byte of a SET register */
    assert_string_equal(bus->stop,
                        "store of 1 byte of the register at 0xBF840648, which is not modelled");
    bus->stop[0] = '\0';
    assert_int_equal(bus_load(bus, 0xBF820040, 4, &value), BUS_STOP); /* within a unit */
}

static void set_and_clear_registers_are_not_read(void **state)
{
    struct chip_rig *rig = *state;
    uint32_t value;

    assert_int_equal(bus_load(&rig->chip.bus, U1BRG + 8, 4, &value), BUS_STOP);
}

static void merge_does_what_the_address_says(void **state)
{
    (void)state;
    assert_int_equal(io_merge(&(struct io_write){.how = IO_WRITE, .size = 4, .value = 5}, 9), 5);
    assert_int_equal(io_merge(&(struct io_write){.how = IO_SET, .size = 4, .value = 5}, 9), 13);
    assert_int_equal(io_merge(&(struct io_write){.how = IO_CLEAR, .size = 4, .value = 5}, 13), 8);
    assert_int_equal(io_merge(&(struct io_write){.how = IO_INVERT, .size = 4, .value = 5}, 9), 12);
    assert_int_equal(
        io_merge(&(struct io_write){.how = IO_WRITE, .lane = 2, .size = 2, .value = 5}, 0x90009),
        0x50009);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_are_cleared_set_and_inverted, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(parts_of_a_register_are_loaded_and_stored, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(unknown_register_stops_and_is_named, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(set_and_clear_registers_are_not_read, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(merge_does_what_the_address_says, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
