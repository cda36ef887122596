#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bootctl.h"
#include "sim/device/folder.h"
#include "sim/explore/replay.h"
#include "tests/scene.h"

static const struct replay_options silent = {0};

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
    struct point point = {.count = 2, .steps = {{5, POWER_AFTER}, {100000, POWER_AFTER}}};
    struct replay replay;

    scenario->operations_max = 20;
    replay_point(scenario, &point, &silent, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_FAILED);
    assert_int_equal(replay.result.failures[0].claim, CLAIM_TIME);
    assert_int_equal(replay.result.failure_count, 1);
}

static void cut_that_never_happens_fails_the_replay(void **state)
{
    static const char *const names[] = {"100000t", "1w", "1a.99999a"};
    struct scenario *scenario = *state;
    struct replay replay;
    struct point point;

    for (int i = 0; i < 3; i++) {
        assert_true(point_parse(names[i], &point));
        replay_point(scenario, &point, &silent, &replay);
        assert_int_equal(replay.result.verdict, EXPLORE_FAILED);
        assert_int_equal(replay.result.failure_count, 1);
        assert_int_equal(replay.result.failures[0].claim, CLAIM_FIRED);
        assert_string_equal(replay.result.failures[0].text, "the point's cut never happened");
    }
}

static uint32_t count_of(const char *story, const char *what)
{
    uint32_t count = 0;

    for (const char *at = story; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static char *tell(const struct scenario *scenario, const char *name, bool is_table)
{
    struct replay replay;
    struct point point;
    char *story = NULL;
    size_t size;
    FILE *out = open_memstream(&story, &size);
    const struct replay_options options = {.out = out, .is_table = is_table};

    assert_true(point_parse(name, &point));
    replay_point(scenario, &point, &options, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_PASSED);
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

static void table_shows_every_operation_once(void **state)
{
    struct scenario *scenario = *state;
    char *table = tell(scenario, "7t", true);

    assert_int_equal(count_of(table, "   6  spi "), 2); /* of both power sessions */
    assert_int_equal(count_of(table, "   7  spi "), 2);
    assert_int_equal(count_of(table, "   8  spi "), 1); /* the first did not come that far */
    assert_int_equal(count_of(table, "download    POWER CUT inside it: a part is done\n"), 1);
    assert_ptr_equal(strstr(table, "boot         s     op  flash  what     address"), table);
    free(table);
}

/* A failing point keeps its name, so it can be told again. */
static void failing_replay_names_its_point(void **state)
{
    struct scenario *scenario = *state;
    struct replay replay;
    struct point point;

    scenario->eventually_runs = 0;
    assert_true(point_parse("3a", &point));
    replay_point(scenario, &point, &silent, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_FAILED);
    assert_string_equal(replay.result.failures[0].point, "3a");
    assert_int_equal(replay.result.failures[0].claim, CLAIM_EVENTUALLY);
}

static void device_that_cannot_be_made_is_a_fault(void **state)
{
    struct scenario *scenario = *state;
    struct replay replay;
    const struct point none = {0};

    scenario->images[1].size = 10;
    replay_point(scenario, &none, &silent, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_FAULT);
    assert_string_equal(replay.result.fault,
                        "cannot make the scenario's images: larger than the slot");
}

static void stop_is_before_the_operation(void **state)
{
    const struct replay_options options = {.stop_boot = 2, .stop_operation = 3};
    const struct replay_options never = {.stop_boot = 2, .stop_operation = 100000};
    struct scenario *scenario = *state;
    struct replay replay;
    struct point point;

    assert_true(point_parse("7t", &point));
    replay_point(scenario, &point, &options, &replay);
    assert_true(replay.is_stopped);
    assert_int_equal(replay.boot, 2);
    assert_int_equal(replay.result.verdict, EXPLORE_PASSED); /* of what there was of it */
    assert_int_equal(replay.cut_count, 1);
    replay_point(scenario, &point, &never, &replay);
    assert_false(replay.is_stopped);
}

static void stop_shows_what_the_device_holds(void **state)
{
    char *story;
    size_t size;
    FILE *out = open_memstream(&story, &size);
    const struct replay_options options = {.out = out, .stop_boot = 1, .stop_operation = 2};
    const struct point none = {0};
    struct replay replay;

    replay_point(*state, &none, &options, &replay);
    fclose(out);
    assert_non_null(strstr(story, "  op 2     spi program"));
    assert_non_null(strstr(story, "STOPPED before it\nboot control   version 1, factory, valid"));
    assert_non_null(strstr(story, "factory_reset.bin"));
    assert_null(strstr(story, "-- cut --"));
    free(story);
}

/* What a cut is named by does not change when there are more operations before it elsewhere. */
static void cuts_are_told_by_place(void **state)
{
    struct replay first, second;
    struct point point;

    assert_true(point_parse("7t.3a", &point));
    replay_point(*state, &point, &silent, &first);
    assert_int_equal(first.cut_count, 2);
    assert_int_equal(first.cuts[0].phase, PHASE_DOWNLOAD);
    assert_int_equal(first.cuts[0].kind, POWER_PROGRAM);
    assert_true(first.cuts[0].is_spi);
    assert_int_equal(first.cuts[0].nth, 1);
    assert_int_equal(first.cuts[0].moment, POWER_INSIDE);
    assert_int_equal(first.cuts[1].moment, POWER_AFTER);
    assert_int_not_equal(first.cuts[1].offset, first.cuts[0].offset);
    assert_true(point_parse("6t", &point));
    replay_point(*state, &point, &silent, &second);
    assert_int_equal(second.cuts[0].offset + 256, first.cuts[0].offset);
}

static void same_place_is_counted(void **state)
{
    struct replay replay;
    struct point point = {.count = 1, .steps = {{1, POWER_AFTER}}};
    uint32_t most = 0;

    for (uint32_t i = 1; i < 60; i++) {
        point.steps[0].operation = i;
        replay_point(*state, &point, &silent, &replay);
        if (replay.cut_count && replay.cuts[0].nth > most)
            most = replay.cuts[0].nth;
    }
    assert_in_range(most, 1, 3); /* nothing is programmed often where nothing was erased */
}

static bool has_version(const char *path, const char *folder, uint32_t version)
{
    char whole[64], reason[FOLDER_ERROR_SIZE];
    struct bootctl bootctl;
    struct folder device;

    snprintf(whole, sizeof whole, "%s/%s", path, folder);
    if (!folder_open(&device, whole, false, reason))
        fail_msg("%s", reason);
    assert_int_equal(bootctl_open(&bootctl, &device.nvm.cells.flash, layout_mzw1.bootctl_offset),
                     OTA_OK);
    folder_close(&device);
    return bootctl.record.version == version;
}

static void device_is_kept_before_the_boot_and_after_it(void **state)
{
    char path[] = "/tmp/replay-XXXXXX";
    struct replay_options options = {.keep = mkdtemp(path)};
    const struct point none = {0};
    struct replay replay;

    assert_non_null(options.keep);
    replay_point(*state, &none, &silent, &replay);
    options.keep_boot = replay.boot;
    replay_point(*state, &none, &options, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_PASSED);
    assert_true(has_version(path, "before", 1));
    assert_true(has_version(path, "after", 2));
    replay_point(*state, &none, &options, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_FAULT);
    assert_non_null(strstr(replay.result.fault, "exists already"));
    scene_remove(path);
}

static void failing_boot_is_told(void **state)
{
    struct scenario *scenario = *state;
    struct replay replay;
    struct point point;

    scenario->eventually_runs = 0;
    assert_true(point_parse("3a", &point));
    replay_point(scenario, &point, &silent, &replay);
    assert_int_equal(replay.boot, 3); /* cut, downloads, installs */
}

static void recorded_run_has_its_operations_cut_and_wear(void **state)
{
    struct scenario *scenario = *state;
    static struct replay_wear wear;
    struct timeline timeline = {0};
    const struct replay_options options = {.timeline = &timeline, .wear = &wear};
    struct replay replay;
    struct point point;
    uint32_t cuts = 0, erases = 0;

    assert_true(point_parse("20a", &point));
    replay_point(scenario, &point, &options, &replay);
    assert_int_equal(replay.result.verdict, EXPLORE_PASSED);
    assert_int_equal(timeline.operation_count, replay.result.operations);
    for (uint32_t i = 0; i < timeline.mark_count; i++)
        if (timeline.marks[i].kind == TIMELINE_CUT) {
            assert_int_equal(timeline.marks[i].at, 20);
            cuts++;
        }
    assert_int_equal(cuts, 1);
    for (uint32_t i = 0; i < timeline.operation_count; i++)
        erases += timeline.operations[i].kind == POWER_ERASE;
    for (uint32_t i = 0; i < wear.nvm_count + wear.spi_count; i++)
        erases -= wear.erases[i];
    assert_int_equal(erases, 0);
    assert_int_equal(wear.nvm_count, 256);
    assert_int_equal(wear.spi_count, 1024);
    timeline_free(&timeline);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(failure_before_the_last_cut_is_the_only_one),
        TEST(cut_that_never_happens_fails_the_replay),
        TEST(replay_tells_what_happens),
        TEST(replay_shows_the_operation_that_is_cut),
        TEST(table_shows_every_operation_once),
        TEST(failing_replay_names_its_point),
        TEST(recorded_run_has_its_operations_cut_and_wear),
        TEST(device_that_cannot_be_made_is_a_fault),
        TEST(stop_is_before_the_operation),
        TEST(stop_shows_what_the_device_holds),
        TEST(cuts_are_told_by_place),
        TEST(same_place_is_counted),
        TEST(device_is_kept_before_the_boot_and_after_it),
        TEST(failing_boot_is_told),
    };

    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
