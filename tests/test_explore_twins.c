/* A view that is wrong on purpose must be found out: the linker puts the function below in place of
 * the view of boot control. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/view_bootctl.h"
#include "tests/scene.h"

static bool is_blind; /* all boot control pages look the same */

bool __real_view_bootctl(const struct cells *cells, uint32_t offset, struct view *ret_view);
bool __wrap_view_bootctl(const struct cells *cells, uint32_t offset, struct view *ret_view);

bool __wrap_view_bootctl(const struct cells *cells, uint32_t offset, struct view *ret_view)
{
    if (!is_blind)
        return __real_view_bootctl(cells, offset, ret_view);
    *ret_view = (struct view){{1, 1}, {2, 2}};
    return true;
}

static void run(struct explore_result *ret_result)
{
    const struct explore_options options = {0};
    struct scenario scenario;

    scene_update(&scenario);
    scenario.images[1].app = APP_CRASH_AT_START; /* boot control counts its trials */
    scenario.eventually_runs = 0;
    scenario.within_boots = 12;
    scene_cut(&scenario, SCENE_ALL_PHASES)->times = 0;
    explore_run(&scenario, &options, ret_result);
}

static void view_that_is_right_has_twins_that_go_on_alike(void **state)
{
    struct explore_result result;

    (void)state;
    is_blind = false;
    run(&result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    assert_true(result.is_any && result.is_closed);
    assert_true(result.twins > 20);
}

static void view_that_is_blind_is_found_out(void **state)
{
    struct explore_result result;
    bool is_found = false;

    (void)state;
    is_blind = true;
    run(&result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    for (uint32_t i = 0; i < result.failure_count; i++)
        is_found |= result.failures[i].claim == CLAIM_DETERMINISM &&
                    strcmp(result.failures[i].text,
                           "a state that was taken for another goes on differently") == 0 &&
                    strchr(result.failures[i].point, '.');
    assert_true(is_found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view_that_is_right_has_twins_that_go_on_alike),
        cmocka_unit_test(view_that_is_blind_is_found_out),
    };

    return cmocka_run_group_tests_name("explore_twins", tests, NULL, NULL);
}
