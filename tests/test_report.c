#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report.h"

static void totals_are_sums_by_verdict(void **state)
{
    const struct explore_result passed = {.verdict = EXPLORE_PASSED,
                                          .points = 10,
                                          .states = 4,
                                          .skipped = 3,
                                          .checked = 1,
                                          .boots = 20,
                                          .operations = 300,
                                          .is_any = true,
                                          .is_closed = true};
    const struct explore_result failed = {.verdict = EXPLORE_FAILED,
                                          .points = 5,
                                          .states = 2,
                                          .checked = 2,
                                          .boots = 6,
                                          .operations = 7,
                                          .is_any = true};
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
    assert_int_equal(totals.states, 10);
    assert_int_equal(totals.skipped, 6);
    assert_int_equal(totals.any, 3);
    assert_int_equal(totals.closed, 2);
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

static void replay_command_of_the_firmware_names_its_file(void **state)
{
    struct scenario scenario = {.file = "a.json"};
    const struct explore_failure usual = {.point = "1a", .is_of_firmware = true};
    const struct explore_failure other = {
        .point = "1a", .is_of_firmware = true, .bootloader = "my build/b.elf"};
    char text[200];

    (void)state;
    report_replay_command(&scenario, &usual, text, sizeof text);
    assert_string_equal(text, "brownout replay a.json:1a --target pic32");
    report_replay_command(&scenario, &other, text, sizeof text);
    assert_string_equal(text,
                        "brownout replay a.json:1a --target pic32 --bootloader 'my build/b.elf'");
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

static void step_is_told_in_columns(void **state)
{
    const struct explore_step torn = {{17, POWER_MOST_BITS}, 2,       PHASE_INSTALL, false,
                                      POWER_PROGRAM,         0x1C400, 1024};
    const struct explore_step read = {{4097, POINT_READ}, 12, PHASE_BOOT, false,
                                      POWER_PROGRAM,      0,  0};
    char text[200];

    (void)state;
    report_step(&torn, text, sizeof text);
    assert_string_equal(text, "boot 2  install     op 17   program nvm 0x01C400 +1024  power cut "
                              "inside: most-bits");
    report_step(&read, text, sizeof text);
    assert_string_equal(text, "boot 12  boot        weak unit reads as before its erase (4097r)");
}

static void statement_of_a_failed_search_names_its_depth(void **state)
{
    const struct explore_result result = {.is_any = true, .failure_count = 1, .depth = 2};
    char text[200];

    (void)state;
    report_statement(&result, text, sizeof text);
    assert_string_equal(text, "not closed: a failure ended the search at depth 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_sums_by_verdict),
        cmocka_unit_test(replay_command_names_file_and_point),
        cmocka_unit_test(replay_command_of_a_row_is_quoted_for_the_shell),
        cmocka_unit_test(replay_command_of_the_firmware_names_its_file),
        cmocka_unit_test(control_runs_command_replays_no_cut),
        cmocka_unit_test(step_is_told_in_columns),
        cmocka_unit_test(statement_of_a_failed_search_names_its_depth),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
