#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"

static void loads_are_little_endian(void **state)
{
    static const uint8_t raw[] = {0x78, 0x56, 0x34, 0xF2};

    (void)state;
    assert_int_equal(bytes_get16(raw), 0x5678);
    assert_int_equal(bytes_get16(raw + 2), 0xF234);
    assert_int_equal(bytes_get32(raw), 0xF2345678u);
}

static void stores_are_little_endian_and_touch_nothing_else(void **state)
{
    uint8_t raw[6];

    (void)state;
    memset(raw, 0xA5, sizeof raw);
    bytes_put16(raw + 1, 0xF234);
    assert_memory_equal(raw, ((uint8_t[]){0xA5, 0x34, 0xF2, 0xA5, 0xA5, 0xA5}), 6);
    memset(raw, 0xA5, sizeof raw);
    bytes_put32(raw + 1, 0xF2345678u);
    assert_memory_equal(raw, ((uint8_t[]){0xA5, 0x78, 0x56, 0x34, 0xF2, 0xA5}), 6);
}

static void what_is_stored_is_loaded(void **state)
{
    static const uint32_t values[] = {0, 1, 0x80, 0xFF00FF00u, 0x80000000u, UINT32_MAX};
    uint8_t raw[5];

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        bytes_put32(raw + 1, values[i]);
        assert_int_equal(bytes_get32(raw + 1), values[i]);
        bytes_put16(raw + 1, (uint16_t)values[i]);
        assert_int_equal(bytes_get16(raw + 1), (uint16_t)values[i]);
    }
}

static void min_is_the_smaller_one(void **state)
{
    (void)state;
    assert_int_equal(bytes_min(1, 2), 1);
    assert_int_equal(bytes_min(2, 1), 1);
    assert_int_equal(bytes_min(UINT32_MAX, 0), 0);
    assert_int_equal(bytes_min(7, 7), 7);
}

static void align_rounds_up(void **state)
{
    (void)state;
    assert_int_equal(bytes_align(0, 8), 0);
    assert_int_equal(bytes_align(1, 8), 8);
    assert_int_equal(bytes_align(8, 8), 8);
    assert_int_equal(bytes_align(9, 8), 16);
    assert_int_equal(bytes_align(5, 1), 5);
    assert_int_equal(bytes_align(0xFFFFF001u - 1, 4096), 0xFFFFF000u);
}

static void one_clear_bit_is_not_erased(void **state)
{
    uint8_t raw[16];

    (void)state;
    memset(raw, 0xFF, sizeof raw);
    assert_true(bytes_are_erased(raw, sizeof raw));
    assert_true(bytes_are_erased(raw, 0));
    for (unsigned bit = 0; bit < 8 * sizeof raw; bit++) {
        raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(bytes_are_erased(raw, sizeof raw));
        assert_true(bytes_are_erased(raw, bit / 8));
        raw[bit / 8] = 0xFF;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_are_little_endian),
        cmocka_unit_test(stores_are_little_endian_and_touch_nothing_else),
        cmocka_unit_test(what_is_stored_is_loaded),
        cmocka_unit_test(min_is_the_smaller_one),
        cmocka_unit_test(align_rounds_up),
        cmocka_unit_test(one_clear_bit_is_not_erased),
    };

    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
