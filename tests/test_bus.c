#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/bare.h"

static uint32_t load(struct bare *bare, uint32_t address, uint32_t size)
{
    uint32_t value = 0;

    assert_int_equal(bus_load(&bare->bus, address, size, &value), BUS_OK);
    return value;
}

static void memory_is_little_endian_and_the_same_in_both_segments(void **state)
{
    struct bare *bare = *state;

    assert_int_equal(bus_store(&bare->bus, 0x80000010, 4, 0x11223344), BUS_OK);
    assert_int_equal(load(bare, 0xA0000010, 4), 0x11223344);
    assert_int_equal(load(bare, 0xA0000010, 1), 0x44);
    assert_int_equal(load(bare, 0xA0000012, 2), 0x1122);
    assert_int_equal(bus_store(&bare->bus, 0xA0000013, 1, 0xFFEE), BUS_OK);
    assert_int_equal(load(bare, 0x80000010, 4), 0xEE223344);
    bare->config[0xF88] = 0x12;
    assert_int_equal(load(bare, 0xBFC55F88, 1), 0x12);
}

static void misaligned_access_is_told_before_anything_else(void **state)
{
    struct bare *bare = *state;
    uint32_t value;

    assert_int_equal(bus_load(&bare->bus, 0x80000001, 2, &value), BUS_MISALIGNED);
    assert_int_equal(bus_load(&bare->bus, 0x00000002, 4, &value), BUS_MISALIGNED);
    assert_int_equal(bus_store(&bare->bus, 0xBF800602, 4, 0), BUS_MISALIGNED);
    assert_int_equal(bus_fetch(&bare->bus, 0x80000002, &value), BUS_MISALIGNED);
    assert_string_equal(bare->bus.stop, "");
}

static void access_to_nothing_stops_and_says_where(void **state)
{
    struct bare *bare = *state;
    uint32_t value;

    assert_int_equal(bus_load(&bare->bus, 0x00000010, 4, &value), BUS_STOP);
    assert_string_equal(bare->bus.stop, "load of 4 bytes at 0x00000010: nothing is there");
    assert_int_equal(bus_store(&bare->bus, 0x80050000, 1, 0),
                     BUS_STOP); /* the first reason stays */
    assert_string_equal(bare->bus.stop, "load of 4 bytes at 0x00000010: nothing is there");
    bare->bus.stop[0] = '\0';
    assert_int_equal(bus_store(&bare->bus, 0x80050000, 1, 0), BUS_STOP);
    assert_string_equal(bare->bus.stop, "store of 1 byte at 0x80050000: nothing is there");
    bare->bus.stop[0] = '\0';
    assert_int_equal(bus_fetch(&bare->bus, 0xBF800000, &value), BUS_STOP);
    assert_string_equal(bare->bus.stop, "fetch of 4 bytes at 0xBF800000: nothing is there");
}

static void store_to_flash_is_a_bus_error(void **state)
{
    struct bare *bare = *state;

    assert_int_equal(bus_store(&bare->bus, 0xB0000000, 4, 0), BUS_ERROR);
    assert_int_equal(bus_store(&bare->bus, 0xBFC00000, 4, 0), BUS_ERROR);
    assert_int_equal(bus_store(&bare->bus, 0xBFC55F88, 4, 0), BUS_ERROR);
    assert_int_equal(load(bare, 0xB0000000, 4), 0xFFFFFFFF);
}

static void registers_are_asked_with_address_and_size(void **state)
{
    struct bare *bare = *state;
    uint32_t value;

    bare->io_value = 0x1234;
    assert_int_equal(load(bare, 0xBF800600, 4), 0x1234);
    assert_int_equal(bare->io_address, 0x1F800600);
    assert_int_equal(bus_store(&bare->bus, 0xBF800802, 2, 0x5743), BUS_OK);
    assert_int_equal(bare->io_address, 0x1F800802);
    assert_int_equal(bare->io_size, 2);
    assert_int_equal(bare->io_value, 0x5743);
    bare->is_io_refused = true;
    assert_int_equal(bus_load(&bare->bus, 0xBF800600, 4, &value), BUS_STOP);
}

static void torn_word_is_a_bus_error_with_ecc(void **state)
{
    struct bare *bare = *state;
    uint32_t value;

    bare->flash.cells.marks[0x1008 / 8] = CELLS_TORN;
    assert_int_equal(bus_load(&bare->bus, 0xB0001008, 4, &value), BUS_ERROR);
    assert_int_equal(bus_load(&bare->bus, 0xB000100F, 1, &value), BUS_ERROR);
    assert_int_equal(bus_fetch(&bare->bus, 0xB000100C, &value), BUS_ERROR);
    assert_int_equal(load(bare, 0xB0001010, 4), 0xFFFFFFFF);
    assert_null(bus_quick_load(&bare->bus, 0xB0001010)); /* the page is never plain */
}

static void torn_word_is_read_without_ecc(void **state)
{
    struct bare *bare = *state;

    bare->flash.cells.marks[0x1008 / 8] = CELLS_TORN;
    assert_int_equal(load(bare, 0xB0001008, 4), 0xFFFFFFFF);
    assert_non_null(bus_quick_load(&bare->bus, 0xB0001008));
}

