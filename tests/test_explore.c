#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/replay.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct explore_options options;
    struct explore_result result;
    uint64_t progress_calls, progress_last;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void run(struct bench *bench)
{
    explore_run(&bench->scenario, &bench->options, &bench->result);
}

static void assert_passed(const struct bench *bench)
{
    if (bench->result.failure_count)
        fail_msg("%s: %s: %s", bench->result.failures[0].point,
                 judge_claim_name(bench->result.failures[0].claim), bench->result.failures[0].text);
    assert_string_equal(bench->result.fault, "");
    assert_int_equal(bench->result.verdict, EXPLORE_PASSED);
    assert_int_equal(bench->result.points_failed, 0);
}

/* Failed, with one failure and no more. */
static void assert_failed(const struct bench *bench, enum judge_claim claim, const char *point,
                          const char *text)
{
    const struct explore_failure *failure = &bench->result.failures[0];

    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_int_equal(bench->result.failure_count, 1);
    assert_int_equal(bench->result.points_failed, 1);
    assert_string_equal(judge_claim_name(failure->claim), judge_claim_name(claim));
    assert_string_equal(failure->point, point);
    assert_string_equal(failure->text, text);
}

static void sweep_of_an_update_passes_at_every_operation(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    run(bench);
    assert_passed(bench);
    assert_in_range(bench->result.points, 500, 2000);
    assert_in_range(bench->result.states, bench->result.points, 4 * bench->result.points);
    assert_in_range(bench->result.skipped, 1, bench->result.states - 1);
    assert_in_range(bench->result.checked, 10, bench->result.states / 20 + 1);
    assert_true(bench->result.boots > 100);
    assert_true(bench->result.operations > bench->result.points);
    assert_true(bench->result.is_closed);
    assert_false(bench->result.is_any);
    assert_true(bench->result.seconds > 0);
}

static uint64_t count_points(struct bench *bench, const struct scenario_cut *cut)
{
    bench->scenario.cut_count = 1;
    bench->scenario.cuts[0] = *cut;
    run(bench);
    assert_int_equal(bench->result.verdict, bench->result.points ? EXPLORE_PASSED : EXPLORE_FAILED);
    return bench->result.points;
}

/* What a cut may be splits the whole sweep into parts that add up to it. */
static void kinds_moments_phases_and_flashes_share_the_points(void **state)
{
    struct bench *bench = *state;
    struct scenario_cut all = *scene_cut(&bench->scenario, SCENE_ALL_PHASES), some;
    uint64_t points = count_points(bench, &all), sums[4] = {0};

    for (uint32_t i = 0; i < PHASE_COUNT; i++) {
        some = all;
        some.phases = 1u << i;
        sums[0] += count_points(bench, &some);
    }
    for (uint32_t i = 0; i < POWER_MOMENT_COUNT; i++) {
        some = all;
        some.moments = 1u << i;
        sums[1] += count_points(bench, &some);
    }
    for (uint32_t i = 0; i < 2; i++) {
        some = all;
        some.kinds = 1u << i;
        sums[2] += count_points(bench, &some);
        some = all;
        some.on_nvm = i == 0;
        some.on_spi = i == 1;
        sums[3] += count_points(bench, &some);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(sums[i], points);
}

/* Each operation has each moment of its kind once; a weak unit is read later, in two ways. */
static void points_are_the_moments_of_the_operations(void **state)
{
    struct bench *bench = *state;
    struct scenario_cut cut = *scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    uint64_t counts[2], both = 0;

    cut.moments = 1u << POWER_AFTER;
    for (int kind = POWER_PROGRAM; kind <= POWER_ERASE; kind++) {
        cut.kinds = 1u << kind;
        counts[kind] = count_points(bench, &cut);
        assert_true(counts[kind] > 3);
    }
    cut.kinds = 1u << POWER_PROGRAM | 1u << POWER_ERASE;
    for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++) {
        cut.moments = 1u << moment;
        uint64_t points = count_points(bench, &cut), expected = 0;
        for (int kind = POWER_PROGRAM; kind <= POWER_ERASE; kind++)
            if (power_has_moment((enum power_kind)kind, (enum power_moment)moment))
                expected += counts[kind];
        if (moment == POWER_WEAK)
            assert_in_range(points, expected + 1, 4 * expected);
        else
            assert_int_equal(points, expected);
        both += points;
    }
    cut.moments = (1u << POWER_MOMENT_COUNT) - 1;
    assert_int_equal(count_points(bench, &cut), both);
}

