#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/replay.h"
#include "tests/canary/canary.h"

bool canary_is_awake;

static int setup(void **state)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);

    canary.make(scenario);
    *state = scenario;
    return 0;
}

static int teardown(void **state)
{
    canary_is_awake = false;
    free(*state);
    return 0;
}

static void products_own_function_passes(void **state)
{
    const struct explore_options options = {0};
    struct explore_result result;

    canary_is_awake = false;
    explore_run(*state, &options, &result);
    assert_string_equal(result.fault, "");
    if (result.failure_count)
        fail_msg("%s: %s", result.failures[0].point, result.failures[0].text);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
}

static void canary_is_caught_for_the_right_reason(void **state)
{
    const struct explore_options options = {0};
    struct explore_result result;

    canary_is_awake = true;
    explore_run(*state, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_in_range(result.failure_count, 1, EXPLORE_FAILURES_MAX);
    assert_string_equal(result.failures[0].text, canary.text);
    assert_string_equal(judge_claim_name(result.failures[0].claim),
                        judge_claim_name(canary.is_sweep ? canary.claim : CLAIM_CONTROL));
    assert_int_equal(result.points > 0, canary.is_sweep);
}

/* The point's name alone is enough to see it again. */
static void canary_is_caught_again_by_replay(void **state)
{
    const struct explore_options options = {0};
    const struct replay_options silent = {0};
    struct explore_result result;
    struct replay again;
    struct point point;

    canary_is_awake = true;
    explore_run(*state, &options, &result);
    for (uint32_t i = 0; i < result.failure_count; i++) {
        assert_true(point_parse(result.failures[i].point, &point));
        replay_point(*state, &point, &silent, &again);
        assert_int_equal(again.result.verdict, EXPLORE_FAILED);
        assert_int_equal(again.result.failures[0].claim, canary.claim);
        if (canary.is_sweep)
            assert_string_equal(again.result.failures[0].text, result.failures[i].text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(products_own_function_passes),
        TEST(canary_is_caught_for_the_right_reason),
        TEST(canary_is_caught_again_by_replay),
    };

    return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
