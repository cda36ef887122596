#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_tap.h"

static const struct scenario scenario = {
    .name = "cut #1", .theme = "power", .file = "cut.json", .why = "The \"mains\" fail."};

static void assert_tap(const struct explore_result *result, const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    report_tap_plan(out, 7);
    report_tap_scenario(out, 3, &scenario, result);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void passed_scenario_is_one_line(void **state)
{
    const struct explore_result passed = {.points = 4};

    (void)state;
    assert_tap(&passed, "TAP version 13\n1..7\nok 3 - power: cut \\#1, 4 points\n");
}

static void failed_scenario_has_its_failures_in_yaml(void **state)
{
    const struct explore_result failed = {
        .verdict = EXPLORE_FAILED,
        .points = 9,
        .failure_count = 1,
        .failures =
            {{.point = "17t",
              .claim = CLAIM_ATOMIC,
              .text = "a mixture",
              .step_count = 1,
              .steps =
                  {{{17, POWER_INSIDE}, 1, PHASE_INSTALL, false, POWER_ERASE, 0x21000, 4096}}}},
    };

    (void)state;
    assert_tap(&failed,
               "TAP version 13\n1..7\nnot ok 3 - power: cut \\#1, 9 points\n"
               "  ---\n"
               "  why: \"The \\\"mains\\\" fail.\"\n"
               "  failures:\n"
               "    - point: \"17t\"\n"
               "      claim: \"atomic (I2)\"\n"
               "      text: \"a mixture\"\n"
               "      steps:\n"
               "        - \"boot 1  install     op 17   erase   nvm 0x021000 +4096  power cut "
               "inside\"\n"
               "      replay: \"brownout replay cut.json:17t\"\n"
               "  ...\n");
}

static void fault_has_its_reason(void **state)
{
    const struct explore_result fault = {.verdict = EXPLORE_FAULT, .fault = "it crashed"};

    (void)state;
    assert_tap(&fault, "TAP version 13\n1..7\nnot ok 3 - power: cut \\#1, 0 points\n"
                       "  ---\n"
                       "  why: \"The \\\"mains\\\" fail.\"\n"
                       "  fault: \"it crashed\"\n"
                       "  ...\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passed_scenario_is_one_line),
        cmocka_unit_test(failed_scenario_has_its_failures_in_yaml),
        cmocka_unit_test(fault_has_its_reason),
    };

    return cmocka_run_group_tests_name("report_tap", tests, NULL, NULL);
}
