#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/batch.h"
#include "tests/scene.h"

#define SCENARIOS 4

static struct scenario scenarios[SCENARIOS];

static void on_finished(void *context, uint32_t index, const struct explore_result *result)
{
    ((struct explore_result *)context)[index] = *result;
}

/* Passed, failed in its sweep, failed in its control run, a fault. */
static void make_scenarios(void)
{
    for (int i = 0; i < SCENARIOS; i++) {
        scene_update(&scenarios[i]);
        scene_cut(&scenarios[i], 1u << PHASE_INSTALL | 1u << PHASE_ENTER);
    }
    scenarios[1].trials_max = 0;
    scene_cut(&scenarios[1], 1u << PHASE_RUN);
    scenarios[2].eventually_runs = 0;
    scenarios[3].images[0].size = 0;
}

static void assert_same(const struct explore_result *a, const struct explore_result *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->points, b->points);
    assert_int_equal(a->checked, b->checked);
    assert_int_equal(a->boots, b->boots);
    assert_int_equal(a->operations, b->operations);
    assert_int_equal(a->points_failed, b->points_failed);
    assert_int_equal(a->failure_count, b->failure_count);
    for (uint32_t i = 0; i < a->failure_count; i++) {
        assert_string_equal(a->failures[i].point, b->failures[i].point);
        assert_int_equal(a->failures[i].claim, b->failures[i].claim);
        assert_string_equal(a->failures[i].text, b->failures[i].text);
    }
    assert_string_equal(a->fault, b->fault);
}

static void number_of_processes_does_not_change_the_results(void **state)
{
    static struct explore_result results[3][SCENARIOS];
    static const enum explore_verdict verdicts[] = {EXPLORE_PASSED, EXPLORE_FAILED, EXPLORE_FAILED,
                                                    EXPLORE_FAULT};

    (void)state;
    make_scenarios();
    for (uint32_t jobs = 1; jobs <= 2; jobs++) {
        const struct batch_options options = {
            .jobs = jobs, .finished = on_finished, .context = results[jobs]};
        assert_int_equal(batch_run(scenarios, SCENARIOS, &options), EXPLORE_FAULT);
    }
    for (int i = 0; i < SCENARIOS; i++) {
        const struct explore_options options = {0};
        explore_run(&scenarios[i], &options, &results[0][i]);
        assert_int_equal(results[0][i].verdict, verdicts[i]);
        for (int jobs = 1; jobs <= 2; jobs++)
            assert_same(&results[jobs][i], &results[0][i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_of_processes_does_not_change_the_results),
    };

    return cmocka_run_group_tests_name("batch_real", tests, NULL, NULL);
}
