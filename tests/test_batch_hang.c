/* A service that goes round for ever, neither idle nor writing: the linker puts the function below
 * in place of the firmware's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/batch.h"
#include "tests/scene.h"

#define SCENARIOS 3

enum { HANGS_AFTER_A_CUT, HANGS_AT_ONCE, HEALTHY };

uint32_t __real_ota_service_task(struct ota *ota);
uint32_t __wrap_ota_service_task(struct ota *ota);

/* Version 9 always wants to be called again at once; version 2 hangs once the power has gone. */
uint32_t __wrap_ota_service_task(struct ota *ota)
{
    if (ota_version(ota) == 2 && system_cause(ota->hal->system) == SYSTEM_POWER_ON)
        for (volatile uint32_t i = 0;; i++)
            ;
    return ota_version(ota) == 9 ? 0 : __real_ota_service_task(ota);
}

static void on_finished(void *context, uint32_t index, const struct explore_result *result)
{
    ((struct explore_result *)context)[index] = *result;
}

static void make_scenarios(struct scenario *scenarios)
{
    for (int i = 0; i < SCENARIOS; i++)
        scene_update(&scenarios[i]);
    scene_cut(&scenarios[HANGS_AFTER_A_CUT], 1u << PHASE_RUN)->on_spi = false;
    scenarios[HANGS_AT_ONCE].images[1].version = 9;
    scenarios[HEALTHY].images[1].version = 3;
}

static void hang_is_a_failure_of_its_point(void **state)
{
    static struct scenario scenarios[SCENARIOS];
    static struct explore_result results[SCENARIOS];
    const struct batch_options options = {
        .jobs = 2, .hang_s = 1, .finished = on_finished, .context = results};
    struct point point;

    (void)state;
    make_scenarios(scenarios);
    assert_int_equal(batch_run(scenarios, SCENARIOS, &options), EXPLORE_FAILED);
    for (int i = 0; i < HEALTHY; i++) {
        assert_int_equal(results[i].verdict, EXPLORE_FAILED);
        assert_int_equal(results[i].failure_count, 1);
        assert_int_equal(results[i].points_failed, results[i].failures[0].points);
        assert_int_equal(results[i].failures[0].claim, CLAIM_NEVER_BRICKED);
        assert_string_equal(results[i].failures[0].text,
                            "the firmware hangs: no end in 1 s of processor time");
        assert_true(point_parse(results[i].failures[0].point, &point));
        assert_int_equal(point.count, i == HANGS_AFTER_A_CUT);
    }
    assert_int_equal(results[HEALTHY].verdict, EXPLORE_PASSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hang_is_a_failure_of_its_point),
    };

    return cmocka_run_group_tests_name("batch_hang", tests, NULL, NULL);
}