static void cut_at_one_operation_is_one_operation(void **state)
{
    struct bench *bench = *state;
    struct scenario_cut *cut = scene_cut(&bench->scenario, SCENE_ALL_PHASES);

    cut->is_every = false;
    cut->number = 10;
    cut->moments = 1u << POWER_AFTER;
    run(bench);
    assert_passed(bench);
    assert_int_equal(bench->result.points, 1);
}

static void scenario_without_a_cut_is_its_control_run(void **state)
{
    struct bench *bench = *state;

    run(bench);
    assert_passed(bench);
    assert_int_equal(bench->result.points, 0);
    assert_int_equal(bench->result.boots, 2);
}

static void two_cuts_in_two_sessions_pass(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[0].size = bench->scenario.images[1].size = 0x1000;
    scene_cut(&bench->scenario, 1u << PHASE_INSTALL);
    scene_cut(&bench->scenario, 1u << PHASE_INSTALL | 1u << PHASE_BOOT);
    run(bench);
    assert_passed(bench);
    uint64_t both = bench->result.points;
    bench->scenario.cut_count = 1;
    run(bench);
    assert_passed(bench);
    assert_true(both > 10 * bench->result.points);
}

static void ecc_and_a_virgin_device_pass(void **state)
{
    struct bench *bench = *state;

    bench->scenario.has_ecc = true;
    bench->scenario.is_virgin = true;
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    run(bench);
    assert_passed(bench);
}

/* The sweep goes on where the server does, in whatever session that is. */
static void stages_of_the_server_pass_with_a_cut_anywhere(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = scene_image(&bench->scenario, 3);
    scene_stage(&bench->scenario, 1);
    scene_offer(&bench->scenario, 2);
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    run(bench);
    assert_passed(bench);
}

static void same_scenario_gives_the_same_numbers(void **state)
{
    struct bench *bench = *state;
    struct explore_result first;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    run(bench);
    first = bench->result;
    run(bench);
    first.seconds = bench->result.seconds;
    assert_memory_equal(&first, &bench->result, sizeof first);
}

static void on_progress(void *context, const struct explore_progress *progress)
{
    struct bench *bench = context;

    assert_true(progress->points >= bench->progress_last);
    assert_in_range(progress->waiting, 1, progress->states);
    bench->progress_last = progress->points;
    bench->progress_calls++;
}

static void progress_is_told_now_and_then(void **state)
{
    struct bench *bench = *state;

    bench->options = (struct explore_options){.progress = on_progress, .context = bench};
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    run(bench);
    assert_passed(bench);
    assert_int_equal(bench->progress_calls, bench->result.states - bench->result.skipped);
    assert_int_equal(bench->progress_last, bench->result.points);
}

/* --- what must be caught ---------------------------------------------------------------------- */

static void wrong_expectation_fails_in_the_control_run(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = 0;
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    run(bench);
    assert_failed(bench, CLAIM_CONTROL, "0", "eventually: image1 runs, not image0");
    assert_int_equal(bench->result.points, 0);
}

static void image_that_may_not_run_is_not_expected_to(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[1].signer = SIGNER_OTHER;
    run(bench);
    assert_failed(bench, CLAIM_CONTROL, "0", "eventually: image0 runs, not image1");
}

static void one_boot_is_too_few_for_an_update(void **state)
{
    struct bench *bench = *state;

    bench->scenario.within_boots = 1;
    run(bench);
    assert_failed(bench, CLAIM_CONTROL, "0",
                  "eventually: not settled after 1 boots, with image0 running");
}