static void changed_flash_is_complained_of_once_when_read_through_the_cache(void **state)
{
    struct bare *bare = *state;

    load(bare, 0x90001000, 4);
    assert_non_null(bus_quick_load(&bare->bus, 0x90001000));
    bus_flash_changes(&bare->bus, 0x1000, 8);
    assert_null(bus_quick_load(&bare->bus, 0x90001000));
    load(bare, 0xB0001000, 4);
    assert_int_equal(bare->complaints, 0);
    load(bare, 0x90001004, 4);
    assert_int_equal(bare->complaints, 1);
    assert_string_equal(
        bare->complaint,
        "read of 0x90001004 through the cache, which may hold what was there before");
    load(bare, 0x90001004, 4);
    load(bare, 0x90001010, 4);
    assert_int_equal(bare->complaints, 1);
}

static void changed_code_is_complained_of_apart_from_data(void **state)
{
    struct bare *bare = *state;
    uint32_t word;

    bus_flash_changes(&bare->bus, 0x1000, 8);
    load(bare, 0x90001000, 4);
    assert_int_equal(bus_fetch(&bare->bus, 0xB0001000, &word), BUS_OK);
    assert_int_equal(bare->complaints, 1);
    assert_int_equal(bus_fetch(&bare->bus, 0x90001000, &word), BUS_OK);
    assert_int_equal(bare->complaints, 2);
}

static void invalidated_lines_and_an_unused_cache_are_no_reason_to_complain(void **state)
{
    struct bare *bare = *state;
    uint32_t word;

    bus_flash_changes(&bare->bus, 0x1000, 16);
    assert_int_equal(bus_cache(&bare->bus, 0x11, 0x90001000), BUS_OK); /* hit invalidate, data */
    bus_synci(&bare->bus, 0x90001000);
    load(bare, 0x90001000, 4);
    assert_int_equal(bus_fetch(&bare->bus, 0x90001000, &word), BUS_OK);
    bus_flash_changes(&bare->bus, 0x2000, 16);
    bus_use_cache(&bare->bus, false);
    load(bare, 0x90002000, 4);
    assert_int_equal(bare->complaints, 0);
    bus_use_cache(&bare->bus, true);
    load(bare, 0x90002000, 4);
    assert_int_equal(bare->complaints, 1);
}

static void caches_are_emptied_by_index(void **state)
{
    struct bare *bare = *state;

    bus_flash_changes(&bare->bus, 0x1000, 4096);
    for (uint32_t at = 0; at < 16384; at += 16)
        assert_int_equal(bus_cache(&bare->bus, 0x09, 0x80000000 + at), BUS_OK);
    load(bare, 0x90001000, 4);
    load(bare, 0x90001FFC, 4);
    assert_int_equal(bare->complaints, 0);
}

static void unknown_cache_operation_stops(void **state)
{
    struct bare *bare = *state;

    assert_int_equal(bus_cache(&bare->bus, 0x1C, 0x90001000), BUS_STOP); /* lock */
    assert_string_equal(bare->bus.stop, "cache operation 0x1C is not modelled");
    bare->bus.stop[0] = '\0';
    assert_int_equal(bus_cache(&bare->bus, 0x03, 0x90001000), BUS_STOP);
}

static void debugger_reads_memory_and_writes_ram_only(void **state)
{
    struct bare *bare = *state;
    uint32_t value = 0x55AA55AA;

    assert_true(bus_poke(&bare->bus, 0x80000100, &value, 4));
    value = 0;
    assert_true(bus_peek(&bare->bus, 0xA0000100, &value, 4));
    assert_int_equal(value, 0x55AA55AA);
    assert_true(bus_peek(&bare->bus, 0xB0000000, &value, 4));
    assert_false(bus_poke(&bare->bus, 0xB0000000, &value, 4));
    assert_false(bus_peek(&bare->bus, 0xBF800600, &value, 4));
    assert_false(bus_peek(&bare->bus, 0x8004FFFE, &value, 4));
    assert_false(bus_poke(&bare->bus, 0x8004FFFE, &value, 4));
    assert_false(bus_peek(&bare->bus, 0xB00FFFFE, &value, 4));
    assert_int_equal(bare->io_reads, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_little_endian_and_the_same_in_both_segments,
                                        bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(misaligned_access_is_told_before_anything_else, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(access_to_nothing_stops_and_says_where, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(store_to_flash_is_a_bus_error, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(registers_are_asked_with_address_and_size, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(torn_word_is_a_bus_error_with_ecc, bare_setup_ecc,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(torn_word_is_read_without_ecc, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(
            changed_flash_is_complained_of_once_when_read_through_the_cache, bare_setup,
            bare_teardown),
        cmocka_unit_test_setup_teardown(changed_code_is_complained_of_apart_from_data, bare_setup,
                                        bare_teardown),
        cmocka_unit_test_setup_teardown(
            invalidated_lines_and_an_unused_cache_are_no_reason_to_complain, bare_setup,
            bare_teardown),
        cmocka_unit_test_setup_teardown(caches_are_emptied_by_index, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(unknown_cache_operation_stops, bare_setup, bare_teardown),
        cmocka_unit_test_setup_teardown(debugger_reads_memory_and_writes_ram_only, bare_setup,
                                        bare_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
