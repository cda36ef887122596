#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/pin.h"
#include "sim/image/file.h"
#include "sim/scenario/load.h"
#include "tests/scene.h"

/* A claim that no device keeps: that an image never lies in the store without its row. */
static const char text[] =
    "{ \"name\": \"wrong\", \"why\": \"A claim that a device cannot keep when it is cut.\",\n"
    "  \"shows\": [\"install\"],\n"
    "  \"matrix\": { \"/device/ecc\": [false, true], \"/images/v2/size\": [\"2K\", \"3K\"] },\n"
    "  \"images\": { \"v1\": { \"version\": 1, \"size\": \"2K\" },\n"
    "              \"v2\": { \"version\": 2, \"size\": \"2K\" } },\n"
    "  \"device\": { \"factory\": \"v1\", \"ecc\": false },\n"
    "  \"server\": [ { \"offers\": [\"v2\"] } ],\n"
    "  \"cuts\": [ { \"at\": \"every\", \"during\": \"download\", \"moments\": \"after\" },\n"
    "            { \"at\": \"every\", \"during\": \"enter\" } ],\n"
    "  \"eventually\": { \"runs\": \"v2\" },\n"
    "  \"sometimes\": [\"boot.installed\"],\n"
    "  \"never\": [\"store.adopted\"] }\n";

struct bench {
    char folder[32], path[64];
    struct load_rows rows;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    strcpy(bench->folder, "/tmp/pin-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(bench->path, sizeof bench->path, "%s/wrong.json", bench->folder);
    assert_int_equal(file_write(bench->path, text, sizeof text - 1), 0);
    assert_int_equal(load_file(bench->path, stderr, &bench->rows), LOAD_OK);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    load_free(&bench->rows);
    scene_remove(bench->folder);
    free(bench);
    return 0;
}

static void find(const struct scenario *scenario, struct point *ret_point,
                 struct replay *ret_replay)
{
    const struct explore_options options = {0};
    const struct replay_options silent = {0};
    struct explore_result result;

    explore_run(scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_true(point_parse(result.failures[0].point, ret_point));
    replay_point(scenario, ret_point, &silent, ret_replay);
    assert_int_equal(ret_replay->result.verdict, EXPLORE_FAILED);
}

static void explore_pinned(const struct bench *bench, struct json_object *pinned,
                           struct explore_result *ret_result)
{
    const struct explore_options options = {0};
    char path[96];
    struct load_rows rows;
    const char *json = json_object_to_json_string(pinned);

