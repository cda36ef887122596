#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_text.h"

static const struct scenario scenario = {
    .name = "install-cut", .why = "The mains fail.", .file = "scenarios/install-cut.json"};

static void assert_prints(bool has_colour, const struct explore_result *result,
                          const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    report_text_scenario(out, has_colour, &scenario, result);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void passed_scenario_is_one_line(void **state)
{
    const struct explore_result result = {.points = 1234, .seconds = 0.456};

    (void)state;
    assert_prints(false, &result,
                  "  ok     install-cut                     1234 points     0.46 s\n");
}

static void failed_scenario_says_why_it_matters_and_how_to_see_it(void **state)
{
    const struct explore_result result = {
        .verdict = EXPLORE_FAILED,
        .points = 7,
        .seconds = 12.3,
        .points_failed = 2,
        .failure_count = 2,
        .failures = {{"17t", CLAIM_ATOMIC, "a mixture"}, {"3a.4w", CLAIM_TIME, "too late"}},
    };

    (void)state;
    assert_prints(false, &result,
                  "  FAIL   install-cut                        7 points    12.30 s\n"
                  "         why: The mains fail.\n"
                  "         17t: atomic (I2): a mixture\n"
                  "           brownout replay scenarios/install-cut.json:17t\n"
                  "         3a.4w: bounded time (I8): too late\n"
                  "           brownout replay scenarios/install-cut.json:3a.4w\n");
}

static void failed_row_says_what_is_special_in_it(void **state)
{
    const struct explore_result result = {.verdict = EXPLORE_FAILED};
    struct scenario row = {
        .name = "cut[1]", .row = "[1]", .setting = "/device/ecc true", .why = "The mains fail."};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    report_text_scenario(out, false, &row, &result);
    fclose(out);
    assert_string_equal(text, "  FAIL   cut[1]                             0 points     0.00 s\n"
                              "         why: The mains fail.\n"
                              "         row: /device/ecc true\n");
    free(text);
}

static void failures_that_were_not_kept_are_counted(void **state)
{
    const struct explore_result result = {.verdict = EXPLORE_FAILED,
                                          .points = 7,
                                          .points_failed = 30,
                                          .failure_count = 1,
                                          .failures = {{"1t", CLAIM_WEAR, "worn"}}};

    (void)state;
    assert_prints(false, &result,
                  "  FAIL   install-cut                        7 points     0.00 s\n"
                  "         why: The mains fail.\n"
                  "         1t: bounded wear (I7): worn\n"
                  "           brownout replay scenarios/install-cut.json:1t\n"
                  "         and 29 more\n");
}

static void fault_says_what_could_not_be_done(void **state)
{
    const struct explore_result result = {.verdict = EXPLORE_FAULT, .fault = "it crashed"};

    (void)state;
    assert_prints(false, &result,
                  "  FAULT  install-cut                        0 points     0.00 s\n"
                  "         it crashed\n");
}

static void colour_marks_the_verdict_only(void **state)
{
    const struct explore_result passed = {.points = 1};
    const struct explore_result fault = {.verdict = EXPLORE_FAULT, .fault = "x"};

    (void)state;
    assert_prints(true, &passed,
                  "  \033[32mok   \033[0m  install-cut                        1 points     0.00 "
                  "s\n");
    assert_prints(true, &fault,
                  "  \033[1;35mFAULT\033[0m  install-cut                        0 points     0.00 "
                  "s\n         x\n");
}

static void assert_totals(bool has_colour, uint32_t failed, const char *expected)
{
    const struct report_totals totals = {.scenarios = 5,
                                         .passed = 5 - failed,
                                         .failed = failed,
                                         .points = 10000000000,
                                         .checked = 3,
                                         .boots = 4,
                                         .operations = 5,
                                         .seconds = 61.26};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    report_text_totals(out, has_colour, &totals, 2);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void totals_are_one_line(void **state)
{
    (void)state;
    assert_totals(false, 0,
                  "5 passed, 0 failed: 5 scenarios, 10000000000 points, 4 boots, 5 operations in "
                  "61.3 s, 2 jobs; 3 points run twice\n");
    assert_totals(true, 0,
                  "\033[32m5 passed, 0 failed\033[0m: 5 scenarios, 10000000000 points, 4 boots, "
                  "5 operations in 61.3 s, 2 jobs; 3 points run twice\n");
    assert_totals(true, 1,
                  "\033[1;31m4 passed, 1 failed\033[0m: 5 scenarios, 10000000000 points, 4 boots, "
                  "5 operations in 61.3 s, 2 jobs; 3 points run twice\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passed_scenario_is_one_line),
        cmocka_unit_test(failed_scenario_says_why_it_matters_and_how_to_see_it),
        cmocka_unit_test(failed_row_says_what_is_special_in_it),
        cmocka_unit_test(failures_that_were_not_kept_are_counted),
        cmocka_unit_test(fault_says_what_could_not_be_done),
        cmocka_unit_test(colour_marks_the_verdict_only),
        cmocka_unit_test(totals_are_one_line),
    };

    return cmocka_run_group_tests_name("report_text", tests, NULL, NULL);
}
