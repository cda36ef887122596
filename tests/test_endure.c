/*
 * The linker puts an install of this file in place of the product's: awake, it starts over each
 * time, as one that somebody wrote without thinking of what was done already.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootloader/install.h"
#include "sim/explore/endure.h"
#include "sim/explore/replay.h"
#include "tests/scene.h"

static bool starts_over;

enum ota_err __real_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE]);
enum ota_err __wrap_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE]);

enum ota_err __wrap_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    const struct layout *layout = hal->layout;
    enum ota_err err = OTA_OK;

    for (uint32_t at = 0; starts_over && !err && at < info->total_size - IMAGE_HEADER_PAGE;
         at += hal->nvm->erase_size)
        err = flash_erase(hal->nvm, layout->app_offset + at);
    return err ? err : __real_install_image(hal, source, info, buffer);
}

static int setup(void **state)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);

    scene_update(scenario);
    scenario->downloaded[scenario->downloaded_count++] = 1;
    scenario->under_cuts = 30;
    scenario->under_sessions = 10;
    starts_over = false;
    *state = scenario;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void device_that_goes_on_where_it_was_gets_there(void **state)
{
    struct explore_result result = {0};

    endure_run(*state, NULL, &result);
    assert_string_equal(result.fault, "");
    if (result.failure_count)
        fail_msg("%s: %s", result.failures[0].point, result.failures[0].text);
    assert_true(result.points > 1);
    assert_true(result.boots > result.points);
}

static void device_that_starts_over_is_caught(void **state)
{
    struct explore_result result = {0};

    starts_over = true;
    endure_run(*state, NULL, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, CLAIM_EVENTUALLY);
    assert_string_equal(result.failures[0].point, "30a+");
    assert_string_equal(result.failures[0].text,
                        "not settled after 10 power sessions of 30 operations each");
    assert_string_equal(result.failures[0].like[0], "31a+");
}

/* Its name is enough to see it again, and the sweep tells it as its own. */
static void failure_is_replayed_by_its_name(void **state)
{
    const struct explore_options options = {0};
    const struct replay_options silent = {0};
    struct explore_result result;
    struct replay replay;
    struct point point;

    starts_over = true;
    explore_run(*state, &options, &result);
    assert_int_equal(result.failure_count, 1);
    assert_true(point_parse(result.failures[0].point, &point));
    replay_point(*state, &point, &silent, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_FAILED);
    assert_string_equal(replay.result.failures[0].text, result.failures[0].text);
    assert_string_equal(replay.result.failures[0].point, "30a+");
    assert_int_equal(replay.cut_count, 10);
}

static void number_that_no_session_comes_to_claims_nothing(void **state)
{
    struct scenario *scenario = *state;
    struct explore_result result = {0};

    scenario->under_cuts = 100000;
    endure_run(scenario, NULL, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, CLAIM_FIRED);
    assert_string_equal(result.failures[0].text,
                        "under cuts: no power session has 100000 operations");
}

static void nothing_is_run_that_was_not_claimed(void **state)
{
    struct scenario *scenario = *state;
    struct explore_result result = {0};

    scenario->under_cuts = 0;
    endure_run(scenario, NULL, &result);
    assert_int_equal(result.boots, 0);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(device_that_goes_on_where_it_was_gets_there),
        TEST(device_that_starts_over_is_caught),
        TEST(failure_is_replayed_by_its_name),
        TEST(number_that_no_session_comes_to_claims_nothing),
        TEST(nothing_is_run_that_was_not_claimed),
    };

    return cmocka_run_group_tests_name("endure", tests, NULL, NULL);
}