/* Two boots are what it takes, but not after each cut. */
static void boots_beyond_the_budget_fail_in_the_sweep_only(void **state)
{
    struct bench *bench = *state;

    bench->scenario.within_boots = 2;
    run(bench);
    assert_passed(bench);
    assert_int_equal(bench->result.boots, 2);
}

static void wear_over_its_limit_fails(void **state)
{
    struct bench *bench = *state;

    bench->scenario.wear_max = 0;
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_int_equal(bench->result.failures[0].claim, CLAIM_CONTROL);
    assert_non_null(strstr(bench->result.failures[0].text, "bounded wear (I7): "));
    assert_non_null(strstr(bench->result.failures[0].text, "erased 1 times, limit 0"));
}

static void too_many_operations_are_a_verdict(void **state)
{
    struct bench *bench = *state;

    bench->scenario.operations_max = 20;
    run(bench);
    assert_failed(bench, CLAIM_CONTROL, "0", "bounded time (I8): more than 20 operations");
}

/* Enough for the control run, not for the work that a cut costs: found by the sweep. */
static void work_beyond_the_budget_after_a_cut_is_found(void **state)
{
    struct bench *bench = *state;

    run(bench);
    bench->scenario.operations_max = (uint32_t)bench->result.operations;
    run(bench);
    assert_passed(bench);
    scene_cut(&bench->scenario, 1u << PHASE_DOWNLOAD);
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_in_range(bench->result.failure_count, 1, EXPLORE_FAILURES_MAX);
    for (uint32_t i = 0; i < bench->result.failure_count; i++) {
        assert_int_equal(bench->result.failures[i].claim, CLAIM_TIME);
        assert_non_null(strstr(bench->result.failures[i].text, "more than "));
    }
}

static void cut_that_cannot_fire_is_a_failure(void **state)
{
    struct bench *bench = *state;
    struct scenario_cut *cut = scene_cut(&bench->scenario, SCENE_ALL_PHASES);

    cut->is_every = false;
    cut->number = 100000;
    run(bench);
    assert_failed(bench, CLAIM_FIRED, "0", "cut 1 never happened");
}

static void second_cut_that_cannot_fire_is_named(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, 1u << PHASE_INSTALL);
    scene_cut(&bench->scenario, 1u << PHASE_FIRST_BOOT);
    run(bench);
    assert_failed(bench, CLAIM_FIRED, "0", "cut 2 never happened");
}

static void what_must_happen_sometimes_must(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    bench->scenario.sometimes_count = 2;
    assert_true(scenario_mark_parse("cut.erase.weak", &bench->scenario.sometimes[0]));
    assert_true(scenario_mark_parse("boot.stay", &bench->scenario.sometimes[1]));
    run(bench);
    assert_failed(bench, CLAIM_SOMETIMES, "0", "'boot.stay' never happened");
    bench->scenario.sometimes_count = 1;
    run(bench);
    assert_passed(bench);
}

/* A bootloader that gives an image no second trial: fine, unless the power goes before it is
 * confirmed. */
static void image_given_up_after_a_cut_is_found_by_the_sweep(void **state)
{
    struct bench *bench = *state;

    bench->scenario.trials_max = 0;
    run(bench);
    assert_passed(bench);
    scene_cut(&bench->scenario, 1u << PHASE_INSTALL | 1u << PHASE_RUN)->on_spi = false;
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    for (uint32_t i = 0; i < bench->result.failure_count; i++) {
        assert_int_equal(bench->result.failures[i].claim, CLAIM_NO_LOST_UPDATE);
        assert_string_equal(bench->result.failures[i].text,
                            "image1 was reported complete, and image0 runs");
    }
}

static void time_that_is_too_short_is_a_verdict(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[1].app = APP_NEVER_CONFIRM;
    bench->scenario.time_max_s = 400;
    bench->scenario.eventually_runs = 0;
    run(bench);
    assert_failed(bench, CLAIM_CONTROL, "0",
                  "bounded time (I8): not settled after 400 s, with image1 running");
}

