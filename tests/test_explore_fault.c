/* Faults of the server in runs: seen by the judge, forked with the world, and never for nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct explore_result result;
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

static struct scenario_fault *add(struct scenario *scenario, enum fault_kind kind,
                                  enum fault_target on, uint32_t times)
{
    struct scenario_stage *stage = &scenario->stages[scenario->stage_count - 1];
    struct scenario_fault *fault = &stage->faults[stage->fault_count++];

    *fault = (struct scenario_fault){
        .kind = kind, .on = on, .at = 50, .at_is_percent = true, .times = times};
    return fault;
}

static void run(struct bench *bench)
{
    const struct explore_options options = {0};

    explore_run(&bench->scenario, &options, &bench->result);
}

static void assert_passed(struct bench *bench)
{
    run(bench);
    if (bench->result.failure_count)
        fail_msg("%s: %s: %s", bench->result.failures[0].point,
                 judge_claim_name(bench->result.failures[0].claim), bench->result.failures[0].text);
    assert_int_equal(bench->result.verdict, EXPLORE_PASSED);
}

static void assert_failed(struct bench *bench, enum judge_claim claim, const char *text)
{
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_string_equal(judge_claim_name(bench->result.failures[0].claim), judge_claim_name(claim));
    assert_string_equal(bench->result.failures[0].text, text);
}

static void update_gets_through_with_a_cut_anywhere(void **state)
{
    struct bench *bench = *state;

    add(&bench->scenario, FAULT_DOWN, FAULT_ON_MANIFEST, 2);
    add(&bench->scenario, FAULT_TRUNCATE, FAULT_ON_IMAGES, 1);
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    assert_passed(bench);
    assert_true(bench->result.checked > 5);
}

/* The second half of a broken download is asked for: a range fault happens to that request only. */
static void fault_that_never_fires_fails(void **state)
{
    struct bench *bench = *state;

    add(&bench->scenario, FAULT_NO_RANGE, FAULT_ON_ANY, 0);
    assert_failed(bench, CLAIM_FIRED, "fault 1 of stage 1 never happened");
    add(&bench->scenario, FAULT_TRUNCATE, FAULT_ON_IMAGES, 1);
    assert_passed(bench);
    add(&bench->scenario, FAULT_DOWN, FAULT_ON_ANY, 1)->skip = 100;
    assert_failed(bench, CLAIM_FIRED, "fault 3 of stage 1 never happened");
}

/* It happens in some run behind a cut, though not in the control run. */
static void fault_that_only_a_cut_brings_has_fired(void **state)
{
    struct bench *bench = *state;

    add(&bench->scenario, FAULT_DOWN, FAULT_ON_MANIFEST, 1)->skip = 2;
    assert_failed(bench, CLAIM_FIRED, "fault 1 of stage 1 never happened");
    scene_cut(&bench->scenario, 1u << PHASE_DOWNLOAD | 1u << PHASE_ENTER);
    assert_passed(bench);
}

static void faults_belong_to_their_stage(void **state)
{
    struct bench *bench = *state;

    add(&bench->scenario, FAULT_DOWN, FAULT_ON_ANY, 2);
    bench->scenario.eventually_runs = scene_image(&bench->scenario, 3);
    scene_stage(&bench->scenario, 1);
    scene_offer(&bench->scenario, 2);
    add(&bench->scenario, FAULT_RESET_AFTER, FAULT_ON_IMAGES, 1);
    add(&bench->scenario, FAULT_HTML, FAULT_ON_MANIFEST, 1);
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    assert_passed(bench);
    add(&bench->scenario, FAULT_WRONG_RANGE, FAULT_ON_MANIFEST, 0)->value = 1;
    assert_failed(bench, CLAIM_FIRED, "fault 3 of stage 2 never happened");
}

static void lasting_fault_ends_a_run_where_it_should_stay(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = 0;
    add(&bench->scenario, FAULT_DOWN, FAULT_ON_ANY, 0);
    assert_passed(bench);
    bench->scenario.stages[0].faults[0].on = FAULT_ON_IMAGES;
    assert_passed(bench);
}

static void lasting_fault_does_not_excuse_a_goal(void **state)
{
    struct bench *bench = *state;

    add(&bench->scenario, FAULT_STATUS, FAULT_ON_IMAGES, 0)->value = 404;
    assert_failed(bench, CLAIM_CONTROL,
                  "bounded time (I8): not settled after 86400 s, with image0 running");
}

/* A fault that ends is waited for, however long that takes. */
static void fault_that_ends_is_waited_for(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = 0;
    add(&bench->scenario, FAULT_DOWN, FAULT_ON_ANY, JUDGE_FAILURES + 2);
    assert_failed(bench, CLAIM_CONTROL, "eventually: image1 runs, not image0");
}

static void device_that_fails_after_a_rest_is_not_at_rest(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = scene_image(&bench->scenario, 3);
    scene_stage(&bench->scenario, 1);
    scene_offer(&bench->scenario, 2);
    add(&bench->scenario, FAULT_TRUNCATE, FAULT_ON_IMAGES, 1);
    assert_passed(bench);
}

static void never_is_never(void **state)
{
    struct bench *bench = *state;

    bench->scenario.never_count = 2;
    bench->scenario.never[0] = (struct scenario_mark){.kind = MARK_LOG, .event = LOG_OTA_RESTART};
    bench->scenario.never[1] = (struct scenario_mark){.kind = MARK_LOG, .event = LOG_OTA_REFUSED};
    assert_passed(bench);
    bench->scenario.never[1].event = LOG_OTA_VERIFIED;
    assert_failed(bench, CLAIM_CONTROL, "always: ota.verified happened");
}

static void never_holds_behind_a_cut(void **state)
{
    struct bench *bench = *state;

    bench->scenario.never_count = 1;
    bench->scenario.never[0] = (struct scenario_mark){.kind = MARK_LOG, .event = LOG_STORE_ADOPTED};
    assert_passed(bench);
    scene_cut(&bench->scenario, 1u << PHASE_ENTER);
    assert_failed(bench, CLAIM_ALWAYS, "store.adopted happened");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(update_gets_through_with_a_cut_anywhere),
        TEST(fault_that_never_fires_fails),
        TEST(fault_that_only_a_cut_brings_has_fired),
        TEST(faults_belong_to_their_stage),
        TEST(lasting_fault_ends_a_run_where_it_should_stay),
        TEST(lasting_fault_does_not_excuse_a_goal),
        TEST(fault_that_ends_is_waited_for),
        TEST(device_that_fails_after_a_rest_is_not_at_rest),
        TEST(never_is_never),
        TEST(never_holds_behind_a_cut),
    };

    return cmocka_run_group_tests_name("explore_fault", tests, NULL, NULL);
}
