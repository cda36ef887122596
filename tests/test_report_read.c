#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_json.h"
#include "sim/report/report_read.h"

static const struct explore_result full = {
    .verdict = EXPLORE_FAILED,
    .points = 1ull << 40,
    .states = 4,
    .skipped = 3,
    .checked = 2,
    .boots = 9,
    .operations = 1000,
    .points_failed = 5,
    .depth = 3,
    .left = 17,
    .is_short = true,
    .is_any = true,
    .is_closed = true,
    .seconds = 0.25,
    .failure_count = 2,
    .failures = {{.point = "98w.4128r.2t",
                  .claim = CLAIM_NEVER_BRICKED,
                  .text = "no image starts",
                  .phase = PHASE_INSTALL,
                  .points = 3,
                  .like = {"99w", "100t"},
                  .boots = 4,
                  .step_count = 3,
                  .steps = {{.step = {98, POWER_WEAK},
                             .boot = 2,
                             .phase = PHASE_INSTALL,
                             .kind = POWER_ERASE,
                             .offset = 0x20000,
                             .size = 4096},
                            {.step = {4128, POINT_READ}, .boot = 3, .phase = PHASE_BOOT},
                            {.step = {2, POWER_AFTER},
                             .boot = 3,
                             .phase = PHASE_DOWNLOAD,
                             .is_spi = true,
                             .kind = POWER_PROGRAM,
                             .offset = 0x1000,
                             .size = 256}}},
                 {.point = "0", .claim = CLAIM_TIME, .phase = PHASE_RUN, .points = 2}},
};

struct bench {
    struct json_object *report, *object;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct scenario scenario;

    scenario_init(&scenario);
    bench->report = report_json_new();
    report_json_scenario(bench->report, &scenario, &full);
    bench->object = report_json_last(bench->report);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    json_object_put(bench->report);
    free(bench);
    return 0;
}

static void all_that_is_told_comes_back(void **state)
{
    struct bench *bench = *state;
    struct explore_result *again = malloc(sizeof *again);

    assert_true(report_read(bench->object, again));
    assert_memory_equal(again, &full, sizeof full);
    free(again);
}

/* Without the key, with a value of the wrong type, with a word that there is not. */
static void assert_refused_without(struct bench *bench, struct json_object *object, const char *key)
{
    struct explore_result *again = malloc(sizeof *again);
    struct json_object *value = json_object_get(json_object_object_get(object, key));

    assert_non_null(value);
    json_object_object_del(object, key);
    assert_false(report_read(bench->object, again));
    json_object_object_add(object, key, json_object_new_boolean(true));
    assert_false(report_read(bench->object, again));
    if (json_object_is_type(value, json_type_int)) {
        json_object_object_add(object, key, json_object_new_int(-1));
        assert_false(report_read(bench->object, again));
    }
    json_object_object_add(object, key, value);
    assert_true(report_read(bench->object, again));
    free(again);
}

static void result_with_a_word_missing_is_refused(void **state)
{
    static const char *const keys[] = {"verdict", "points",     "points_failed", "boots",
                                       "states",  "operations", "checked",       "skipped",
                                       "depth",   "failures"};

    for (uint32_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused_without(*state, ((struct bench *)*state)->object, keys[i]);
}

static void failure_with_a_word_missing_is_refused(void **state)
{
    static const char *const keys[] = {"point",  "claim", "text", "phase",
                                       "points", "boots", "like", "steps"};
    struct bench *bench = *state;
    struct json_object *failure =
        json_object_array_get_idx(json_object_object_get(bench->object, "failures"), 0);

    for (uint32_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused_without(bench, failure, keys[i]);
}

static void step_with_a_word_missing_is_refused(void **state)
{
    static const char *const keys[] = {"boot",   "phase", "operation", "kind",
                                       "moment", "flash", "offset",    "size"};
    struct bench *bench = *state;
    struct json_object *failure =
        json_object_array_get_idx(json_object_object_get(bench->object, "failures"), 0);
    struct json_object *step =
        json_object_array_get_idx(json_object_object_get(failure, "steps"), 0);

    for (uint32_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused_without(bench, step, keys[i]);
}

static void more_than_there_is_room_for_is_refused(void **state)
{
    struct bench *bench = *state;
    struct explore_result *again = malloc(sizeof *again);
    struct json_object *failures = json_object_object_get(bench->object, "failures");
    struct json_object *like =
        json_object_object_get(json_object_array_get_idx(failures, 0), "like");

    while (json_object_array_length(like) <= EXPLORE_LIKE_MAX) {
        assert_true(report_read(bench->object, again));
        json_object_array_add(like, json_object_new_string("1"));
    }
    assert_false(report_read(bench->object, again));
    free(again);
}

static void other_things_are_no_result(void **state)
{
    struct bench *bench = *state;
    struct explore_result *again = malloc(sizeof *again);

    assert_false(report_read(NULL, again));
    assert_false(report_read(bench->report, again));
    json_object_array_put_idx(json_object_object_get(bench->object, "failures"), 0,
                              json_object_new_int(3));
    assert_false(report_read(bench->object, again));
    free(again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_that_is_told_comes_back),
        TEST(result_with_a_word_missing_is_refused),
        TEST(failure_with_a_word_missing_is_refused),
        TEST(step_with_a_word_missing_is_refused),
        TEST(more_than_there_is_room_for_is_refused),
        TEST(other_things_are_no_result),
    };

    return cmocka_run_group_tests_name("report_read", tests, NULL, NULL);
}
