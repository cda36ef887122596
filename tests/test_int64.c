/* What the target's compiler calls, against what this machine's does by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal_pic32/libc/int64.h"

static const uint64_t edges[] = {
    0,
    1,
    2,
    3,
    10,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    0x100000000,
    0x100000001,
    0x123456789,
    0x7FFFFFFFFFFFFFFF,
    0x8000000000000000,
    0x8000000000000001,
    0xFFFFFFFF00000000,
    0xFFFFFFFFFFFFFFFE,
    0xFFFFFFFFFFFFFFFF,
};

#define EDGE_COUNT (sizeof edges / sizeof edges[0])

static uint64_t seed = 1;

/* xorshift64, cut to a random width so that small numbers come, too. */
static uint64_t any(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed >> (seed >> 8) % 64;
}

static void expect_division(uint64_t a, uint64_t b)
{
    int64_t x = (int64_t)a, y = (int64_t)b;

    if (!b)
        return;
    assert_true(__udivdi3(a, b) == a / b);
    assert_true(__umoddi3(a, b) == a % b);
    if (x == INT64_MIN && y == -1)
        return; /* overflows */
    assert_true(__divdi3(x, y) == x / y);
    assert_true(__moddi3(x, y) == x % y);
}

static void division_is_that_of_c(void **state)
{
    (void)state;
    for (size_t i = 0; i < EDGE_COUNT; i++)
        for (size_t k = 0; k < EDGE_COUNT; k++)
            expect_division(edges[i], edges[k]);
    for (int i = 0; i < 200000; i++)
        expect_division(any(), any());
}

static void shifts_are_those_of_c(void **state)
{
    (void)state;
    for (size_t i = 0; i < EDGE_COUNT + 1000; i++) {
        uint64_t value = i < EDGE_COUNT ? edges[i] : any();
        for (int count = 0; count < 64; count++) {
            assert_true(__ashldi3(value, count) == value << count);
            assert_true(__lshrdi3(value, count) == value >> count);
            assert_true(__ashrdi3((int64_t)value, count) == (int64_t)value >> count);
        }
    }
}

static void bits_are_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint32_t value = (uint32_t)any();
        assert_int_equal(__popcountsi2(value), __builtin_popcount(value));
    }
    assert_int_equal(__popcountsi2(UINT32_MAX), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division_is_that_of_c),
        cmocka_unit_test(shifts_are_those_of_c),
        cmocka_unit_test(bits_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
