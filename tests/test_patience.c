#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/patience.h"

#define HOUR_MS 3600000ull
#define APART   (PATIENCE_APART_S * 1000ull)

static const uint8_t one[CRYPTO_SHA256_SIZE] = {1}, two[CRYPTO_SHA256_SIZE] = {2};

static void only_bytes_no_try_had_before_are_a_gain(void **state)
{
    struct patience patience = {0};

    (void)state;
    assert_false(patience_has_gained(&patience, one, 4095, 4096));
    assert_true(patience_has_gained(&patience, one, 4096, 4096));
    assert_false(patience_has_gained(&patience, one, 4096, 4096));
    assert_false(patience_has_gained(&patience, one, 100, 4096));
    assert_false(patience_has_gained(&patience, one, 8191, 4096));
    assert_true(patience_has_gained(&patience, one, 8192, 4096));
}

static void another_file_begins_at_its_first_byte(void **state)
{
    struct patience patience = {0};

    (void)state;
    assert_true(patience_has_gained(&patience, one, 50000, 4096));
    assert_true(patience_has_gained(&patience, two, 5000, 4096));
    assert_false(patience_has_gained(&patience, two, 5000, 4096));
}

static void wrong_files_within_seconds_are_one(void **state)
{
    struct patience patience = {0};

    (void)state;
    assert_int_equal(patience_after_wrong_file(&patience, one, 7), PATIENCE_SOON);
    for (uint64_t ms = 8; ms < 7 + APART; ms += HOUR_MS / 4)
        assert_int_equal(patience_after_wrong_file(&patience, one, ms), PATIENCE_LATER);
}

static void third_wrong_file_hours_apart_is_the_last(void **state)
{
    struct patience patience = {0};

    (void)state;
    assert_int_equal(patience_after_wrong_file(&patience, one, 0), PATIENCE_SOON);
    assert_int_equal(patience_after_wrong_file(&patience, one, APART), PATIENCE_LATER);
    assert_int_equal(patience_after_wrong_file(&patience, one, 2 * APART - 1), PATIENCE_LATER);
    assert_int_equal(patience_after_wrong_file(&patience, one, 2 * APART), PATIENCE_OUT);
    assert_int_equal(patience_after_wrong_file(&patience, one, 2 * APART + 1), PATIENCE_SOON);
}

static void wrong_files_are_counted_for_each_offer(void **state)
{
    struct patience patience = {0};

    (void)state;
    assert_int_equal(patience_after_wrong_file(&patience, one, 0), PATIENCE_SOON);
    assert_int_equal(patience_after_wrong_file(&patience, one, APART), PATIENCE_LATER);
    assert_int_equal(patience_after_wrong_file(&patience, two, 2 * APART), PATIENCE_SOON);
    assert_int_equal(patience_after_wrong_file(&patience, two, 3 * APART), PATIENCE_LATER);
}

static void wait_doubles_up_to_its_limit(void **state)
{
    static const struct patience_limits limits = {5, 30};
    static const uint32_t expected[] = {5, 5, 10, 20, 30, 30};

    (void)state;
    for (uint32_t failures = 0; failures < 6; failures++)
        assert_int_equal(patience_delay_s(&limits, failures, 0, 0), expected[failures]);
    assert_int_equal(patience_delay_s(&limits, UINT32_MAX, 0, 0), 30);
}

static void wish_of_the_server_holds_within_a_day(void **state)
{
    static const struct patience_limits limits = {5, 30};

    (void)state;
    assert_int_equal(patience_delay_s(&limits, 1, 4, 0), 5);
    assert_int_equal(patience_delay_s(&limits, 1, 3000, 0), 3000);
    assert_int_equal(patience_delay_s(&limits, 1, UINT32_MAX, 0), 86400);
}

static void up_to_a_quarter_is_random(void **state)
{
    static const struct patience_limits limits = {100, 1000};
    uint32_t least = UINT32_MAX, most = 0;

    (void)state;
    for (uint32_t random = 0; random < 1000; random++) {
        uint32_t delay_s = patience_delay_s(&limits, 1, 0, random * 7919);
        least = delay_s < least ? delay_s : least;
        most = delay_s > most ? delay_s : most;
    }
    assert_int_equal(least, 100);
    assert_int_equal(most, 125);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_bytes_no_try_had_before_are_a_gain),
        cmocka_unit_test(another_file_begins_at_its_first_byte),
        cmocka_unit_test(wrong_files_within_seconds_are_one),
        cmocka_unit_test(third_wrong_file_hours_apart_is_the_last),
        cmocka_unit_test(wrong_files_are_counted_for_each_offer),
        cmocka_unit_test(wait_doubles_up_to_its_limit),
        cmocka_unit_test(wish_of_the_server_holds_within_a_day),
        cmocka_unit_test(up_to_a_quarter_is_random),
    };

    return cmocka_run_group_tests_name("patience", tests, NULL, NULL);
}
