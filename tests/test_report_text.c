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
        .points_failed = 5,
        .failure_count = 2,
        .failures =
            {{.point = "17t.3a",
              .claim = CLAIM_ATOMIC,
              .text = "a mixture",
              .points = 4,
              .like = {"17t.4a", "18t.3a"},
              .step_count = 2,
              .steps = {{{17, POWER_INSIDE}, 1, PHASE_INSTALL, false, POWER_ERASE, 0x21000, 4096},
                        {{3, POWER_AFTER}, 2, PHASE_BOOT, true, POWER_PROGRAM, 0xF0040, 16}},
              .boots = 3},
             {.point = "3a", .claim = CLAIM_TIME, .text = "too late", .points = 1}},
    };

    (void)state;
    assert_prints(false, &result,
                  "  FAIL   install-cut                        7 points    12.30 s\n"
                  "         why: The mains fail.\n"
                  "         17t.3a: atomic (I2)\n"
                  "           boot 1  install     op 17   erase   nvm 0x021000 +4096  "
                  "power cut inside\n"
                  "           boot 2  boot        op 3    program spi 0x0F0040 +16    "
                  "power cut after\n"
                  "           boot 3  a mixture\n"
                  "           also    3 more points: same claim, same phase, 17t.4a, 18t.3a\n"
                  "           replay  brownout replay scenarios/install-cut.json:17t.3a\n"
                  "         3a: bounded time (I8)\n"
                  "           too late\n"
                  "           replay  brownout replay scenarios/install-cut.json:3a\n");
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
                                          .failures = {{"1t", CLAIM_WEAR, "worn", .points = 10}}};

    (void)state;
    assert_prints(false, &result,
                  "  FAIL   install-cut                        7 points     0.00 s\n"
                  "         why: The mains fail.\n"
                  "         1t: bounded wear (I7)\n"
                  "           worn\n"
                  "           also    9 more points: same claim, same phase\n"
                  "           replay  brownout replay scenarios/install-cut.json:1t\n"
                  "         and 20 more points with other causes\n");
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
                                         .states = 9,
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

static void search_for_any_number_of_cuts_says_what_it_proved(void **state)
{
    struct explore_result result = {.points = 7, .states = 812, .is_any = true, .is_closed = true};

    (void)state;
    assert_prints(false, &result,
                  "  ok     install-cut                        7 points     0.00 s\n"
                  "         closed: 812 states, any number of cuts (up to file-system layout and "
                  "boot control history)\n");
    result.is_closed = false;
    result.depth = 32;
    assert_prints(false, &result,
                  "  ok     install-cut                        7 points     0.00 s\n"
                  "         not closed: 812 states, cut off behind depth 32\n");
}

static void totals_count_what_was_skipped_and_what_is_closed(void **state)
{
    const struct report_totals totals = {
        .scenarios = 3, .passed = 3, .states = 9, .skipped = 4, .any = 2, .closed = 1};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    report_text_totals(out, false, &totals, 2);
    fclose(out);
    assert_string_equal(text, "3 passed, 0 failed: 3 scenarios, 0 points, 9 states, 4 of them "
                              "skipped (covered by a stage like it), 0 boots, 0 operations in 0.0 "
                              "s, 2 jobs; 0 points run twice\n"
                              "any number of cuts: 1 of 2 scenarios closed\n");
    free(text);
}

static void totals_are_one_line(void **state)
{
    (void)state;
    assert_totals(false, 0,
                  "5 passed, 0 failed: 5 scenarios, 10000000000 points, 9 states, 4 boots, 5 "
                  "operations in 61.3 s, 2 jobs; 3 points run twice\n");
    assert_totals(true, 0,
                  "\033[32m5 passed, 0 failed\033[0m: 5 scenarios, 10000000000 points, 9 "
                  "states, 4 boots, 5 operations in 61.3 s, 2 jobs; 3 points run twice\n");
    assert_totals(true, 1,
                  "\033[1;31m4 passed, 1 failed\033[0m: 5 scenarios, 10000000000 points, 9 "
                  "states, 4 boots, 5 operations in 61.3 s, 2 jobs; 3 points run twice\n");
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
        cmocka_unit_test(search_for_any_number_of_cuts_says_what_it_proved),
        cmocka_unit_test(totals_count_what_was_skipped_and_what_is_closed),
        cmocka_unit_test(totals_are_one_line),
    };

    return cmocka_run_group_tests_name("report_text", tests, NULL, NULL);
}