    snprintf(path, sizeof path, "%s/%s.json", bench->folder,
             json_object_get_string(json_object_object_get(pinned, "name")));
    assert_int_equal(load_text(path, json, strlen(json), stderr, &rows), LOAD_OK);
    assert_int_equal(rows.count, 1);
    explore_run(&rows.scenarios[0], &options, ret_result);
    load_free(&rows);
}

static void pinned_point_fails_as_it_did(void **state)
{
    struct bench *bench = *state;
    const struct scenario *scenario = &bench->rows.scenarios[3];
    struct explore_result result;
    struct replay replay;
    struct point point;
    char reason[PIN_REASON_SIZE];

    find(scenario, &point, &replay);
    struct json_object *pinned = pin_scenario(scenario, &point, &replay, reason);
    assert_non_null(pinned);
    explore_pinned(bench, pinned, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, replay.result.failures[0].claim);
    assert_string_equal(result.failures[0].text, replay.result.failures[0].text);
    assert_string_equal(result.failures[0].point, replay.result.failures[0].point);
    assert_int_equal(result.points, replay.cut_count);
    json_object_put(pinned);
}

static void row_is_a_scenario_without_a_matrix(void **state)
{
    struct bench *bench = *state;
    const struct scenario *scenario = &bench->rows.scenarios[3];
    struct json_object *ecc, *size;
    struct replay replay;
    struct point point;
    char reason[PIN_REASON_SIZE], steps[POINT_NAME_MAX], name[POINT_NAME_MAX + 16];

    find(scenario, &point, &replay);
    point_name(&point, steps);
    snprintf(name, sizeof name, "wrong-1-1-%s", steps);
    for (char *dot = strchr(name, '.'); dot; dot = strchr(name, '.'))
        *dot = '-';
    struct json_object *pinned = pin_scenario(scenario, &point, &replay, reason);
    assert_string_equal(json_object_get_string(json_object_object_get(pinned, "name")), name);
    assert_null(json_object_object_get(pinned, "matrix"));
    assert_null(json_object_object_get(pinned, "shows"));
    assert_null(json_object_object_get(pinned, "sometimes"));
    assert_non_null(json_object_object_get(pinned, "never"));
    json_object_object_get_ex(json_object_object_get(pinned, "device"), "ecc", &ecc);
    assert_true(json_object_get_boolean(ecc));
    json_object_object_get_ex(
        json_object_object_get(json_object_object_get(pinned, "images"), "v2"), "size", &size);
    assert_string_equal(json_object_get_string(size), "3K");
    const char *why = json_object_get_string(json_object_object_get(pinned, "why"));
    assert_non_null(strstr(why, "Fill in"));
    assert_non_null(strstr(why, "store.adopted happened"));
    json_object_put(pinned);
}

/* The code does not come there any more: that is no pass. */
static void place_that_never_comes_up_is_told(void **state)
{
    struct bench *bench = *state;
    struct explore_result result;
    struct replay replay;
    struct point point;
    char reason[PIN_REASON_SIZE];

    find(&bench->rows.scenarios[0], &point, &replay);
    replay.cuts[0].nth += 100;
    struct json_object *pinned = pin_scenario(&bench->rows.scenarios[0], &point, &replay, reason);
    explore_pinned(bench, pinned, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, CLAIM_FIRED);
    assert_string_equal(result.failures[0].text, "cut 1 never happened");
    json_object_put(pinned);
}

static void long_name_has_a_checksum(void **state)
{
    struct scenario scenario = {.name = "a-name-that-is-as-long-as-a-name-may-be-here[1,0]"};
    struct point point = {.count = 2, .steps = {{17, POWER_INSIDE}, {3, POWER_AFTER}}};
    struct point other = {.count = 2, .steps = {{17, POWER_INSIDE}, {3, POWER_INSIDE}}};
    char name[SCENARIO_NAME_MAX], second[SCENARIO_NAME_MAX];

    (void)state;
    pin_name(&scenario, &point, name);
    pin_name(&scenario, &other, second);
    assert_int_equal(strncmp(name, "a-name-that-is-as-long-as-a-name-may-", 37), 0);
    assert_true(strlen(name) < SCENARIO_NAME_MAX);
    assert_string_not_equal(name, second);
    strcpy(scenario.name, "update[1,0]");
    pin_name(&scenario, &point, name);
    assert_string_equal(name, "update-1-0-17t-3a");
}

static void what_cannot_be_pinned_has_a_reason(void **state)
{
    struct bench *bench = *state;
    struct scenario *scenario = &bench->rows.scenarios[0];
    struct replay replay = {.cut_count = SCENARIO_CUTS_MAX + 1};
    struct point point = {0};
    char reason[PIN_REASON_SIZE];

    assert_null(pin_scenario(scenario, &point, &replay, reason));
    assert_string_equal(reason, "9 cuts; a scenario has 8 at most");
    replay.cut_count = 1;
    remove(bench->path);
    assert_null(pin_scenario(scenario, &point, &replay, reason));
    assert_non_null(strstr(reason, "No such file"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pinned_point_fails_as_it_did),       TEST(row_is_a_scenario_without_a_matrix),
        TEST(place_that_never_comes_up_is_told),  TEST(long_name_has_a_checksum),
        TEST(what_cannot_be_pinned_has_a_reason),
    };

    return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}
