#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/run.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct run run;
    uint32_t forks, moments, last; /* what choose() was asked */
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
    run_free(&((struct bench *)*state)->run);
    free(*state);
    return 0;
}

static void begin(struct bench *bench)
{
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];

    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    run_start_budget(&bench->run);
}

static void note_fork(void *context, uint64_t site, uint32_t alternative)
{
    struct bench *bench = context;

    assert_int_equal(alternative, 1);
    assert_true(site == point_site(&bench->run.step));
    assert_int_equal(bench->run.step.operation, bench->run.operation->number);
    assert_true(bench->run.step.operation >= bench->last);
    bench->last = bench->run.step.operation;
    bench->moments |= 1u << bench->run.step.moment;
    bench->forks++;
}

static void watch(struct bench *bench)
{
    begin(bench);
    bench->run.choose =
        (struct choose){.driver = CHOOSE_EVERY, .fork = note_fork, .context = bench};
}

static void run_goes_from_stage_to_stage_until_it_rests(void **state)
{
    static const enum device_end ends[] = {DEVICE_JUMP, DEVICE_RESET, DEVICE_JUMP, DEVICE_DONE};
    struct bench *bench = *state;
    enum device_end end;

    begin(bench);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(run_stage(&bench->run, &end), i == 3);
        assert_int_equal(end, ends[i]);
        assert_int_equal(bench->run.world.session_boots, i / 2 + 1);
    }
    assert_int_equal(bench->run.world.judge.claim, CLAIM_NONE);
    assert_int_equal(bench->run.world.judge.running, 1);
}

static void cut_that_comes_next_follows_from_those_before(void **state)
{
    struct bench *bench = *state;
    struct scenario *scenario = &bench->scenario;

    begin(bench);
    assert_null(run_next_cut(scenario, 0));
    scene_cut(scenario, SCENE_ALL_PHASES)->times = 2;
    scene_cut(scenario, SCENE_ALL_PHASES);
    assert_ptr_equal(run_next_cut(scenario, 0), &scenario->cuts[0]);
    assert_ptr_equal(run_next_cut(scenario, 1), &scenario->cuts[0]);
    assert_ptr_equal(run_next_cut(scenario, 2), &scenario->cuts[1]);
    assert_null(run_next_cut(scenario, 3));
    scenario->cuts[1].times = 0;
    assert_ptr_equal(run_next_cut(scenario, 1000000), &scenario->cuts[1]);
}

static void each_moment_that_fits_is_asked_about(void **state)
{
    struct bench *bench = *state;
    struct scenario_cut *cut = scene_cut(&bench->scenario, 1u << PHASE_DOWNLOAD);
    enum device_end end;

    cut->on_nvm = false;
    cut->kinds = 1u << POWER_PROGRAM;
    cut->moments = 1u << POWER_SUFFIX | 1u << POWER_AFTER | 1u << POWER_WEAK;
    watch(bench);
    assert_false(run_stage(&bench->run, &end));
    assert_int_equal(bench->forks, 0); /* the bootloader does not download */
    assert_false(run_stage(&bench->run, &end));
    assert_true(bench->forks > 4);
    assert_int_equal(bench->forks % 2, 0);
    assert_int_equal(bench->moments, 1u << POWER_SUFFIX | 1u << POWER_AFTER);
    assert_int_equal(bench->run.fired[0], bench->moments);
}

static void after_the_last_cut_nothing_is_asked(void **state)
{
    struct bench *bench = *state;
    enum device_end end;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    watch(bench);
    bench->run.cuts = 1;
    while (!run_stage(&bench->run, &end))
        ;
    assert_int_equal(bench->forks, 0);
    assert_int_equal(bench->run.fired[0], 0);
}

/* Nothing more can be learnt from a run that has failed. */
static void failed_run_is_not_cut_again(void **state)
{
    struct bench *bench = *state;
    enum device_end end;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    watch(bench);
    judge_fail(&bench->run.world.judge, CLAIM_ALWAYS, "by the test");
    assert_true(run_stage(&bench->run, &end));
    assert_int_equal(bench->forks, 0);
}

static void operations_beyond_the_budget_end_the_run(void **state)
{
    struct bench *bench = *state;
    enum device_end end;

    bench->scenario.operations_max = 20;
    begin(bench);
    while (!run_stage(&bench->run, &end))
        ;
    assert_int_equal(bench->run.world.judge.claim, CLAIM_TIME);
    assert_string_equal(bench->run.world.judge.text, "more than 20 operations");
    assert_int_equal(bench->run.world.judge.operations, 21);
}

static void budget_counts_from_where_it_starts(void **state)
{
    struct bench *bench = *state;
    enum device_end end;

    bench->scenario.time_max_s = 100;
    begin(bench);
    assert_false(run_stage(&bench->run, &end));
    bench->run.world.device.now_ms = 5000;
    bench->run.world.judge.boots = 3;
    run_start_budget(&bench->run);
    assert_int_equal(bench->run.world.device.config.time_max_ms, 105000);
    assert_int_equal(bench->run.world.judge.operations, 0);
    assert_int_equal(bench->run.world.judge.boots, 0);
}

static void scenario_that_cannot_be_made_says_why(void **state)
{
    struct bench *bench = *state;
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX] = "";

    bench->scenario.images[1].size = 10;
    assert_false(run_init(&bench->run, &bench->scenario, &claim, reason));
    assert_string_equal(reason, "cannot make the scenario's images: larger than the slot");
    bench->scenario.images[1].size = SCENE_SIZE;
    begin(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(run_goes_from_stage_to_stage_until_it_rests),
        TEST(cut_that_comes_next_follows_from_those_before),
        TEST(each_moment_that_fits_is_asked_about),
        TEST(after_the_last_cut_nothing_is_asked),
        TEST(failed_run_is_not_cut_again),
        TEST(operations_beyond_the_budget_end_the_run),
        TEST(budget_counts_from_where_it_starts),
        TEST(scenario_that_cannot_be_made_says_why),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