static void only_the_first_ten_failures_are_kept(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    bench->scenario.wear_max = 1;
    run(bench);
    if (bench->result.failures[0].claim == CLAIM_CONTROL)
        bench->scenario.wear_max = 2;
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_int_equal(bench->result.failures[0].claim, CLAIM_WEAR);
    assert_in_range(bench->result.failure_count, 1, EXPLORE_FAILURES_MAX);
    assert_true(bench->result.points_failed >= bench->result.failure_count);
}

/* --- faults of the simulator's input --------------------------------------------------------- */

static void device_that_cannot_be_prepared_is_a_fault(void **state)
{
    struct bench *bench = *state;

    bench->scenario.installed[bench->scenario.installed_count++] = 1;
    bench->scenario.images[1].signer = SIGNER_OTHER;
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAULT);
    assert_string_equal(bench->result.fault, "cannot prepare the device: update to image1");
    assert_int_equal(bench->result.failure_count, 0);
}

static void image_without_room_is_a_fault(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[1].size = 10;
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAULT);
    assert_string_equal(bench->result.fault,
                        "cannot make the scenario's images: larger than the slot");
}

/* The first point of all, in order of operations and then of moments, that fails; by trying. */
static bool find_by_trying(const struct scenario *scenario, char ret_name[POINT_NAME_MAX])
{
    const struct replay_options silent = {0};
    struct replay replay;
    struct point point = {.count = 1};

    for (point.steps[0].operation = 1; point.steps[0].operation < 400; point.steps[0].operation++)
        for (int i = 0; i < POWER_MOMENT_COUNT; i++) {
            int moment = i ? i - 1 : POWER_AFTER;
            point.steps[0].moment = (enum power_moment)moment;
            replay_point(scenario, &point, &silent, &replay);
            if (replay.cut_count && replay.result.verdict == EXPLORE_FAILED) {
                point_name(&point, ret_name);
                return true;
            }
        }
    return false;
}

/* Of many points that fail alike, the one a person would look at first. */
static void failure_is_named_by_its_simplest_point(void **state)
{
    struct bench *bench = *state;
    char name[POINT_NAME_MAX];

    bench->scenario.images[0].size = bench->scenario.images[1].size = 1024;
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    bench->scenario.never_count = 1;
    bench->scenario.never[0] = (struct scenario_mark){.kind = MARK_LOG, .event = LOG_STORE_ADOPTED};
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_true(bench->result.points_failed > 1);
    assert_true(find_by_trying(&bench->scenario, name));
    assert_string_equal(bench->result.failures[0].point, name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sweep_of_an_update_passes_at_every_operation),
        TEST(kinds_moments_phases_and_flashes_share_the_points),
        TEST(points_are_the_moments_of_the_operations),
        TEST(failure_is_named_by_its_simplest_point),
        TEST(cut_at_one_operation_is_one_operation),
        TEST(scenario_without_a_cut_is_its_control_run),
        TEST(two_cuts_in_two_sessions_pass),
        TEST(ecc_and_a_virgin_device_pass),
        TEST(stages_of_the_server_pass_with_a_cut_anywhere),
        TEST(same_scenario_gives_the_same_numbers),
        TEST(progress_is_told_now_and_then),
        TEST(wrong_expectation_fails_in_the_control_run),
        TEST(image_that_may_not_run_is_not_expected_to),
        TEST(one_boot_is_too_few_for_an_update),
        TEST(boots_beyond_the_budget_fail_in_the_sweep_only),
        TEST(wear_over_its_limit_fails),
        TEST(too_many_operations_are_a_verdict),
        TEST(work_beyond_the_budget_after_a_cut_is_found),
        TEST(cut_that_cannot_fire_is_a_failure),
        TEST(second_cut_that_cannot_fire_is_named),
        TEST(what_must_happen_sometimes_must),
        TEST(image_given_up_after_a_cut_is_found_by_the_sweep),
        TEST(time_that_is_too_short_is_a_verdict),
        TEST(only_the_first_ten_failures_are_kept),
        TEST(device_that_cannot_be_prepared_is_a_fault),
        TEST(image_without_room_is_a_fault),
    };

    return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
