#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_junit.h"

static const struct scenario first = {
    .name = "a<b", .theme = "power", .file = "scenarios/power/a.json", .why = "The mains fail."};
static const struct scenario second = {
    .name = "b", .theme = "power", .file = "scenarios/power/b.json", .why = "It happens & hurts."};
static const struct scenario third = {.name = "c", .theme = "update", .file = "c.json"};

static const struct explore_result passed = {.points = 4, .seconds = 0.25};
static const struct explore_result failed = {
    .verdict = EXPLORE_FAILED,
    .points = 9,
    .points_failed = 2,
    .seconds = 0.5,
    .failure_count = 1,
    .failures =
        {{.point = "17t",
          .claim = CLAIM_ATOMIC,
          .text = "a mixture",
          .step_count = 1,
          .steps = {{{17, POWER_INSIDE}, 1, PHASE_INSTALL, false, POWER_ERASE, 0x21000, 4096}}}},
};
static const struct explore_result fault = {.verdict = EXPLORE_FAULT, .fault = "it crashed"};

static void every_scenario_is_a_case_and_each_failing_point_one_more(void **state)
{
    const struct report_totals totals = {.seconds = 1.5};
    struct report_junit junit;

    (void)state;
    report_junit_init(&junit);
    report_junit_scenario(&junit, &first, &passed);
    report_junit_scenario(&junit, &second, &failed);
    report_junit_scenario(&junit, &third, &fault);
    char *text = report_junit_end(&junit, &totals);
    assert_string_equal(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"brownout\" tests=\"4\" failures=\"2\" errors=\"1\" time=\"1.500\">\n"
        "  <testsuite name=\"power\" tests=\"3\" failures=\"2\" errors=\"0\" time=\"0.750\">\n"
        "    <testcase classname=\"power\" name=\"a&lt;b\" file=\"scenarios/power/a.json\" "
        "time=\"0.250\"/>\n"
        "    <testcase classname=\"power\" name=\"b\" file=\"scenarios/power/b.json\" "
        "time=\"0.500\">\n"
        "      <failure message=\"2 of 9 points\">It happens &amp; hurts.</failure>\n"
        "    </testcase>\n"
        "    <testcase classname=\"power.b\" name=\"17t\" file=\"scenarios/power/b.json\" "
        "time=\"0\">\n"
        "      <failure type=\"atomic (I2)\" message=\"a mixture\">"
        "boot 1  install     op 17   erase   nvm 0x021000 +4096  power cut inside\n"
        "brownout replay scenarios/power/b.json:17t</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "  <testsuite name=\"update\" tests=\"1\" failures=\"0\" errors=\"1\" time=\"0.000\">\n"
        "    <testcase classname=\"update\" name=\"c\" file=\"c.json\" time=\"0.000\">\n"
        "      <error message=\"it crashed\"/>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
    free(text);
}

static void report_of_nothing_has_no_suite(void **state)
{
    const struct report_totals totals = {0};
    struct report_junit junit;

    (void)state;
    report_junit_init(&junit);
    char *text = report_junit_end(&junit, &totals);
    assert_string_equal(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<testsuites name=\"brownout\" tests=\"0\" failures=\"0\" "
                              "errors=\"0\" time=\"0.000\">\n</testsuites>\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_is_a_case_and_each_failing_point_one_more),
        cmocka_unit_test(report_of_nothing_has_no_suite),
    };

    return cmocka_run_group_tests_name("report_junit", tests, NULL, NULL);
}
