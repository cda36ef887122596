#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report.h"

static void totals_are_sums_by_verdict(void **state)
{
    const struct explore_result passed = {
        .verdict = EXPLORE_PASSED, .points = 10, .checked = 1, .boots = 20, .operations = 300};
    const struct explore_result failed = {
        .verdict = EXPLORE_FAILED, .points = 5, .checked = 2, .boots = 6, .operations = 7};
    const struct explore_result fault = {.verdict = EXPLORE_FAULT};
    struct report_totals totals = {.seconds = 1.5};

    (void)state;
    report_add(&totals, &passed);
    report_add(&totals, &passed);
    report_add(&totals, &failed);
    report_add(&totals, &fault);
    assert_int_equal(totals.scenarios, 4);
    assert_int_equal(totals.passed, 2);
    assert_int_equal(totals.failed, 2);
    assert_int_equal(totals.points, 25);
    assert_int_equal(totals.checked, 4);
    assert_int_equal(totals.boots, 46);
    assert_int_equal(totals.operations, 607);
    assert_true(totals.seconds == 1.5); /* of the clock on the wall: not a sum */
}

static void replay_command_names_file_and_point(void **state)
{
    struct scenario scenario = {.name = "cut", .file = "scenarios/update/cut.json"};
    const struct explore_failure failure = {.point = "17t.3a"};
    char text[200];

    (void)state;
    report_replay_command(&scenario, &failure, text, sizeof text);
    assert_string_equal(text, "brownout replay scenarios/update/cut.json:17t.3a");
    report_replay_command(&scenario, &failure, text, 10);
    assert_string_equal(text, "brownout ");
}

static void replay_command_of_a_row_is_quoted_for_the_shell(void **state)
{
    struct scenario scenario = {
        .name = "cut[1,0]", .row = "[1,0]", .file = "scenarios/update/cut.json"};
    const struct explore_failure failure = {.point = "17t"};
    char text[200];

    (void)state;
    report_replay_command(&scenario, &failure, text, sizeof text);
    assert_string_equal(text, "brownout replay 'scenarios/update/cut.json[1,0]:17t'");
}

static void control_runs_command_replays_no_cut(void **state)
{
    struct scenario scenario = {.file = "a.json"};
    const struct explore_failure failure = {.point = "0"};
    char text[200];

    (void)state;
    report_replay_command(&scenario, &failure, text, sizeof text);
    assert_string_equal(text, "brownout replay a.json:0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_sums_by_verdict),
        cmocka_unit_test(replay_command_names_file_and_point),
        cmocka_unit_test(replay_command_of_a_row_is_quoted_for_the_shell),
        cmocka_unit_test(control_runs_command_replays_no_cut),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
