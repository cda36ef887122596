#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/replay.h"
#include "tests/scene.h"

static int setup(void **state)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);

    scene_update(scenario);
    *state = scenario;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* A run that failed before its last cut has one reason, not two. */
static void failure_before_the_last_cut_is_the_only_one(void **state)
{
    struct scenario *scenario = *state;
    struct point point = {2, {{5, POWER_AFTER}, {100000, POWER_AFTER}}};
    struct explore_result result;
    FILE *out = tmpfile();

    scenario->operations_max = 20;
    replay_point(scenario, &point, out, false, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, CLAIM_TIME);
    assert_int_equal(result.failure_count, 1);
    fclose(out);
}

static void cut_that_never_happens_fails_the_replay(void **state)
{
    static const char *const names[] = {"100000t", "1w", "1a.99999a"};
    struct scenario *scenario = *state;
    struct explore_result result;
    struct point point;
    FILE *out = tmpfile();

    for (int i = 0; i < 3; i++) {
        assert_true(point_parse(names[i], &point));
        replay_point(scenario, &point, out, false, &result);
        assert_int_equal(result.verdict, EXPLORE_FAILED);
        assert_int_equal(result.failure_count, 1);
        assert_int_equal(result.failures[0].claim, CLAIM_FIRED);
        assert_string_equal(result.failures[0].text, "the point's cut never happened");
    }
    fclose(out);
}

static uint32_t count_of(const char *story, const char *what)
{
    uint32_t count = 0;

    for (const char *at = story; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static char *tell(const struct scenario *scenario, const char *name, bool is_verbose)
{
    struct explore_result result;
    struct point point;
    char *story = NULL;
    size_t size;
    FILE *out = open_memstream(&story, &size);

    assert_true(point_parse(name, &point));
    replay_point(scenario, &point, out, is_verbose, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    fclose(out);
    return story;
}

static void replay_tells_what_happens(void **state)
{
    struct scenario *scenario = *state;
    char *story = tell(scenario, "0", false);

    assert_int_equal(count_of(story, "POWER CUT"), 0);
    assert_int_equal(count_of(story, "  op "), 0);
    assert_int_equal(count_of(story, "-- reset --"), 1);
    assert_int_equal(count_of(story, "-- done --"), 1);
    assert_int_equal(count_of(story, "boot: started by"), 2);
    assert_non_null(strstr(story, "   1     0.000  boot: started by power-on\n"));
    assert_non_null(strstr(story, "app: version 2 confirmed\n"));
    free(story);
}

static void replay_shows_the_operation_that_is_cut(void **state)
{
    struct scenario *scenario = *state;
    char *story = tell(scenario, "7a.3t", false);

    assert_int_equal(count_of(story, "POWER CUT"), 2);
    assert_int_equal(count_of(story, "POWER CUT after it"), 1);
    assert_int_equal(count_of(story, "POWER CUT inside it: a part is done\n"), 1);
    assert_int_equal(count_of(story, "-- cut --"), 2);
    assert_int_equal(count_of(story, "  op 7 "), 1);
    assert_int_equal(count_of(story, "  op 3 "), 1);
    free(story);
}

static void verbose_replay_shows_every_operation_once(void **state)
{
    struct scenario *scenario = *state;
    char *story = tell(scenario, "7t", true);

    assert_int_equal(count_of(story, "  op 6 "), 2); /* of both power sessions */
    assert_int_equal(count_of(story, "  op 8 "), 1); /* the first did not come that far */
    assert_int_equal(count_of(story, "  op 7 "), 2);
    free(story);
}

/* A failing point keeps its name, so it can be told again. */
static void failing_replay_names_its_point(void **state)
{
    struct scenario *scenario = *state;
    struct explore_result result;
    struct point point;

    scenario->eventually_runs = 0;
    assert_true(point_parse("3a", &point));
    replay_point(scenario, &point, NULL, false, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_string_equal(result.failures[0].point, "3a");
    assert_int_equal(result.failures[0].claim, CLAIM_EVENTUALLY);
}

static void device_that_cannot_be_made_is_a_fault(void **state)
{
    struct scenario *scenario = *state;
    struct explore_result result;
    const struct point none = {0};

    scenario->images[1].size = 10;
    replay_point(scenario, &none, NULL, false, &result);
    assert_int_equal(result.verdict, EXPLORE_FAULT);
    assert_string_equal(result.fault, "cannot make the scenario's images: larger than the slot");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(failure_before_the_last_cut_is_the_only_one),
        TEST(cut_that_never_happens_fails_the_replay),
        TEST(replay_tells_what_happens),
        TEST(replay_shows_the_operation_that_is_cut),
        TEST(verbose_replay_shows_every_operation_once),
        TEST(failing_replay_names_its_point),
        TEST(device_that_cannot_be_made_is_a_fault),
    };

    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
